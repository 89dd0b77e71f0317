"""What the robot ran, travelled and carried, from rows of its telemetry."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from swapstation.records.telemetry.hot import open_hot
from swapstation.records.telemetry.kinds import ROBOT
from swapstation.records.telemetry.robot_use import RobotUse, robot_use
from swapstation.records.telemetry.sampling import Reading, Row, stored
from tests.telemetry.days import AT, START_S, archived, with_rows


def row(t: int, x_mm: int, z_mm: int = 0, load_kg: float = 0.0, state: str = "busy") -> Row:
    reading = Reading("robot", (state, "lift_old", x_mm, 0, z_mm, load_kg, True, True))
    return Row("robot", "robot", START_S + t, stored(ROBOT, reading))


ROWS = (
    row(0, 0, state="idle"),
    row(60, 0),
    row(61, 3000, 4000, 3000.0),
    row(62, 6000, 8000, 3000.0),
    row(63, 6000, 8000, 0.0, state="idle"),
    row(123, 900_000, state="busy"),
    row(300, 0, state="busy"),
)
"""Two seconds of 5 m each, the first half loaded with 3 t, then whole; a jump over a gap that nobody saw."""


def test_hours_way_and_load_come_from_the_time_at_work(tmp_path: Path) -> None:
    store = with_rows(tmp_path, *ROWS)
    used = robot_use(tmp_path, AT, AT + timedelta(days=1))
    assert used.running_h == pytest.approx(3 / 3600, abs=1e-6)
    assert used.travel_km == pytest.approx(0.010)
    assert used.load_distance_tkm == pytest.approx(0.005 * 1.5 + 0.005 * 3.0)
    archived(tmp_path, store)
    store.close()
    assert robot_use(tmp_path, AT, AT + timedelta(days=1)) == used, "the archive says the same"


def test_a_time_without_telemetry_counts_nothing(tmp_path: Path) -> None:
    assert robot_use(tmp_path, AT, AT + timedelta(days=1)) == RobotUse()
    open_hot(tmp_path).close()
    assert robot_use(tmp_path, AT, AT + timedelta(days=1)) == RobotUse()
