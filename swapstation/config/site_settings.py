"""Settings of what stands at the site beside its bays: feeders, and a stationary battery store."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Feeder:
    """A feeder of the site: most that it carries (kW AC), the bays behind it, and the plug-in guns there (kW AC)."""

    name: str
    limit_kw: float
    bays: tuple[int, ...]
    guns_kw: float = 0.0


@dataclass(frozen=True, slots=True)
class SiteStore:
    """The store: energy in kWh, most power into and out of it in kW AC, SOC between which it is used in %.

    `efficiency` (0 to 1) of a whole cycle; plans take it for lost on the way in.
    """

    energy_kwh: float
    charge_kw: float
    discharge_kw: float
    least_soc_pct: float = 10.0
    most_soc_pct: float = 95.0
    efficiency: float = 0.88
