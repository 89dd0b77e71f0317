"""Every series of a kind over a short time, as rows that a replay steps through: the last row of each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from swapstation.errors import InputError
from swapstation.records.telemetry.kinds import KINDS, Column, Kind
from swapstation.records.telemetry.query import Source, asked, span_of

LONGEST_S = 12 * 3600
MOST_FRAMES = 2000
Value = int | float | str | None


@dataclass(frozen=True, slots=True)
class Frames:
    """Rows by series in the order of time: second since 1970 (UTC), then the values of `columns`.

    A row is the last of its step of `step_s` and holds until the next one, for `idle_s` at most: then it is unknown.
    Rows begin `idle_s` early, so that what held at the beginning is known. `broken` files are left out.
    """

    kind: str
    step_s: int
    idle_s: int
    columns: tuple[str, ...]
    series: Mapping[str, tuple[tuple[Value, ...], ...]]
    broken: tuple[str, ...] = ()


def frames(folder: Path, kind: str, first: datetime, last: datetime, most: int = 600) -> Frames:
    """What a kind showed from `first` until before `last`, in at most `most` steps. Raises InputError."""
    if kind not in KINDS:
        raise InputError("kind", kind, f"one of {', '.join(KINDS)}")
    first_s, last_s = span_of(first, last)
    if last_s - first_s > LONGEST_S:
        raise InputError("last", last.isoformat(), f"after `first`, by {LONGEST_S // 3600} hours at most")
    if not 1 <= most <= MOST_FRAMES:
        raise InputError("most", str(most), f"1 to {MOST_FRAMES}")
    found = KINDS[kind]
    step_s = max(found.period_s, -(-(last_s - first_s) // most))
    span = first_s - found.idle_s, last_s

    def ask(source: Source) -> list[tuple[Any, ...]]:
        return source.con.execute(
            f"""SELECT series, t, {", ".join(map(_told, found.columns))} FROM rows
            QUALIFY row_number() OVER (PARTITION BY series, (t - {span[0]}) // {step_s} ORDER BY t DESC) = 1
            ORDER BY series, t"""
        ).fetchall()

    rows, broken = asked(folder, found, found.columns, span, None, ask)
    return Frames(kind, step_s, found.idle_s, _names(found), _by_series(rows), broken)


def _told(column: Column) -> str:
    return column.name if column.text else f"{column.name}::DOUBLE"


def _names(kind: Kind) -> tuple[str, ...]:
    return tuple(column.name for column in kind.columns)


def _by_series(rows: Sequence[tuple[Any, ...]]) -> dict[str, tuple[tuple[Value, ...], ...]]:
    found: dict[str, list[tuple[Value, ...]]] = {}
    for series, *row in rows:
        found.setdefault(series, []).append(tuple(row))
    return {series: tuple(held) for series, held in found.items()}
