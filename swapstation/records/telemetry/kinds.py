"""The kinds of telemetry as a data table: columns with their units and digits, periods, how long each is kept.

A row belongs to a series (a battery, a device, a link) and a second (UTC). Numbers are stored as whole numbers of their
last digit, and read as decimals.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

DAY_S = 86_400
HOT_S = 2 * DAY_S
MOST_ELEMENTS = 1000


@dataclass(frozen=True, slots=True)
class Column:
    """One value of a row; the unit ends its name. `deadband`: while idle, a smaller change is no news (in units)."""

    name: str
    digits: int = 0
    deadband: float = 0.0
    text: bool = False

    @property
    def sql_type(self) -> str:
        """Its type in an archive file."""
        return "VARCHAR" if self.text else f"DECIMAL(18,{self.digits})" if self.wide else f"DECIMAL(9,{self.digits})"

    @property
    def wide(self) -> bool:
        """Counters, which outgrow nine digits within years."""
        return self.name.endswith(("_kwh", "_total"))

    def whole(self, value: float | None) -> int | None:
        """A value as whole number of its last digit; one that no column holds is not available."""
        if value is None or not math.isfinite(value):
            return None
        whole = round(value * 10**self.digits)
        return whole if abs(whole) < 10 ** (18 if self.wide else 9) else None


@dataclass(frozen=True, slots=True)
class Array:
    """Values of a row that are counted from 1, as the cells of a battery: column `cell_001_v` and so on."""

    name: str
    unit: str
    digits: int
    width: int

    def column(self, number: int) -> Column:
        return Column(f"{self.name}_{number:0{self.width}d}_{self.unit}", self.digits)

    def columns(self, count: int) -> tuple[Column, ...]:
        return tuple(self.column(number) for number in range(1, count + 1))


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: sampled every `period_s`; while idle only when something changes, and every `idle_s`.

    Rows older than `raw_days` are thinned to one in `thin_s`, with the rows that hold the extremes of `extremes`; rows
    older than `keep_days` may go.
    """

    name: str
    period_s: int
    idle_s: int
    columns: tuple[Column, ...]
    arrays: tuple[Array, ...] = ()
    extremes: tuple[str, ...] = ()
    raw_days: int = 400
    thin_s: int = 60
    keep_days: int = 3660

    def find(self, name: str) -> Column | None:
        """A column by its name, also one of an array."""
        listed = (*self.columns, *(column for array in self.arrays for column in array.columns(MOST_ELEMENTS)))
        return next((column for column in listed if column.name == name), None)

    @property
    def numbers(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if not column.text)


def _text(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, text=True) for name in names)


PACK = Kind(
    "pack",
    1,
    60,
    (
        *_text("bay", "phase"),
        Column("voltage_v", 1, 0.5),
        Column("current_a", 1, 0.5),
        Column("soc_pct", 1, 0.1),
        Column("max_temperature_c", 1, 0.5),
        Column("min_temperature_c", 1, 0.5),
        Column("max_cell_v", 3, 0.003),
        Column("min_cell_v", 3, 0.003),
        Column("wanted_voltage_v", 1, 0.5),
        Column("wanted_current_a", 1, 0.5),
        Column("output_voltage_v", 1, 0.5),
        Column("output_current_a", 1, 0.5),
        Column("session_energy_kwh", 2, 0.05),
    ),
    extremes=("current_a", "max_temperature_c", "max_cell_v", "min_cell_v"),
)
CELLS = Kind(
    "cells",
    10,
    300,
    (*_text("bay"), Column("cmin_v", 3, 0.003), Column("cmax_v", 3, 0.003), Column("cavg_v", 3, 0.003)),
    (Array("cell", "v", 3, 3), Array("probe", "c", 1, 2)),
    extremes=("cmin_v", "cmax_v"),
    thin_s=600,
)
ROBOT = Kind(
    "robot",
    1,
    60,
    (
        *_text("state", "step"),
        Column("x_mm", 0, 2),
        Column("y_mm", 0, 2),
        Column("z_mm", 0, 2),
        Column("load_kg", 0, 5),
        Column("gripped"),
        Column("payload"),
    ),
    extremes=("load_kg",),
)
METER = Kind(
    "meter",
    1,
    60,
    (
        Column("energy_kwh", 2, 0.01),
        Column("power_kw", 2, 0.1),
        *(Column(f"voltage_l{phase}_v", 1, 0.5) for phase in (1, 2, 3)),
        *(Column(f"current_l{phase}_a", 2, 0.2) for phase in (1, 2, 3)),
    ),
    extremes=("power_kw", "voltage_l1_v", "voltage_l2_v", "voltage_l3_v"),
)
ENVIRONMENT = Kind(
    "environment",
    1,
    60,
    (
        *_text("presence", "climate_mode"),
        Column("temperature_c", 1, 0.5),
        Column("smoke"),
        Column("contactor_closed"),
        Column("output_temperature_c", 1, 0.5),
        Column("supply_c", 1, 0.5),
        Column("return_c", 1, 0.5),
        Column("pressure_kpa", 1, 1.0),
        Column("flow_lpm", 1, 0.5),
        Column("climate_power_kw", 2, 0.05),
    ),
    extremes=("temperature_c", "smoke"),
)
LINK = Kind(
    "link",
    1,
    60,
    (
        Column("connected"),
        Column("rx_total", deadband=float("inf")),
        Column("tx_total", deadband=float("inf")),
        Column("malformed_total"),
        Column("dropped_total"),
        Column("reconnects_total"),
        Column("timeouts_total"),
        Column("bus_load_pct", 1, 2.0),
    ),
    extremes=("bus_load_pct",),
    raw_days=100,
    keep_days=1830,
)
TRUCK = Kind(
    "truck",
    1,
    60,
    (
        *_text("vin", "lock_state"),
        Column("parking_brake_set"),
        Column("key_off"),
        Column("gear_neutral"),
        Column("hv_powered_down"),
        Column("connector_mated"),
        Column("battery_present"),
        Column("soc_pct", 1, 0.1),
        Column("in_position"),
        Column("pose_x_mm", 0, 2),
        Column("pose_y_mm", 0, 2),
        Column("pose_yaw_mrad", 0, 1),
    ),
)
SAFETY = Kind(
    "safety",
    1,
    60,
    (
        Column("estop_ok"),
        Column("doors_closed"),
        Column("light_curtain_clear"),
        Column("overtravel_ok"),
        Column("fire_ok"),
    ),
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (PACK, CELLS, ROBOT, METER, ENVIRONMENT, LINK, TRUCK, SAFETY)}


def day_of(second: int) -> date:
    """The day (UTC) of a second since 1970."""
    return datetime.fromtimestamp(second, UTC).date()


def day_start(day: date) -> int:
    """The first second (since 1970) of a day (UTC)."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def days_between(first_s: int, last_s: int) -> Iterator[date]:
    """Every day (UTC) that has seconds from `first_s` until before `last_s`."""
    for start in range(first_s - first_s % DAY_S, last_s, DAY_S):
        yield day_of(start)
