"""Opening a database: one process writes, everybody else reads.

SQLite runs in WAL with synchronous=FULL. Libraries before 3.51.3 may corrupt a WAL file that two connections write or
checkpoint at once, so the writer is one connection guarded by a file lock, and readers are opened `mode=ro`, which
never checkpoint. On PostgreSQL a session advisory lock keeps the second writer out.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.pool import ConnectionPoolEntry

from swapstation.errors import InputError, SwapstationError

Database = sa.Engine
"""What `open_writer` and `open_reader` return, named for packages that know no SQLAlchemy."""

_PRIMARY_CODE = 0xFF
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_WRITER_OPTIONS = "-c synchronous_commit=on -c lock_timeout=5s"
_READER_OPTIONS = "-c default_transaction_read_only=on"
_WRITER_PRAGMAS = (
    "busy_timeout=5000",
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "cell_size_check=ON",
    "trusted_schema=OFF",
)
_LOCK_PAUSES_S = (0.02, 0.1, 0.3, 0.5, 0.0)
_QUIET: dict[str, Any] = {"hide_parameters": True}
"""An error in a log names the statement, never its values: hashes and codes are among them."""
_READER_PRAGMAS = ("busy_timeout=5000", "cell_size_check=ON", "trusted_schema=OFF")


class DatabaseError(SwapstationError):
    """A database cannot be opened, read or written."""


class DatabaseDamaged(DatabaseError):
    """A database's file is not whole: it is neither opened nor changed."""


class DatabaseOwned(DatabaseError):
    """Another process is the writer of this database."""


class _Cursor(Protocol):
    def fetchone(self) -> tuple[object, ...] | None: ...


class _DriverConnection(Protocol):
    """What SQLAlchemy's connect event hands over, of either driver."""

    def execute(self, statement: str, /) -> _Cursor: ...
    def close(self) -> None: ...


class _SqliteConnection(_DriverConnection, Protocol):
    isolation_level: str | None


class _PostgresConnection(_DriverConnection, Protocol):
    def commit(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Store:
    """One of the product's databases: its names, what to do when its file is damaged, its alembic scripts.

    `advisory_lock` keeps a second writer out of a PostgreSQL database.
    """

    zh: str
    en: str
    after_damage_zh: str
    after_damage_en: str
    migrations: Path
    advisory_lock: int

    def open_writer(self, url: str) -> sa.Engine:
        """The one read-write engine of a migrated database; it has a single connection.

        Raises DatabaseOwned while another process writes and DatabaseError for a schema of another release.
        """
        engine = self._writer_engine(url)
        self._check_opens(engine)
        return engine

    def open_reader(self, url: str) -> sa.Engine:
        """A read-only engine on a migrated database, for any process at any time. Raises DatabaseError."""
        engine = self._reader_engine(self._parsed(url))
        self._check_opens(engine)
        return engine

    def migrate(self, url: str) -> None:
        """Bring the schema to this release, before anything opens it.

        Raises DatabaseError when it is from a newer one, DatabaseDamaged when its file is not whole.
        """
        engine = self._writer_engine(url)
        try:
            with self.errors():
                if engine.dialect.name == "sqlite":
                    self._check_whole(engine)
                    self._migrate_sqlite(engine)
                else:
                    with engine.begin() as connection:
                        self._upgrade(connection)
        finally:
            engine.dispose()

    @contextmanager
    def owned(self, url: str) -> Iterator[None]:
        """Own the database without opening it: nobody else writes as long as the context is open.

        Raises DatabaseOwned while another process writes.
        """
        parsed = self._parsed(url)
        if parsed.get_backend_name() == "sqlite":
            file = self._sqlite_file(parsed)
            descriptor = self._lock(file.with_name(file.name + ".lock"))
            try:
                yield
            finally:
                os.close(descriptor)
            return
        engine = self._writer_engine(url)
        try:
            with self.errors(), engine.connect():
                yield
        finally:
            engine.dispose()

    def knows(self, revision: str | None) -> bool:
        """Whether a schema of that revision can be brought to this release."""
        return revision in {script.revision for script in _scripts(self.migrations).walk_revisions()}

    def head(self) -> str:
        """The revision of the schema that this software needs."""
        return str(_scripts(self.migrations).get_current_head())

    def alembic_config(self, connection: sa.Connection) -> AlembicConfig:
        """Alembic's settings for the scripts of this database, bound to one connection."""
        config = AlembicConfig()
        config.set_main_option("script_location", str(self.migrations).replace("%", "%%"))
        config.attributes["connection"] = connection
        return config

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Callers know no SQLAlchemy: its errors become ours, and a value that no column takes is told as it was."""
        try:
            yield
        except sa.exc.DBAPIError as error:
            if getattr(error.orig, "sqlite_errorcode", 0) & _PRIMARY_CODE in _DAMAGED:
                raise self._damaged(str(error.orig).strip()) from error
            raise DatabaseError(f"{self.en}: {str(error.orig).strip()}") from error
        except sa.exc.SQLAlchemyError as error:
            if isinstance(error, sa.exc.StatementError) and isinstance(error.orig, InputError):
                raise error.orig from error
            raise DatabaseError(f"{self.en}: {error}") from error

    def _damaged(self, found: str) -> DatabaseDamaged:
        """`found` is what SQLite says of the file."""
        return DatabaseDamaged(
            f"{self.zh}已损坏 ({found}): 未打开, 未改动。{self.after_damage_zh} | "
            f"the {self.en} is damaged ({found}): neither opened nor changed. {self.after_damage_en}"
        )

    def _owned(self) -> DatabaseOwned:
        return DatabaseOwned(f"another process owns the {self.en}")

    def _check_whole(self, engine: sa.Engine) -> None:
        """Read every page before anything is written. Raises DatabaseDamaged."""
        with engine.connect() as connection:
            found = list(connection.exec_driver_sql("PRAGMA quick_check(1)").scalars())
            if found != ["ok"]:
                raise self._damaged(" ".join(found[0].split()))

    def _migrate_sqlite(self, engine: sa.Engine) -> None:
        """SQLite alters a table by copying it, which enforced foreign keys would forbid: they are checked after."""
        with engine.connect() as connection:
            _driver(connection).execute("PRAGMA foreign_keys=OFF")
            with connection.begin():
                self._upgrade(connection)
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    raise DatabaseError(f"the migration leaves {len(broken)} rows pointing nowhere, first {broken[0]}")

    def _upgrade(self, connection: sa.Connection) -> None:
        self._refuse_newer(connection)
        command.upgrade(self.alembic_config(connection), "head")

    def _refuse_newer(self, connection: sa.Connection) -> None:
        revision = MigrationContext.configure(connection).get_current_revision()
        known = {script.revision for script in _scripts(self.migrations).walk_revisions()}
        if revision is not None and revision not in known:
            raise DatabaseError(
                f"the database has schema {revision}, newer than this software: install the newer release"
            )

    def _check_opens(self, engine: sa.Engine) -> None:
        """Connect once: a lock, a missing file or a foreign schema shows at start and not in the first write."""
        try:
            with self.errors(), engine.connect() as connection:
                self._refuse_newer(connection)
                revision = MigrationContext.configure(connection).get_current_revision()
                needed = _scripts(self.migrations).get_current_head()
                if revision != needed:
                    raise DatabaseError(
                        f"the database has schema {revision}, this software needs {needed}: migrate it first"
                    )
        except DatabaseError:
            engine.dispose()
            raise

    def _writer_engine(self, url: str) -> sa.Engine:
        parsed = self._parsed(url)
        if parsed.get_backend_name() == "sqlite":
            file = self._sqlite_file(parsed)
            engine = sa.create_engine(parsed, poolclass=sa.QueuePool, pool_size=1, max_overflow=0, **_QUIET)
            _set_up_sqlite(
                engine, _WRITER_PRAGMAS, "BEGIN IMMEDIATE", partial(self._lock, file.with_name(file.name + ".lock"))
            )
            return engine
        engine = sa.create_engine(
            parsed, pool_size=1, max_overflow=0, pool_pre_ping=True, connect_args={"options": _WRITER_OPTIONS}, **_QUIET
        )
        sa.event.listen(engine, "connect", self._own_server_database)
        return engine

    def _reader_engine(self, url: sa.URL) -> sa.Engine:
        if url.get_backend_name() == "sqlite":
            file = self._sqlite_file(url).absolute()
            if not file.exists():
                raise DatabaseError(f"there is no {self.en} {file} yet")
            engine = sa.create_engine(
                url.set(database=file.as_uri(), query={"mode": "ro", "uri": "true"}), poolclass=sa.QueuePool, **_QUIET
            )
            _set_up_sqlite(engine, _READER_PRAGMAS, "BEGIN")
            return engine
        return sa.create_engine(
            url,
            isolation_level="REPEATABLE READ",
            pool_pre_ping=True,
            connect_args={"options": _READER_OPTIONS},
            **_QUIET,
        )

    def _parsed(self, url: str) -> sa.URL:
        with self.errors():
            parsed = sa.make_url(url)
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise DatabaseError(f"{parsed}: the {self.en} is sqlite:///PATH or postgresql://USER@HOST/NAME")
        return parsed

    def _sqlite_file(self, url: sa.URL) -> Path:
        if not url.database or url.database == ":memory:" or url.query:
            raise DatabaseError(f"{url}: the {self.en} needs a file, sqlite:///PATH without options")
        return Path(url.database)

    def _lock(self, file: Path) -> int:
        try:
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DatabaseError(f"cannot open {file}: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise self._owned() from None
        return descriptor

    def _own_server_database(self, connection: _PostgresConnection, _: ConnectionPoolEntry) -> None:
        """Take the session's advisory lock. PostgreSQL releases it a moment after the connection ended: try anew."""
        for pause_s in _LOCK_PAUSES_S:
            row = connection.execute(f"SELECT pg_try_advisory_lock({self.advisory_lock})").fetchone()
            connection.commit()
            if row == (True,):
                return
            time.sleep(pause_s)  # as the process starts: nothing is served yet that could wait
        connection.close()
        raise self._owned()


def _set_up_sqlite(
    engine: sa.Engine, pragmas: tuple[str, ...], begin: str, own: Callable[[], int] | None = None
) -> None:
    """Prepare each connection; with `own` it also owns the database as long as it lives."""

    def connect(connection: _SqliteConnection, entry: ConnectionPoolEntry) -> None:
        with ExitStack() as undo:
            undo.callback(connection.close)
            if own is not None:
                entry.info["lock"] = own()
                undo.callback(unlock, connection, entry)
            connection.isolation_level = None  # transactions are ours: the driver begins none by itself
            for pragma in pragmas:
                connection.execute(f"PRAGMA {pragma}")
            undo.pop_all()

    def unlock(_: object, entry: ConnectionPoolEntry) -> None:
        os.close(entry.info.pop("lock"))

    def begin_transaction(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    sa.event.listen(engine, "connect", connect)
    sa.event.listen(engine, "begin", begin_transaction)
    if own is not None:
        sa.event.listen(engine, "close", unlock)


@cache
def _scripts(migrations: Path) -> ScriptDirectory:
    return ScriptDirectory(str(migrations))


def _driver(connection: sa.Connection) -> _DriverConnection:
    driver: _DriverConnection | None = connection.connection.driver_connection
    assert driver is not None  # only a closed connection has none
    return driver
