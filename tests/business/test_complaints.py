"""Complaints: recorded, assigned, answered, closed, with times; nothing is closed unanswered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from swapstation.business.complaints import NEXT, add_step, find, list_complaints, record
from swapstation.errors import InputError
from swapstation.model.complaint import Complaint, ComplaintKind, ComplaintState, ComplaintStep, Told

AT = datetime(2026, 6, 11, 2, 0, tzinfo=UTC)
TOLD = Told(ComplaintKind.COMPLAINT, "driver of V1", "138...", "the battery was not full", "pit", "S1")


def recorded(connection: sa.Connection) -> Complaint:
    return record(connection, TOLD, ComplaintStep(ComplaintState.RECORDED, "li", AT))


def step(state: ComplaintState, minutes: int = 0) -> ComplaintStep:
    to = "wang" if state is ComplaintState.ASSIGNED else ""
    return ComplaintStep(state, "li", AT + timedelta(minutes=minutes), "" if to else "we looked at it", to)


def test_a_complaint_goes_its_way_and_keeps_every_time(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        number = recorded(connection).number
        for minutes, state in enumerate(list(ComplaintState)[1:], start=1):
            add_step(connection, number, step(state, minutes * 10))
    with engine.connect() as connection:
        told = find(connection, number)
        assert list_complaints(connection, only_open=True) == []
        assert list_complaints(connection) == [told]
    assert told is not None
    assert (told.state, told.assigned_to, told.told) == (ComplaintState.CLOSED, "wang", TOLD)
    assert [told.first_s(state) for state in ComplaintState] == [0.0, 600.0, 1200.0, 1800.0]


@pytest.mark.parametrize("state", ComplaintState)
def test_only_what_may_follow_follows(engine: sa.Engine, state: ComplaintState) -> None:
    with engine.begin() as connection:
        number = recorded(connection).number
        if state in NEXT[ComplaintState.RECORDED]:
            assert add_step(connection, number, step(state)).state is state
        else:
            with pytest.raises(InputError, match="one of assigned after recorded"):
                add_step(connection, number, step(state))


def test_a_step_says_who_has_to_answer_or_what_the_answer_is(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        number = recorded(connection).number
        with pytest.raises(InputError, match="assigned_to"):
            add_step(connection, number, ComplaintStep(ComplaintState.ASSIGNED, "li", AT))
        add_step(connection, number, step(ComplaintState.ASSIGNED))
        with pytest.raises(InputError, match="text"):
            add_step(connection, number, ComplaintStep(ComplaintState.ANSWERED, "li", AT))
        with pytest.raises(InputError, match="complaint"):
            add_step(connection, 99, step(ComplaintState.ASSIGNED))
