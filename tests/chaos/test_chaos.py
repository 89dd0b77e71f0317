"""A few attacks on real processes in every run of the tests, and the proof that the checks see what they look for.

The long run is `make chaos`.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.chaos.attacks import ATTACKS, missing_tool
from tests.chaos.ledger import Ledger, broken_records
from tests.chaos.outputs import direct_bay
from tests.chaos.storm import storm


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_controller_killed_in_a_swap_and_in_a_commit_loses_nothing_it_acknowledged() -> None:
    attacks = ["kill_controller", "kill_in_commit"]
    told = storm([ATTACKS[name] for name in attacks if not missing_tool(name)], seed=1, longest_wait_s=4.0)
    assert told.lost == []
    assert told.violations == []
    assert told.acknowledged > 100
    assert told.counts["swaps completed"] > 0


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_battery_of_a_direct_bay_opens_its_contactors_below_5_a_when_the_controller_dies() -> None:
    told = direct_bay(cycles=1, seed=1)
    assert told.violations == []
    assert told.counts["contactors opened below 5 A"] > 0


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """The columns that are looked at, of two boots of which one was confirmed."""
    path = tmp_path / "station.db"
    order = json.dumps({"command": "ParkRobot"})
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE requests (key, answer)")
        connection.execute("CREATE TABLE events (sequence, boot, kind, body)")
        connection.execute("INSERT INTO requests VALUES ('a-1', '{\"status\": \"accepted\"}')")
        rows = [(1, 1, "StartUpConfirmed", "{}"), (2, 1, "IntentRecorded", order), (3, 2, "BootStarted", "{}")]
        connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?)", rows)
    connection.close()
    return path


def change(database: Path, statement: str) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute(statement)
    connection.close()


def test_a_lost_or_altered_fact_is_seen(database: Path) -> None:
    told = Ledger({"a-1": {"status": "accepted"}}, {3: {"boot": 2, "kind": "BootStarted", "body": {}}})
    assert list(told.lost(database)) == []
    change(database, "DELETE FROM requests")
    change(database, "UPDATE events SET boot = 3 WHERE sequence = 3")
    assert [text.split()[0] for text in told.lost(database)] == ["request", "event"]


def test_a_gap_and_an_order_before_a_confirmation_are_seen(database: Path) -> None:
    assert list(broken_records(database)) == []
    change(database, "UPDATE events SET boot = 2 WHERE sequence = 2")
    assert [number for number, _ in broken_records(database)] == [20]
    change(database, "UPDATE events SET sequence = 5 WHERE sequence = 3")
    assert [number for number, _ in broken_records(database)] == [19, 20]
