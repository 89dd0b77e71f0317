"""All messages of GB/T 27930-2015 (tables 4-28): one frozen dataclass each, its fields annotated with their place.

Current is positive = charging here and negative on the wire. A None was not sent or is not available. PGNs, lengths and
periods are in `table.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypeAlias

from swapstation.protocol.gbt27930 import words
from swapstation.protocol.gbt27930.fields import (
    Choice,
    Clock,
    Number,
    Series,
    Text,
    Truth,
    Version,
    Words,
)
from swapstation.protocol.gbt27930.words import (
    BatteryFault,
    BatteryType,
    BmsStop,
    BmsTimeout,
    ChargeMode,
    ChargerStop,
    ChargerTimeout,
    bit,
    pairs,
)

_YES = 0xAA


def _voltage(byte: int, optional: bool = False) -> Number:
    return Number(bit(byte), 16, 0.1, unit="V", low=0, high=1500, optional=optional)


def _current(byte: int, optional: bool = False) -> Number:
    """The wire counts 0.1 A from -400 A with charging negative; turned here, so that charging is positive."""
    return Number(bit(byte), 16, -0.1, 400, unit="A", low=-400, high=400, optional=optional)


def _cell_voltage(byte: int, bits: int = 16) -> Number:
    return Number(bit(byte), bits, 0.01, unit="V", low=0, high=24)


def _temperature(byte: int) -> Number:
    return Number(bit(byte), 8, 1, -50, unit="degC", low=-50, high=200)


def _count(byte: int, bits: int = 8, offset: int = 0, unit: str = "") -> Number:
    return Number(bit(byte), bits, 1, offset, unit=unit)


def _percent(byte: int) -> Number:
    return Number(bit(byte), 8, unit="%", low=0, high=100)


@dataclass(frozen=True, slots=True)
class Chm:
    """Charger handshake."""

    version: Annotated[str, Version()] = "1.1"


@dataclass(frozen=True, slots=True)
class Bhm:
    """BMS handshake: highest voltage the insulation test may use."""

    max_voltage_v: Annotated[float | None, _voltage(1, optional=True)]


@dataclass(frozen=True, slots=True)
class Crm:
    """Charger recognition."""

    recognised: Annotated[bool | None, Truth(bit(1), 8, _YES)]
    charger_number: Annotated[int | None, _count(2, 32)] = None
    location: Annotated[str | None, Text(bit(6), 3)] = None


@dataclass(frozen=True, slots=True)
class Brm:
    """BMS and vehicle recognition; from `maker` on optional."""

    version: Annotated[str, Version()]
    battery_type: Annotated[BatteryType, Choice(bit(4), 8, BatteryType, BatteryType.OTHER)]
    rated_capacity_ah: Annotated[float | None, Number(bit(5), 16, 0.1, unit="Ah")]
    rated_voltage_v: Annotated[float | None, _voltage(7, optional=True)]
    maker: Annotated[str | None, Text(bit(9), 4)] = None
    serial: Annotated[int | None, _count(13, 32)] = None
    production_year: Annotated[int | None, _count(17, 8, 1985)] = None
    production_month: Annotated[int | None, _count(18)] = None
    production_day: Annotated[int | None, _count(19)] = None
    charge_count: Annotated[int | None, _count(20, 24)] = None
    owned: Annotated[bool | None, Truth(bit(23), 8)] = None
    vin: Annotated[str | None, Text(bit(25), 17)] = None
    software_number: Annotated[int | None, _count(42)] = None
    software_day: Annotated[int | None, _count(43)] = None
    software_month: Annotated[int | None, _count(44)] = None
    software_year: Annotated[int | None, _count(45, 16)] = None


@dataclass(frozen=True, slots=True)
class Bcp:
    """Battery charge parameters."""

    max_cell_v: Annotated[float | None, _cell_voltage(1)]
    max_current_a: Annotated[float, _current(3)]
    nominal_energy_kwh: Annotated[float | None, Number(bit(5), 16, 0.1, unit="kWh")]
    max_voltage_v: Annotated[float, _voltage(7)]
    max_temperature_c: Annotated[float | None, _temperature(9)]
    soc_pct: Annotated[float | None, Number(bit(10), 16, 0.1, unit="%", low=0, high=100)]
    pack_voltage_v: Annotated[float, _voltage(12)]


@dataclass(frozen=True, slots=True)
class Cts:
    """Charger's local time; advisory, many chargers get it wrong."""

    local_time: Annotated[str | None, Clock()] = None


@dataclass(frozen=True, slots=True)
class Cml:
    """Charger's limits."""

    max_voltage_v: Annotated[float, _voltage(1)]
    min_voltage_v: Annotated[float, _voltage(3)]
    max_current_a: Annotated[float, _current(5)]
    min_current_a: Annotated[float | None, _current(7, optional=True)] = None


@dataclass(frozen=True, slots=True)
class Bro:
    """BMS ready: its contactors are closed. None is the standard's FF, invalid."""

    ready: Annotated[bool | None, Truth(bit(1), 8, _YES)]


@dataclass(frozen=True, slots=True)
class Cro:
    """Charger ready. None is the standard's FF, invalid."""

    ready: Annotated[bool | None, Truth(bit(1), 8, _YES)]


@dataclass(frozen=True, slots=True)
class Bcl:
    """Battery's demand."""

    wanted_voltage_v: Annotated[float, _voltage(1)]
    wanted_current_a: Annotated[float, _current(3)]
    mode: Annotated[ChargeMode | None, Choice(bit(5), 8, ChargeMode)] = ChargeMode.CONSTANT_CURRENT


@dataclass(frozen=True, slots=True)
class Bcs:
    """Battery charge status."""

    voltage_v: Annotated[float, _voltage(1)]
    current_a: Annotated[float, _current(3)]
    max_cell_v: Annotated[float | None, _cell_voltage(5, 12)]
    max_cell_group: Annotated[int, Number(bit(6, 5), 4)]
    soc_pct: Annotated[int | None, _percent(7)]
    remaining_min: Annotated[int | None, _count(8, 16, unit="min")]


@dataclass(frozen=True, slots=True)
class Ccs:
    """Charger charge status; `permitted` is False while the charger pauses."""

    voltage_v: Annotated[float, _voltage(1)]
    current_a: Annotated[float, _current(3)]
    elapsed_min: Annotated[int | None, _count(5, 16, unit="min")]
    permitted: Annotated[bool | None, Truth(bit(7), 2)] = None


@dataclass(frozen=True, slots=True)
class Bsm:
    """Battery status: extremes, faults, charge permission. Cells and probes are counted from 1."""

    max_cell_number: Annotated[int | None, _count(1, offset=1)]
    max_temperature_c: Annotated[float | None, _temperature(2)]
    max_temperature_probe: Annotated[int | None, _count(3, offset=1)]
    min_temperature_c: Annotated[float | None, _temperature(4)]
    min_temperature_probe: Annotated[int | None, _count(5, offset=1)]
    faults: Annotated[tuple[BatteryFault, ...], Words(words.BSM_STATES)]
    permitted: Annotated[bool | None, Truth(bit(7, 5), 2)]


@dataclass(frozen=True, slots=True)
class Bmv:
    """Cell voltages and the group of each cell."""

    voltages_v: Annotated[tuple[float | None, ...], Series(_cell_voltage(1, 12), 16, 256)]
    groups: Annotated[tuple[int, ...], Series(Number(12, 4), 16, 256)]


@dataclass(frozen=True, slots=True)
class Bmt:
    """Temperatures of the probes."""

    temperatures_c: Annotated[tuple[float | None, ...], Series(_temperature(1), 8, 128)]


@dataclass(frozen=True, slots=True)
class Bsp:
    """Reserved by the standard; carried without a meaning."""

    values: Annotated[tuple[int | None, ...], Series(_count(1), 8, 16)]


@dataclass(frozen=True, slots=True)
class Bst:
    """BMS stops, and why; `untrusted` are causes whose sensor the BMS does not trust."""

    reasons: Annotated[tuple[BmsStop, ...], Words(pairs(words.BST_PAIRS, 0b01))]
    untrusted: Annotated[tuple[BmsStop, ...], Words(pairs(words.BST_PAIRS, 0b10))] = ()


@dataclass(frozen=True, slots=True)
class Cst:
    """Charger stops, and why."""

    reasons: Annotated[tuple[ChargerStop, ...], Words(pairs(words.CST_PAIRS, 0b01))]
    untrusted: Annotated[tuple[ChargerStop, ...], Words(pairs(words.CST_PAIRS, 0b10))] = ()


@dataclass(frozen=True, slots=True)
class Bsd:
    """BMS statistics at the end."""

    soc_pct: Annotated[int | None, _percent(1)]
    min_cell_v: Annotated[float | None, _cell_voltage(2)]
    max_cell_v: Annotated[float | None, _cell_voltage(4)]
    min_temperature_c: Annotated[float | None, _temperature(6)]
    max_temperature_c: Annotated[float | None, _temperature(7)]


@dataclass(frozen=True, slots=True)
class Csd:
    """Charger statistics at the end."""

    elapsed_min: Annotated[int | None, _count(1, 16, unit="min")]
    energy_kwh: Annotated[float | None, Number(bit(3), 16, 0.1, unit="kWh")]
    charger_number: Annotated[int | None, _count(5, 32)] = None


@dataclass(frozen=True, slots=True)
class Bem:
    """What the BMS waited for in vain."""

    timeouts: Annotated[tuple[BmsTimeout, ...], Words(pairs(words.BEM_PAIRS, 0b01))]
    untrusted: Annotated[tuple[BmsTimeout, ...], Words(pairs(words.BEM_PAIRS, 0b10))] = ()


@dataclass(frozen=True, slots=True)
class Cem:
    """What the charger waited for in vain."""

    timeouts: Annotated[tuple[ChargerTimeout, ...], Words(pairs(words.CEM_PAIRS, 0b01))]
    untrusted: Annotated[tuple[ChargerTimeout, ...], Words(pairs(words.CEM_PAIRS, 0b10))] = ()


ChargerMessage: TypeAlias = Chm | Crm | Cts | Cml | Cro | Ccs | Cst | Csd | Cem
BmsMessage: TypeAlias = Bhm | Brm | Bcp | Bro | Bcl | Bcs | Bsm | Bmv | Bmt | Bsp | Bst | Bsd | Bem
Message: TypeAlias = ChargerMessage | BmsMessage
