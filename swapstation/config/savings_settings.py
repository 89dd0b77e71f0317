"""Settings of what electric trucks save; `swapstation.config.settings` holds them in the whole."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Savings:
    """Factors of the comparison with diesel trucks (docs/reports.md); None: that figure is not told.

    `diesel_l_per_100tkm`: litres that a diesel truck of this work takes for 100 t km, the way back with it.
    """

    diesel_l_per_100tkm: float | None = None
    diesel_yuan_per_l: float | None = None
    diesel_kg_co2_per_l: float | None = None
    grid_kg_co2_per_kwh: float | None = None
