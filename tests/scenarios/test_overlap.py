"""Swaps through the transit place over real wire bytes: what the truck gains, and what happens to the old battery."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.demo.station_file import TRUCKS
from swapstation.model.inventory import ROBOT, TRANSIT, Cause, truck_place
from swapstation.model.request import (
    DivertSwap,
    HoldStation,
    Payload,
    QuarantineBattery,
    RequestSwap,
    ResumeStation,
)
from swapstation.model.snapshot import StationState
from tests.scenarios.test_packed_plc import packed
from tests.scenarios.test_whole_swap import SPEED, VIN, drive_in
from tests.scenarios.virtual_station import VirtualStation, virtual_station

RECIPE = "top_lift_overlap"
LIMIT_S = 120.0
OLD = "LFP-008"


def _until(station: VirtualStation, what: Callable[[], bool]) -> None:
    assert station.time.run(LIMIT_S, what), (
        station.snapshot.swap,
        station.snapshot.inventory.job,
        station.snapshot.alarms,
    )


def _accepted(station: VirtualStation, payload: Payload) -> None:
    answer = station.ask(payload)
    assert answer.status == "accepted", answer


def _places(station: VirtualStation) -> dict[str, str]:
    return {battery.battery: battery.place for battery in station.snapshot.inventory.batteries}


def _at_rest(station: VirtualStation) -> None:
    """Swap and storing are over; record and plant agree on every battery, and none is left on the way."""
    _until(station, lambda: station.snapshot.state is StationState.IDLE and station.snapshot.inventory.job is None)
    station.time.run(1.0)
    assert _places(station) == {each.battery: each.place for each in station.simulation.plant.batteries.values()}
    assert not {TRANSIT, ROBOT} & set(_places(station).values())


def _released(station: VirtualStation) -> None:
    """A truck drives in, is swapped and told that it may leave."""
    station.start_up()
    drive_in(station)
    _accepted(station, RequestSwap(VIN))
    _until(station, lambda: station.snapshot.swap is None and _places(station)["LFP-001"] == truck_place(VIN))


def _standing_s(folder: Path, exchange: Exchange, recipe: str) -> float:
    """Plant seconds from the request until the truck may leave."""
    folder.mkdir()
    with virtual_station(folder, exchange, Charging.CHARGER, SPEED, recipe=recipe) as station:
        station.start_up()
        drive_in(station)
        plant = station.simulation.plant
        _until(station, lambda: plant.truck is not None and plant.truck.standing)
        begun_s = station.time.now_s
        _accepted(station, RequestSwap(VIN))
        _until(station, lambda: plant.truck is None or not plant.truck.standing)
        return (station.time.now_s - begun_s) * SPEED


@pytest.mark.parametrize("exchange", Exchange)
def test_a_truck_stands_shorter_where_its_old_battery_waits_in_transit(tmp_path: Path, exchange: Exchange) -> None:
    """Same seed, same bays: the way to the bay and back is what the truck no longer waits for."""
    straight_s = _standing_s(tmp_path / "straight", exchange, "top_lift")
    overlapped_s = _standing_s(tmp_path / "overlapped", exchange, RECIPE)
    assert 10.0 < straight_s - overlapped_s < 40.0


@pytest.mark.parametrize("charging", Charging)
@pytest.mark.parametrize("exchange", Exchange)
def test_the_old_battery_is_stored_after_the_truck_and_charges(
    tmp_path: Path, exchange: Exchange, charging: Charging
) -> None:
    with virtual_station(tmp_path, exchange, charging, SPEED, recipe=RECIPE) as station:
        _released(station)
        assert _places(station)[OLD] == TRANSIT
        _at_rest(station)
        assert _places(station)[OLD] == "bay-1"
        assert station.snapshot.alarms == ()
        station.time.run(40.0)
        stored = station.snapshot.inventory.battery(OLD)
        assert stored is not None
        assert stored.soc_pct is not None
        assert stored.soc_pct > 30.0


def test_a_plc_that_speaks_packed_structs_stores_by_a_second_order(tmp_path: Path) -> None:
    with virtual_station(tmp_path, Exchange.PLC, Charging.DIRECT, SPEED, recipe=RECIPE, detour=packed) as station:
        _released(station)
        _at_rest(station)
        assert _places(station)[OLD] == "bay-1"


def test_a_queue_of_trucks_is_served_one_after_the_other(tmp_path: Path) -> None:
    with virtual_station(tmp_path, Exchange.STATION, Charging.CHARGER, SPEED, recipe=RECIPE) as station:
        station.start_up()
        for vin in TRUCKS:
            _until(station, lambda: station.simulation.plant.truck is None)
            drive_in(station, vin)
            _until(station, lambda: any(each.action == "swap" and each.allowed for each in station.snapshot.actions))
            _accepted(station, RequestSwap(vin))
            _until(station, lambda: station.snapshot.swap is None and not station.snapshot.journal_pending)
        _at_rest(station)
        assert {_places(station)[f"LFP-00{number}"] for number in (8, 9)} <= {f"bay-{number}" for number in range(1, 9)}
        assert _places(station)["LFP-010"].startswith("bay-")


WAITING = "wait"
CUTS: dict[str, Callable[[VirtualStation], bool]] = {
    "as the truck may leave": lambda station: True,
    "as the job waits": lambda station: _job_step(station) == WAITING,
    "as the robot is ordered": lambda station: _job_step(station) == "store",
    "on its way to transit": lambda station: station.snapshot.robot.value is not None and _moves(station),
    "with the battery hanging": lambda station: _places(station)[OLD] == ROBOT,
    "as it stands in its bay": lambda station: station.simulation.plant.batteries[OLD].place == "bay-1",
}


def _job_step(station: VirtualStation) -> str | None:
    job = station.snapshot.inventory.job
    return job.step if job else None


def _moves(station: VirtualStation) -> bool:
    return _job_step(station) == "store" and station.simulation.plant.robot.moving


@pytest.mark.parametrize("exchange", Exchange)
@pytest.mark.parametrize("cut", CUTS)
def test_a_controller_killed_after_the_truck_has_left_loses_no_battery(
    tmp_path: Path, exchange: Exchange, cut: str
) -> None:
    with virtual_station(tmp_path, exchange, Charging.CHARGER, SPEED, recipe=RECIPE) as station:
        _released(station)
        _until(station, lambda: CUTS[cut](station))
        station.restart(after_s=5.0)
        station.start_up()
        if station.snapshot.inventory.job is not None:
            assert station.snapshot.state is StationState.HELD
            _accepted(station, ResumeStation())
        _at_rest(station)
        assert _places(station)[OLD] == "bay-1"


def _held_in(station: VirtualStation, step: str) -> str:
    station.start_up()
    drive_in(station)
    _accepted(station, RequestSwap(VIN))
    _until(station, lambda: station.snapshot.swap is not None and station.snapshot.swap.step == step)
    station.time.run(1.0)
    _accepted(station, HoldStation("a person"))
    _until(station, lambda: station.snapshot.state is StationState.HELD)
    assert station.snapshot.swap is not None
    return station.snapshot.swap.swap


@pytest.mark.parametrize("exchange", Exchange)
@pytest.mark.parametrize(
    ("cause", "ends"),
    [
        (Cause.MECHANICAL, {OLD: truck_place(VIN), "LFP-001": "bay-1"}),
        (Cause.GO_ON, {OLD: "bay-1", "LFP-001": truck_place(VIN)}),
        (Cause.DOUBT, {OLD: "bay-2", "LFP-001": "isolation", "LFP-002": truck_place(VIN)}),
    ],
)
def test_a_way_out_with_the_old_battery_in_transit(
    tmp_path: Path, exchange: Exchange, cause: Cause, ends: dict[str, str]
) -> None:
    with virtual_station(tmp_path, exchange, Charging.CHARGER, SPEED, recipe=RECIPE) as station:
        swap = _held_in(station, "place")
        assert _places(station)[OLD] == TRANSIT
        _accepted(station, DivertSwap(swap, cause, "tried"))
        _accepted(station, ResumeStation())
        _at_rest(station)
        assert ends.items() <= _places(station).items()


@pytest.mark.parametrize("exchange", Exchange)
def test_a_battery_quarantined_in_transit_is_stored_in_the_isolation_place(tmp_path: Path, exchange: Exchange) -> None:
    with virtual_station(tmp_path, exchange, Charging.CHARGER, SPEED, recipe=RECIPE) as station:
        station.start_up()
        drive_in(station)
        _accepted(station, RequestSwap(VIN))
        _until(station, lambda: station.snapshot.swap is not None and station.snapshot.swap.step == "verify")
        _accepted(station, QuarantineBattery(OLD, "smells of solvent"))
        _at_rest(station)
        assert _places(station)[OLD] == "isolation"
