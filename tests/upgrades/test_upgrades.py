"""A database of any schema there ever was, with data in it, becomes today's: nothing is lost, all of it is sound."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from swapstation.inventory.database import STATION
from swapstation.inventory.queries import load_inventory
from swapstation.operations.backup import verify_database
from tests.upgrades.chain import STORES, first, held, load, releases, revisions, upgrade

STEPS = [(name, revision) for name in STORES for revision in revisions(name)]
RELEASES = [(name, dump) for name in STORES for dump in releases(name)]


@pytest.fixture(scope="module")
def at_step(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    """A database of each revision: the rows of the first schema, taken along step by step."""
    folder, files = tmp_path_factory.mktemp("steps"), {}
    for name in STORES:
        before: Path | None = None
        for revision in revisions(name):
            file = folder / f"{name}-{revision}.db"
            if before is None:
                first(name, file)
            else:
                shutil.copy(before, file)
                upgrade(name, file, revision)
            files[name, revision] = before = file
    return files


def is_sound(name: str, file: Path) -> None:
    url, store = f"sqlite:///{file}", STORES[name]
    store.migrate(url)
    engine = store.open_reader(url)
    assert verify_database(name, store, engine, file.with_name("no-heads")) == []
    engine.dispose()


def is_kept(before: dict[str, list[dict[str, object]]], file: Path) -> None:
    """Every row is there, and each of its columns that still exists says the same."""
    after = held(file, before)
    for table, rows in before.items():
        assert len(after[table]) == len(rows), table
        for old, new in zip(rows, after[table], strict=True):
            assert {column: new[column] for column in old if column in new} == {c: old[c] for c in old if c in new}, (
                table
            )


@pytest.mark.parametrize(("name", "revision"), STEPS)
def test_data_of_every_schema_is_taken_along(
    at_step: dict[tuple[str, str], Path], tmp_path: Path, name: str, revision: str
) -> None:
    file = Path(shutil.copy(at_step[name, revision], tmp_path / "database.db"))
    before = held(file)
    is_sound(name, file)
    is_kept(before, file)


@pytest.mark.parametrize(("name", "dump"), RELEASES, ids=[f"{dump.parent.name}-{name}" for name, dump in RELEASES])
def test_the_database_of_every_release_is_taken_along(tmp_path: Path, name: str, dump: Path) -> None:
    file = tmp_path / "database.db"
    load(dump, file)
    before = held(file)
    assert sum(len(rows) for rows in before.values()) > 5
    is_sound(name, file)
    is_kept(before, file)


def test_the_stock_of_the_first_schema_is_read_by_todays_queries(
    at_step: dict[tuple[str, str], Path], tmp_path: Path
) -> None:
    file = Path(shutil.copy(at_step[STEPS[0]], tmp_path / "station.db"))
    STATION.migrate(f"sqlite:///{file}")
    engine = STATION.open_reader(f"sqlite:///{file}")
    with engine.connect() as connection:
        inventory = load_inventory(connection)
    engine.dispose()
    quarantined = {each.battery: each.quarantined for each in inventory.batteries}
    assert quarantined == {"B1": False, "B2": True, "B3": False}
    assert inventory.swap is not None
    assert inventory.swap.swap == "S2"
