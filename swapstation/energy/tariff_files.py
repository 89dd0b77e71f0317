"""Read a tariff from its files: shipped or own tables, holidays, the operator's prices. Mistakes name file and line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from swapstation.config.reading import Reader, Wrong, located, parsed, read_text
from swapstation.config.rule_kinds import Allowed, Rule
from swapstation.config.settings import Config
from swapstation.energy import tariff_rules as rules
from swapstation.energy.day_series import read_day_folders
from swapstation.energy.tariff import SPOT_PRICE, SpotPrices, Tariff
from swapstation.energy.tariff_rules import HolidayFile, TariffFile
from swapstation.energy.tariff_table import Holiday, Holidays, TariffTable, uncovered
from swapstation.errors import ConfigurationError
from swapstation.toml_lines import KeyPath

SHIPPED = Path(str(files("swapstation") / "energy" / "tariffs"))
_HOLIDAYS = SHIPPED / "holidays-cn.toml"

Part = TypeVar("Part")


def station_tariff(config: Config) -> Tariff | None:
    """The tariff of a station, with the market prices told over its API; None: its file names none.

    Raises ConfigurationError.
    """
    return None if config.tariff.file is None else load_tariff(config.tariff.file, config.spot_price_folder)


def load_tariff(path: Path, *spot_folders: Path) -> Tariff:
    """The tariff of an operator's file; market prices also from `spot_folders`, later ones before earlier ones.

    Raises ConfigurationError with one line per mistake, `file:line: field = value: what is allowed (zh | en)`.
    """
    file = _read(path, TariffFile, rules.TARIFF, _file_checks)
    tables = [load_table(shipped or path.parent / name) for name in file.tables for shipped in [_shipped(name)]]
    zones = {table.timezone for table in tables}
    if len(zones) > 1:
        allowed = Allowed("各表的时区必须相同", "all tables must be of one time zone")
        raise ConfigurationError(located(path, [Wrong(("tables",), sorted(zones), allowed)]))
    own = load_holidays(path.parent / file.holidays) if file.holidays else ()
    spot = None
    if file.spot is not None:
        folders = [path.parent / file.spot.folder] if file.spot.folder else []
        spot = SpotPrices(read_day_folders(SPOT_PRICE, *folders, *spot_folders), file.spot.since)
    return Tariff(tables, file.prices, file.service, file.customer, Holidays(load_holidays(_HOLIDAYS), own), spot)


def load_table(path: Path) -> TariffTable:
    """One version of a time-of-use table. Raises ConfigurationError."""
    return _read(path, TariffTable, rules.TABLE, _table_checks)


def load_holidays(path: Path) -> tuple[Holiday, ...]:
    """The holidays of a file. Raises ConfigurationError."""
    return _read(path, HolidayFile, rules.HOLIDAYS, _holiday_checks).holidays


def shipped_tables() -> tuple[str, ...]:
    """Names of the tables that come with the product."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.toml") if path != _HOLIDAYS))


def _shipped(name: str) -> Path | None:
    return SHIPPED / f"{name}.toml" if name in shipped_tables() else None


def _read(path: Path, kind: type[Part], allowed: Mapping[str, Rule], checks: Callable[[Part], Iterator[Wrong]]) -> Part:
    reader = Reader()
    part = reader.part(parsed(path, read_text(path)), (), kind, allowed)
    wrongs = reader.mistakes if part is None else list(checks(part))
    if wrongs or part is None:
        raise ConfigurationError(located(path, wrongs))
    return part


def _table_checks(table: TariffTable) -> Iterator[Wrong]:
    """Each month in one season, each day covered once, a factor for each period."""
    yield from _months(table)
    for index, season in enumerate(table.seasons):
        if gap := uncovered(hours for hours, _ in season.hours()):
            allowed = Allowed(f"一天 24 小时必须不重不漏: {gap}", f"must cover the 24 h of a day once: {gap}")
            yield Wrong(("seasons", index), season.name, allowed)
        if season.sharp and table.factors.sharp is None:
            yield Wrong(("factors", "sharp"), None, _NO_FACTOR)
    if table.deep_valley.hours and table.factors.deep_valley is None:
        yield Wrong(("factors", "deep_valley"), None, _NO_FACTOR)
    deep = sorted(table.deep_valley.hours)
    if any(before.end > after.start for before, after in pairwise(deep)):
        yield Wrong(("deep_valley", "hours"), [str(hours) for hours in deep], _OVERLAP)


_NO_FACTOR = Allowed("表里有这个时段, 缺少系数", "the table has hours of this period, its factor is missing")
_OVERLAP = Allowed("时段不能重叠", "hours must not overlap")


def _months(table: TariffTable) -> Iterator[Wrong]:
    told: set[int] = set()
    for index, season in enumerate(table.seasons):
        if twice := told & set(season.months):
            allowed = Allowed("每个月只能属于一个季节", "a month belongs to one season")
            yield Wrong(("seasons", index, "months"), sorted(twice), allowed)
        told |= set(season.months)
    if missing := set(range(1, 13)) - told:
        listed = ", ".join(map(str, sorted(missing)))
        yield Wrong(("seasons",), None, Allowed(f"缺少月份 {listed}", f"no season has months {listed}"))


def _holiday_checks(file: HolidayFile) -> Iterator[Wrong]:
    """A holiday ends after it began, within a month, and is told once a year."""
    for index, holiday in enumerate(file.holidays):
        if not 0 <= (holiday.last - holiday.first).days <= 30:
            allowed = Allowed("应在 first 之后 30 天以内", "must be within 30 days after `first`")
            yield Wrong(("holidays", index, "last"), holiday.last, allowed)
    told = [((holiday.name, holiday.last.year), ("holidays", index)) for index, holiday in enumerate(file.holidays)]
    yield from _twice(told, "last", Allowed("同一年的同一节日重复", "this holiday is told twice for one year"))


def _file_checks(file: TariffFile) -> Iterator[Wrong]:
    """Known tables; versions of different days."""
    for index, name in enumerate(file.tables):
        if not name.endswith(".toml") and name not in shipped_tables():
            listed = ", ".join(f'"{shipped}"' for shipped in shipped_tables())
            allowed = Allowed(
                f"没有这张表, 现有 {listed}, 或 .toml 文件", f"no such table, there are {listed}, or a .toml file"
            )
            yield Wrong(("tables", index), name, allowed)
    versions: dict[str, list[date]] = {
        "prices": [price.since for price in file.prices],
        "service": [fee.since for fee in file.service],
    }
    for key, days in versions.items():
        told = [(day, (key, index)) for index, day in enumerate(days)]
        yield from _twice(told, "since", Allowed("生效日期重复", "two versions begin on one day"))


def _twice(told: Iterable[tuple[object, KeyPath]], key: str, allowed: Allowed) -> Iterator[Wrong]:
    known: set[object] = set()
    for value, path in told:
        if value in known:
            yield Wrong((*path, key), str(value), allowed)
        known.add(value)
