"""How far a figure of energy may be off: the accuracy class of its counter, its resolution, the SOC of a BMS.

Limits of error, combined by the root of the sum of their squares (own design after the GUM's law of propagation).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import hypot, sqrt

from swapstation.config.energy_settings import Ledger
from swapstation.model.energy import Counter

_CLASSES: Mapping[Counter, str] = {
    Counter.AC_METER: "ac_meter_class_pct",
    Counter.DC_METER: "dc_meter_class_pct",
    Counter.CHARGER: "charger_class_pct",
    Counter.PROCESS: "charger_class_pct",
}


def counted_kwh(ledger: Ledger, counter: Counter, energy_kwh: float) -> float:
    """Limit of error of the difference of two readings of a bay's counter."""
    class_pct = float(getattr(ledger, _CLASSES[counter]))
    return hypot(abs(energy_kwh) * class_pct / 100.0, ledger.meter_resolution_kwh)


def site_kwh(ledger: Ledger, energy_kwh: float) -> float:
    """Limit of error of the difference of two readings of the site meter."""
    return hypot(abs(energy_kwh) * ledger.site_meter_class_pct / 100.0, ledger.site_meter_resolution_kwh)


def soc_kwh(ledger: Ledger, capacity_kwh: float, change_pct: float) -> float:
    """Limit of error of the energy that a change of SOC stands for: both SOC values, and the capacity itself."""
    ends_kwh = sqrt(2.0) * ledger.soc_uncertainty_pct / 100.0 * capacity_kwh
    return hypot(ends_kwh, abs(change_pct) / 100.0 * capacity_kwh * ledger.capacity_uncertainty_pct / 100.0)


def efficiency_range(ledger: Ledger) -> tuple[float, float]:
    """Middle and half width of the efficiency from AC to DC."""
    half = (ledger.most_efficiency - ledger.least_efficiency) / 2.0
    return ledger.least_efficiency + half, half
