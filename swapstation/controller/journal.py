"""Writing the journal beside the cycle: the cycle hands batches over and never waits; a thread makes them durable.

A batch that contradicts the database is refused as a whole and reported. A batch that cannot be written (disk full,
server gone) is tried again until it can, in order, so nothing is lost; meanwhile the station knows (`error`). Between
batches, at least once a second, the thread does what else must not delay the cycle (`beside`): it watches the disk.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog

from swapstation.inventory.database import DatabaseError
from swapstation.inventory.journal import JournalError
from swapstation.model.inventory import Inventory
from swapstation.model.journal import Record
from swapstation.station.memory import Batch

RETRY_S = 1.0
BESIDE_S = 1.0

Write = Callable[[tuple[Record, ...], datetime], Inventory]
log = structlog.get_logger("journal")


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a batch: the inventory after it, or why the database refused it."""

    batch: Batch
    inventory: Inventory | None
    refusal: str = ""


class Journal(Protocol):
    """Takes batches in order and reports them in order once they are durable."""

    @property
    def pending(self) -> int: ...
    @property
    def error(self) -> str: ...
    def submit(self, batch: Batch, at: datetime) -> None: ...
    def take_written(self) -> list[Written]: ...
    def close(self) -> None: ...


def _written(write: Write, batch: Batch, at: datetime) -> Written:
    try:
        return Written(batch, write(batch.records, at))
    except JournalError as error:
        log.error("batch refused", reason=str(error))
        return Written(batch, None, str(error))


class DirectJournal:
    """Writes within the call: for virtual time, where waiting costs nothing. What cannot be written waits in order."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._waiting: deque[tuple[Batch, datetime]] = deque()
        self._finished: list[Written] = []
        self.error = ""

    @property
    def pending(self) -> int:
        """Batches that could not be written yet."""
        return len(self._waiting)

    def submit(self, batch: Batch, at: datetime) -> None:
        self._waiting.append((batch, at))
        self._write_waiting()

    def take_written(self) -> list[Written]:
        self._write_waiting()
        finished, self._finished = self._finished, []
        return finished

    def _write_waiting(self) -> None:
        self.error = ""
        while self._waiting:
            try:
                self._finished.append(_written(self._write, *self._waiting[0]))
            except DatabaseError as error:
                self.error = str(error)
                return
            self._waiting.popleft()

    def close(self) -> None:
        """Nothing is left to write."""


class ThreadedJournal:
    """Writes in one thread, the only one that touches the database; `on_written` is called from it after each batch."""

    def __init__(self, write: Write, on_written: Callable[[], None], beside: Callable[[], None] = lambda: None) -> None:
        self._write = write
        self._on_written = on_written
        self._beside = beside
        self._batches: queue.SimpleQueue[tuple[Batch, datetime] | None] = queue.SimpleQueue()
        self._finished: queue.SimpleQueue[Written] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._submitted = 0
        self._taken = 0
        self._bug: BaseException | None = None
        self.error = ""
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    @property
    def pending(self) -> int:
        """Batches handed over whose outcome the cycle has not taken yet."""
        return self._submitted - self._taken

    def submit(self, batch: Batch, at: datetime) -> None:
        self._submitted += 1
        self._batches.put((batch, at))

    def take_written(self) -> list[Written]:
        """What was written since the last call; an unforeseen error of the thread is raised here, in the cycle."""
        if self._bug is not None:
            raise self._bug
        finished = [self._finished.get_nowait() for _ in range(self._finished.qsize())]
        self._taken += len(finished)
        return finished

    def close(self) -> None:
        """Write what was handed over, then end."""
        self._stopping.set()
        self._batches.put(None)
        self._thread.join(timeout=5.0)

    def _run(self) -> None:
        try:
            self._write_batches()
        except BaseException as bug:  # a thread has no caller to raise to: the cycle must not go on without a journal
            self._bug = bug
            self._on_written()

    def _write_batches(self) -> None:
        while True:
            self._beside()
            try:
                item = self._batches.get(timeout=BESIDE_S)
            except queue.Empty:
                continue
            written = self._persist(*item) if item is not None else None
            if written is None:
                return
            self._finished.put(written)
            self._on_written()

    def _persist(self, batch: Batch, at: datetime) -> Written | None:
        while True:
            try:
                written = _written(self._write, batch, at)
            except DatabaseError as error:
                self.error = str(error)
                log.error("journal cannot write", reason=self.error)
                self._beside()
                if self._stopping.wait(RETRY_S):
                    return None
            else:
                self.error = ""
                return written
