"""Three bad nights, walked through end to end: `python -m tests.reliability.bad_nights` prints their event logs.

With `--write` the logs go between the markers of docs/bad_nights.md.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from swapstation.config.settings import Charging, Exchange
from swapstation.contract.alarm_catalogue import alarm_catalogue
from swapstation.inventory.queries import Event
from swapstation.model.inventory import truck_place
from swapstation.model.request import AbandonSwap, Answer, ConfirmStartUp, Payload, RequestSwap, ResumeStation
from swapstation.model.snapshot import StationState
from swapstation.simulation.placement import load_placement
from swapstation.simulation.state_file import capture, encode_state, read_state, write_state
from swapstation.simulation.world import Simulation
from tests.reliability.document import DOCS, write_section
from tests.scenarios.test_whole_swap import LIMIT_S, SPEED, VIN, drive_in, events
from tests.scenarios.virtual_station import EPOCH, VirtualStation, virtual_station

DOCUMENT = DOCS / "bad_nights.md"
OPERATOR = "operator"
BEFORE_S = 2.0


class Night:
    """One night in a virtual station: what happened outside, and what the station wrote down."""

    def __init__(self, station: VirtualStation, folder: Path) -> None:
        self.station = station
        self.folder = folder
        self._outside: list[tuple[float, str]] = []

    def happens(self, words: str) -> None:
        """Something that no sensor of ours wrote down."""
        self._outside.append((self.station.time.now_s, f"** {words}"))

    def fault(self, name: str, target: str = "", on: bool = True) -> None:
        answer = self.station.control({"do": "fault", "name": name, "target": target, "on": on})
        assert answer["ok"], answer

    def ask(self, payload: Payload) -> Answer:
        return self.station.ask(payload, OPERATOR)

    def accepted(self, payload: Payload) -> None:
        answer = self.ask(payload)
        assert answer.status == "accepted", answer

    def until(self, condition: Callable[[], bool], limit_s: float = LIMIT_S) -> None:
        assert self.station.time.run(limit_s, condition), (self.step, self.station.snapshot.alarms)

    @property
    def step(self) -> str | None:
        swap = self.station.snapshot.swap
        return swap.step if swap else None

    def held(self) -> bool:
        return self.station.snapshot.state is StationState.HELD

    def stands(self, code: str) -> bool:
        return any(alarm.code == code for alarm in self.station.snapshot.alarms)

    def power_cut(self, dark_s: float) -> None:
        """Controller and PLC lose power: what is retentive is kept, brakes hold, all else starts anew."""
        kept, station = self.folder / "plant.json", self.station
        write_state(kept, encode_state(capture(station.simulation.plant, station.simulation.plc)))
        placement = load_placement(self.folder / "inventory.toml", station.config)
        station.simulation = Simulation(station.config, placement, 1, SPEED, read_state(kept))
        station.restart(dark_s)

    def log(self) -> str:
        """Both in order of time (s), from shortly before the first thing that went wrong."""
        found = events(self.station)
        named = {event.body["command_id"]: event.body["command"] for event in found if event.kind == "IntentRecorded"}
        written = [((event.at - EPOCH).total_seconds(), told(event, named)) for event in found]
        lines = sorted([*self._outside, *written], key=lambda line: line[0])
        from_s = self._outside[0][0] - BEFORE_S
        return "\n".join(f"{seconds:7.1f} s  {words}" for seconds, words in lines if words and seconds >= from_s)


def told(event: Event, named: Mapping[int, str]) -> str:
    """One event in words; "" for what says nothing about these nights. `named`: the commands by their ids."""
    ordered = event.kind in ("IntentRecorded", "IntentResolved")
    if event.kind not in _WORDS or (ordered and named[event.body["command_id"]] in _NOT_TOLD):
        return ""
    return _WORDS[event.kind](event.body)


def _alarm(body: Mapping[str, Any]) -> str:
    alarm = body["alarm"]
    title = alarm_catalogue()[alarm["code"]].en.title
    state = "gone" if body["gone"] else alarm["state"].replace("_", ", ")
    return f"alarm {alarm['alarm']} ({title}): {state}" + (f" [{alarm['detail']}]" if alarm["detail"] else "")


def _answered(body: Mapping[str, Any]) -> str:
    request, answer = body["request"], body["answer"]
    reasons = f" {', '.join(answer['reasons'])}" if answer["status"] == "refused" else ""
    return f"{request['person']} asks {request['payload']['kind'].replace('_', ' ')}: {answer['status']}{reasons}"


def _resolved(body: Mapping[str, Any]) -> str:
    ended = "" if body["outcome"] == "done" else f"order {body['command_id']} {body['outcome']}"
    return f"{ended}: {body['detail']}" if ended and body["detail"] else ended


def _reason(body: Mapping[str, Any], key: str = "reason") -> str:
    return f" ({body[key]})" if body[key] else ""


_NOT_TOLD = ("StartCharge",)
"""A charge tells of itself when it begins and ends."""
_WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "BootStarted": lambda body: f"controller starts, boot {body['boot']}",
    "StartUpConfirmed": lambda body: f"start-up confirmed by {body['person']}",
    "ChargeStarted": lambda body: f"charge of {body['battery']} in bay {body['bay']} begins",
    "StateChanged": lambda body: f"state {body['before']} -> {body['after']}{_reason(body)}",
    "SwapOpened": lambda body: f"swap of {body['swap']['vin']} begins",
    "SwapAllocated": lambda body: (
        f"{body['fresh']} of bay {body['from_bay']} goes onto the truck, {body['returned']} into bay {body['to_bay']}"
    ),
    "SwapStepped": lambda body: f"step {body['before']} done, {body['after']} begins",
    "SwapClosed": lambda body: f"swap {body['result']}{_reason(body)}",
    "IntentRecorded": lambda body: f"order {body['command_id']}: {body['command']} {body['parameters']}",
    "IntentResolved": _resolved,
    "BatteryMoved": lambda body: (
        f"{body['battery']} moved {body['origin']} -> {body['destination']} [{', '.join(body['evidence'])}]"
    ),
    "BatteryQuarantined": lambda body: f"{body['battery']} quarantined{_reason(body)}",
    "ModeChanged": lambda body: f"mode {body['before']} -> {body['after']} by {body['person']}{_reason(body)}",
    "AlarmChanged": _alarm,
    "ChargeEnded": lambda body: f"charge of {body['battery']} in bay {body['bay']} ended",
    "RequestAnswered": _answered,
}


@contextmanager
def night(exchange: Exchange, charging: Charging, speed: float = SPEED) -> Iterator[Night]:
    """A confirmed station with a truck in its lane."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with virtual_station(folder, exchange, charging, speed) as station:
            found = Night(station, folder)
            station.start_up()
            drive_in(station)
            yield found


def a_lock_that_does_not_confirm() -> str:
    """The lock pins of a truck freeze while its fresh battery is put on: nothing lets go before they say locked."""
    with night(Exchange.STATION, Charging.CHARGER) as found:
        plant = found.station.simulation.plant
        found.accepted(RequestSwap(VIN))
        found.until(lambda: found.step == "place")
        found.happens("ice forms on the lock pins of the truck")
        found.fault("lock_no_confirm")
        found.until(found.held)
        assert found.stands("LOCK_NOT_CLOSED")
        assert plant.gripped
        assert found.ask(AbandonSwap(_swap(found), "late")).status == "refused"
        found.happens("the operator looks, and tries once more")
        found.accepted(ResumeStation())
        found.until(lambda: not found.held())
        found.until(found.held)
        assert plant.gripped
        assert plant.truck is not None
        found.happens("the operator clears the ice off the pins")
        found.fault("lock_no_confirm", on=False)
        found.accepted(ResumeStation())
        found.until(lambda: found.step is None)
        return found.log()


def a_power_cut_with_a_battery_hanging() -> str:
    """Controller and PLC go dark with the old battery in the air: the brakes hold, people say when it goes on."""
    with night(Exchange.PLC, Charging.CHARGER) as found:
        found.accepted(RequestSwap(VIN))
        found.until(lambda: found.step == "put" and found.station.simulation.plant.hanging is not None)
        found.station.time.run(0.5)
        found.happens("mains fail: controller and PLC are dark for 60 s, the brakes hold the battery")
        at = found.station.simulation.plant.robot.at
        found.power_cut(60.0)
        plant = found.station.simulation.plant
        assert found.station.time.run(10.0, lambda: found.station.core.snapshot is not None)
        found.until(lambda: found.station.snapshot.survey.complete)
        survey = found.station.snapshot.survey
        for order in survey.orders:
            found.happens(f"survey: order {order.command_id} {order.command}: {order.verdict} [{order.sensed}]")
        for finding in survey.findings:
            if finding.proposal or (finding.recorded is not None and finding.place == "robot"):
                found.happens(f"survey: {finding.place}: {finding.recorded} / {finding.sensed}: {finding.verdict}")
        found.station.time.run(20.0)
        assert plant.hanging is not None
        assert plant.robot.at == at
        found.happens("the operator walks round the truck and the robot")
        found.accepted(ConfirmStartUp())
        found.until(found.held)
        found.accepted(ResumeStation())
        found.until(lambda: found.step is None)
        assert plant.at(truck_place(VIN)) is not None
        return found.log()


def a_hot_battery_while_a_truck_is_in_the_lane() -> str:
    """A charging battery heats up by itself, then smokes, while a driver has not yet set his brake."""
    bay = 6
    with night(Exchange.STATION, Charging.CHARGER, 1.0) as found:
        plant = found.station.simulation.plant
        found.until(lambda: all(plant.bays[each].modules.current_a > 50.0 for each in (5, 6, 7)))
        found.fault("brake_not_set")
        found.accepted(RequestSwap(VIN))
        found.until(lambda: found.step == "handshake")
        found.happens(f"a cell of the battery in bay {bay} runs away: +1 K/s")
        found.fault("thermal_runaway", str(bay))
        found.until(lambda: found.stands("BATTERY_HEATING"))
        found.until(lambda: found.station.snapshot.fire.reaction.confirmed)
        found.happens("people leave the building and call the fire service")
        found.until(found.held)
        found.station.time.run(5.0)
        assert not plant.feeders_on
        assert all(each.modules.current_a == 0.0 for each in plant.bays.values())
        found.accepted(AbandonSwap(_swap(found), "fire: the truck leaves with its own battery"))
        assert found.station.control({"do": "truck_leaves"})["ok"]
        found.happens("the driver leaves the lane; the truck still has its old battery, locked")
        found.station.time.run(3.0)
        assert found.ask(RequestSwap(VIN)).status == "refused"
        return found.log()


def _swap(found: Night) -> str:
    swap = found.station.snapshot.swap
    assert swap is not None
    return swap.swap


NIGHTS: Mapping[str, Callable[[], str]] = {
    "lock": a_lock_that_does_not_confirm,
    "power": a_power_cut_with_a_battery_hanging,
    "fire": a_hot_battery_while_a_truck_is_in_the_lane,
}


def main(arguments: list[str]) -> None:
    for name, walked in NIGHTS.items():
        log = walked()
        print(f"--- {walked.__doc__}\n{log}\n")
        if "--write" in arguments:
            write_section(name, f"```text\n{log}\n```", DOCUMENT)


if __name__ == "__main__":
    main(sys.argv)
