"""Every test of the business database runs on SQLite and on a private PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from swapstation.business.database import BUSINESS, Database
from tests.inventory.postgres import PostgresCluster, private_cluster

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresCluster]:
    with private_cluster() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'business.db'}"
    cluster: PostgresCluster = request.getfixturevalue("postgres")
    name = f"business_{next(_numbers)}"
    cluster.execute(f"CREATE DATABASE {name}")
    return cluster.url(name)


@pytest.fixture
def engine(empty_url: str) -> Iterator[Database]:
    """The writer of an empty business database."""
    BUSINESS.migrate(empty_url)
    engine = BUSINESS.open_writer(empty_url)
    yield engine
    engine.dispose()
