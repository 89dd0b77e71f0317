"""What the robot ran, travelled and carried, from its telemetry of one row a second while it works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from swapstation.records.telemetry.kinds import ROBOT
from swapstation.records.telemetry.query import Source, asked, span_of

SERIES = "robot"
BUSY = "busy"
MOST_GAP_S = 5
"""Over a longer gap nobody knows what it did: nothing is counted."""


@dataclass(frozen=True, slots=True)
class RobotUse:
    """Hours at work, way of the spreader (km), load x distance (t km). `broken` files are left out."""

    running_h: float = 0.0
    travel_km: float = 0.0
    load_distance_tkm: float = 0.0
    broken: tuple[str, ...] = ()


def robot_use(folder: Path, first: datetime, last: datetime) -> RobotUse:
    """From `first` until before `last` (UTC): sums over rows at work and the row within `MOST_GAP_S` after each.

    The way between two rows is their straight line, the load the mean of theirs. Raises InputError.
    """
    columns = tuple(column for name in ("state", "x_mm", "y_mm", "z_mm", "load_kg") if (column := ROBOT.find(name)))
    (row,), broken = asked(folder, ROBOT, columns, span_of(first, last), SERIES, _sums)
    running_h, travel_km, load_distance_tkm = (round(float(each or 0.0), 6) for each in row)
    return RobotUse(running_h, travel_km, load_distance_tkm, broken)


def _sums(source: Source) -> list[tuple[float | None, ...]]:
    return source.con.execute(
        f"""WITH placed AS (
            SELECT t, state, x_mm::DOUBLE AS x, y_mm::DOUBLE AS y, z_mm::DOUBLE AS z, load_kg::DOUBLE AS load
            FROM rows),
        paired AS (
            SELECT state, lead(t) OVER after - t AS gap, (load + lead(load) OVER after) / 2.0 / 1e3 AS load_t,
                   sqrt((lead(x) OVER after - x) ** 2 + (lead(y) OVER after - y) ** 2
                        + (lead(z) OVER after - z) ** 2) / 1e6 AS way_km
            FROM placed WINDOW after AS (ORDER BY t))
        SELECT sum(gap) / 3600.0, sum(way_km), sum(way_km * greatest(load_t, 0.0))
        FROM paired WHERE state = '{BUSY}' AND gap <= {MOST_GAP_S}"""
    ).fetchall()
