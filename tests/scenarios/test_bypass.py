"""A broken presence sensor over real wire bytes and a real database: bypassed, seen, and void after a restart."""

from __future__ import annotations

from pathlib import Path

from swapstation.config.settings import Charging, Exchange
from swapstation.model.bypass import BypassResult
from swapstation.model.bypass_request import SetBypass
from swapstation.model.device import Presence
from swapstation.model.mode import Mode
from swapstation.model.request import ChangeMode, ConfirmStartUp, Refused
from tests.scenarios.test_whole_swap import events
from tests.scenarios.virtual_station import VirtualStation, virtual_station

BAY = 2


def _break_sensor_a(station: VirtualStation) -> None:
    """It says that a bay with a battery is empty."""
    assert station.control({"do": "fault", "name": "presence_stuck", "target": str(BAY), "on": True})["ok"]
    plant = station.simulation.plant
    assert plant.presence(BAY)[1], "there is a battery"
    plant.stuck_presence[BAY] = False


def _told(station: VirtualStation) -> Presence | None:
    io = station.snapshot.bay(BAY).io.good
    return io.presence if io else None


def _surveyed(station: VirtualStation) -> bool:
    return station.core.snapshot is not None and station.snapshot.survey.complete


def test_a_broken_sensor_is_bypassed_until_a_restart(tmp_path: Path) -> None:
    with virtual_station(tmp_path, Exchange.STATION, Charging.CHARGER) as station:
        _break_sensor_a(station)
        assert station.time.run(10.0, lambda: _surveyed(station))
        assert _told(station) is Presence.CONTRADICTION
        refused = station.ask(ConfirmStartUp(), "li")
        assert isinstance(refused, Refused)
        assert "survey_contradicts" in refused.reasons

        order = SetBypass("presence_a", 10, "cable broken", BAY)
        assert station.ask(order, "li").status == "refused"
        assert station.ask(ChangeMode(Mode.SINGLE_STEP, "sensor of bay 2"), "li").status == "accepted"
        assert station.ask(order, "li").status == "accepted"
        assert station.ask(order, "wang").status == "accepted"
        assert station.time.run(1.0, lambda: _told(station) is Presence.PRESENT)
        bypass = station.snapshot.bypass
        assert bypass is not None
        assert (bypass.input, bypass.bay, bypass.person) == ("presence_a", BAY, "li, wang")
        assert station.time.run(1.0, lambda: any(each.code == "BYPASS_ACTIVE" for each in station.snapshot.alarms))
        assert station.ask(ConfirmStartUp(), "li").status == "accepted"
        into = station.ask(ChangeMode(Mode.AUTOMATIC, "go on"), "li")
        assert isinstance(into, Refused)
        assert into.reasons == ("bypass_active",)

        station.restart(1.0)
        assert station.time.run(10.0, lambda: _surveyed(station))
        assert (station.snapshot.bypass, station.snapshot.inventory.bypass) == (None, None)
        assert _told(station) is Presence.CONTRADICTION
        assert (
            "survey_contradicts" in next(a for a in station.snapshot.actions if a.action == "confirm_start_up").reasons
        )
        (ended,) = [event.body for event in events(station) if event.kind == "BypassEnded"]
        assert (ended["result"], ended["person"]) == (BypassResult.RESTARTED, "")


def test_a_bypass_lasts_for_its_minutes_and_no_longer(tmp_path: Path) -> None:
    with virtual_station(tmp_path, Exchange.STATION, Charging.CHARGER) as station:
        station.start_up()
        _break_sensor_a(station)
        assert station.ask(ChangeMode(Mode.MAINTENANCE, "sensor of bay 2"), "li").status == "accepted"
        for person in ("li", "wang"):
            assert station.ask(SetBypass("presence_a", 1, "cable broken", BAY), person).status == "accepted"
        began_s = station.time.now_s
        assert station.time.run(1.0, lambda: _told(station) is Presence.PRESENT)
        assert station.time.run(70.0, lambda: _told(station) is Presence.CONTRADICTION)
        assert 59.0 <= station.time.now_s - began_s <= 60.2
        assert station.time.run(1.0, lambda: station.snapshot.inventory.bypass is None)
        assert station.ask(ChangeMode(Mode.AUTOMATIC, "go on"), "li").status == "accepted"
