"""What the devices before the lane say becomes proofs and masses of the right stays, once, and of no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from swapstation.business import queue
from swapstation.business.database import open_business_database
from swapstation.model.arriving import Source
from swapstation.model.queue import Entry, KnownTruck, QueueState
from swapstation.model.seen import seen
from swapstation.model.yard import Identifier, VehicleRead, Weigher
from swapstation.server.entrance_watch import Read, Scale, may_weigh, note_mass, note_reads, reads_of, scale_seen
from tests.server import station_sample

AT = datetime(2026, 5, 1, 8, tzinfo=UTC)
ONE, OTHER = "LFWSRXSJ7M1F00011", "LFWSRXSJ7M1F00022"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    engine = open_business_database(station_sample.config(Path(tmp_path_factory.mktemp("entrance"))))
    with engine.begin() as connection:
        for vin, plate, tag in ((ONE, "晋H00011", "T-11"), (OTHER, "晋H00022", "T-22")):
            queue.take_on(connection, KnownTruck(vin, "6x4-tractor", plate, tag, "", "li", AT))
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: sa.Engine) -> Iterator[sa.Connection]:
    with engine.connect() as connection:
        yield connection
        connection.rollback()


def read(value: str, passage: str = "1", after_s: float = 0.0) -> Read:
    source = Source.RFID if value.startswith("T-") else Source.PLATE
    return Read(source, value, passage, AT + timedelta(seconds=after_s))


def stays(connection: sa.Connection) -> list[Entry]:
    return sorted(queue.list_entries(connection, 100, None), key=lambda entry: entry.number)


def test_plate_and_tag_of_one_vehicle_are_one_certain_stay_however_often_they_are_told(
    connection: sa.Connection,
) -> None:
    for _ in range(3):
        note_reads(connection, [read("晋H00011"), read("T-11", after_s=0.4)])
    (stay,) = stays(connection)
    assert (stay.identity.vin, stay.identity.certain, len(stay.proofs)) == (ONE, True, 2)


def test_a_misread_plate_is_shown_as_a_disagreement_and_begins_no_stay_of_the_other_truck(
    connection: sa.Connection,
) -> None:
    note_reads(connection, [read("T-11"), read("晋H00022", after_s=0.2)])
    (stay,) = stays(connection)
    assert (stay.identity.vin, stay.identity.disagree) == ("", (ONE, OTHER))


def test_the_next_vehicle_has_a_stay_of_its_own(connection: sa.Connection) -> None:
    note_reads(connection, [read("T-11"), read("T-22", passage="2", after_s=20.0)])
    assert [stay.identity.vin for stay in stays(connection)] == [ONE, OTHER]


def test_a_read_that_is_told_again_after_its_truck_has_left_brings_it_not_back(connection: sa.Connection) -> None:
    note_reads(connection, [read("T-11")])
    queue.move(connection, stays(connection)[0].number, QueueState.LEFT, AT + timedelta(seconds=50))
    note_reads(connection, [read("T-11", after_s=0.1)])
    assert [stay.state for stay in stays(connection)] == [QueueState.LEFT]
    note_reads(connection, [read("T-11", passage="9", after_s=90.0)])
    assert len(stays(connection)) == 2, "it has come again"


def test_only_reads_that_are_sure_and_young_count() -> None:
    sample = station_sample.station(1)
    ages_s = {"a": (95.0, 10.0), "b": (60.0, 10.0), "c": (95.0, 200.0)}
    reads = tuple(
        VehicleRead(number, Source.PLATE, value, "1", sure_pct, sample.now_s - age_s)
        for number, (value, (sure_pct, age_s)) in enumerate(ages_s.items())
    )
    told = replace(sample, identifier=seen(Identifier(reads), sample.now_s, sample.now_s, 1.0))
    (only,) = reads_of(told, 80.0)
    assert (only.value, sample.at - only.at) == ("a", timedelta(seconds=10))
    assert list(reads_of(sample, 80.0)) == []


def looks(connection: sa.Connection, *weighers: tuple[float, float | None, bool]) -> Scale:
    """Looks at the scale: seconds, mass (None: it is silent), settled."""
    scale = Scale()
    for after_s, gross_kg, stable in weighers:
        at = AT + timedelta(seconds=after_s)
        weigher = None if gross_kg is None else Weigher(gross_kg, stable, 0)
        scale = scale_seen(scale, weigher, 3000.0, at)
        if weigher is not None and may_weigh(scale, weigher, at):
            scale = note_mass(connection, scale, weigher, at)
    return scale


def test_a_settled_mass_is_put_to_the_truck_that_came_onto_the_scale_once(connection: sa.Connection) -> None:
    note_reads(connection, [read("T-11", after_s=2.0)])
    looks(connection, (0, 20.0, True), (3, 38_000.0, False), (4, 41_250.0, True), (5, 41_300.0, True))
    (stay,) = stays(connection)
    assert (stay.gross_kg, stay.weighed_at) == (41_250.0, AT + timedelta(seconds=4))


WRONG = {
    "never seen empty": [(3, 41_250.0, True)],
    "never settled": [(0, 0.0, True), (3, 41_250.0, False)],
    "too light": [(0, 0.0, True), (3, 2_900.0, True)],
    "silent in between": [(0, 0.0, True), (3, None, True), (4, 41_250.0, True)],
    "long after it was read": [(60, 0.0, True), (61, 41_250.0, True)],
    "stuck since before": [(-300, 0.0, True), (-299, 41_250.0, True), (4, 41_250.0, True)],
}


@pytest.mark.parametrize("weighers", WRONG.values(), ids=WRONG)
def test_no_mass_is_guessed(connection: sa.Connection, weighers: list[tuple[float, float | None, bool]]) -> None:
    note_reads(connection, [read("T-11", after_s=2.0)])
    looks(connection, *weighers)
    assert [stay.gross_kg for stay in stays(connection)] == [None]


def test_a_mass_that_could_be_of_two_trucks_is_put_to_none(connection: sa.Connection) -> None:
    note_reads(connection, [read("T-11", after_s=2.0), read("T-22", passage="2", after_s=5.0)])
    looks(connection, (0, 0.0, True), (6, 41_250.0, True))
    assert [stay.gross_kg for stay in stays(connection)] == [None, None]


@given(st.lists(st.tuples(st.none() | st.floats(-100.0, 90_000.0), st.booleans(), st.integers(0, 1)), max_size=30))
def test_the_scale_is_loaded_only_after_it_was_empty(looked: list[tuple[float | None, bool, int]]) -> None:
    scale, empty = Scale(), False
    for second, (gross_kg, stable, fault_code) in enumerate(looked):
        weigher = None if gross_kg is None else Weigher(gross_kg, stable, fault_code)
        scale = scale_seen(scale, weigher, 3000.0, AT + timedelta(seconds=second))
        silent = weigher is None or bool(weigher.fault_code)
        empty = not silent and (empty or (gross_kg is not None and gross_kg < 3000.0))
        assert (scale.loaded_at is None) or empty
