"""Every test of the station database runs on SQLite and on a private PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from swapstation.config.settings import Config
from swapstation.inventory.database import migrate
from swapstation.inventory.journal import open_station_database
from tests.inventory.postgres import PostgresCluster, private_cluster
from tests.inventory.stock import station_config

_TEMPLATE = "station_template"
_numbers = count(1)

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresCluster]:
    """A PostgreSQL server with a migrated template database."""
    with private_cluster() as cluster:
        cluster.execute(f"CREATE DATABASE {_TEMPLATE}")
        migrate(cluster.url(_TEMPLATE))
        yield cluster


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


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    """The example station with the models of the example stock and its data in a folder of its own."""
    (tmp_path / "data").mkdir()
    text = (EXAMPLES / "station.toml").read_text()
    for old, new in (('"/var/lib/swapstation"', '"data"'), ("6x4-tractor", "tractor-6x4"), ("packs = 3", "packs = 1")):
        text = text.replace(old, new)
    file = tmp_path / "station.toml"
    file.write_text(text)
    return file
