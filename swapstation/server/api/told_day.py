"""What is told of a local day over the API, checked and kept: market prices, PV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi.concurrency import run_in_threadpool

from swapstation.config.rule_kinds import Allowed
from swapstation.energy.day_series import COUNTS, DayValue, read_value, write_day
from swapstation.errors import InputError

_EARLIEST, _DAYS_AHEAD = date(2020, 1, 1), 30


@dataclass(frozen=True, slots=True)
class Kept:
    """Under which name the values of a day are kept; earlier ones of that day stay beside."""

    day: date
    kept: str


async def keep_day(kind: DayValue, folder: Path, day: date, zone: ZoneInfo, told: Sequence[str | None]) -> Kept:
    """Keep what was told of a day of `zone`, each value as text. Raises InputError."""
    today = datetime.now(zone).date()
    if day < _EARLIEST or (day - today).days > _DAYS_AHEAD:
        raise InputError("day", day.isoformat(), f"{_EARLIEST} to {_DAYS_AHEAD} days from now")
    path = await run_in_threadpool(write_day, kind, folder, day, _values(kind, told))
    return Kept(day, path.name)


def _values(kind: DayValue, told: Sequence[str | None]) -> list[Decimal | None]:
    if len(told) not in COUNTS:
        raise InputError(kind.listed, f"{len(told)} values", f"{', '.join(map(str, COUNTS))} values")
    values: list[Decimal | None] = []
    for index, raw in enumerate(told):
        value = read_value(kind, raw or "")
        if isinstance(value, Allowed):
            raise InputError(f"{kind.listed}[{index}]", raw, value.en)
        values.append(value)
    return values
