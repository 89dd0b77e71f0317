"""Bypasses in the database: one open at most, none longer than half an hour, every one of them kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from swapstation.inventory.journal import JournalError, write
from swapstation.inventory.queries import list_bypasses, load_inventory
from swapstation.model.bypass import MAX_BYPASS_MINUTES, Bypass, BypassInput, BypassResult
from swapstation.model.journal import BypassEnded, BypassSet
from tests.inventory.stock import AT, stocked

POSE = Bypass("Y1", BypassInput.TRUCK_POSE_IN_RANGE, None, 10, "li", "camera is dirty", AT)
SENSOR = Bypass("Y2", BypassInput.PRESENCE_A, 3, 30, "wang", "cable broken", AT + timedelta(hours=1))


def test_a_bypass_is_open_until_it_ends_and_stays_in_the_register(engine: sa.Engine) -> None:
    stocked(engine)
    assert write(engine, [BypassSet(POSE)], AT, 1).bypass == POSE
    later = AT + timedelta(minutes=3)
    assert write(engine, [BypassEnded("Y1", BypassResult.ENDED, "wang")], later, 1).bypass is None
    assert write(engine, [BypassSet(SENSOR)], AT, 1).bypass == SENSOR
    ended = replace(POSE, result=BypassResult.ENDED, ended_at=later, ended_by="wang")
    with engine.connect() as connection:
        assert list_bypasses(connection) == (SENSOR, ended)
        assert list_bypasses(connection, limit=1) == (SENSOR,)
        assert list_bypasses(connection, before=SENSOR.set_at) == (ended,)


@pytest.mark.parametrize(
    "record",
    [
        BypassSet(SENSOR),
        BypassEnded("Y2", BypassResult.EXPIRED),
        BypassEnded("Y0", BypassResult.EXPIRED),
    ],
)
def test_what_does_not_fit_the_open_bypass_is_refused(engine: sa.Engine, record: BypassSet | BypassEnded) -> None:
    stocked(engine)
    before = write(engine, [BypassSet(POSE)], AT, 1)
    with pytest.raises(JournalError):
        write(engine, [record], AT, 1)
    with engine.connect() as connection:
        assert load_inventory(connection) == before


@pytest.mark.parametrize("minutes", [0, MAX_BYPASS_MINUTES + 1])
def test_the_database_itself_keeps_bypasses_short(engine: sa.Engine, minutes: int) -> None:
    stocked(engine)
    with pytest.raises(JournalError):
        write(engine, [BypassSet(replace(POSE, minutes=minutes))], AT, 1)


def test_a_bypass_ends_once(engine: sa.Engine) -> None:
    stocked(engine)
    write(engine, [BypassSet(POSE), BypassEnded("Y1", BypassResult.EXPIRED)], AT, 1)
    with pytest.raises(JournalError):
        write(engine, [BypassEnded("Y1", BypassResult.EXPIRED)], AT, 1)
