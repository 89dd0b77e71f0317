"""What devices do by themselves while the controller is dead or frozen, or somebody else speaks in its place."""

from __future__ import annotations

import signal
import time
from itertools import cycle, islice
from typing import Any

from swapstation.config.settings import Charging, Exchange
from tests.chaos.intruder import Intruder
from tests.chaos.people import Snapshot
from tests.chaos.site import PATIENCE_S, SETTLE_S, Site, Tally, options_of, site

SPEED = 20.0
CHARGE_SPEED = 5.0
"""Slow enough for the batteries to charge through all cycles of a station."""
LOOK_S = 0.02
CHARGES_A = 100.0
SAFE_A = 5.0
ALONE_S = 6.0
CONTACTORS_OPEN_S = 15.0
PLC_ENDS_S = 2.5
"""Within the 3 s for which the PLC goes on without a heartbeat."""
LAST_STEPS = ("ungrip", "park")


def hostile_plc(cycles: int, seed: int) -> Tally:
    """Controller killed or frozen in mid-motion, e-stop open, an intruder orders motion: nothing moves."""
    with site(options_of(SPEED, exchange=Exchange.STATION, charging=Charging.DIRECT), seed) as here:
        for frozen in islice(cycle((True, False)), cycles):
            here.work()
            _see(here, "the robot moves", lambda truth: truth["robot"]["state"] == "busy")
            _silence_controller(here, frozen)
            here.demo.simulator.do("fault", name="safety_open", target="estop")
            with Intruder(here.demo.config) as intruder:
                _attack_plc(here, intruder)
            _give_back(here, frozen)
            here.tally.cycles += 1
        here.finish()
    return here.tally


def _attack_plc(here: Site, intruder: Intruder) -> None:
    epoch = here.last_boot
    time.sleep(SETTLE_S)
    still = here.truth()["robot"]["at_mm"]

    def refused(what: str, command: str, with_epoch: int, why: str) -> None:
        intruder.control("RESUME", with_epoch)
        intruder.control("RESET", with_epoch)
        order = intruder.order(command, with_epoch)
        time.sleep(SETTLE_S)
        robot = here.truth()["robot"]
        told = (robot["accepted_id"], robot["refusal"])
        here.expect(told == (order, why), 6, f"{what}: {command} is answered {told}")
        here.expect(robot["state"] != "busy" and robot["at_mm"] == still, 6, f"{what}: the robot moves, {robot}")
        here.tally.counts["hostile orders refused"] += told == (order, why)

    for command in ("HOME", "PARK", "LOCATE", "UNGRIP"):
        refused("e-stop open", command, epoch, "safety_chain_open")
    here.demo.simulator.do("fault", name="safety_open", target="estop", on=False)
    time.sleep(SETTLE_S)
    robot = here.truth()["robot"]
    here.expect(robot["state"] != "busy" and robot["at_mm"] == still, 6, "the robot restarts when the e-stop is closed")
    for command in ("HOME", "PARK"):
        refused("old epoch", command, epoch - 1, "epoch_too_old")


def plc_alone(cycles: int, seed: int) -> Tally:
    """A PLC-run exchange whose last request is answered completes while the controller is dead, under one order."""
    with site(options_of(SPEED, exchange=Exchange.PLC, charging=Charging.CHARGER), seed) as here:
        for _ in range(cycles):
            here.work()
            seen = _see(here, "the exchange ends", lambda truth: truth["robot"]["step"] in LAST_STEPS)
            order = seen["robot"]["running_id"]
            here.demo.processes.kill("controller")
            time.sleep(PLC_ENDS_S)
            robot = here.truth()["robot"]
            done = robot["running_id"] == 0 and robot["state"] == "idle" and robot["accepted_id"] == order
            here.expect(done, 28, f"the exchange {order} did not end without the controller: {robot}")
            here.tally.counts["exchanges ended while the controller was dead"] += done
            here.restart_controller()
            here.people.until("the swap is over", PATIENCE_S, lambda snapshot: snapshot["swap"] is None)
            here.expect(
                here.truth()["robot"]["accepted_id"] == order, 16, f"the exchange {order} was ordered a second time"
            )
            here.tally.cycles += 1
        here.finish()
    return here.tally


def charger_alone(cycles: int, seed: int) -> Tally:
    """Bays whose charger leads the charge go on while the controller is dead or frozen, and are taken over again."""
    with site(options_of(CHARGE_SPEED, exchange=Exchange.STATION, charging=Charging.CHARGER), seed) as here:
        for frozen in islice(cycle((False, True)), cycles):
            begun = _charging(_see(here, "a battery charges", _charging))
            _silence_controller(here, frozen)
            end_s = time.monotonic() + ALONE_S
            while time.monotonic() < end_s:
                now = _batteries(here.truth())
                for name in begun:
                    here.expect(now[name]["current_a"] > SAFE_A, 13, f"{name} gets {now[name]['current_a']} A alone")
                time.sleep(LOOK_S)
            now = _batteries(here.truth())
            gained = all(now[name]["soc_pct"] > before["soc_pct"] for name, before in begun.items())
            here.expect(gained, 13, f"SOC did not rise: {now}")
            here.tally.counts["charges that went on alone"] += len(begun) * gained
            _give_back(here, frozen)
            still = _charging(here.truth())
            here.expect(
                begun.keys() <= still.keys(), 13, f"{sorted(begun.keys() - still.keys())} stopped with the return"
            )
            here.tally.cycles += 1
        here.finish()
    return here.tally


def direct_bay(cycles: int, seed: int) -> Tally:
    """Controller killed or frozen in mid-charge, at plant speed 1: a battery's contactors open below 5 A."""
    with site(options_of(1.0, exchange=Exchange.STATION, charging=Charging.DIRECT), seed) as here:
        for frozen in islice(cycle((False, True)), cycles):
            begun = _charging(_see(here, "a battery charges", _charging))
            here.demo.pause(here.random.uniform(0.0, 2.0))
            _silence_controller(here, frozen)
            last = _until_open(here, {name: each["current_a"] for name, each in begun.items()})
            for name in begun:
                current_a = last.get(name)
                here.expect(current_a is not None, 13, f"the contactors of {name} did not open")
                here.expect((current_a or 0.0) < SAFE_A, 13, f"the contactors of {name} opened at {current_a} A")
            here.tally.counts["contactors opened below 5 A"] += sum(a < SAFE_A for a in last.values())
            _give_back(here, frozen)
            here.tally.cycles += 1
        here.people.send_trucks = False
        here.finish()
    return here.tally


def _until_open(here: Site, last: dict[str, float]) -> dict[str, float]:
    """The current (A) of each battery when it was last seen with its contactors closed, once they are open."""
    opened: dict[str, float] = {}
    end_s = time.monotonic() + CONTACTORS_OPEN_S
    while last.keys() - opened.keys() and time.monotonic() < end_s:
        now = _batteries(here.truth())
        for name in last.keys() - opened.keys():
            if now[name]["contactor_closed"]:
                last[name] = now[name]["current_a"]
            else:
                opened[name] = last[name]
        time.sleep(LOOK_S)
    return opened


def _silence_controller(here: Site, frozen: bool) -> None:
    if frozen:
        here.signal("controller", signal.SIGSTOP)
    else:
        here.demo.processes.kill("controller")


def _give_back(here: Site, frozen: bool) -> None:
    if frozen:
        here.signal("controller", signal.SIGCONT)
    else:
        here.restart_controller()
    here.people.until("the station works", PATIENCE_S, lambda snapshot: snapshot["state"] in ("idle", "execute"))


def _see(here: Site, what: str, look: Any) -> Snapshot:
    """The plant's truth once it shows something; the station's people only look on."""
    return here.demo.until(what, PATIENCE_S, lambda: truth if look(truth := here.truth()) else None)


def _batteries(truth: Snapshot) -> dict[str, Snapshot]:
    return {battery["battery"]: battery for battery in truth["batteries"]}


def _charging(truth: Snapshot) -> dict[str, Snapshot]:
    """The batteries that charge with full current."""
    return {name: each for name, each in _batteries(truth).items() if each["current_a"] > CHARGES_A}
