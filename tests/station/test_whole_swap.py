"""A whole swap through `decide`, each arrangement, against devices that answer."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path

import pytest

from swapstation.config.settings import Exchange
from swapstation.inventory.journal import open_station_database, start_boot, write
from swapstation.model.command import RobotOrder, TruckOrder
from swapstation.model.inventory import truck_place
from swapstation.model.journal import BatteryMoved, IntentRecorded, InventoryChanged, SwapStepped
from swapstation.model.request import ReceiveBattery
from swapstation.model.snapshot import StationState
from swapstation.model.truck_request import RegisterTruck
from swapstation.station.decide import decide
from tests.station.situations import AT, RECIPES, TRUCK_MODEL, VIN, config, inventory
from tests.station.walk import finished, standing

EXCHANGES = tuple(product(Exchange, RECIPES))


@pytest.mark.parametrize(("exchange", "recipe"), EXCHANGES)
def test_the_steps_come_in_order_and_one_at_a_time(exchange: Exchange, recipe: str) -> None:
    station = finished(exchange, recipe)
    names = [step.name for step in station.rules.recipe.steps]
    stepped = [[each for each in cycle.records if isinstance(each, SwapStepped)] for cycle in station.past]
    assert max(map(len, stepped)) == 1
    assert [(each.before, each.after) for (each,) in filter(None, stepped)] == list(pairwise(names))


@pytest.mark.parametrize(("exchange", "recipe"), EXCHANGES)
def test_the_batteries_change_places_once_each(exchange: Exchange, recipe: str) -> None:
    moves = [
        each for cycle in finished(exchange, recipe).past for each in cycle.records if isinstance(each, BatteryMoved)
    ]
    assert [(move.battery, move.origin, move.destination) for move in moves] == [
        ("B3", truck_place(VIN), "robot"),
        ("B3", "robot", "bay-3"),
        ("B1", "bay-1", "robot"),
        ("B1", "robot", truck_place(VIN)),
    ]
    assert all(len(move.evidence) >= 2 for move in moves)


@pytest.mark.parametrize(("exchange", "recipe"), EXCHANGES)
def test_an_order_leaves_only_after_its_intent_is_durable(exchange: Exchange, recipe: str) -> None:
    intended: set[int] = set()
    for cycle in finished(exchange, recipe).past:
        for sending in cycle.decision.sendings:
            if isinstance(sending.command, RobotOrder | TruckOrder):
                assert sending.command_id in intended
                assert sending.command_id < cycle.snapshot.inventory.next_command_id
        intended |= {each.command_id for each in cycle.records if isinstance(each, IntentRecorded)}


@pytest.mark.parametrize(("exchange", "recipe"), EXCHANGES)
def test_the_swap_ends_without_hold_alarm_or_open_intent(exchange: Exchange, recipe: str) -> None:
    station = finished(exchange, recipe)
    assert station.snapshot.inventory.swap is None
    assert station.snapshot.inventory.holds == ()
    assert station.snapshot.inventory.open_intents == ()
    assert station.memory.alarms == ()
    assert {cycle.snapshot.state for cycle in station.past} == {StationState.IDLE, StationState.EXECUTE}


@pytest.mark.parametrize(("exchange", "recipe"), EXCHANGES)
def test_equal_arguments_give_equal_decisions(exchange: Exchange, recipe: str) -> None:
    """Every cycle of the swap decided again, in reverse order, from the frozen arguments."""
    station = finished(exchange, recipe)
    starts = (standing(exchange, recipe).memory, *(cycle.decision.memory for cycle in station.past))
    for memory, cycle in reversed(list(zip(starts, station.past, strict=False))[1:]):
        before = repr((cycle.snapshot, memory))
        assert decide(station.rules, cycle.snapshot, memory, ()) == cycle.decision
        assert repr((cycle.snapshot, memory)) == before


@pytest.mark.parametrize(("exchange", "recipe"), EXCHANGES)
def test_the_real_database_takes_every_record(exchange: Exchange, recipe: str, tmp_path: Path) -> None:
    """The walk's record function is no kinder than the station database, and ends in the same stock."""
    station = finished(exchange, recipe)
    database = open_station_database(replace(config(exchange), data=tmp_path))
    start_boot(database, "0.1.0", "hash", AT)
    write(database, [InventoryChanged(RegisterTruck(VIN, TRUCK_MODEL), "li")], AT, 1)
    for each in inventory().batteries:
        change = ReceiveBattery(each.battery, each.model, each.codes, each.place, each.soc_pct)
        stock = write(database, [InventoryChanged(change, "li")], AT, 1)
    for cycle in station.past:
        for batch in cycle.decision.batches:
            stock = write(database, batch.records, cycle.snapshot.at, 1)
    database.dispose()
    assert {each.battery: each.place for each in stock.batteries} == {
        each.battery: each.place for each in station.snapshot.inventory.batteries
    }
    assert (stock.swap, stock.holds, stock.open_intents) == (None, (), ())
