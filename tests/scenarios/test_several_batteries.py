"""Trucks with two and three batteries in virtual time, over all wires: exchanged, interrupted, led out half way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.demo.station_file import TRUCKS
from swapstation.inventory.database import open_reader
from swapstation.inventory.queries import find_swap
from swapstation.model.bay_request import LockOutBay
from swapstation.model.device import LockState, Presence
from swapstation.model.inventory import Cause, Swap, SwapResult, truck_places
from swapstation.model.request import (
    AcceptUnevenSet,
    DivertSwap,
    HoldStation,
    RequestSwap,
    ResumeStation,
)
from swapstation.model.snapshot import StationState
from swapstation.simulation.plant.truck import TruckPhase
from tests.scenarios.virtual_station import VirtualStation, virtual_station

VIN = TRUCKS[0]
SPEED = 8.0
LIMIT_S = 240.0


def _begin(station: VirtualStation, batteries: int) -> str:
    """Drive in and request the swap; returns its id."""
    assert station.control({"do": "truck_arrives", "vin": VIN, "soc_pct": 30})["ok"]

    def identified() -> bool:
        truck = station.snapshot.truck.good
        told = truck.positions if truck is not None and truck.vin == VIN else ()
        return len(told) == batteries and all(each.codes for each in told)

    assert station.time.run(LIMIT_S, identified)
    answer = station.ask(RequestSwap(VIN))
    assert answer.status == "accepted", answer
    return answer.result["swap"]


def _until(station: VirtualStation, met: Callable[[], bool]) -> None:
    assert station.time.run(LIMIT_S, met), (station.snapshot.swap, station.snapshot.alarms)


def _at(station: VirtualStation, position: int, step: str) -> Callable[[], bool]:
    def there() -> bool:
        swap = station.snapshot.swap
        return swap is not None and (swap.position, swap.step) == (position, step)

    return there


def _is(station: VirtualStation, state: StationState) -> Callable[[], bool]:
    return lambda: station.snapshot.state is state


def _record(station: VirtualStation, swap: str) -> Swap:
    reader = open_reader(station.config.station_database_url)
    with reader.connect() as connection:
        found = find_swap(connection, swap)
    reader.dispose()
    assert found is not None
    return found


def _true_to_the_plant(station: VirtualStation) -> bool:
    """Every battery is on record where it really is, and both presence sensors of every bay say the same."""
    plant, stock = station.simulation.plant, station.snapshot.inventory
    places = {battery.battery: battery.place for battery in plant.batteries.values()}
    sensed = {bay.place for bay in station.snapshot.bays if bay.io.good and bay.io.good.presence is Presence.PRESENT}
    in_bays = {place for place in places.values() if place in {bay.place for bay in station.snapshot.bays}}
    return {battery.battery: battery.place for battery in stock.batteries} == places and sensed == in_bays


@pytest.mark.parametrize("batteries", [2, 3])
@pytest.mark.parametrize("exchange", Exchange)
def test_a_truck_gets_all_its_batteries_in_one_visit(tmp_path: Path, exchange: Exchange, batteries: int) -> None:
    with virtual_station(tmp_path, exchange, Charging.DIRECT, SPEED, truck_batteries=batteries) as station:
        station.start_up()
        swap = _begin(station, batteries)
        plant, truck = station.simulation.plant, station.simulation.plant.trucks[VIN]
        left_open: list[str] = []

        def over() -> bool:
            assert station.snapshot.state is not StationState.HELD, station.snapshot.alarms
            if truck.phase is TruckPhase.LEAVING and any(locks.state is not LockState.LOCKED for locks in truck.locks):
                left_open.append(truck.vin)
            return station.snapshot.state is StationState.IDLE and truck.phase is TruckPhase.AWAY

        _until(station, over)
        assert left_open == []
        ended = _record(station, swap)
        assert (ended.result, [each.position for each in ended.exchanged]) == (
            SwapResult.COMPLETED,
            list(range(1, batteries + 1)),
        )
        assert [each.to_bay for each in ended.exchanged] == [8, *(each.from_bay for each in ended.exchanged[:-1])]
        assert {plant.batteries[each.fresh].place for each in ended.exchanged} == set(truck_places(VIN, batteries))
        assert all(each.fresh_soc_pct and each.fresh_soc_pct > 90.0 for each in ended.exchanged)
        assert all(each.returned_soc_pct == pytest.approx(30.0, abs=0.2) for each in ended.exchanged)
        assert _true_to_the_plant(station)


@pytest.mark.parametrize("step", ["unlock", "put", "place", "lock"])
@pytest.mark.parametrize("exchange", Exchange)
def test_a_controller_that_dies_at_the_second_position_comes_back_to_it(
    tmp_path: Path, exchange: Exchange, step: str
) -> None:
    with virtual_station(tmp_path, exchange, Charging.DIRECT, SPEED, truck_batteries=2) as station:
        station.start_up()
        swap = _begin(station, 2)
        _until(station, _at(station, 2, step))
        station.restart(1.0)
        station.start_up()
        _until(station, _is(station, StationState.HELD))
        assert station.snapshot.inventory.swap is not None
        assert station.snapshot.inventory.swap.position == 2
        assert station.ask(ResumeStation()).status == "accepted"
        _until(station, lambda: station.snapshot.inventory.swap is None)
        assert _record(station, swap).result is SwapResult.COMPLETED
        assert _true_to_the_plant(station)


def test_a_way_out_at_the_second_position_leaves_only_with_consent(tmp_path: Path) -> None:
    with virtual_station(tmp_path, Exchange.STATION, Charging.DIRECT, SPEED, truck_batteries=2) as station:
        station.start_up()
        swap = _begin(station, 2)
        truck = station.simulation.plant.trucks[VIN]
        _until(station, _at(station, 2, "put"))
        station.ask(HoldStation("test"))
        _until(station, _is(station, StationState.HELD))
        assert station.ask(DivertSwap(swap, Cause.MECHANICAL, "the fork sticks")).status == "accepted"
        assert station.ask(ResumeStation()).status == "accepted"
        _until(station, lambda: "BATTERY_SET_UNEVEN" in station.snapshot.hold_reasons)
        assert not station.time.run(20.0, lambda: truck.phase is TruckPhase.LEAVING)
        assert station.ask(AcceptUnevenSet(swap, "limps home at 30 km/h"), "li").status == "accepted"
        assert station.ask(ResumeStation()).status == "accepted"
        _until(station, lambda: truck.phase is TruckPhase.AWAY)
        ended = _record(station, swap)
        assert (ended.result, len(ended.exchanged), ended.uneven_accepted_by) == (SwapResult.FAILED, 1, "li")
        assert _true_to_the_plant(station)


def test_a_set_of_unlike_batteries_is_never_handed_out(tmp_path: Path) -> None:
    """Three of the four full batteries are locked out: none of those that are charging is near to the last one."""
    with virtual_station(tmp_path, Exchange.STATION, Charging.DIRECT, SPEED, truck_batteries=2) as station:
        station.start_up()
        for bay in (2, 3, 4):
            assert station.ask(LockOutBay(bay, "fans")).status == "accepted"
        _begin(station, 2)
        assert not station.time.run(20.0, _at(station, 1, "position"))
        assert station.snapshot.swap is not None
        assert station.snapshot.swap.waiting_for == ("battery_set_ready",)
