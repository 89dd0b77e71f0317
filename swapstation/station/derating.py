"""How much less a battery and its equipment may be charged with now: by temperature, by SOC, and why (own design).

The table of a battery model counts at its coldest and at its hottest probe, the lower of both. A temperature that
nobody tells lets no more flow than the least power: unknown is unsafe.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from swapstation.config.battery_care import Derating
from swapstation.config.settings import BatteryModel, Bay
from swapstation.model.charge_plan import PlanReason
from swapstation.model.device import BatteryCharge
from swapstation.model.snapshot import BayState

HYSTERESIS_K = 2.0
"""A charge that a temperature has stopped goes on this far inside of the limit."""


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit of a charge (kW DC, and A where it is one of current) and its reason."""

    max_kw: float
    reason: PlanReason
    max_a: float | None = None


def allowed(table: Derating, temperature_c: float, soc_pct: float) -> float:
    """What the table says at a temperature and an SOC: linear between its corners, 0 outside of its temperatures."""
    if not table.temperature_c[0] <= temperature_c <= table.temperature_c[-1]:
        return 0.0
    row, part = _between(table.temperature_c, temperature_c)
    low, high = _along(table, row, soc_pct), _along(table, min(row + 1, len(table.rows) - 1), soc_pct)
    return low + (high - low) * part


def battery_cap(bay: BayState, model: BatteryModel, least_kw: float, stopped: bool) -> Cap | None:
    """What the model's table lets the battery in a bay be charged with now; None without a table.

    `stopped`: a temperature holds its charge back already.
    """
    table, charge = model.derating, bay.charge.good or BatteryCharge()
    if table is None:
        return None
    if charge.max_temperature_c is None:
        return Cap(least_kw, PlanReason("battery_temperature_unknown"))
    margin_k = HYSTERESIS_K if stopped else 0.0
    coldest_c = charge.max_temperature_c if charge.min_temperature_c is None else charge.min_temperature_c
    ends = (coldest_c - margin_k, charge.max_temperature_c + margin_k)
    soc_pct = charge.soc_pct if charge.soc_pct is not None else table.soc_pct[-1]
    limits = [allowed(table, temperature_c, soc_pct) for temperature_c in ends]
    cold = limits[0] <= limits[1]
    told = {"temperature_c": f"{coldest_c if cold else charge.max_temperature_c:g}"}
    code = "battery_cold" if cold else "battery_hot"
    if limits[0] == limits[1] > 0.0:
        peak = max(row[0] for row in table.rows)
        code, told = (
            ("battery_model_most", {}) if limits[0] == peak else ("battery_soc_high", {"soc_pct": f"{soc_pct:.0f}"})
        )
    limit = min(limits)
    if not table.current_a:
        return Cap(limit * model.energy_kwh, PlanReason(code, told))
    voltage_v = model.max_voltage_v if charge.voltage_v is None else charge.voltage_v
    return Cap(limit * voltage_v / 1000.0, PlanReason(code, told), max_a=limit)


def equipment_cap(bay: BayState, settings: Bay, stopped: bool) -> Cap | None:
    """Less power the hotter the charging equipment of a bay says it is, none from `off_above_c` on."""
    source = bay.charger.good if bay.charging == "charger" else bay.modules.good
    if source is None or source.temperature_c is None:
        return None
    temperature_c = source.temperature_c + (HYSTERESIS_K if stopped else 0.0)
    if temperature_c <= settings.derate_above_c:
        return None
    share = (settings.off_above_c - temperature_c) / (settings.off_above_c - settings.derate_above_c)
    reason = PlanReason("equipment_hot", {"temperature_c": f"{source.temperature_c:g}"})
    return Cap(max(share, 0.0) * settings.max_power_kw, reason)


def _along(table: Derating, row: int, soc_pct: float) -> float:
    values = table.rows[row]
    column, part = _between(table.soc_pct, soc_pct)
    following = values[min(column + 1, len(values) - 1)]
    return values[column] + (following - values[column]) * part


def _between(corners: Sequence[float], value: float) -> tuple[int, float]:
    """The corner at or before a value, and how far it is from there to the next one (0 to 1)."""
    index = min(max(bisect_right(corners, value) - 1, 0), len(corners) - 1)
    if index == len(corners) - 1 or value <= corners[0]:
        return index, 0.0
    return index, (value - corners[index]) / (corners[index + 1] - corners[index])
