"""What each key of a tariff's files may hold (docs/tariffs.md): tables, holidays, the operator's prices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from swapstation.config.rule_kinds import Allowed, Day, Flag, Listed, Number, Rule, Table, Tables, Text, Word, Words
from swapstation.energy.tariff import EnergyPrice, ServiceFee
from swapstation.energy.tariff_table import (
    DAY_MINUTES,
    STEP_MINUTES,
    Customer,
    DeepValley,
    Factors,
    Holiday,
    Hours,
    Period,
    Season,
)


@dataclass(frozen=True, slots=True)
class Amount:
    """A decimal number written as text, so that no binary fraction ever stands for money."""

    low: Decimal
    high: Decimal
    unit: str = ""
    digits: int = 4

    def read(self, raw: object) -> object | Allowed:
        if (
            isinstance(raw, str)
            and re.fullmatch(rf"-?\d{{1,{self.digits}}}(\.\d{{1,6}})?", raw)
            and self.low <= Decimal(raw) <= self.high
        ):
            return Decimal(raw)
        unit = f" {self.unit}" if self.unit else ""
        return Allowed(
            f'应为 {self.low} 到 {self.high}{unit} 的十进制数, 写在引号里, 例如 "0.4500", 最多 6 位小数',
            f'must be a decimal from {self.low} to {self.high}{unit} in quotes, such as "0.4500", 6 decimals at most',
        )


@dataclass(frozen=True, slots=True)
class HoursText:
    """Hours of a day: "HH-HH" or "HH:MM-HH:MM" on quarters of an hour."""

    def read(self, raw: object) -> object | Allowed:
        found = re.fullmatch(r"(\d\d)(?::(\d\d))?-(\d\d)(?::(\d\d))?", raw) if isinstance(raw, str) else None
        if found:
            first_h, first_min, last_h, last_min = (int(part or 0) for part in found.groups())
            hours = Hours(first_h * 60 + first_min, last_h * 60 + last_min)
            quarters = all(minute % STEP_MINUTES == 0 for minute in (hours.start, hours.end))
            if hours.start < hours.end <= DAY_MINUTES and quarters and max(first_min, last_min) < 60:
                return hours
        return Allowed(
            '应为 "08-11" 或 "08:30-11:00", 按刻钟, 不跨午夜',
            'must be "08-11" or "08:30-11:00", on quarters of an hour, not over midnight',
        )


@dataclass(frozen=True, slots=True)
class Zone:
    """The name of a time zone."""

    def read(self, raw: object) -> object | Allowed:
        try:
            return ZoneInfo(raw).key if isinstance(raw, str) and raw else _NO_ZONE
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return _NO_ZONE


_NO_ZONE = Allowed("应为时区名, 例如 Asia/Shanghai", "must be the name of a time zone, such as Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class PeriodFees:
    """A table from a period to its own service fee."""

    def read(self, raw: object) -> object | Allowed:
        if isinstance(raw, dict) and raw and set(raw) <= set(Period):
            fees = {Period(name): FEE.read(fee) for name, fee in raw.items()}
            refused = next((fee for fee in fees.values() if isinstance(fee, Allowed)), None)
            return refused or fees
        listed = ", ".join(Period)
        return Allowed(f"应为表, 可用的有 {listed}", f"must be a table with some of {listed}")


FEE = Amount(Decimal(0), Decimal(20), "yuan/kWh")
_PRICE = Amount(Decimal(-5), Decimal(20), "yuan/kWh")
_FACTOR = Amount(Decimal(0), Decimal(20))
_NAME = Text(r"[a-z0-9_.-]{1,40}", "应为小写名称, 1 到 40 个字符", "must be a name of 1 to 40 lower-case characters")
_LABEL = Text(r"[^\x00-\x1f]{0,100}", "应为最多 100 个字符的文字", "must be a text of at most 100 characters")
_FILE = Text(r"[^\x00-\x1f]{1,200}", "应为表名或文件名", "must be the name of a table or of a file")
_HOURS = Listed(HoursText(), 0, 24)

SEASON: Mapping[str, Rule] = {
    "name": _LABEL,
    "months": Listed(Number(1, 12, whole=True), 1, 12),
    "sharp": _HOURS,
    "sharp_customers": Words(Customer),
    "peak": _HOURS,
    "flat": _HOURS,
    "valley": _HOURS,
}
FACTORS: Mapping[str, Rule] = {period.value: _FACTOR for period in Period}
DEEP_VALLEY: Mapping[str, Rule] = {"hours": Listed(HoursText(), 1, 24), "holidays": Listed(_NAME, 1, 20)}
TABLE: Mapping[str, Rule] = {
    "name": _NAME,
    "notice": _LABEL,
    "in_force": Day(),
    "timezone": Zone(),
    "factors": Table(Factors, FACTORS),
    "seasons": Tables(Season, SEASON),
    "deep_valley": Table(DeepValley, DEEP_VALLEY),
}
HOLIDAY: Mapping[str, Rule] = {
    "name": _NAME,
    "first": Day(),
    "last": Day(),
    "notice": _LABEL,
    "official": Flag(),
}


@dataclass(frozen=True, slots=True)
class HolidayFile:
    """A list of holidays."""

    holidays: tuple[Holiday, ...]


@dataclass(frozen=True, slots=True)
class SpotFile:
    """Market prices count from `since`; `folder` holds the files of their days beside the tariff file."""

    since: date
    folder: str = ""


@dataclass(frozen=True, slots=True)
class TariffFile:
    """The operator's tariff file. `tables` are shipped ones by name or files (`*.toml`) beside it."""

    tables: tuple[str, ...]
    customer: Customer
    prices: tuple[EnergyPrice, ...]
    service: tuple[ServiceFee, ...]
    holidays: str | None = None
    spot: SpotFile | None = None


HOLIDAYS: Mapping[str, Rule] = {"holidays": Tables(Holiday, HOLIDAY)}
ENERGY_PRICE: Mapping[str, Rule] = {
    "since": Day(),
    "flat": _PRICE,
    "loss": _PRICE,
    "system_operation": _PRICE,
    "transmission": _PRICE,
    "funds": _PRICE,
}
SERVICE_FEE: Mapping[str, Rule] = {"since": Day(), "fee": FEE, "periods": PeriodFees()}
TARIFF: Mapping[str, Rule] = {
    "tables": Listed(_FILE, 1, 50),
    "customer": Word(Customer),
    "prices": Tables(EnergyPrice, ENERGY_PRICE),
    "service": Tables(ServiceFee, SERVICE_FEE),
    "holidays": _FILE,
    "spot": Table(SpotFile, {"since": Day(), "folder": _FILE}),
}
