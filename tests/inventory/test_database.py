"""Opening the database: one writer, readers that cannot write, schemas that fit, migrations that match the tables."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from swapstation.config.settings import Config
from swapstation.inventory import tables
from swapstation.inventory.database import (
    DatabaseError,
    DatabaseOwned,
    alembic_config,
    migrate,
    open_reader,
    open_writer,
)
from swapstation.inventory.energy_tables import energy_readings
from swapstation.inventory.journal import JournalError, open_station_database, write
from swapstation.inventory.queries import load_inventory
from swapstation.model.journal import StateChanged
from tests.inventory.stock import AT, station_config, stocked

OPEN_AS_WRITER = """
import sys
from swapstation.inventory.database import DatabaseOwned, open_writer
try:
    open_writer(sys.argv[1])
except DatabaseOwned as error:
    sys.exit(str(error))
"""


@contextmanager
def writer(url: str) -> Iterator[sa.Engine]:
    engine = open_writer(url)
    yield engine
    engine.dispose()


def test_migrating_twice_changes_nothing_and_matches_the_tables(empty_url: str) -> None:
    migrate(empty_url)
    migrate(empty_url)
    with writer(empty_url) as engine, engine.connect() as connection:
        command.check(alembic_config(connection))


def test_the_migrated_sqlite_schema_has_every_check_and_index_of_the_tables(tmp_path: Path) -> None:
    """`alembic check` does not compare CHECKs and conditions of indexes, so compare the statements themselves."""

    def schema(url: str) -> dict[str, set[str]]:
        engine = sa.create_engine(url)
        statement = sa.text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'alembic_version'")
        with engine.connect() as connection:
            found = {name: _parts(sql) for name, sql in connection.execute(statement)}
        engine.dispose()
        return found

    migrated, declared = f"sqlite:///{tmp_path / 'migrated.db'}", f"sqlite:///{tmp_path / 'declared.db'}"
    migrate(migrated)
    engine = sa.create_engine(declared)
    energy_readings.metadata.create_all(engine)
    engine.dispose()
    assert schema(migrated) == schema(declared)


def _parts(sql: str) -> set[str]:
    """What a statement is made of: its head and, in any order and on any line, what stands between its parentheses.

    A table that was copied by a migration has its defaults in parentheses.
    """
    sql = re.sub(r"DEFAULT \(('[^']*')\)", r"DEFAULT \1", sql)
    head, _, inside = sql.replace('"', "").partition("(")
    parts = re.split(r",(?![^()]*\))", inside.rpartition(")")[0])
    return {head.strip(), *(" ".join(part.split()) for part in parts)}


def test_a_second_process_cannot_become_the_writer(config: Config, engine: sa.Engine) -> None:
    url = config.station_database_url
    with pytest.raises(DatabaseOwned, match="another process owns the station database"):
        open_writer(url)
    with pytest.raises(DatabaseOwned):
        migrate(url)
    program = [sys.executable, "-c", OPEN_AS_WRITER, url]
    other = subprocess.run(program, capture_output=True, text=True, timeout=60, check=False)
    assert other.stderr.strip() == "another process owns the station database"
    engine.dispose()
    with writer(url):
        pass


def test_a_reader_sees_what_is_written_and_cannot_write(config: Config, engine: sa.Engine) -> None:
    reader = open_reader(config.station_database_url)
    inventory = stocked(engine)
    with reader.connect() as connection:
        assert load_inventory(connection) == inventory
    with pytest.raises(sa.exc.DBAPIError, match=r"read-?only"), reader.begin() as connection:
        connection.execute(sa.update(tables.batteries).values(place="robot"))
    reader.dispose()


def test_a_reader_holds_one_state_while_the_writer_goes_on(config: Config, engine: sa.Engine) -> None:
    reader = open_reader(config.station_database_url)
    before = stocked(engine)
    with reader.connect() as connection:
        assert load_inventory(connection) == before
        write(engine, [StateChanged("idle", "execute", "")], AT, 1)
        with engine.begin() as writing:
            writing.execute(sa.update(tables.batteries).values(soc_pct=1.0))
        assert load_inventory(connection) == before
    reader.dispose()


def test_sqlite_runs_with_the_settings_that_survive_a_power_cut(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'station.db'}"
    migrate(url)
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
        "cell_size_check": 1,
        "trusted_schema": 0,
    }
    with writer(url) as engine, engine.connect() as connection:
        assert {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted} == wanted


def test_a_database_of_a_newer_release_is_refused(empty_url: str) -> None:
    migrate(empty_url)
    with writer(empty_url) as engine, engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    for use in (migrate, open_writer, open_reader):
        with pytest.raises(DatabaseError, match="schema 9999, newer than this software"):
            use(empty_url)


def test_a_database_that_was_never_migrated_is_refused(empty_url: str) -> None:
    with pytest.raises(DatabaseError, match="migrate it first"):
        open_writer(empty_url)


@pytest.mark.parametrize("use", [open_writer, open_reader, migrate])
def test_a_file_that_is_no_database_is_refused_and_left_unlocked(tmp_path: Path, use: Callable[[str], object]) -> None:
    file = tmp_path / "station.db"
    file.write_bytes(b"not a database " * 100)
    for _ in range(2):
        with pytest.raises(DatabaseError, match="file is not a database"):
            use(f"sqlite:///{file}")


@pytest.mark.parametrize("url", ["", "station.db", "mysql://somewhere/station", "sqlite://", "sqlite:///a.db?mode=ro"])
@pytest.mark.parametrize("use", [open_writer, open_reader, migrate])
def test_a_url_that_names_no_usable_database_is_refused(url: str, use: Callable[[str], object]) -> None:
    with pytest.raises(DatabaseError):
        use(url)


def test_a_lock_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "station.db.lock").mkdir()
    with pytest.raises(DatabaseError, match=r"cannot open .*station\.db\.lock: Is a directory"):
        migrate(f"sqlite:///{tmp_path / 'station.db'}")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="there is no station database"):
        open_reader(f"sqlite:///{tmp_path / 'none.db'}")


def test_a_folder_name_with_special_characters_works(tmp_path: Path) -> None:
    config = station_config(tmp_path / "站 #1?%41")
    config.data.mkdir()
    open_station_database(config).dispose()
    open_reader(config.station_database_url).dispose()
    assert (config.data / "station.db").is_file()


def test_times_without_a_zone_are_never_stored(engine: sa.Engine) -> None:
    with pytest.raises(JournalError, match="time zone"):
        write(engine, [StateChanged("idle", "execute", "")], AT.replace(tzinfo=None), 1)


def test_opening_again_keeps_the_stock(config: Config) -> None:
    engine = open_station_database(config)
    inventory = stocked(engine)
    engine.dispose()
    again = open_station_database(config)
    with again.connect() as connection:
        assert load_inventory(connection) == inventory
    again.dispose()
