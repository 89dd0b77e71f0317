"""Trips from a CSV file: `trip,vin,ended_at,tonnes,distance_km` in any order, `fleet` where a file has several."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from datetime import datetime

from swapstation.errors import InputError
from swapstation.model.trip import Trip

_NEEDED = ("trip", "vin", "ended_at", "tonnes", "distance_km")
_VIN = re.compile(r"[0-9A-HJ-NPR-Z]{17}")


def read_trips(text: str, fleet: str = "") -> tuple[Trip, ...]:
    """The trips of a file, of one fleet where it has no such column. Raises InputError with the line."""
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = [name for name in _NEEDED if name not in (rows.fieldnames or ())]
    if missing:
        raise InputError("line 1", ",".join(rows.fieldnames or ()), f"must name {', '.join(missing)} too")
    return tuple(_trip(f"line {rows.line_num}", row, fleet) for row in rows)


def _trip(line: str, row: Mapping[str, str | None], fleet: str) -> Trip:
    told = {name: (row.get(name) or "").strip() for name in (*_NEEDED, "fleet")}
    if not re.fullmatch(r"[!-~]{1,60}", told["trip"]):
        raise InputError(f"{line}: trip", told["trip"], "1 to 60 characters without spaces")
    if not _VIN.fullmatch(told["vin"]):
        raise InputError(f"{line}: vin", told["vin"], "a VIN of 17 characters")
    ended_at = _moment(told["ended_at"])
    if ended_at is None or ended_at.tzinfo is None:
        raise InputError(f"{line}: ended_at", told["ended_at"], "a time with its zone, such as 2026-11-21T09:30+08:00")
    tonnes, distance_km = (_number(line, name, told[name]) for name in ("tonnes", "distance_km"))
    return Trip(told["trip"], told["vin"], ended_at, tonnes, distance_km, told["fleet"] or fleet)


def _moment(told: str) -> datetime | None:
    try:
        return datetime.fromisoformat(told)
    except ValueError:
        return None


def _number(line: str, name: str, told: str) -> float:
    try:
        return float(told)
    except ValueError:
        raise InputError(f"{line}: {name}", told, "a number such as 31.5") from None
