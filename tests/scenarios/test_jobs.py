"""Jobs and modes over real wire bytes: a battery moved from bay to bay, the controller killed half-way, by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.model.inventory import ROBOT
from swapstation.model.job import JobKind
from swapstation.model.mode import Mode
from swapstation.model.request import AbandonJob, ChangeMode, HoldStation, Payload, ResumeStation, StartJob
from swapstation.model.snapshot import StationState
from tests.scenarios.test_whole_swap import SPEED
from tests.scenarios.virtual_station import VirtualStation, virtual_station

LIMIT_S = 300.0
MOVE = StartJob(JobKind.MOVE, 1, 8)
BATTERY = "LFP-001"


def _accepted(station: VirtualStation, payload: Payload) -> None:
    answer = station.ask(payload)
    assert answer.status == "accepted", (answer, station.snapshot.alarms)


def _recorded(station: VirtualStation) -> dict[str, str]:
    return {battery.battery: battery.place for battery in station.snapshot.inventory.batteries}


def _ended_at(station: VirtualStation, place: str) -> None:
    """The job ends; record and plant agree on every battery."""
    ended = station.time.run(LIMIT_S, lambda: station.snapshot.inventory.job is None)
    assert ended, (station.snapshot.inventory.job, station.snapshot.alarms, station.snapshot.refused)
    station.time.run(1.0)
    assert station.snapshot.state is StationState.IDLE
    assert _recorded(station) == {each.battery: each.place for each in station.simulation.plant.batteries.values()}
    assert _recorded(station)[BATTERY] == place


def _hanging(station: VirtualStation) -> None:
    """A move is begun and its battery hangs from the robot."""
    station.start_up()
    _accepted(station, MOVE)
    assert station.time.run(LIMIT_S, lambda: _recorded(station)[BATTERY] == ROBOT), station.snapshot.refused


@pytest.mark.parametrize("charging", Charging)
@pytest.mark.parametrize("exchange", Exchange)
def test_a_battery_is_moved_from_bay_to_bay(tmp_path: Path, exchange: Exchange, charging: Charging) -> None:
    with virtual_station(tmp_path, exchange, charging, SPEED) as station:
        station.start_up()
        _accepted(station, MOVE)
        _ended_at(station, "bay-8")


@pytest.mark.parametrize("exchange", Exchange)
def test_a_move_goes_on_after_the_controller_was_killed_half_way(tmp_path: Path, exchange: Exchange) -> None:
    with virtual_station(tmp_path, exchange, Charging.CHARGER, SPEED) as station:
        _hanging(station)
        station.restart(after_s=20.0)
        station.start_up()
        assert station.snapshot.state is StationState.HELD
        assert station.snapshot.hold_reasons == ("start_up",)
        _accepted(station, ResumeStation())
        _ended_at(station, "bay-8")


def test_a_given_up_move_is_put_away_by_hand(tmp_path: Path) -> None:
    with virtual_station(tmp_path, Exchange.STATION, Charging.CHARGER, SPEED) as station:
        _hanging(station)
        _accepted(station, HoldStation("fog"))
        assert station.time.run(30.0, lambda: station.snapshot.state is StationState.HELD)
        job = station.snapshot.inventory.job
        assert job is not None
        _accepted(station, AbandonJob(job.job, "bay 8 is wet"))
        assert _recorded(station)[BATTERY] == ROBOT
        station.time.run(2.0)
        _accepted(station, ChangeMode(Mode.MAINTENANCE, "put it back"))
        _accepted(station, StartJob(JobKind.PUT, to_bay=1))
        _ended_at(station, "bay-1")
        station.restart()
        station.start_up()
        assert station.snapshot.inventory.mode.mode is Mode.MAINTENANCE
        assert station.snapshot.inventory.mode.person == "tester"
        _accepted(station, StartJob(JobKind.HOME))
        _ended_at(station, "bay-1")
        _accepted(station, ChangeMode(Mode.AUTOMATIC, "back to work"))


def test_a_stock_check_finds_the_stock_as_recorded(tmp_path: Path) -> None:
    with virtual_station(tmp_path, Exchange.STATION, Charging.CHARGER, SPEED) as station:
        station.start_up()
        answer = station.ask(StartJob(JobKind.STOCK_CHECK))
        assert answer.status == "accepted"
        assert list(answer.result) == ["job"]
