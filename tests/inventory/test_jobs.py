"""Jobs and modes in the database: one open job, holds that end with it, the last mode is the mode."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from swapstation.inventory.journal import JournalError, write
from swapstation.inventory.queries import battery_history, find_job, list_jobs, load_inventory
from swapstation.model.inventory import Hold, HoldKind
from swapstation.model.job import Difference, Job, JobKind, JobResult
from swapstation.model.journal import JobClosed, JobOpened, JobStepped, ModeChanged
from swapstation.model.mode import Mode, ModeState
from tests.inventory.stock import AT, stocked

MOVE = Job("J1", JobKind.MOVE, "deaden", battery="B1", origin="bay-1", destination="bay-3", person="li", opened_at=AT)
HOLDS = (Hold("J1:battery", HoldKind.JOB, battery="B1"), Hold("J1:to", HoldKind.JOB, place="bay-3"))


def test_a_job_holds_its_battery_and_place_until_it_ends(engine: sa.Engine) -> None:
    stocked(engine)
    opened = write(engine, [JobOpened(MOVE, HOLDS)], AT, 1)
    assert opened.job == MOVE
    assert {hold.hold for hold in opened.holds} == {"J1:battery", "J1:to"}
    stepped = write(engine, [JobStepped("J1", "deaden", "move", 3.0)], AT, 1)
    assert stepped.job is not None
    assert stepped.job.step == "move"
    found = (Difference("bay-3", None, "present"),)
    closed = write(engine, [JobClosed("J1", JobResult.COMPLETED, "", 9.0, found)], AT, 1)
    assert (closed.job, closed.holds) == (None, ())
    with engine.connect() as connection:
        past = find_job(connection, "J1")
        assert past is not None
        assert (past.result, past.closed_at, past.differences) == (JobResult.COMPLETED, AT, found)
        assert list_jobs(connection) == (past,)
        assert list_jobs(connection, before=AT) == ()
        kinds = [event.kind for event in battery_history(connection, "B1")]
        assert kinds[:2] == ["JobClosed", "JobOpened"]


@pytest.mark.parametrize(
    "record",
    [
        JobOpened(Job("J2", JobKind.HOME, "home", person="li"), ()),
        JobStepped("J1", "move", "move", 1.0),
        JobStepped("J0", "deaden", "move", 1.0),
        JobClosed("J0", JobResult.FAILED, "", 1.0),
    ],
)
def test_what_does_not_fit_the_open_job_is_refused(
    engine: sa.Engine, record: JobOpened | JobStepped | JobClosed
) -> None:
    stocked(engine)
    before = write(engine, [JobOpened(MOVE, HOLDS)], AT, 1)
    with pytest.raises(JournalError):
        write(engine, [record], AT, 1)
    with engine.connect() as connection:
        assert load_inventory(connection) == before


def test_the_mode_is_the_last_one_that_was_set(engine: sa.Engine) -> None:
    assert stocked(engine).mode == ModeState()
    write(engine, [ModeChanged(Mode.AUTOMATIC, Mode.FIRE, "li", "smoke")], AT, 1)
    after = write(engine, [ModeChanged(Mode.FIRE, Mode.MAINTENANCE, "wang", "it is out")], AT, 1)
    assert after.mode == ModeState(Mode.MAINTENANCE, "wang", "it is out", AT)
