"""How long what is kept, as data; thinning of old telemetry; when the disk is full at today's rate.

Operating data are to be kept for five years at least; nothing here deletes what the databases hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path

from swapstation.records.telemetry.archive import (
    ArchiveError,
    Thinned,
    alone,
    description_of,
    files_of,
    write,
)
from swapstation.records.telemetry.columns import engine
from swapstation.records.telemetry.kinds import KINDS, Kind

FIVE_YEARS_DAYS = 1827
MEAN_OVER_DAYS = 14
GB = 1e9


@dataclass(frozen=True, slots=True)
class Kept:
    """How long one kind of record is kept: for ever (None) or so many days, and where."""

    where: str
    days: int | None
    thinned: str = ""


RETENTION: Mapping[str, Kept] = {
    **dict.fromkeys(
        ("swaps", "alarms", "commands", "charges", "jobs", "bypasses", "events"), Kept("station database", None)
    ),
    **dict.fromkeys(("orders", "tariffs", "complaints", "audit", "messages"), Kept("business database", None)),
    "safety_events": Kept("black box; the events table for ever", None),
    **{
        kind.name: Kept(
            "telemetry archive", kind.keep_days, f"after {kind.raw_days} days one row in {kind.thin_s} s and extremes"
        )
        for kind in KINDS.values()
    },
}
"""Kind of record -> how long. Telemetry beyond its days is deleted by `expire`; the databases delete nothing."""


def thin_due(folder: Path, today: date, most: int = 2) -> list[str]:
    """Thin the oldest raw files that are due, a few at a time; the files' names. Raises ArchiveError."""
    done: list[str] = []
    with alone(folder) as mine:
        for kind in KINDS.values() if mine else ():
            for day, path in files_of(folder, kind.name).items():
                if len(done) >= most or day > today - timedelta(days=kind.raw_days):
                    break
                described = description_of(path)
                if described is not None and described.thinned_s is None:
                    thin(path, kind, day)
                    done.append(path.name)
    return done


def thin(path: Path, kind: Kind, day: date) -> None:
    """Keep of a file one row in `thin_s` for each series, and the rows that hold the extremes. Raises ArchiveError."""
    described = description_of(path)
    if described is None:
        raise ArchiveError(f"{path.name}: no description beside it")
    part = f"PARTITION BY series, t // {kind.thin_s} ORDER BY"
    firsts = [f"row_number() OVER ({part} t) = 1"]
    for name in kind.extremes:
        firsts += [f"row_number() OVER ({part} {name} {way} NULLS LAST, t) = 1" for way in ("ASC", "DESC")]
    with engine() as con:
        con.execute(f"CREATE TABLE kept AS SELECT * FROM read_parquet($1) QUALIFY {' OR '.join(firsts)}", [str(path)])
        write(con, "kept", path, kind, day, Thinned(kind.thin_s, described.spreads))


def expire(folder: Path, today: date) -> list[str]:
    """Delete telemetry that is older than its days; the names. Never younger than five years."""
    gone: list[str] = []
    with alone(folder) as mine:
        for kind in KINDS.values() if mine else ():
            oldest = today - timedelta(days=max(kind.keep_days, FIVE_YEARS_DAYS))
            for day, path in files_of(folder, kind.name).items():
                if day < oldest:
                    path.unlink()
                    path.with_suffix(".json").unlink(missing_ok=True)
                    gone.append(path.name)
    return gone


class Room(StrEnum):
    """What the budget says: enough; it will be reached soon; it is reached."""

    ENOUGH = "enough"
    EARLY = "early"
    REACHED = "reached"


@dataclass(frozen=True, slots=True)
class Storage:
    """Bytes of the telemetry and their forecast. `full_on`: the day on which the budget or the disk is used up.

    None: at today's rate not within the time that anything is kept.
    """

    archive_bytes: int
    hot_bytes: int
    free_bytes: int
    budget_bytes: int
    bytes_per_day: float
    full_on: date | None
    room: Room
    files: int
    broken: tuple[str, ...] = ()


def forecast(
    sizes: Mapping[date, int], hot_bytes: int, room_bytes: tuple[int, int], today: date, early_days: int
) -> tuple[float, date | None, Room]:
    """Bytes a day, the day that budget or disk is used up, and what to tell. `room_bytes`: budget, free on the disk.

    `sizes` are bytes of each archived day. The mean of the last days goes on.
    """
    last = sorted(sizes)[-MEAN_OVER_DAYS:]
    per_day = sum(sizes[day] for day in last) / len(last) if last else 0.0
    budget, free = room_bytes
    left = min(budget - sum(sizes.values()) - hot_bytes, free)
    if left <= 0:
        return per_day, today, Room.REACHED
    longest = max(kind.keep_days for kind in KINDS.values())
    days = left / per_day if per_day else float(longest)
    if days >= longest:
        return per_day, None, Room.ENOUGH
    return per_day, today + timedelta(days=int(days)), Room.EARLY if days < early_days else Room.ENOUGH


def storage(folder: Path, free_bytes: int, budget_gb: float, today: date, early_days: int) -> Storage:
    """What telemetry takes and when that ends; `free_bytes` on its disk."""
    sizes: dict[date, int] = {}
    files = 0
    for name in KINDS:
        for day, path in files_of(folder, name).items():
            sizes[day] = sizes.get(day, 0) + path.stat().st_size
            files += 1
    hot_bytes = sum(path.stat().st_size for path in folder.glob("hot.sqlite*"))
    budget = round(budget_gb * GB)
    per_day, full_on, room = forecast(sizes, hot_bytes, (budget, free_bytes), today, early_days)
    broken = tuple(sorted(path.name for path in folder.glob("archive/*/broken/*.parquet")))
    return Storage(sum(sizes.values()), hot_bytes, free_bytes, budget, per_day, full_on, room, files, broken)
