"""The writer: a thread of its own takes rows from a bounded queue into the hot store. Nobody ever waits for it."""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import structlog

from swapstation.model.snapshot import Snapshot
from swapstation.records.telemetry.archive import Archived
from swapstation.records.telemetry.hot import HotStore, open_hot
from swapstation.records.telemetry.kinds import HOT_S
from swapstation.records.telemetry.sampling import Row, Sampler

MOST_WAITING_S = 600
"""So many seconds wait while the disk refuses; older ones are lost, and counted."""
RETRY_S = 2.0
_log = structlog.get_logger("telemetry")


class TelemetryRecorder:
    """Samples snapshots and writes what is news. `error`: why the disk refuses; `lost`: seconds not written."""

    def __init__(self, folder: Path) -> None:
        self.error = ""
        self.lost = 0
        self._folder = folder
        self._sampler = Sampler()
        self._waiting: deque[list[Row]] = deque()
        self._archived: deque[tuple[Sequence[Archived], int]] = deque()
        self._news = threading.Event()
        self._ends = False
        self._thread = threading.Thread(target=self._run, name="telemetry", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def take(self, snapshot: Snapshot) -> None:
        """Queue what is new in a snapshot; while the disk is short nothing is recorded."""
        disk = snapshot.disk.good
        if disk is not None and disk.sheds:
            self.lost += 1
            return
        rows = self._sampler.rows(snapshot)
        if rows:
            if len(self._waiting) >= MOST_WAITING_S:
                self._waiting.popleft()
                self.lost += 1
            self._waiting.append(rows)
            self._news.set()

    def archived(self, days: Sequence[Archived], now_s: int) -> None:
        """Note which days have files now; rows of the hot store that are old enough and archived go."""
        self._archived.append((days, now_s))
        self._news.set()

    def close(self) -> None:
        """Write what waits and end; what a refusing disk does not take is lost."""
        self._ends = True
        self._news.set()
        self._thread.join()

    def _run(self) -> None:
        store: HotStore | None = None
        while not (self._ends and not self._waiting):
            self._news.wait()
            self._news.clear()
            try:
                store = store or open_hot(self._folder)
                self._write(store)
            except (sqlite3.Error, OSError) as error:
                if str(error) != self.error:
                    _log.warning("telemetry cannot be written", error=str(error))
                self.error = str(error)
                if self._ends:
                    break
                self._news.wait(RETRY_S)
                self._news.set()
            else:
                self.error = ""
        if store is not None:
            store.close()

    def _write(self, store: HotStore) -> None:
        while self._waiting:
            rows = self._waiting[0]
            store.add(rows)
            self._forget(rows)
        while self._archived:
            days, now_s = self._archived[0]
            for each in days:
                store.note_archived(each.kind, each.day, each.hot_rows)
            store.prune(now_s - HOT_S)
            self._archived.popleft()

    def _forget(self, written: list[Row]) -> None:
        """`take` may have dropped it meanwhile."""
        if self._waiting and self._waiting[0] is written:
            self._waiting.popleft()
