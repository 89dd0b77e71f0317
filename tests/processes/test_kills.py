"""Killed processes, cut wires and rubbish on them: the station holds, says so, recovers the link and loses nothing."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.demo.run import Demo, station
from swapstation.demo.station_file import TRUCKS, DemoOptions, free_ports
from swapstation.replay import replay
from tests.processes.proxy import WireProxy

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

SPEED = 20.0
PATIENCE_S = 60.0
VIN = TRUCKS[0]


@pytest.fixture(params=Exchange)
def demo(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Demo]:
    options = DemoOptions(1, SPEED, "tcp", request.param, Charging.DIRECT, 1)
    with station(options, tmp_path, free_ports(1)[0], tmp_path / "logs") as running:
        running.start_up()
        yield running


def wait(demo: Demo, what: str, look: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Wait until the snapshot shows it."""

    def seen() -> dict[str, Any] | None:
        snapshot = demo.snapshot()
        return snapshot if snapshot and look(snapshot) else None

    return demo.until(what, PATIENCE_S, seen)


def step_is(name: str) -> Callable[[dict[str, Any]], bool]:
    return lambda snapshot: (snapshot["swap"] or {}).get("step") == name


def alarm_stands(code: str) -> Callable[[dict[str, Any]], bool]:
    """The alarm stands now; one that was raised while the station came up may have returned long ago."""
    gone = "returned_unacknowledged"
    return lambda snapshot: any(each["code"] == code and each["state"] != gone for each in snapshot["alarms"])


def resume_and_finish(demo: Demo, swap: str) -> None:
    """Resume as an operator would once it is allowed, then see the swap through with nothing lost.

    On a busy machine a link may be late once more and hold the station again: then he presses again.
    """
    wait(demo, "resume is allowed", lambda snapshot: allowed(snapshot, "resume"))

    def pressed(snapshot: dict[str, Any]) -> bool:
        if allowed(snapshot, "resume"):
            demo.api.post("/station/resume")
        return bool(snapshot["state"] == "idle")

    wait(demo, "the swap is over", pressed)
    demo.finish(swap)
    batteries = demo.result_snapshot()["inventory"]["batteries"]
    assert len({battery["place"] for battery in batteries}) == len(batteries) == 10
    truth = {each["battery"]: each["place"] for each in demo.simulator.do("state")["batteries"]}
    assert truth == {battery["battery"]: battery["place"] for battery in batteries}


def allowed(snapshot: dict[str, Any], action: str) -> bool:
    return any(each["action"] == action and each["allowed"] for each in snapshot["actions"])


def test_the_simulator_is_killed_while_a_battery_hangs_from_the_spreader(demo: Demo) -> None:
    swap = demo.begin(VIN)
    wait(demo, "the old battery is on its way", step_is("put"))
    time.sleep(1.2)  # the simulator saves its truth once a second
    demo.processes.kill("simulator")
    wait(demo, "the lost PLC is told", alarm_stands("ROBOT_LINK_LOST"))
    assert demo.snapshot()["state"] in ("holding", "held")
    demo.processes.restart("simulator")
    wait(demo, "the links are back", lambda snapshot: all(link["connected"] for link in snapshot["links"]))
    assert demo.snapshot()["state"] in ("holding", "held"), "nothing moves before a person has resumed"
    resume_and_finish(demo, swap)


def test_the_controller_is_killed_in_the_middle_of_a_swap(demo: Demo) -> None:
    swap = demo.begin(VIN)
    wait(demo, "the fresh battery is fetched", step_is("pick"))
    demo.processes.kill("controller")
    demo.processes.restart("controller")
    wait(demo, "the new controller has surveyed", lambda s: s["boot"] == 2 and allowed(s, "confirm_start_up"))
    assert demo.snapshot()["state"] == "aborted"
    demo.api.post("/station/confirm-start-up")
    resume_and_finish(demo, swap)


def test_the_server_is_killed_and_the_swap_goes_on(demo: Demo) -> None:
    swap = demo.begin(VIN)
    wait(demo, "the robot works", step_is("put"))
    demo.processes.kill("server")
    demo.processes.restart("server")
    demo.finish(swap)
    assert demo.result_snapshot()["hold_reasons"] == []


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[tuple[Demo, WireProxy]]:
    """A station whose controller reaches bay 5, which is charging, through a proxy."""
    options = DemoOptions(1, SPEED, "tcp", Exchange.STATION, Charging.DIRECT, 1)
    proxies: list[WireProxy] = []

    def through_a_proxy(text: str) -> str:
        (port,) = re.findall(r'number = 5\n.*\ncan = "slcan\+tcp://127.0.0.1:(\d+)"', text)
        proxies.append(WireProxy(int(port)))
        return text.replace(f":{port}", f":{proxies[0].port}")

    with station(options, tmp_path, free_ports(1)[0], tmp_path / "logs", through_a_proxy) as running:
        try:
            running.start_up()
            yield running, proxies[0]
        finally:
            proxies[0].close()


def test_what_the_controller_records_can_be_replayed(proxied: tuple[Demo, WireProxy], tmp_path: Path) -> None:
    """The restarted controller charges on without a confirmation, which only motion needs."""
    demo, _ = proxied
    wait(demo, "bay 5 charges", lambda snapshot: phase(snapshot, 5) == "charging")
    demo.processes.kill("controller")
    demo.processes.start(
        "controller", "controller", str(tmp_path / "station.toml"), "--record", str(tmp_path / "recordings")
    )
    wait(demo, "bay 5 charges again", lambda s: s["boot"] == 2 and current_a(s, 5) > 100)
    time.sleep(0.5)
    replayed = replay(tmp_path / "recordings" / "bay-5.log")
    (session,) = replayed.sessions
    assert replayed.malformed == 0
    assert session.edition == "2015"
    assert [each.name for each in session.phases][:4] == ["handshake", "recognition", "config", "charging"]
    assert session.max_charge_current_a is not None
    assert session.max_charge_current_a > 100


def test_a_cut_bay_stops_charging_alone_and_comes_back(proxied: tuple[Demo, WireProxy]) -> None:
    demo, proxy = proxied
    wait(demo, "bay 5 charges", lambda snapshot: phase(snapshot, 5) == "charging")
    proxy.cut()
    wait(demo, "the cut bay is told", alarm_stands("BAY_LINK_LOST"))
    cut = wait(demo, "bay 5 gets no current", lambda snapshot: not bay(snapshot, 5)["demand"]["current_a"])
    assert phase(cut, 6) == "charging", "the other bays go on"
    assert demo.swap(VIN) > 0, "a swap that does not need the bay goes on too"
    proxy.heal()
    wait(demo, "bay 5 charges again", lambda snapshot: phase(snapshot, 5) == "charging")


def test_rubbish_on_a_wire_is_counted_and_changes_nothing(proxied: tuple[Demo, WireProxy]) -> None:
    demo, proxy = proxied
    before = wait(demo, "bay 5 charges", lambda snapshot: phase(snapshot, 5) == "charging")
    proxy.inject(b"T18F0050081122\rt999\r\x00\xff\xfe garbage without end" * 40 + b"\r" + bytes(range(256)))
    told = wait(demo, "the rubbish is told", alarm_stands("WIRE_GARBAGE"))
    (link,) = [each for each in told["links"] if each["name"] == "bay-5"]
    assert link["malformed"] > 0
    assert link["connected"]
    assert phase(told, 5) == "charging"
    assert {b["battery"] for b in told["inventory"]["batteries"]} == {
        b["battery"] for b in before["inventory"]["batteries"]
    }
    assert demo.swap(VIN) > 0


def bay(snapshot: dict[str, Any], number: int) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in snapshot["bays"] if each["number"] == number)
    return found


def current_a(snapshot: dict[str, Any], number: int) -> float:
    modules: dict[str, Any] = bay(snapshot, number)["modules"]["value"] or {}
    return float(modules.get("current_a", 0.0))


def phase(snapshot: dict[str, Any], number: int) -> str | None:
    charge: dict[str, Any] = bay(snapshot, number)["charge"]["value"] or {}
    return charge.get("phase")
