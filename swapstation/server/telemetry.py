"""Telemetry of the running server: one sample a second, the archive at night, questions in processes of their own.

The controller knows nothing of it: samples are taken from the snapshots that it publishes anyway.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, date, datetime
from http import HTTPStatus
from multiprocessing.process import BaseProcess
from pathlib import Path
from sqlite3 import Error as SqliteError
from typing import ParamSpec, TypeVar

import structlog

from swapstation.config.settings import Config
from swapstation.contract.controller_link import ControllerLink
from swapstation.records.telemetry import retention
from swapstation.records.telemetry.archive import ArchiveError, archive_due
from swapstation.records.telemetry.recorder import TelemetryRecorder
from swapstation.records.telemetry.retention import Room, Storage
from swapstation.server.background import background
from swapstation.server.problems import Problem

MOST_AGE_S = 2.0
"""An older snapshot is no sample."""
CARE_PERIOD_S = 600.0
FIRST_CARE_S = 60.0
WORKERS = 2
NICENESS = 15
PATIENCE_S = 60.0
P = ParamSpec("P")
T = TypeVar("T")
_log = structlog.get_logger("telemetry")


class Telemetry:
    """Records while the server runs, and answers questions. `seen`: what it took at the last look; None before it."""

    def __init__(self, config: Config, link: ControllerLink) -> None:
        self.folder = config.data / "telemetry"
        self.recorder = TelemetryRecorder(self.folder)
        self.seen: Storage | None = None
        self._settings = config.telemetry
        self._link = link
        self._pool: ProcessPoolExecutor | None = None
        self._others: frozenset[BaseProcess] = frozenset()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Record as long as the context is open."""
        if self._settings.enabled:
            self.recorder = TelemetryRecorder(self.folder)
            self.recorder.start()
        async with AsyncExitStack() as stack:
            if self._settings.enabled:
                await stack.enter_async_context(background(self._sample(), "telemetry samples"))
                await stack.enter_async_context(background(self._care(), "telemetry archive"))
            yield
        if self._settings.enabled:
            await asyncio.to_thread(self.recorder.close)
        self._end_workers()

    async def ask(self, question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Put a question to a process of its own. Raises what it raises; Problem when it takes too long."""
        try:
            future = self._workers().submit(question, *args, **kwargs)
            return await asyncio.wait_for(asyncio.wrap_future(future), PATIENCE_S)
        except TimeoutError:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "records_away", f"{PATIENCE_S:g} s") from None
        except BrokenProcessPool as error:
            self._pool = None
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "records_away", str(error)) from error
        except SqliteError as error:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "records_away", str(error)) from error

    async def storage(self) -> Storage:
        """What telemetry takes on disk, and when that ends."""
        return await asyncio.to_thread(self._storage)

    def made(self) -> Path:
        """The folder, which is there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder

    def _storage(self) -> Storage:
        free, settings = shutil.disk_usage(self.made()).free, self._settings
        return retention.storage(self.folder, free, settings.budget_gb, _today(), settings.early_days)

    def _workers(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._others = frozenset(multiprocessing.active_children())
            self._pool = ProcessPoolExecutor(WORKERS, multiprocessing.get_context("spawn"), settle)
        return self._pool

    def _end_workers(self) -> None:
        """At once, whatever they do: an archive that is killed loses nothing, and nobody waits for a server to stop."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            for worker in set(multiprocessing.active_children()) - self._others:
                worker.kill()
            self._pool = None

    async def _sample(self) -> None:
        while True:
            await asyncio.sleep(1.0 - time.time() % 1.0)
            latest, age_s = self._link.latest, self._link.age_s
            if latest is not None and age_s is not None and age_s <= MOST_AGE_S:
                self.recorder.take(latest.snapshot)

    async def _care(self) -> None:
        """Archive whole days, thin and expire; what a full disk or a broken file prevents is tried again."""
        await asyncio.sleep(FIRST_CARE_S)
        while True:
            try:
                await self._look_after()
            except (ArchiveError, Problem, OSError) as error:
                _log.warning("the archive was not written", error=str(error))
            await asyncio.sleep(CARE_PERIOD_S)

    async def _look_after(self) -> None:
        now_s = int(time.time())
        if (self.folder / "hot.sqlite").exists():
            self.recorder.archived(await self._worked(archive_due, self.folder, now_s), now_s)
        await self._worked(retention.thin_due, self.folder, _today())
        await self._worked(retention.expire, self.folder, _today())
        self.seen = found = await self.storage()
        if found.room is not Room.ENOUGH:
            _log.warning("room for telemetry ends", room=found.room.value, full_on=str(found.full_on))

    async def _worked(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """As `ask`, for work that may take its time."""
        try:
            return await asyncio.wrap_future(self._workers().submit(work, *args, **kwargs))
        except (BrokenProcessPool, SqliteError) as error:
            self._pool = None if isinstance(error, BrokenProcessPool) else self._pool
            raise ArchiveError(str(error)) from error


def settle() -> None:
    """A worker gives way to everything else on the machine, and ends with the server."""
    os.nice(NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _today() -> date:
    return datetime.now(UTC).date()
