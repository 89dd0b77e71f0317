"""Copying a database while it is written, and putting a copy back: SQLite's online backup, PostgreSQL's own tools.

A copy of SQLite is one read transaction: writers go on, and what they write meanwhile is not in it.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from swapstation.database.store import DatabaseError

DUMP, RESTORE = "pg_dump", "pg_restore"


def is_sqlite(url: str) -> bool:
    return sa.make_url(url).get_backend_name() == "sqlite"


def sqlite_file(url: str) -> Path:
    """The file of a SQLite URL."""
    return Path(str(sa.make_url(url).database))


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database that may be in use into a new file, durable on return. Raises DatabaseError."""
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as reading,
            closing(sqlite3.connect(target)) as writing,
        ):
            reading.execute("PRAGMA busy_timeout=5000")
            reading.backup(writing)
        with target.open("rb") as file:
            os.fsync(file.fileno())
    except (sqlite3.Error, OSError) as error:
        raise DatabaseError(f"{source}: cannot be copied: {error}") from error


def dump_postgresql(url: str, target: Path) -> None:
    """Dump a PostgreSQL database into one file, as of one moment. Raises DatabaseError."""
    _run(DUMP, url, "--format=custom", "--no-owner", f"--file={target}")
    with target.open("rb") as file:
        os.fsync(file.fileno())


def restore_postgresql(url: str, dump: Path) -> None:
    """Replace the content of a PostgreSQL database by a dump, all of it or nothing. Raises DatabaseError."""
    _run(RESTORE, url, "--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error", str(dump))


def check_dump(dump: Path) -> None:
    """Read a dump to its end. Raises DatabaseError."""
    _call([_tool(RESTORE), f"--file={os.devnull}", str(dump)], {})


def _run(tool: str, url: str, *arguments: str) -> None:
    parsed = sa.make_url(url)
    password = {"PGPASSWORD": parsed.password} if parsed.password else {}  # an argument could be read by everybody
    plain = parsed.set(drivername="postgresql", password=None)
    _call([_tool(tool), *arguments[:-1], f"--dbname={plain.render_as_string()}", arguments[-1]], password)


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        install = "请安装 postgresql-client | install postgresql-client"
        raise DatabaseError(f"没有找到 there is no {name}: {install}")
    return found


def _call(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DatabaseError(f"{Path(command[0]).name}: {done.stderr.strip() or done.returncode}")
