"""Events on one time line: every kind of record is read, and a day that really happened is told in its order."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

from swapstation.config.settings import Charging, Exchange
from swapstation.inventory.database import open_reader
from swapstation.inventory.queries import events_after
from swapstation.model import timeline as module
from swapstation.model.journal import Record
from swapstation.model.timeline import Moment, Track, timeline
from swapstation.twin.run import Run
from swapstation.twin.schedule import Planned, Schedule
from swapstation.twin.yard import TRUCKS, twin_of, yard


def a_day() -> tuple[Moment, ...]:
    fault = Planned("robot_fault", swap=1, step="lift", delay_s=0.0, target="", lasts_s=20.0)
    schedule = Schedule(1, Exchange.STATION, Charging.DIRECT, (fault,))
    with twin_of(yard(Exchange.STATION, Charging.DIRECT), 1) as twin:
        Run(twin, schedule, TRUCKS[:1]).run()
        engine = open_reader(twin.config.station_database_url)
        with engine.connect() as connection:
            events = events_after(connection, 0, 10_000)
        engine.dispose()
    return timeline((event.sequence, event.at, event.kind, event.body) for event in events)


def test_a_swap_with_a_fault_is_told_with_who_did_what() -> None:
    moments = a_day()
    assert [moment.sequence for moment in moments] == sorted(moment.sequence for moment in moments)
    told = [(moment.track, moment.code, moment.subject) for moment in moments]
    steps = [code for track, code, _ in told if track is Track.STEP]
    assert steps[0] == "swap_opened"
    assert steps[-1] == "completed"
    assert steps.index("unlock") < steps.index("lift") < steps.index("lock")
    assert (Track.STATE, "held", "ROBOT_FAULT") in told
    assert any(track is Track.ALARM and subject == "ROBOT_FAULT@robot" for track, _, subject in told)
    assert any(track is Track.COMMAND and code == "done" for track, code, _ in told)
    pressed = [moment for moment in moments if moment.track is Track.PERSON and moment.code == "resume"]
    assert pressed
    assert all(moment.person == "operator" for moment in pressed)


def test_every_kind_that_is_read_is_a_record() -> None:
    kinds = {record.__name__ for record in get_args(Record)}
    assert set(module._READ) <= kinds


def test_a_kind_that_nobody_reads_is_told_as_it_is() -> None:
    at = datetime(2026, 5, 1, tzinfo=UTC)
    (moment,) = timeline([(7, at, "SomethingNew", {"a": 1})])
    assert (moment.track, moment.code, moment.body) == (Track.OTHER, "SomethingNew", {"a": 1})
