"""A damaged database is neither opened nor changed, whichever kind of page is hit, and people are told what to do."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from swapstation.cli.main import command_line
from swapstation.config.settings import Config
from swapstation.inventory.database import DatabaseDamaged, open_reader, storage_errors
from swapstation.inventory.journal import open_station_database, write
from swapstation.model.journal import RequestAnswered
from swapstation.model.request import Accepted, HoldStation, Request
from tests.config.test_config_file import TEXT
from tests.inventory.stock import AT, station_config

PAGE_TYPES = {2: "index interior", 5: "table interior", 10: "index leaf", 13: "table leaf"}
HEADER_BYTES = 100


@dataclass
class Filled:
    """A database file big enough for every type of page."""

    config: Config
    file: Path
    page_bytes: int

    def page_of(self, kind: int) -> int:
        """Where the first page of this type begins."""
        data = self.file.read_bytes()
        return next(at for at in range(0, len(data), self.page_bytes) if at and data[at] == kind)

    def flip(self, at: int, count: int = 1) -> bytes:
        data = bytearray(self.file.read_bytes())
        for place in range(at, at + count):
            data[place] ^= 0xFF
        self.file.write_bytes(data)
        return bytes(data)


@pytest.fixture
def filled(tmp_path: Path) -> Filled:
    config = station_config(tmp_path)
    engine = open_station_database(config)
    for batch in range(40):
        keys = [f"request {batch:08d} {number:08d}" for number in range(50)]
        write(engine, [RequestAnswered(Request(key, "li", HoldStation()), Accepted(key)) for key in keys], AT, 1)
    engine.dispose()
    file = config.data / "station.db"
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    page_bytes = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    return Filled(config, file, page_bytes)


def refused(filled: Filled) -> str:
    with pytest.raises(DatabaseDamaged) as told:
        open_station_database(filled.config)
    return str(told.value)


@pytest.mark.parametrize("kind", PAGE_TYPES, ids=PAGE_TYPES.get)
def test_a_page_of_another_type_is_found_at_the_start_and_the_file_is_kept(filled: Filled, kind: int) -> None:
    damaged = filled.flip(filled.page_of(kind))
    told = refused(filled)
    assert filled.file.read_bytes() == damaged
    assert "损坏" in told
    assert "neither opened nor changed" in told
    assert "count the stock" in told


@pytest.mark.parametrize("kind", PAGE_TYPES, ids=PAGE_TYPES.get)
def test_a_broken_page_header_is_found(filled: Filled, kind: int) -> None:
    at = filled.page_of(kind)
    filled.flip(at + 3, 2)  # how many cells it holds
    refused(filled)


def test_a_broken_file_header_is_found(filled: Filled) -> None:
    damaged = filled.flip(0, 16)
    refused(filled)
    assert filled.file.read_bytes() == damaged


def test_a_broken_schema_page_is_found(filled: Filled) -> None:
    filled.flip(HEADER_BYTES)
    refused(filled)


def test_a_file_that_was_cut_off_is_found(filled: Filled) -> None:
    data = filled.file.read_bytes()
    filled.file.write_bytes(data[: len(data) // 2])
    refused(filled)


def test_a_whole_database_opens(filled: Filled) -> None:
    open_station_database(filled.config).dispose()


def test_a_page_that_breaks_while_it_is_in_use_is_told_as_damage(filled: Filled) -> None:
    filled.flip(filled.page_of(13), filled.page_bytes)
    with pytest.raises(DatabaseDamaged):
        _read_everything(filled.config.station_database_url)


def _read_everything(url: str) -> None:
    with storage_errors(), open_reader(url).connect() as connection:
        for (table,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").all():
            connection.exec_driver_sql(f'SELECT * FROM "{table}"').all()


def test_the_controller_does_not_start_and_says_what_to_do(filled: Filled) -> None:
    station = filled.config.data / "station.toml"
    text = TEXT.replace(next(line for line in TEXT.splitlines() if line.startswith("data = ")), 'data = "."')
    station.write_text(text, encoding="utf-8")
    filled.flip(filled.page_of(13))
    told = CliRunner().invoke(command_line("controller"), ["controller", str(station)])
    assert told.exit_code == 3
    assert "put a copy or a new database in its place" in told.output
