"""What a battery model needs of its charges: most current by temperature and SOC, its temperatures, full charges."""

from __future__ import annotations

from dataclasses import dataclass

Rows = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Derating:
    """Most charging by temperature (°C, one row each) and SOC (%, one column each), linear between the corners.

    Either `current_a` or `c_rate` (1: nominal energy in one hour). Outside of the temperatures nothing is charged;
    outside of the SOC the nearest column counts.
    """

    temperature_c: tuple[float, ...]
    soc_pct: tuple[float, ...]
    current_a: Rows = ()
    c_rate: Rows = ()

    @property
    def rows(self) -> Rows:
        return self.current_a or self.c_rate


@dataclass(frozen=True, slots=True)
class Thermal:
    """When the climate unit of a bay conditions a battery of this model; °C of its probes and of the coolant.

    Its coldest probe below `heat_below_c` is warmed to `heat_to_c` before a charge or a promised hand-out, its hottest
    one above `cool_above_c` is cooled to `cool_to_c`.
    """

    heat_below_c: float = 5.0
    heat_to_c: float = 12.0
    cool_above_c: float = 40.0
    cool_to_c: float = 32.0
    heat_supply_c: float = 40.0
    cool_supply_c: float = 18.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """How often a battery of this model is charged to 100 % with a rest after it, while demand is low.

    `ready_reserve` other batteries of the model must stay ready.
    """

    every_days: float = 30.0
    every_charges: int = 100
    rest_s: float = 1800.0
    ready_reserve: int = 3


@dataclass(frozen=True, slots=True)
class Discharge:
    """That batteries of this model may give power back at a charger that can: how much, and down to which SOC (%).

    `ready_reserve` other batteries of the model stay ready beside what bookings and promises need.
    """

    least_soc_pct: float = 50.0
    ready_reserve: int = 2
    max_power_kw: float = 60.0
