"""What the tables about the care of a battery model may hold, and how their fields must fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from swapstation.config.battery_care import Calibration, Derating, Discharge, Rows, Thermal
from swapstation.config.reading import Wrong
from swapstation.config.rule_kinds import Allowed, Number, Rule, Table
from swapstation.toml_lines import KeyPath


@dataclass(frozen=True, slots=True)
class Rising:
    """A list of at least `least` rising numbers within a range."""

    each: Number
    least: int = 2

    def read(self, raw: object) -> object | Allowed:
        values = _numbers(self.each, raw)
        if values is not None and len(values) >= self.least and all(low < high for low, high in pairwise(values)):
            return values
        reach = f"{self.each.low:g} - {self.each.high:g} {self.each.unit}"
        return Allowed(
            f"应为至少 {self.least} 个递增的数值, {reach}", f"must be at least {self.least} rising numbers, {reach}"
        )


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of numbers, all of one length."""

    each: Number

    def read(self, raw: object) -> object | Allowed:
        rows = [_numbers(self.each, row) for row in raw] if isinstance(raw, list) else []
        found = tuple(row for row in rows if row)
        if found and len(found) == len(rows) and len({len(row) for row in found}) == 1:
            return found
        reach = f"{self.each.low:g} - {self.each.high:g} {self.each.unit}".strip()
        return Allowed(f"应为等长的数值行, {reach}", f"must be rows of numbers of one length, {reach}")


def _numbers(each: Number, raw: object) -> tuple[float, ...] | None:
    values = [each.read(value) for value in raw] if isinstance(raw, list) else []
    found = tuple(value for value in values if isinstance(value, float))
    return found if len(found) == len(values) else None


DERATING: Mapping[str, Rule] = {
    "temperature_c": Rising(Number(-50.0, 80.0, "°C")),
    "soc_pct": Rising(Number(0.0, 100.0, "%"), least=1),
    "current_a": Grid(Number(0.0, 2000.0, "A")),
    "c_rate": Grid(Number(0.0, 10.0)),
}
DERATING_TABLE = Table(Derating, DERATING)
_PROBE, _COOLANT = Number(-40.0, 60.0, "°C"), Number(-10.0, 60.0, "°C")
THERMAL: Mapping[str, Rule] = {
    "heat_below_c": _PROBE,
    "heat_to_c": _PROBE,
    "cool_above_c": _PROBE,
    "cool_to_c": _PROBE,
    "heat_supply_c": _COOLANT,
    "cool_supply_c": _COOLANT,
}
THERMAL_TABLE = Table(Thermal, THERMAL)
CALIBRATION: Mapping[str, Rule] = {
    "every_days": Number(1.0, 365.0, "d"),
    "every_charges": Number(1, 10_000, whole=True),
    "rest_s": Number(0.0, 36_000.0, "s"),
    "ready_reserve": Number(0, 30, whole=True),
}
CALIBRATION_TABLE = Table(Calibration, CALIBRATION)
DISCHARGE: Mapping[str, Rule] = {
    "max_power_kw": Number(15.0, 1000.0, "kW"),
    "least_soc_pct": Number(10.0, 100.0, "%"),
    "ready_reserve": Number(0, 30, whole=True),
}
DISCHARGE_TABLE = Table(Discharge, DISCHARGE)
_IN_ORDER = ("heat_below_c", "heat_to_c", "cool_to_c", "cool_above_c")


def check_derating(path: KeyPath, table: Derating) -> Iterator[Wrong]:
    """One of both kinds of rows, as many as temperatures and as long as SOC, that rise and fall once and never grow.

    Cold and hot ends are low, with one height between them: so a battery's coldest and hottest probe decide for all.
    """
    name = "current_a" if table.current_a else "c_rate"
    if bool(table.current_a) is bool(table.c_rate):
        yield Wrong(path, None, Allowed("current_a 和 c_rate 要写且只写一个", "needs one of current_a and c_rate"))
        return
    height, width = len(table.temperature_c), len(table.soc_pct)
    if len(table.rows) != height or len(table.rows[0]) != width:
        zh, en = f"应为 {height} 行 (温度), 每行 {width} 个数 (SOC)", f"must be {height} rows of {width} numbers"
        allowed = Allowed(zh, en)
        yield Wrong((*path, name), list(table.rows), allowed)
        return
    if any(_rises(row) for row in table.rows):
        allowed = Allowed("SOC 升高时不能变大", "must not grow with the SOC")
        yield Wrong((*path, name), list(table.rows), allowed)
    if not any(_peaks_at(table.rows, row) for row in range(height)):
        allowed = Allowed("各列须先升后降, 转折在同一行", "columns must rise and then fall, all from the same row on")
        yield Wrong((*path, name), list(table.rows), allowed)


def check_thermal(path: KeyPath, table: Thermal) -> Iterator[Wrong]:
    """Heating ends before cooling begins, each with coolant on the right side of its goal."""
    pairs = (*pairwise(_IN_ORDER), ("heat_to_c", "heat_supply_c"), ("cool_supply_c", "cool_to_c"))
    for low, high in pairs:
        if getattr(table, low) >= getattr(table, high):
            top = f"{high} ({getattr(table, high):g} °C)"
            yield Wrong((*path, low), getattr(table, low), Allowed(f"必须小于 {top}", f"must be below {top}"))


def _rises(values: Sequence[float]) -> bool:
    return any(later > former for former, later in pairwise(values))


def _peaks_at(rows: Rows, peak: int) -> bool:
    """Whether every column rises up to a row and falls after it."""
    columns = list(zip(*rows, strict=True))
    up = (column[: peak + 1][::-1] for column in columns)
    down = (column[peak:] for column in columns)
    return not any(_rises(part) for part in (*up, *down))
