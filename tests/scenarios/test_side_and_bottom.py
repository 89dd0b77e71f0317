"""Side and bottom swap in virtual time: the recipes against the reference firmware, and what only a platform shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.model.device import LockState
from swapstation.model.inventory import truck_place
from swapstation.model.request import RequestSwap
from swapstation.model.snapshot import StationState
from tests.scenarios.test_whole_swap import LIMIT_S, SPEED, VIN, drive_in, events, run_swap
from tests.scenarios.virtual_station import virtual_station


@pytest.mark.parametrize("recipe", ["side", "bottom"])
@pytest.mark.parametrize("exchange", Exchange)
def test_a_truck_gets_a_fresh_battery(tmp_path: Path, exchange: Exchange, recipe: str) -> None:
    with virtual_station(tmp_path, exchange, Charging.DIRECT, SPEED, recipe=recipe) as station:
        station.start_up()
        drive_in(station)
        assert run_swap(station) == [step.name for step in station.recipe.steps]
        fresh = station.snapshot.inventory.at(truck_place(VIN))
        assert fresh is not None
        assert fresh.battery == "LFP-001"
        (opened,) = (event.body for event in events(station) if event.kind == "SwapOpened")
        assert (opened["swap"]["recipe"], opened["swap"]["recipe_hash"]) == (recipe, station.recipe.hash)


@pytest.mark.parametrize("exchange", Exchange)
def test_a_platform_that_carries_too_much_opens_no_lock(tmp_path: Path, exchange: Exchange) -> None:
    """Ice on the underside: the weight does not fit, so the truck's locks stay closed and people are asked."""
    with virtual_station(tmp_path, exchange, Charging.DIRECT, SPEED, recipe="bottom") as station:
        station.start_up()
        drive_in(station)
        assert station.control({"do": "fault", "name": "overweight", "on": True})["ok"]
        assert station.ask(RequestSwap(VIN)).status == "accepted"
        assert station.time.run(2 * LIMIT_S, lambda: station.snapshot.state is StationState.HELD)
        swap, truck = station.snapshot.swap, station.snapshot.truck.good
        assert swap is not None
        assert truck is not None
        assert (swap.step, truck.lock) == ("grip", LockState.LOCKED)


def test_a_truck_model_is_swapped_by_its_own_recipe(tmp_path: Path) -> None:
    """A top-lift station whose truck model names another recipe."""

    def detour(text: str) -> str:
        return text.replace('battery_model = "LFP-282"', 'battery_model = "LFP-282"\nrecipe = "side"')

    with virtual_station(tmp_path, Exchange.STATION, Charging.DIRECT, SPEED, detour=detour) as station:
        station.start_up()
        drive_in(station)
        run_swap(station)
        (opened,) = (event.body for event in events(station) if event.kind == "SwapOpened")
        assert opened["swap"]["recipe"] == "side"
