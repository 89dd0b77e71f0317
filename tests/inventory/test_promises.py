"""Promises in the database: held without a battery, changed whole, a battery for one of them only."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from swapstation.inventory.journal import JournalError, write
from swapstation.inventory.queries import battery_history
from swapstation.model.inventory import Hold, HoldKind
from swapstation.model.journal import HoldChanged, HoldEnded, HoldPlaced
from tests.inventory.stock import AT, VIN, stocked

PROMISE = Hold(
    "B1-1",
    HoldKind.BOOKING,
    vin=VIN,
    model="LFP-282",
    person="li",
    created_at=AT,
    expires_at=AT + timedelta(hours=1, minutes=15),
    needed_at=AT + timedelta(hours=1),
    soc_pct=70.0,
)


def test_a_promise_is_held_without_a_battery_and_gets_one_and_another_time(engine: sa.Engine) -> None:
    stocked(engine)
    assert write(engine, [HoldPlaced(PROMISE)], AT, 1).holds == (PROMISE,)
    later = replace(PROMISE, battery="B1", needed_at=AT + timedelta(hours=2), expires_at=AT + timedelta(hours=3))
    assert write(engine, [HoldChanged(later)], AT, 1).holds == (later,)
    with engine.connect() as connection:
        assert battery_history(connection, "B1")[0].kind == "HoldChanged"
    assert write(engine, [HoldChanged(PROMISE)], AT, 1).holds == (PROMISE,)
    assert write(engine, [HoldEnded("B1-1", "cancelled")], AT, 1).holds == ()
    with pytest.raises(JournalError, match="B1-1 is unknown or ended"):
        write(engine, [HoldChanged(PROMISE)], AT, 1)


def test_a_battery_is_set_aside_for_one_promise_only(engine: sa.Engine) -> None:
    stocked(engine)
    write(engine, [HoldPlaced(PROMISE), HoldPlaced(replace(PROMISE, hold="B1-2", battery="B1"))], AT, 1)
    with pytest.raises(JournalError):
        write(engine, [HoldChanged(replace(PROMISE, battery="B1"))], AT, 1)


@pytest.mark.parametrize("changes", [{"needed_at": None}, {"place": "bay-1", "battery": "B1"}, {"soc_pct": 101.0}])
def test_a_hold_of_nothing_or_of_two_things_is_refused(engine: sa.Engine, changes: dict[str, object]) -> None:
    stocked(engine)
    with pytest.raises(JournalError):
        write(engine, [HoldPlaced(replace(PROMISE, **changes))], AT, 1)  # type: ignore[arg-type]
