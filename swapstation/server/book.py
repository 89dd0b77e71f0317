"""The business database as the running server's one writer, with the audit row of every change in its transaction."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import structlog

from swapstation.business import accounts, audit
from swapstation.business.audit import Entry, Head
from swapstation.business.audit_check import head_line
from swapstation.business.database import BUSINESS, Connection, Database, open_business_database
from swapstation.config.settings import Config
from swapstation.errors import SwapstationError

Result = TypeVar("Result")

ROWS_PER_HEAD = 50
SYSTEM = "system"
"""Who acts where no person does."""

_log = structlog.get_logger()


def no_work(_: object) -> None:
    """Nothing but the audit rows is to be written."""


class Business:
    """Opened while the server runs. Every method but `open` and `close` may be awaited by many at once."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._engine: Database | None = None
        self._exported = 0
        self._exporting = threading.Lock()
        self._soon: set[asyncio.Task[None]] = set()

    @property
    def engine(self) -> Database:
        assert self._engine is not None  # opened before the first request is taken
        return self._engine

    def open(self) -> None:
        """Migrate and own the database; offer a one-time code as long as there is no account. Raises DatabaseError."""
        if self._engine is not None:
            return
        self._engine = open_business_database(self._config)
        with BUSINESS.errors(), self.engine.begin() as connection:
            nobody = not accounts.list_accounts(connection)
            code = accounts.invite(connection, None, datetime.now(UTC)) if nobody else None
        if code is not None:
            _offer(self._config.first_admin_file, code)

    async def close(self) -> None:
        """Write what is still to be written, export the head and let the database go."""
        await asyncio.gather(*self._soon, return_exceptions=True)
        if self._engine is not None:
            await asyncio.to_thread(self.export_head)
            self._engine.dispose()
            self._engine = None

    async def read(self, query: Callable[[Connection], Result]) -> Result:
        """Run a query in a thread. Raises DatabaseError."""

        def run() -> Result:
            with BUSINESS.errors(), self.engine.connect() as connection:
                return query(connection)

        return await asyncio.to_thread(run)

    async def write(self, work: Callable[[Connection], Result], *entries: Entry) -> Result:
        """Do work and record it in one transaction, durable on return. Raises what `work` does, DatabaseError."""
        return await asyncio.to_thread(self._write, work, entries)

    async def record(self, *entries: Entry) -> None:
        """Record what happened. Raises DatabaseError."""
        await asyncio.to_thread(self._write, no_work, entries)

    def record_soon(self, *entries: Entry) -> None:
        """Record what must wait for nothing: a hold, or what the database itself may be the reason of."""
        self.soon(no_work, *entries)

    def soon(self, work: Callable[[Connection], object], *entries: Entry) -> None:
        """Do work and record it without anybody waiting; a failure is logged."""
        task = asyncio.get_running_loop().create_task(self._try(work, entries))
        self._soon.add(task)
        task.add_done_callback(self._soon.discard)

    async def _try(self, work: Callable[[Connection], object], entries: Sequence[Entry]) -> None:
        try:
            await asyncio.to_thread(self._write, work, entries)
        except SwapstationError as error:
            _log.error("not recorded", error=str(error), entries=[f"{each.kind} {each.actor}" for each in entries])

    def _write(self, work: Callable[[Connection], Result], entries: Sequence[Entry]) -> Result:
        with BUSINESS.errors(), self.engine.begin() as connection:
            result = work(connection)
            head = audit.append(connection, entries, datetime.now(UTC))
        if head.number >= self._exported + ROWS_PER_HEAD:
            self._export(head)
        return result

    def export_head(self) -> None:
        """Write the end of the chain to its file and to the log, if it moved. Raises DatabaseError."""
        with BUSINESS.errors(), self.engine.connect() as connection:
            head = audit.head(connection)
        self._export(head)

    def _export(self, head: Head) -> None:
        with self._exporting:
            if head.number <= self._exported:
                return
            line = head_line(head, datetime.now(UTC).isoformat(timespec="seconds"))
            try:
                with _private(self._config.audit_heads_file).open("a", encoding="ascii") as file:
                    file.write(line)
            except OSError as error:
                _log.error("the head of the audit was not exported", error=str(error))
            self._exported = head.number
        _log.info("audit head", number=head.number, hash=head.hash)


def _offer(file: Path, code: str) -> None:
    """Tell the one-time code of the first admin where only who owns the station's files can read it."""
    _private(file).write_text(f"{code}\n", encoding="ascii")
    _log.warning("no account yet: make the first admin on the page with this one-time code", code=code, file=str(file))


def _private(file: Path) -> Path:
    """The file, made for its owner only where it is new."""
    file.touch(mode=0o600)
    file.chmod(0o600)
    return file
