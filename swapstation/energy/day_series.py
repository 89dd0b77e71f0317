"""Values told for the parts of a local day (market prices, PV) as a file: DAY.csv with lines, or DAY.toml with a list.

24 values are hours, 48 half hours, 96 quarters of the local day; a line or entry may be empty where nobody told one.
A day that was told again lies in a further file, DAY_NUMBER; the highest number counts and the others stay as evidence.
"""

from __future__ import annotations

import csv
import io
import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from swapstation.config.rule_kinds import Allowed
from swapstation.energy.tariff_table import DAY_MINUTES
from swapstation.errors import ConfigurationError

COUNTS = (24, 48, 96)
"""Values that a day may have."""
_NAME = re.compile(r"(\d{4}-\d\d-\d\d)(?:_(\d+))?\.(csv|toml)")
_DECIMAL = re.compile(r"-?\d{1,6}(\.\d{1,6})?")

Series = Sequence[Decimal | None]
"""The values of a day in their order; None: not told."""


@dataclass(frozen=True, slots=True)
class DayValue:
    """A kind of value: heading of its CSV column, name of its TOML list, example as text, range, unit in zh and en."""

    column: str
    listed: str
    example: str
    lowest: Decimal
    highest: Decimal
    unit_zh: str
    unit_en: str


def read_value(kind: DayValue, text: str) -> Decimal | Allowed | None:
    """One value as text, in the unit of its kind; "" is a missing one."""
    if text == "":
        return None
    if _DECIMAL.fullmatch(text) and kind.lowest <= Decimal(text) <= kind.highest:
        return Decimal(text)
    return Allowed(
        f"应为 {kind.lowest} 到 {kind.highest} {kind.unit_zh} 的十进制数, 最多 6 位小数, 或留空",
        f"must be a decimal from {kind.lowest} to {kind.highest} {kind.unit_en}, 6 decimals at most, or empty",
    )


def read_day_file(kind: DayValue, path: Path) -> tuple[Decimal | None, ...]:
    """The values of a day's file, in their order. Raises ConfigurationError with the line."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{path}:1: 打不开文件 | cannot read the file: {error}"]) from error
    told = _toml(kind, path, text) if path.suffix == ".toml" else _csv(kind, path, text)
    if len(told) not in COUNTS:
        counts = ", ".join(map(str, COUNTS))
        raise ConfigurationError([f"{path}:1: {len(told)}: 个数应为 {counts} | must be {counts} values"])
    values = [(line, raw, read_value(kind, raw)) for line, raw in told]
    wrong = [f"{path}:{line}: {raw}: {value}" for line, raw, value in values if isinstance(value, Allowed)]
    if wrong:
        raise ConfigurationError(wrong)
    return tuple(value for _, _, value in values if not isinstance(value, Allowed))


def read_day_folders(kind: DayValue, *folders: Path) -> Mapping[date, Series]:
    """The values of every day that lies in the folders; a later folder or a higher number replaces a whole day.

    Raises ConfigurationError.
    """
    chosen: dict[date, Path] = {}
    for folder in folders:
        chosen |= {day: path for day, _, path in sorted(_days(folder))}
    return {day: read_day_file(kind, path) for day, path in chosen.items()}


def write_day(kind: DayValue, folder: Path, day: date, values: Series) -> Path:
    """Keep the values of a day beside what was told of it before; on the disk when this returns. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = [number for known, number, _ in _days(folder) if known == day]
    path = folder / (f"{day}_{max(numbers) + 1}.csv" if numbers else f"{day}.csv")
    told = ["" if value is None else str(value) for value in values]
    starts = [_start(index, len(values)) for index in range(len(values))]
    lines = [f"start,{kind.column}", *(f"{start},{value}" for start, value in zip(starts, told, strict=True))]
    unfinished = path.with_suffix(".unfinished")
    with unfinished.open("w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    return path


def told_at(days: Mapping[date, Series], local: datetime) -> Decimal | None:
    """The value of a moment of local time; None: nobody told it."""
    values = days.get(local.date(), ())
    return values[(local.hour * 60 + local.minute) * len(values) // DAY_MINUTES] if values else None


def _days(folder: Path) -> Iterable[tuple[date, int, Path]]:
    """The day files of a folder: day, number, path. A folder that is not there has none."""
    for path in folder.glob("*") if folder.is_dir() else ():
        found = _NAME.fullmatch(path.name)
        if found:
            try:
                yield date.fromisoformat(found[1]), int(found[2] or 0), path
            except ValueError:
                raise ConfigurationError([f"{path}:1: 日期不存在 | there is no such day"]) from None


def _start(index: int, count: int) -> str:
    minutes = index * DAY_MINUTES // count
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _csv(kind: DayValue, path: Path, text: str) -> list[tuple[int, str]]:
    """Lines `start,value` after a head line; starts count up from 00:00 by the step that their number gives."""
    head = ["start", kind.column]
    rows = [(line, row) for line, row in enumerate(csv.reader(io.StringIO(text)), start=1) if row]
    if not rows or rows[0][1] != head:
        first = ",".join(head)
        raise ConfigurationError([f"{path}:1: 首行应为 {first} | the first line must be {first}"])
    told: list[tuple[int, str]] = []
    for number, (line, row) in enumerate(rows[1:]):
        start = _start(number, len(rows) - 1)
        if len(row) != 2 or row[0] != start:
            what, should = ",".join(row), f"{start},{kind.column.upper()}"
            raise ConfigurationError([f"{path}:{line}: {what}: 应为 {should} | must be {should}"])
        told.append((line, row[1].strip()))
    return told


def _toml(kind: DayValue, path: Path, text: str) -> list[tuple[int, str]]:
    """A list such as `prices = ["0.3120", ...]`, each a text."""
    try:
        values = tomllib.loads(text).get(kind.listed)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError([f"{path}:1: 不是正确的 TOML | not valid TOML: {error}"]) from error
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        should = f'{kind.listed} = ["{kind.example}", ...]'
        raise ConfigurationError([f"{path}:1: 应为 {should} | must be {should}"])
    return [(1, value) for value in values]
