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
