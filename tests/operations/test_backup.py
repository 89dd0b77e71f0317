"""Backup, restore and verification of both databases, on SQLite and PostgreSQL, with a writer at work."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from swapstation.business import audit
from swapstation.business.audit import Entry
from swapstation.business.database import BUSINESS, open_business_database
from swapstation.config.settings import Config
from swapstation.database.store import DatabaseOwned
from swapstation.inventory.database import STATION
from swapstation.inventory.journal import open_station_database, write
from swapstation.inventory.queries import last_sequence, load_inventory
from swapstation.model.journal import BootStarted
from swapstation.operations.backup import BackupError, back_up, backups, verify_backup, verify_live
from swapstation.operations.restore import drill, restore
from swapstation.records.telemetry.hot import HotStore
from swapstation.records.telemetry.sampling import Row
from tests.inventory.postgres import PostgresCluster, private_cluster
from tests.inventory.stock import change, receive, station_config, stocked

_numbers = count(1)
AT = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresCluster]:
    with private_cluster() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def config(request: pytest.FixtureRequest, tmp_path: Path) -> Config:
    """A station with some stock, an audit of three rows and a record on disk."""
    config = station_config(tmp_path / "data")
    if request.param == "postgresql":
        if shutil.which("pg_dump") is None:
            pytest.skip("pg_dump is not installed")
        cluster: PostgresCluster = request.getfixturevalue("postgres")
        names = [f"{kind}_{next(_numbers)}" for kind in ("station", "business")]
        for name in names:
            cluster.execute(f"CREATE DATABASE {name}")
        station, business = (cluster.url(name) for name in names)
        config = replace(config, database_url=station, business_database_url=business)
    return filled(config)


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Config:
    return filled(station_config(tmp_path / "data"))


def filled(config: Config) -> Config:
    engine = open_station_database(config)
    stocked(engine)
    engine.dispose()
    engine = open_business_database(config)
    with engine.begin() as connection:
        audit.append(connection, [Entry("log_in", name) for name in ("li", "wang", "zhao")], AT)
    engine.dispose()
    (config.data / "black_box").mkdir()
    (config.data / "black_box" / "segment").write_bytes(b"trace")
    return config


def asset_names(config: Config) -> list[str]:
    engine = STATION.open_reader(config.station_database_url)
    with engine.connect() as connection:
        names = sorted(battery.battery for battery in load_inventory(connection).batteries)
    engine.dispose()
    return names


def test_what_was_backed_up_comes_back_and_what_was_there_is_kept(config: Config, tmp_path: Path) -> None:
    made = back_up(config, tmp_path / "backups", ())
    assert verify_backup(made) == []
    engine = open_station_database(config)
    change(engine, receive(4, "bay-3"))
    engine.dispose()
    (config.data / "black_box" / "segment").write_bytes(b"altered")
    assert asset_names(config) == ["B1", "B2", "B3", "B4"]
    aside = restore(config, made)
    assert asset_names(config) == ["B1", "B2", "B3"]
    assert (config.data / "black_box" / "segment").read_bytes() == b"trace"
    assert (aside / "black_box" / "segment").read_bytes() == b"altered"
    assert verify_live(config) == []


def test_a_database_on_another_disk_comes_back_too(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as other:
        if os.stat(other).st_dev == os.stat(tmp_path).st_dev:
            pytest.skip("there is one file system only")
        config = station_config(tmp_path / "data")
        config = filled(replace(config, database_url=f"sqlite:///{other}/station.db"))
        made = back_up(config, tmp_path / "backups", ())
        engine = open_station_database(config)
        change(engine, receive(4, "bay-3"))
        engine.dispose()
        aside = restore(config, made)
        assert asset_names(config) == ["B1", "B2", "B3"]
        left = {each.name for each in Path(other).iterdir()}
        assert f"{aside.name}-station.db" in left
        assert not any(name.endswith(".incoming") for name in left)
        assert verify_live(config) == []


def test_a_drill_changes_nothing_and_finds_nothing(config: Config, tmp_path: Path) -> None:
    made = back_up(config, tmp_path / "backups", ())
    before = sorted(config.data.rglob("*"))
    assert drill(config, made) == []
    assert sorted(config.data.rglob("*")) == before
    assert backups(tmp_path / "backups") == [made]


@pytest.mark.parametrize("store", [STATION, BUSINESS], ids=["controller", "server"])
def test_a_running_station_is_not_restored_but_backed_up(config: Config, tmp_path: Path, store: object) -> None:
    opened = open_station_database(config) if store is STATION else open_business_database(config)
    with opened.connect():
        made = back_up(config, tmp_path / "backups", ())
        with pytest.raises(DatabaseOwned):
            restore(config, made)
    opened.dispose()
    assert list(config.data.glob("replaced-*")) == []


def test_a_copy_made_under_a_writer_is_one_moment_of_it(on_sqlite: Config, tmp_path: Path) -> None:
    engine, stop = open_station_database(on_sqlite), threading.Event()

    def work() -> None:
        while not stop.is_set():
            write(engine, [BootStarted(next(_numbers) + 100, "0.1.0", "abc")], AT, 1)

    writer = threading.Thread(target=work)
    writer.start()
    try:
        made = [back_up(on_sqlite, tmp_path / f"backups-{number}", ()) for number in range(3)]
    finally:
        stop.set()
        writer.join()
    engine.dispose()
    assert [verify_backup(each) for each in made] == [[], [], []]


def test_the_hot_telemetry_is_backed_up_as_it_is_and_not_mixed_with_what_came_after(
    on_sqlite: Config, tmp_path: Path
) -> None:
    """What was written last lies in SQLite's log beside the file, which a server that was killed leaves there."""
    folder = on_sqlite.data / "telemetry"
    store = HotStore(folder)
    store.add([Row("safety", "station", 1, (0,) * 5)])
    (folder / "hot.broken-1.sqlite").write_bytes(b"no database")
    made = back_up(on_sqlite, tmp_path / "backups", ())
    store.add([Row("safety", "station", 2, (0,) * 5)])
    left = {each.name: each.read_bytes() for each in folder.glob("hot.sqlite*")}
    store.close()
    for name, content in left.items():
        (folder / name).write_bytes(content)
    aside = restore(on_sqlite, made)
    with closing(sqlite3.connect(folder / "hot.sqlite")) as restored:
        assert restored.execute("SELECT t FROM safety").fetchall() == [(1,)]
    assert (aside / "telemetry" / "hot.sqlite-wal").exists()
    assert (folder / "hot.broken-1.sqlite").read_bytes() == b"no database"


def test_unchanged_records_are_kept_once_and_old_backups_go(on_sqlite: Config, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    first = back_up(on_sqlite, folder, ())
    renamed = first.rename(folder / "20250101T000000Z")
    second = back_up(on_sqlite, folder, ())
    one, two = (each / "records" / "black_box" / "segment" for each in (renamed, second))
    assert one.stat().st_ino == two.stat().st_ino
    assert verify_backup(second) == []
    second = second.rename(folder / "20250102T000000Z")
    third = back_up(on_sqlite, folder, (), keep=2)
    assert backups(folder) == [second, third]


def test_each_kind_of_damage_is_named(on_sqlite: Config, tmp_path: Path) -> None:
    made = back_up(on_sqlite, tmp_path / "backups", ())
    with (made / "station.db").open("r+b") as file:
        file.seek(5000)
        file.write(b"\xff" * 40)
    assert [line.partition(":")[0] for line in verify_backup(made)] == ["station.db"]
    with pytest.raises(BackupError, match=r"station\.db"):
        restore(on_sqlite, made)
    assert verify_live(on_sqlite) == []
    with sqlite3.connect(on_sqlite.data / "station.db") as station:
        station.execute("DELETE FROM event_batteries")
        station.execute("DELETE FROM events WHERE sequence = 2")
    with sqlite3.connect(on_sqlite.data / "business.db") as business:
        for (name,) in business.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            business.execute(f"DROP TRIGGER {name}")
        business.execute("UPDATE audit SET actor = 'nobody' WHERE number = 2")
    assert verify_live(on_sqlite) == ["business: audit row 2 to 2: altered", "station: event 2 to 2: missing"]
    with sqlite3.connect(on_sqlite.data / "station.db") as station:
        station.execute("DELETE FROM places")
    assert "points to no row of places" in verify_live(on_sqlite)[1]


def test_another_stations_backup_and_a_place_in_the_data_are_refused(on_sqlite: Config, tmp_path: Path) -> None:
    made = back_up(on_sqlite, tmp_path / "backups", ())
    with pytest.raises(BackupError, match="another station"):
        restore(replace(on_sqlite, name="north"), made)
    with pytest.raises(BackupError, match="not inside the data folder"):
        back_up(on_sqlite, on_sqlite.data / "backups", ())


def test_the_databases_of_a_backup_hold_all_events(on_sqlite: Config, tmp_path: Path) -> None:
    made = back_up(on_sqlite, tmp_path / "backups", ())
    with sqlite3.connect(made / "station.db") as copied:
        (events,) = copied.execute("SELECT max(sequence) FROM events").fetchone()
    engine = STATION.open_reader(on_sqlite.station_database_url)
    with engine.connect() as connection:
        assert events == last_sequence(connection)
    engine.dispose()
