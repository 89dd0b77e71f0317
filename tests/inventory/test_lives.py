"""One battery's, one truck's and one bay's life, from records that were journalled as the controller does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from swapstation.inventory.journal import write
from swapstation.inventory.lives import Life, Span, battery_life, bay_life, truck_life
from swapstation.model.journal import BatteryMoved, ChargeStarted
from tests.inventory.stock import AT, VIN, open_swap, stocked
from tests.records.moments import raised

SPAN = Span(AT - timedelta(days=1), AT + timedelta(days=1))
HOUR = timedelta(hours=1)


@pytest.fixture
def engine(engine: sa.Engine) -> sa.Engine:
    """B1 goes from bay-1 onto the truck, B3 from the truck into bay-3, where it is charged and smokes."""
    stocked(engine)
    open_swap(engine)
    truck, robot, seen = f"truck:{VIN}", "robot", ("a", "b")
    write(engine, [BatteryMoved("B3", truck, robot, seen), BatteryMoved("B3", robot, "bay-3", seen)], AT + HOUR, 1)
    write(engine, [BatteryMoved("B1", "bay-1", robot, seen), BatteryMoved("B1", robot, truck, seen)], AT + 2 * HOUR, 1)
    write(engine, [ChargeStarted("B3", 3, 20.0, 95.0)], AT + 3 * HOUR, 1)
    for source, hours in (("bay-3", 4), ("bay-2", 5)):
        alarm = raised("BAY_SMOKE", source)
        write(engine, [replace(alarm, alarm=replace(alarm.alarm, raised_at=AT + hours * HOUR))], AT + hours * HOUR, 1)
    return engine


def _life(found: Life | None) -> Life:
    assert found is not None
    return found


def test_a_battery_was_where_it_was_and_smoked_where_it_smoked(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        life = _life(battery_life(connection, "B3", SPAN))
        assert battery_life(connection, "B99", SPAN) is None
    assert [(stay.place, stay.since - AT, stay.until) for stay in life.stays] == [
        ("bay-3", HOUR, None),
        ("robot", HOUR, AT + HOUR),
        (f"truck:{VIN}", timedelta(0), AT + HOUR),
    ]
    assert [swap.swap for swap in life.swaps] == ["S1"]
    assert [charge.bay for charge in life.charges] == [3]
    assert [period.alarm.source for period in life.alarms] == ["bay-3"]
    assert not life.cut


def test_a_truck_carried_one_battery_then_the_other(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        life = _life(truck_life(connection, VIN, SPAN))
        assert truck_life(connection, "LSWAPTRK9T0000099", SPAN) is None
    assert [(stay.battery, stay.until) for stay in life.stays] == [("B1", None), ("B3", AT + HOUR)]
    assert [swap.swap for swap in life.swaps] == ["S1"]
    assert {period.alarm.source for period in life.alarms} == {"bay-2", "bay-3"}, "the swap was open"


def test_a_bay_had_a_battery_its_charge_and_its_alarm(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        third, first = (bay_life(connection, number, SPAN) for number in (3, 1))
        before = bay_life(connection, 3, Span(AT - HOUR, AT + HOUR / 2))
    assert [(stay.battery, stay.since) for stay in third.stays] == [("B3", AT + HOUR)]
    assert [charge.battery for charge in third.charges] == ["B3"]
    assert [period.alarm.code for period in third.alarms] == ["BAY_SMOKE"]
    assert [(stay.battery, stay.until, stay.why) for stay in first.stays] == [("B1", AT + 2 * HOUR, "receive_battery")]
    assert (before.stays, before.charges, before.alarms) == ((), (), ())


def test_what_does_not_fit_is_said(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        life = _life(truck_life(connection, VIN, replace(SPAN, limit=1)))
    assert (len(life.stays), life.cut) == (1, True)
