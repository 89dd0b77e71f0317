"""Trucks with several batteries: a place for each position, one swap for all of them, databases from before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from swapstation.config.settings import Config
from swapstation.inventory import tables
from swapstation.inventory.changes import fitted
from swapstation.inventory.database import alembic_config
from swapstation.inventory.journal import JournalError, open_station_database, start_boot, write
from swapstation.inventory.queries import arrivals_since, find_swap, load_inventory
from swapstation.model.arrival import Arrival
from swapstation.model.inventory import Hold, HoldKind, Inventory, PositionExchange, Swap, SwapResult, truck_places
from swapstation.model.journal import (
    PositionExchanged,
    Record,
    SwapAllocated,
    SwapClosed,
    SwapOpened,
    UnevenSetAccepted,
)
from swapstation.model.truck_request import RegisterTruck
from tests.inventory.stock import AT, VIN, change, receive, station_config, stocked

SECOND = PositionExchange(2, "B2", "B4", 2, 1, 91.0, 14.0)


def _twice(config: Config) -> Config:
    """The station where the trucks of the stock carry two batteries."""
    (model,) = config.truck_models
    return replace(config, truck_models=(replace(model, positions=("left", "right")),))


def _two_to_exchange(engine: sa.Engine) -> Inventory:
    """Swap S1: B1 of bay 1 for B3 of the first position, then B2 of bay 2 for B4 of the second into bay 1."""
    start_boot(engine, "0.1.0", "abc", AT)
    truck = RegisterTruck(VIN, "tractor-6x4", 2)
    batteries = [receive(1, "bay-1"), receive(2, "bay-2"), receive(3, f"truck:{VIN}"), receive(4, f"truck:{VIN}#2")]
    change(engine, truck, *batteries)
    swap = Swap("S1", VIN, "tractor-6x4", "top_lift", "hash", "identify", person="li")
    holds = (Hold("S1:fresh", HoldKind.SWAP, battery="B1"), Hold("S1:fresh-2", HoldKind.SWAP, battery="B2"))
    allocated = SwapAllocated("S1", "B1", "B3", 1, 3, holds, 92.0, 12.5, (SECOND,))
    return write(engine, [SwapOpened(swap, ()), allocated], AT, 1)


def _swap(engine: sa.Engine) -> Swap:
    with engine.connect() as connection:
        swap = find_swap(connection, "S1")
    assert swap is not None
    return swap


def test_a_truck_gets_a_place_for_each_battery_that_its_model_carries(engine: sa.Engine, config: Config) -> None:
    asked = RegisterTruck(VIN, "tractor-6x4")
    assert fitted(asked, config) == asked
    assert fitted(receive(1, "bay-1"), _twice(config)) == receive(1, "bay-1")
    registered = fitted(asked, _twice(config))
    assert set(truck_places(VIN, 2)) < set(change(engine, registered).places)
    assert f"truck:{VIN}#3" not in change(engine, registered).places


def test_a_truck_of_an_old_database_gets_the_places_that_its_model_has_now(engine: sa.Engine, config: Config) -> None:
    stocked(engine)
    engine.dispose()
    again = open_station_database(_twice(config))
    with again.connect() as connection:
        assert f"truck:{VIN}#2" in load_inventory(connection).places
    again.dispose()


def test_the_positions_of_a_swap_are_exchanged_one_after_the_other(engine: sa.Engine) -> None:
    first = PositionExchange(1, "B1", "B3", 1, 3, 92.0, 12.5)
    opened = _two_to_exchange(engine).swap
    assert opened is not None
    assert (opened.position, opened.exchange, opened.allocated) == (1, first, (first, SECOND))
    after = write(engine, [PositionExchanged("S1", 1)], AT, 1).swap
    assert after is not None
    assert (after.position, after.fresh, after.returned, after.place) == (2, "B2", "B4", f"truck:{VIN}#2")
    assert (after.exchanged, after.ahead, after.exchange) == ((first,), (), SECOND)
    with pytest.raises(JournalError, match="S1 is not open at position 1"):
        write(engine, [PositionExchanged("S1", 1)], AT, 1)
    write(engine, [SwapClosed("S1", SwapResult.COMPLETED, "", 1.0)], AT, 1)
    assert (_swap(engine).exchanged, _swap(engine).allocated) == ((first, SECOND), (first, SECOND))


@pytest.mark.parametrize("reached", [(), (PositionExchanged("S1", 1),)])
def test_a_failed_swap_says_which_positions_were_exchanged(engine: sa.Engine, reached: tuple[Record, ...]) -> None:
    _two_to_exchange(engine)
    accepted = UnevenSetAccepted("S1", "li", "limps home")
    write(engine, [*reached, accepted, SwapClosed("S1", SwapResult.FAILED, "", 1.0)], AT, 1)
    ended = _swap(engine)
    assert [each.position for each in ended.exchanged] == [1][: len(reached)]
    assert ended.uneven_accepted_by == "li"
    with pytest.raises(JournalError, match="S1 is not open"):
        write(engine, [accepted], AT, 1)


def _older_release(url: str) -> None:
    """A database as release 0004 left it, with one completed swap."""
    swap: dict[str, Any] = dict.fromkeys(("recipe", "recipe_hash", "step", "person", "reason"), "")
    swap |= {"swap": "S1", "vin": VIN, "truck_model": "tractor-6x4", "opened_at": AT}
    swap |= {"fresh": "B1", "returned": "B3", "from_bay": 1, "to_bay": 3, "step_seconds": []}
    swap |= {"result": "completed", "closed_at": AT}
    sound = {"model": "LFP-282", "quarantined": False, "doubtful": False}
    rows: dict[str, list[dict[str, Any]]] = {
        "places": [{"name": f"bay-{number}", "kind": "bay"} for number in (1, 3)],
        "trucks": [{"vin": VIN, "model": "tractor-6x4", "vin_warning": ""}],
        "batteries": [{"battery": f"B{number}", "place": f"bay-{number}", **sound} for number in (1, 3)],
        "swaps": [swap],
    }
    old, engine = sa.MetaData(), sa.create_engine(url)
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "0004")
        old.reflect(connection)
        for table, values in rows.items():
            connection.execute(sa.insert(old.tables[table]), values)
    engine.dispose()


def test_a_completed_swap_of_an_older_release_has_exchanged_its_one_battery(empty_url: str, tmp_path: Path) -> None:
    _older_release(empty_url)
    again = open_station_database(station_config(tmp_path, empty_url))
    assert _swap(again).exchanged == (PositionExchange(1, "B1", "B3", 1, 3),)
    with again.connect() as connection:
        assert connection.scalar(sa.select(tables.swaps.c.position)) == 1
    again.dispose()


def test_every_battery_of_a_completed_swap_counts_as_an_arrival(engine: sa.Engine) -> None:
    models = {"tractor-6x4": "LFP-282"}
    _two_to_exchange(engine)
    with engine.connect() as connection:
        assert arrivals_since(connection, AT, models) == ()
    write(engine, [PositionExchanged("S1", 1), SwapClosed("S1", SwapResult.COMPLETED, "", 300.0)], AT, 1)
    with engine.connect() as connection:
        both = (Arrival(AT, "LFP-282", 12.5), Arrival(AT, "LFP-282", 14.0))
        assert arrivals_since(connection, AT, models) == both
        assert arrivals_since(connection, AT + timedelta(seconds=1), models) == ()
        assert arrivals_since(connection, AT, {"loader": "LFP-282"}) == ()
