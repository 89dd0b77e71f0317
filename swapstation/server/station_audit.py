"""What comes into the audit by itself: the station's answers, its boots, changed files, jumps of the clock, the head.

Answers are taken from the station's own gapless events, by a cursor that moves in the transaction which records them:
each is recorded once, also those to commands of a tool that spoke to the controller while no server ran.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from swapstation import __version__
from swapstation.business import audit, cursors
from swapstation.business.audit import Entry
from swapstation.config.own_files import own_files
from swapstation.config.settings import Config
from swapstation.database.store import DatabaseError
from swapstation.inventory.queries import Event
from swapstation.server.background import background
from swapstation.server.book import SYSTEM, Business
from swapstation.server.history import History

LOOK_EVERY_S = 1.0
FILES_EVERY_S, HEAD_EVERY_S = 5.0, 3600.0
CLOCK_JUMP_S = 2.0
EVENTS_AT_ONCE = 500
CURSOR = "audit"

_TOLD_FILES = ("server_started", "configuration_changed")
_log = structlog.get_logger()


@asynccontextmanager
async def audited(config: Config, station_file: Path | None, business: Business) -> AsyncIterator[None]:
    """Record start and end of the server, and what happens by itself as long as the context is open."""
    history = History(config.station_database_url)
    watch = _Watch(business, history, own_files(config, station_file))
    await watch.start()
    try:
        async with background(watch.run(), "audit"):
            yield
    finally:
        await watch.end()
        history.close()


class _Watch:
    def __init__(self, business: Business, history: History, files: tuple[Path, ...]) -> None:
        self._business, self._history, self._files = business, history, files
        self._hashes: dict[str, str] = {}
        self._clock_s = time.time() - time.monotonic()
        self._failed = False

    async def start(self) -> None:
        self._hashes = await asyncio.to_thread(_hashes, self._files)
        last = await self._business.read(partial(audit.last_of, kinds=_TOLD_FILES))
        before = json.loads(last.detail)["files"] if last is not None else self._hashes
        detail: dict[str, Any] = {"version": __version__, "files": self._hashes}
        if changed := _changed(before, self._hashes):
            detail["changed_while_stopped"] = changed
        await self._business.record(Entry("server_started", SYSTEM, detail=detail))

    async def end(self) -> None:
        with suppress(DatabaseError):
            await self._business.record(Entry("server_ended", SYSTEM))

    async def run(self) -> None:
        files_s = head_s = time.monotonic()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            now_s = time.monotonic()
            try:
                await self._look_at_the_clock(now_s)
                while await self._follow_events():
                    pass
                if now_s - files_s >= FILES_EVERY_S:
                    files_s = now_s
                    await self._look_at_the_files()
                if now_s - head_s >= HEAD_EVERY_S:
                    head_s = now_s
                    await asyncio.to_thread(self._business.export_head)
                self._failed = False
            except DatabaseError as error:
                if not self._failed:
                    _log.warning("the audit cannot follow", error=str(error))
                self._failed = True

    async def _follow_events(self) -> bool:
        """Record the next events; tells whether there are more."""
        after = await self._business.read(partial(cursors.cursor, name=CURSOR))
        events, upto = await asyncio.to_thread(self._history.events_of, tuple(_ENTRIES), after, EVENTS_AT_ONCE)
        entries = [_ENTRIES[event.kind](event) for event in events]
        if upto < after:
            entries = [Entry("station_database_replaced", SYSTEM, detail={"after": after, "last": upto})]
            upto = 0
        if upto != after:
            await self._business.write(partial(cursors.move, name=CURSOR, sequence=upto), *entries)
        return bool(entries)

    async def _look_at_the_files(self) -> None:
        hashes = await asyncio.to_thread(_hashes, self._files)
        if changed := _changed(self._hashes, hashes):
            detail = {"changed": changed, "files": hashes}
            await self._business.record(Entry("configuration_changed", SYSTEM, detail=detail))
            self._hashes = hashes

    async def _look_at_the_clock(self, now_s: float) -> None:
        clock_s = time.time() - now_s
        if abs(clock_s - self._clock_s) > CLOCK_JUMP_S:
            await self._business.record(
                Entry("clock_jumped", SYSTEM, detail={"by_s": round(clock_s - self._clock_s, 3)})
            )
        self._clock_s = clock_s


def _answered(event: Event) -> Entry:
    """The station's answer to a request. `os:` in front of the actor: a tool on the station's machine asked."""
    request, answer = event.body["request"], event.body["answer"]
    detail = {"key": request["key"], "answer": answer, "at": event.at.isoformat(), "event": event.sequence}
    if request["person"].startswith("os:"):
        detail["payload"] = request["payload"]
    return Entry("answer", request["person"], subject=request["payload"]["kind"], detail=detail)


def _happened(event: Event) -> Entry:
    detail = {**event.body, "at": event.at.isoformat(), "event": event.sequence}
    return Entry(f"station_{event.kind}", "station", detail=detail)


_ENTRIES = {"RequestAnswered": _answered, "BootStarted": _happened, "BypassEnded": _happened}
"""Kind of event -> the row that tells it."""


def _hashes(files: tuple[Path, ...]) -> dict[str, str]:
    return {str(file): _hash(file) for file in files}


def _hash(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        return f"not read: {error.strerror}"


def _changed(before: dict[str, str], now: dict[str, str]) -> list[str]:
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
