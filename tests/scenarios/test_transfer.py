"""The automatic transfer over real wire bytes: the robot PLC has the last word, and its own interlocks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.model.fire_request import StartFireDrill
from swapstation.model.mode import Mode
from swapstation.model.request import ConfirmStartUp, ResumeStation
from swapstation.model.snapshot import StationState
from tests.scenarios.test_fire import BAY, Sent, all_charge, current_a, fault, seconds_until, stands
from tests.scenarios.test_whole_swap import SPEED, drive_in, events
from tests.scenarios.virtual_station import VirtualStation, virtual_station

CARRY_S = 200.0


def _automatic(text: str) -> str:
    return text + "\n[fire]\nautomatic_transfer = true\n"


@contextmanager
def station_with_transfer(
    folder: Path, exchange: Exchange = Exchange.STATION, charging: Charging = Charging.DIRECT
) -> Iterator[VirtualStation]:
    with virtual_station(folder, exchange, charging, SPEED, detour=_automatic) as station:
        yield station


def _place(station: VirtualStation, battery: str) -> str:
    found = station.snapshot.inventory.battery(battery)
    assert found is not None
    return found.place


def _asset(station: VirtualStation) -> str:
    standing = station.simulation.plant.in_bay(BAY)
    assert standing is not None
    return standing.battery


def _hangs(station: VirtualStation) -> bool:
    return station.simulation.plant.hanging is not None


def _refused(station: VirtualStation) -> set[str]:
    told = [event.body["reasons"] for event in events(station) if event.kind == "TransferRefused"]
    return {reason for reasons in told for reason in reasons}


@pytest.mark.parametrize("exchange", Exchange)
@pytest.mark.parametrize("charging", Charging)
def test_a_smoking_battery_is_carried_to_isolation(tmp_path: Path, exchange: Exchange, charging: Charging) -> None:
    with station_with_transfer(tmp_path, exchange, charging) as station:
        all_charge(station)
        asset = _asset(station)
        fault(station, "smoke", BAY)
        seconds_until(station, lambda: station.snapshot.inventory.job is not None, 5.0)
        seconds_until(station, lambda: station.snapshot.inventory.job is None, CARRY_S)
        assert current_a(station, BAY) == 0.0
        plant = station.simulation.plant
        assert plant.in_bay(BAY) is None
        assert plant.batteries[asset].place == "isolation"
        assert _place(station, asset) == "isolation"
        kinds = [event.kind for event in events(station)]
        for kind in ("JobOpened", "JobStepped", "JobClosed", "BatteryQuarantined"):
            assert kinds.count(kind) == 1, kind
        commands = [event.body["command"] for event in events(station) if event.kind == "IntentRecorded"]
        assert commands.count("IsolateBattery") == 1
        station.time.run(3.0)
        assert station.snapshot.state is StationState.IDLE
        assert station.snapshot.inventory.mode.mode is Mode.AUTOMATIC


def test_without_the_setting_nothing_moves(tmp_path: Path) -> None:
    with virtual_station(tmp_path, Exchange.STATION, Charging.DIRECT, SPEED) as station:
        all_charge(station)
        sent = Sent(station)
        fault(station, "smoke", BAY)
        station.time.run(20.0)
        assert "IsolateBattery" not in sent.names()
        assert station.snapshot.inventory.job is None


@pytest.mark.parametrize(
    ("knob", "target", "reason"),
    [
        ("transfer_forbidden", "", "transfer_permitted"),
        ("safety_open", "door", "safety_chain_closed"),
        ("safety_open", "curtain", "safety_chain_closed"),
        ("plc_heartbeat_frozen", "", "robot_ready"),
        ("robot_fault", "", "robot_ready"),
        ("smoke", "9", "only_origin_burns"),
    ],
)
def test_what_the_plant_says_forbids_it(tmp_path: Path, knob: str, target: str, reason: str) -> None:
    with station_with_transfer(tmp_path) as station:
        all_charge(station)
        fault(station, knob, target)
        station.time.run(3.0)
        sent = Sent(station)
        fault(station, "smoke", BAY)
        station.time.run(5.0)
        assert "IsolateBattery" not in sent.names()
        assert reason in _refused(station)
        transfer = station.snapshot.fire.transfer
        assert transfer is not None
        assert (transfer.bay, reason in transfer.reasons) == (BAY, True)


def test_a_truck_in_the_lane_does_not_forbid_it_while_the_robot_stands_aside(tmp_path: Path) -> None:
    with station_with_transfer(tmp_path) as station:
        all_charge(station)
        drive_in(station)
        asset = _asset(station)
        fault(station, "smoke", BAY)
        seconds_until(station, lambda: _place(station, asset) == "isolation", CARRY_S)


def test_a_fire_that_is_confirmed_while_it_hangs_leaves_it_hanging(tmp_path: Path) -> None:
    with station_with_transfer(tmp_path) as station:
        all_charge(station)
        fault(station, "smoke", BAY)
        seconds_until(station, lambda: _hangs(station), CARRY_S)
        fault(station, "fire_alarm")
        seconds_until(station, lambda: station.snapshot.state is StationState.HELD, 10.0)
        at, sent = station.simulation.plant.robot.at, Sent(station)
        station.time.run(10.0)
        assert station.simulation.plant.robot.at == at
        assert _hangs(station)
        assert station.snapshot.inventory.mode.mode is Mode.FIRE
        assert not {"ResumeRobot", "IsolateBattery", "PutBattery"} & sent.names()
        refused = station.ask(ResumeStation())
        assert refused.status == "refused"
        assert "mode_fire" in refused.reasons


def test_the_plc_stops_it_by_itself_and_it_goes_on_by_a_person(tmp_path: Path) -> None:
    with station_with_transfer(tmp_path) as station:
        all_charge(station)
        asset = _asset(station)
        fault(station, "smoke", BAY)
        seconds_until(station, lambda: _hangs(station), CARRY_S)
        fault(station, "transfer_forbidden")
        seconds_until(station, lambda: stands(station, "TRANSFER_STOPPED@robot"), 2.0)
        at = station.simulation.plant.robot.at
        station.time.run(5.0)
        assert station.simulation.plant.robot.at == at
        fault(station, "transfer_forbidden", on=False)
        station.time.run(5.0)
        assert station.simulation.plant.robot.at == at
        assert station.ask(ResumeStation()).status == "accepted"
        seconds_until(station, lambda: _place(station, asset) == "isolation", CARRY_S)


def test_after_a_restart_it_waits_for_a_person(tmp_path: Path) -> None:
    with station_with_transfer(tmp_path) as station:
        all_charge(station)
        asset = _asset(station)
        fault(station, "smoke", BAY)
        seconds_until(station, lambda: _hangs(station), CARRY_S)
        station.restart(10.0)
        sent = Sent(station)
        station.time.run(10.0)
        assert station.snapshot.state is StationState.ABORTED
        assert not {"ResumeRobot", "IsolateBattery", "PutBattery"} & sent.names()
        fault(station, "smoke", BAY, on=False)
        assert station.ask(ConfirmStartUp()).status == "accepted"
        seconds_until(station, lambda: station.snapshot.state is StationState.HELD, 3.0)
        assert station.ask(ResumeStation()).status == "accepted"
        seconds_until(station, lambda: _place(station, asset) == "isolation", CARRY_S)
        assert station.snapshot.inventory.job is None or station.time.run(
            10.0, lambda: station.snapshot.inventory.job is None
        )


def test_a_drill_moves_nothing(tmp_path: Path) -> None:
    with station_with_transfer(tmp_path) as station:
        all_charge(station)
        sent = Sent(station)
        assert station.ask(StartFireDrill(BAY)).status == "accepted"
        station.time.run(10.0)
        assert sent.names() <= {"SetModules"}
        assert station.snapshot.fire.transfer is None
        assert station.snapshot.inventory.job is None
