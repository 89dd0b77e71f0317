"""Every test of the station database runs on SQLite and on a private PostgreSQL."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from swapstation.config import Config
from swapstation.inventory.database import migrate
from swapstation.inventory.journal import open_station_database
from tests.inventory.stock import station_config

_POSTGRES = Path("/usr/lib/postgresql/15/bin")
_TEMPLATE = "station_template"
_numbers = count(1)


class PostgresCluster:
    """A throw-away server on a Unix socket; the kernel ends it when this process ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        as_postgres = []
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(folder, account.pw_uid, account.pw_gid)
            as_postgres = ["--reuid=postgres", "--regid=postgres", "--clear-groups"]
        run = ["setpriv", *as_postgres, "--pdeathsig=QUIT", "--"]
        data = folder / "data"
        initdb = [*run, str(_POSTGRES / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8"]
        subprocess.run(initdb, check=True, capture_output=True, timeout=60)
        settings = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={folder}", "-c", "fsync=off"]
        with (folder / "log").open("wb") as log:
            server = [*run, str(_POSTGRES / "postgres"), "-D", str(data), *settings]
            self.server = subprocess.Popen(server, stdout=log, stderr=log)

    def execute(self, statement: str) -> None:
        with psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 30
        while True:
            try:
                return self.execute("SELECT 1")
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self.server.poll() is not None:
                    raise
                time.sleep(0.05)

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def stop(self) -> None:
        self.server.terminate()
        self.server.wait(timeout=30)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresCluster]:
    """A PostgreSQL server with a migrated template database."""
    if not (_POSTGRES / "initdb").exists():
        pytest.skip(f"PostgreSQL is not installed in {_POSTGRES}")
    folder = Path(tempfile.mkdtemp(prefix="swapstation-pg-"))
    cluster = PostgresCluster(folder)
    try:
        cluster.wait_until_ready()
        cluster.execute(f"CREATE DATABASE {_TEMPLATE}")
        migrate(cluster.url(_TEMPLATE))
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'station.db'}"
    cluster: PostgresCluster = request.getfixturevalue("postgres")
    name = f"station_{next(_numbers)}"
    cluster.execute(f"CREATE DATABASE {name}")
    return cluster.url(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def config(request: pytest.FixtureRequest, tmp_path: Path) -> Config:
    """A station whose database is migrated; SQLite in its data folder, or PostgreSQL by URL."""
    if request.param == "sqlite":
        return station_config(tmp_path)
    cluster: PostgresCluster = request.getfixturevalue("postgres")
    name = f"station_{next(_numbers)}"
    cluster.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
    return station_config(tmp_path, cluster.url(name))


@pytest.fixture
def engine(config: Config) -> Iterator[sa.Engine]:
    """The writer of an empty station."""
    engine = open_station_database(config)
    yield engine
    engine.dispose()
