"""Market prices of a day as a file: DAY.csv with `start,price` lines, or DAY.toml with a list of prices.

24 prices are hours, 48 half hours, 96 quarters of the local day; a line or entry may be empty where nobody told one.
A day that was told again lies in a further file, DAY_NUMBER; the highest number counts and the others stay as evidence.
"""

from __future__ import annotations

import csv
import io
import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from swapstation.config.rule_kinds import Allowed
from swapstation.errors import ConfigurationError

COUNTS = (24, 48, 96)
"""Prices that a day may have."""
LOWEST, HIGHEST = Decimal(-5), Decimal(50)
_NAME = re.compile(r"(\d{4}-\d\d-\d\d)(?:_(\d+))?\.(csv|toml)")
_PRICE = re.compile(r"-?\d{1,3}(\.\d{1,6})?")


def read_price(text: str) -> Decimal | Allowed | None:
    """One price of the market as text, yuan per kWh; "" is a missing one."""
    if text == "":
        return None
    if _PRICE.fullmatch(text) and LOWEST <= Decimal(text) <= HIGHEST:
        return Decimal(text)
    return Allowed(
        f"应为 {LOWEST} 到 {HIGHEST} 元/kWh 的十进制数, 最多 6 位小数, 或留空",
        f"must be a decimal from {LOWEST} to {HIGHEST} yuan/kWh, 6 decimals at most, or empty",
    )


def read_spot_file(path: Path) -> tuple[Decimal | None, ...]:
    """The prices of a day's file, in their order. Raises ConfigurationError with the line."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{path}:1: 打不开文件 | cannot read the file: {error}"]) from error
    told = _toml(path, text) if path.suffix == ".toml" else _csv(path, text)
    if len(told) not in COUNTS:
        counts = ", ".join(map(str, COUNTS))
        raise ConfigurationError([f"{path}:1: {len(told)}: 价格个数应为 {counts} | must be {counts} prices"])
    prices = [(line, raw, read_price(raw)) for line, raw in told]
    wrong = [f"{path}:{line}: {raw}: {price}" for line, raw, price in prices if isinstance(price, Allowed)]
    if wrong:
        raise ConfigurationError(wrong)
    return tuple(price for _, _, price in prices if not isinstance(price, Allowed))


def read_spot_folders(*folders: Path) -> Mapping[date, Sequence[Decimal | None]]:
    """The prices of every day that lies in the folders; a later folder or a higher number replaces a whole day."""
    chosen: dict[date, Path] = {}
    for folder in folders:
        chosen |= {day: path for day, _, path in sorted(spot_days(folder))}
    return {day: read_spot_file(path) for day, path in chosen.items()}


def write_spot_day(folder: Path, day: date, prices: Sequence[Decimal | None]) -> Path:
    """Keep the prices of a day beside what was told of it before; on the disk when this returns. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = [number for known, number, _ in spot_days(folder) if known == day]
    path = folder / (f"{day}_{max(numbers) + 1}.csv" if numbers else f"{day}.csv")
    minutes = 24 * 60 // len(prices)
    starts = [f"{index * minutes // 60:02}:{index * minutes % 60:02}" for index in range(len(prices))]
    told = ["" if price is None else str(price) for price in prices]
    lines = ["start,price", *(f"{start},{price}" for start, price in zip(starts, told, strict=True))]
    unfinished = path.with_suffix(".unfinished")
    with unfinished.open("w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    return path


def spot_days(folder: Path) -> Iterable[tuple[date, int, Path]]:
    """The day files of a folder: day, number, path. A folder that is not there has none."""
    for path in folder.glob("*") if folder.is_dir() else ():
        found = _NAME.fullmatch(path.name)
        if found:
            try:
                yield date.fromisoformat(found[1]), int(found[2] or 0), path
            except ValueError:
                raise ConfigurationError([f"{path}:1: 日期不存在 | there is no such day"]) from None


def _csv(path: Path, text: str) -> list[tuple[int, str]]:
    """Lines `start,price` after a head line; starts count up from 00:00 by the step that their number gives."""
    rows = [(line, row) for line, row in enumerate(csv.reader(io.StringIO(text)), start=1) if row]
    if not rows or rows[0][1] != ["start", "price"]:
        raise ConfigurationError([f"{path}:1: 首行应为 start,price | the first line must be start,price"])
    body = rows[1:]
    minutes = 24 * 60 // max(len(body), 1)
    told: list[tuple[int, str]] = []
    for number, (line, row) in enumerate(body):
        start = f"{number * minutes // 60:02}:{number * minutes % 60:02}"
        if len(row) != 2 or row[0] != start:
            what = ",".join(row)
            raise ConfigurationError([f"{path}:{line}: {what}: 应为 {start},价格 | must be {start},PRICE"])
        told.append((line, row[1].strip()))
    return told


def _toml(path: Path, text: str) -> list[tuple[int, str]]:
    """`prices = ["0.3120", ...]`, each a text."""
    try:
        prices = tomllib.loads(text).get("prices")
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError([f"{path}:1: 不是正确的 TOML | not valid TOML: {error}"]) from error
    if not isinstance(prices, list) or not all(isinstance(price, str) for price in prices):
        message = '应为 prices = ["0.3120", ...] | must be prices = ["0.3120", ...]'
        raise ConfigurationError([f"{path}:1: {message}"])
    return [(1, price) for price in prices]
