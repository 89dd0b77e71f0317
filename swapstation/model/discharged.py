"""The record of a discharge in the station."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BatteryDischarged:
    """A battery gave power back to site or grid: kWh DC as its charger counted them, SOC (%) before and after.

    None: nobody told.
    """

    battery: str
    bay: int
    began_soc_pct: float | None
    soc_pct: float | None
    energy_kwh: float | None
