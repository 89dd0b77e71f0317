"""All messages of GB/T 27930-2015 (tables 4-28), one frozen class each; their fields are the signals of gbt27930.dbc.

Current is positive = charging here and negative on the wire. A None was not sent or is not available. Where a field
lies, its scale and limits, PGNs and periods are in the DBC; `table.py` binds it to these classes.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Struct

from swapstation.protocol.gbt27930.fields import Clock, Version, Words
from swapstation.protocol.gbt27930.words import (
    BatteryFault,
    BatteryType,
    BmsStop,
    BmsTimeout,
    ChargeMode,
    ChargerStop,
    ChargerTimeout,
)


class Chm(Struct, frozen=True):
    """Charger handshake."""

    version: Annotated[str, Version()] = "1.1"


class Bhm(Struct, frozen=True):
    """BMS handshake: highest voltage the insulation test may use."""

    max_voltage_v: float | None


class Crm(Struct, frozen=True):
    """Charger recognition."""

    recognised: bool | None
    charger_number: int | None = None
    location: str | None = None


class Brm(Struct, frozen=True):
    """BMS and vehicle recognition; from `maker` on optional."""

    version: Annotated[str, Version()]
    battery_type: BatteryType
    rated_capacity_ah: float | None
    rated_voltage_v: float | None
    maker: str | None = None
    serial: int | None = None
    production_year: int | None = None
    production_month: int | None = None
    production_day: int | None = None
    charge_count: int | None = None
    owned: bool | None = None
    vin: str | None = None
    software_number: int | None = None
    software_day: int | None = None
    software_month: int | None = None
    software_year: int | None = None


class Bcp(Struct, frozen=True):
    """Battery charge parameters."""

    max_cell_v: float | None
    max_current_a: float
    nominal_energy_kwh: float | None
    max_voltage_v: float
    max_temperature_c: float | None
    soc_pct: float | None
    pack_voltage_v: float


class Cts(Struct, frozen=True):
    """Charger's local time; advisory, many chargers get it wrong."""

    local_time: Annotated[str | None, Clock()] = None


class Cml(Struct, frozen=True):
    """Charger's limits."""

    max_voltage_v: float
    min_voltage_v: float
    max_current_a: float
    min_current_a: float | None = None


class Bro(Struct, frozen=True):
    """BMS ready: its contactors are closed. None is the standard's FF, invalid."""

    ready: bool | None


class Cro(Struct, frozen=True):
    """Charger ready. None is the standard's FF, invalid."""

    ready: bool | None


class Bcl(Struct, frozen=True):
    """Battery's demand."""

    wanted_voltage_v: float
    wanted_current_a: float
    mode: ChargeMode | None = ChargeMode.CONSTANT_CURRENT


class Bcs(Struct, frozen=True):
    """Battery charge status."""

    voltage_v: float
    current_a: float
    max_cell_v: float | None
    max_cell_group: int
    soc_pct: int | None
    remaining_min: int | None


class Ccs(Struct, frozen=True):
    """Charger charge status; `permitted` is False while the charger pauses."""

    voltage_v: float
    current_a: float
    elapsed_min: int | None
    permitted: bool | None = None


class Bsm(Struct, frozen=True):
    """Battery status: extremes, faults, charge permission. Cells and probes are counted from 1."""

    max_cell_number: int | None
    max_temperature_c: float | None
    max_temperature_probe: int | None
    min_temperature_c: float | None
    min_temperature_probe: int | None
    faults: Annotated[tuple[BatteryFault, ...], Words()]
    permitted: bool | None


class Bmv(Struct, frozen=True):
    """Cell voltages and the group of each cell."""

    voltages_v: tuple[float | None, ...]
    groups: tuple[int, ...]


class Bmt(Struct, frozen=True):
    """Temperatures of the probes."""

    temperatures_c: tuple[float | None, ...]


class Bsp(Struct, frozen=True):
    """Reserved by the standard; carried without a meaning."""

    values: tuple[int | None, ...]


class Bst(Struct, frozen=True):
    """BMS stops, and why; `untrusted` are causes whose sensor the BMS does not trust."""

    reasons: Annotated[tuple[BmsStop, ...], Words("Yes")]
    untrusted: Annotated[tuple[BmsStop, ...], Words("Untrusted")] = ()


class Cst(Struct, frozen=True):
    """Charger stops, and why."""

    reasons: Annotated[tuple[ChargerStop, ...], Words("Yes")]
    untrusted: Annotated[tuple[ChargerStop, ...], Words("Untrusted")] = ()


class Bsd(Struct, frozen=True):
    """BMS statistics at the end."""

    soc_pct: int | None
    min_cell_v: float | None
    max_cell_v: float | None
    min_temperature_c: float | None
    max_temperature_c: float | None


class Csd(Struct, frozen=True):
    """Charger statistics at the end."""

    elapsed_min: int | None
    energy_kwh: float | None
    charger_number: int | None = None


class Bem(Struct, frozen=True):
    """What the BMS waited for in vain."""

    timeouts: Annotated[tuple[BmsTimeout, ...], Words("Yes")]
    untrusted: Annotated[tuple[BmsTimeout, ...], Words("Untrusted")] = ()


class Cem(Struct, frozen=True):
    """What the charger waited for in vain."""

    timeouts: Annotated[tuple[ChargerTimeout, ...], Words("Yes")]
    untrusted: Annotated[tuple[ChargerTimeout, ...], Words("Untrusted")] = ()


ChargerMessage: TypeAlias = Chm | Crm | Cts | Cml | Cro | Ccs | Cst | Csd | Cem
BmsMessage: TypeAlias = Bhm | Brm | Bcp | Bro | Bcl | Bcs | Bsm | Bmv | Bmt | Bsp | Bst | Bsd | Bem
Message: TypeAlias = ChargerMessage | BmsMessage
