"""The journal thread against a real station database: order, refusals, a database that cannot be written, the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from swapstation.controller import journal as controller_journal
from swapstation.controller.journal import DirectJournal, Journal, ThreadedJournal, Written
from swapstation.inventory.database import Database, DatabaseError
from swapstation.inventory.journal import open_station_database, start_boot, write
from swapstation.inventory.queries import events_after
from swapstation.model.inventory import Inventory
from swapstation.model.journal import (
    BatteryMeasured,
    IntentRecorded,
    IntentResolved,
    InventoryChanged,
    Outcome,
    Record,
    StateChanged,
)
from swapstation.model.truck_request import RegisterTruck
from swapstation.station.memory import Batch
from tests.station.situations import AT, TRUCK_MODEL, VIN, config

DEADLINE_S = 10.0


@dataclass
class Station:
    """A database and what happens to it on the way: `broken` makes every write fail as a full disk does."""

    database: Database
    broken: threading.Event = field(default_factory=threading.Event)
    writers: set[str] = field(default_factory=set)

    def write(self, records: tuple[Record, ...], at: datetime) -> Inventory:
        self.writers.add(threading.current_thread().name)
        if self.broken.is_set():
            raise DatabaseError("station database: disk full")
        return write(self.database, records, at, 1)

    def events(self) -> list[str]:
        with self.database.connect() as connection:
            return [event.kind for event in events_after(connection, 0)]


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    database = open_station_database(config(data=tmp_path))
    start_boot(database, "0.1.0", "hash", AT)
    yield Station(database)
    database.dispose()


@contextmanager
def threaded(station: Station) -> Iterator[ThreadedJournal]:
    journal = ThreadedJournal(station.write, lambda: None)
    try:
        yield journal
    finally:
        journal.close()


def _until(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.005)


def _taken(journal: Journal, count: int) -> list[Written]:
    taken: list[Written] = []

    def enough() -> bool:
        taken.extend(journal.take_written())
        return len(taken) >= count

    _until(enough)
    return taken


def _state(name: str) -> Batch:
    return Batch((StateChanged("idle", name, ""),))


def _intent(command_id: int) -> IntentRecorded:
    return IntentRecorded(command_id, 1, "LocateTruck", "{}", None)


def test_batches_become_durable_in_their_order_in_one_other_thread(station: Station) -> None:
    batches = [_state(str(number)) for number in range(50)]
    with threaded(station) as journal:
        for batch in batches:
            journal.submit(batch, AT)
        taken = _taken(journal, 50)
    assert [written.batch for written in taken] == batches
    assert all(written.inventory is not None for written in taken)
    assert station.writers == {"journal"}
    assert station.events() == ["BootStarted", *["StateChanged"] * 50]


def test_a_batch_is_pending_until_the_cycle_has_taken_it(station: Station) -> None:
    with threaded(station) as journal:
        assert journal.pending == 0
        journal.submit(Batch((_intent(1),)), AT)
        assert journal.pending == 1
        _until(lambda: "IntentRecorded" in station.events())
        assert journal.pending == 1
        (written,) = _taken(journal, 1)
        assert journal.pending == 0
        assert written.inventory is not None
        assert written.inventory.next_command_id == 2


def test_a_batch_that_contradicts_the_database_is_refused_whole_and_the_next_one_goes_on(station: Station) -> None:
    contradiction = Batch((_intent(1), BatteryMeasured("B9", 50.0)))
    with threaded(station) as journal:
        journal.submit(contradiction, AT)
        journal.submit(Batch((_intent(2), IntentResolved(2, Outcome.DROPPED))), AT)
        refused, written = _taken(journal, 2)
    assert (refused.batch, refused.inventory) == (contradiction, None)
    assert "B9" in refused.refusal
    assert (written.refusal, written.inventory is not None) == ("", True)
    assert station.events() == ["BootStarted", "IntentRecorded", "IntentResolved"]


def test_a_database_that_cannot_be_written_is_told_and_tried_again_in_order(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(controller_journal, "RETRY_S", 0.01)
    station.broken.set()
    with threaded(station) as journal:
        journal.submit(_state("first"), AT)
        journal.submit(_state("second"), AT)
        _until(lambda: journal.error == "station database: disk full")
        assert (journal.take_written(), journal.pending) == ([], 2)
        station.broken.clear()
        assert [written.batch for written in _taken(journal, 2)] == [_state("first"), _state("second")]
        assert journal.error == ""
    assert station.events().count("StateChanged") == 2


def test_closing_writes_what_was_handed_over(station: Station) -> None:
    journal = ThreadedJournal(station.write, lambda: None)
    for number in range(20):
        journal.submit(_state(str(number)), AT)
    journal.close()
    assert station.events().count("StateChanged") == 20


def test_closing_does_not_wait_for_a_database_that_cannot_be_written(station: Station) -> None:
    station.broken.set()
    journal = ThreadedJournal(station.write, lambda: None)
    journal.submit(_state("lost"), AT)
    _until(lambda: journal.error != "")
    journal.close()
    assert "journal" not in {thread.name for thread in threading.enumerate()}


def test_the_cycle_is_woken_after_each_batch(station: Station) -> None:
    woken = threading.Semaphore(0)
    journal = ThreadedJournal(station.write, woken.release)
    for number in range(3):
        journal.submit(_state(str(number)), AT)
    assert all(woken.acquire(timeout=DEADLINE_S) for _ in range(3))
    journal.close()


def test_the_direct_journal_writes_within_the_call(station: Station) -> None:
    journal = DirectJournal(station.write)
    change = Batch((InventoryChanged(RegisterTruck(VIN, TRUCK_MODEL), "li"),))
    journal.submit(change, AT)
    journal.submit(Batch((BatteryMeasured("B9", 50.0),)), AT)
    assert station.events() == ["BootStarted", "InventoryChanged"]
    written, refused = journal.take_written()
    assert written.inventory is not None
    assert written.inventory.trucks == ((VIN, TRUCK_MODEL),)
    assert refused.inventory is None
    assert journal.take_written() == []
    assert (journal.pending, journal.error) == (0, "")


def test_an_unforeseen_error_of_the_thread_is_raised_in_the_cycle() -> None:
    """A journal that died in silence would let motion go on without a record."""

    def broken(records: object, at: object) -> Inventory:
        raise ZeroDivisionError

    journal = ThreadedJournal(broken, lambda: None)
    journal.submit(_state("idle"), AT)
    with pytest.raises(ZeroDivisionError):
        _until(lambda: bool(journal.take_written()))
    journal.close()


def test_what_cannot_be_written_waits_in_order_in_the_direct_journal_too(station: Station) -> None:
    journal = DirectJournal(station.write)
    station.broken.set()
    journal.submit(_state("first"), AT)
    journal.submit(_state("second"), AT)
    assert (journal.take_written(), journal.pending, journal.error) == ([], 2, "station database: disk full")
    station.broken.clear()
    assert [written.batch for written in journal.take_written()] == [_state("first"), _state("second")]
    assert (journal.pending, journal.error) == (0, "")


def test_the_thread_does_what_must_not_delay_the_cycle_also_while_it_cannot_write(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(controller_journal, "RETRY_S", 0.01)
    monkeypatch.setattr(controller_journal, "BESIDE_S", 0.01)
    threads: list[str] = []
    journal = ThreadedJournal(station.write, lambda: None, lambda: threads.append(threading.current_thread().name))
    _until(lambda: len(threads) > 3)
    station.broken.set()
    journal.submit(_state("waits"), AT)
    _until(lambda: journal.error != "")
    before = len(threads)
    _until(lambda: len(threads) > before + 3)
    journal.close()
    assert set(threads) == {"journal"}
