"""A swap that leaves its course over real wire bytes: where the batteries end, in the record and in the plant."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.model.inventory import Cause, truck_place
from swapstation.model.request import DivertSwap, HoldStation, RequestSwap, ResumeStation
from swapstation.model.snapshot import StationState
from tests.scenarios.test_whole_swap import LIMIT_S, SPEED, VIN, drive_in
from tests.scenarios.virtual_station import VirtualStation, virtual_station


def hold_in(station: VirtualStation, step: str) -> str:
    """Begin a swap and hold it in a step, with the robot on its way; returns the swap's id."""
    answer = station.ask(RequestSwap(VIN))
    assert answer.status == "accepted", answer
    assert station.time.run(LIMIT_S, lambda: station.snapshot.swap is not None and station.snapshot.swap.step == step)
    station.time.run(1.0)
    assert station.ask(HoldStation("a person")).status == "accepted"
    assert station.time.run(LIMIT_S, lambda: station.snapshot.state is StationState.HELD)
    swap = station.snapshot.swap
    assert swap is not None
    return swap.swap


PLC, STATION = Exchange.PLC, Exchange.STATION
BACK = {"LFP-008": truck_place(VIN), "LFP-001": "bay-1"}
OLD_ISOLATED = {"LFP-008": "isolation", "LFP-001": "bay-1"}
FRESH_ISOLATED = {"LFP-008": "bay-8", "LFP-001": "isolation", "LFP-002": truck_place(VIN)}
FINISHED = {"LFP-008": "bay-8", "LFP-001": truck_place(VIN)}


@pytest.mark.parametrize(
    ("exchange", "step", "cause", "ends"),
    [
        (PLC, "put", Cause.DOUBT, OLD_ISOLATED),
        (PLC, "place", Cause.MECHANICAL, BACK),
        (PLC, "place", Cause.GO_ON, FINISHED),
        (STATION, "put", Cause.MECHANICAL, BACK),
        (STATION, "place", Cause.DOUBT, FRESH_ISOLATED),
    ],
)
def test_a_way_out_ends_with_every_battery_where_it_belongs(
    tmp_path: Path, exchange: Exchange, step: str, cause: Cause, ends: dict[str, str]
) -> None:
    with virtual_station(tmp_path, exchange, Charging.CHARGER, SPEED) as station:
        station.start_up()
        drive_in(station)
        swap = hold_in(station, step)
        answer = station.ask(DivertSwap(swap, cause, "tried"))
        assert answer.status == "accepted", answer
        assert station.ask(ResumeStation()).status == "accepted"
        ended = station.time.run(300.0, lambda: station.snapshot.swap is None)
        assert ended, (station.snapshot.swap, station.snapshot.alarms)

        recorded = {battery.battery: battery.place for battery in station.snapshot.inventory.batteries}
        plant = {battery.battery: battery.place for battery in station.simulation.plant.batteries.values()}
        assert recorded == plant
        assert {battery: recorded[battery] for battery in ends} == ends
        doubtful = [battery.battery for battery in station.snapshot.inventory.batteries if battery.quarantined]
        assert doubtful == [battery for battery, place in ends.items() if place == "isolation"]
