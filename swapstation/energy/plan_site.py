"""The site in the plan's linear program: import, feeding back, PV, other load, the month's peak, a stationary store.

Columns are kWh AC in a step. Import keeps its limit always, and all charging together its own; where other load alone
is above the limit, nothing is charged.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from swapstation.energy.lp import INFINITE, Floats, Indices, Lp
from swapstation.energy.plan_input import PlanInput, Store
from swapstation.model.power import DemandChargeMode


@dataclass(frozen=True, slots=True)
class Site:
    """Where the site's rows and columns are; `balance`: import + PV + out of store - all loads = other load."""

    balance: Indices
    imported: Indices
    exported: Indices
    store_in: Indices | None = None
    store_out: Indices | None = None


def add_site(lp: Lp, plan_input: PlanInput, hours: Floats) -> Site:
    """Put the site into the program."""
    steps = len(hours)
    other_kw, pv_kw = _filled(plan_input.other_load_kw, steps), _filled(plan_input.pv_kw, steps)
    limit_kw = np.maximum(np.array(plan_input.import_limit_kw), np.maximum(other_kw - pv_kw, 0.0))
    imported = lp.columns(steps, 0.0, limit_kw * hours, plan_input.price_per_kwh)
    paid_back = plan_input.export_price_per_kwh
    most_back_kw = pv_kw + sum(battery.discharge_kw for battery in plan_input.batteries)
    if plan_input.store is not None:
        most_back_kw += plan_input.store.discharge_kw
    if plan_input.export_limit_kw:
        most_back_kw = np.minimum(most_back_kw, plan_input.export_limit_kw)
    most_back_kwh = most_back_kw * hours if paid_back else 0.0
    exported = lp.columns(steps, 0.0, most_back_kwh, -_filled(paid_back, steps))
    pv = lp.columns(steps, 0.0, pv_kw * hours, 0.0)
    balance = lp.rows(steps, other_kw * hours, other_kw * hours)
    flows = [(imported, 1.0), (exported, -1.0), (pv, 1.0)]
    store_in = store_out = None
    if plan_input.store is not None:
        store_in, store_out = _store(lp, plan_input.store, hours)
        flows += [(store_in, -1.0), (store_out, 1.0)]
    for columns, sign in flows:
        lp.enter(balance, columns, sign)
    if plan_input.charging_limit_kw:
        charging = lp.rows(steps, -INFINITE, (other_kw + np.array(plan_input.charging_limit_kw)) * hours)
        for columns, sign in flows:
            lp.enter(charging, columns, sign)
    _peak(lp, plan_input, imported, hours)
    return Site(balance, imported, exported, store_in, store_out)


def _peak(lp: Lp, plan_input: PlanInput, imported: Indices, hours: Floats) -> None:
    """A new highest mean import of the month costs its demand charge, for the part above the highest so far."""
    charge = plan_input.demand_charge
    if charge.mode is not DemandChargeMode.DEMAND or charge.price_per_kw <= 0.0:
        return
    above = lp.columns(1, 0.0, INFINITE, charge.price_per_kw)
    at = plan_input.starts_at
    clock_s = np.array(plan_input.starts_s) + (at.minute * 60.0 + at.second) % charge.window_s
    window = ((clock_s + 1e-6) // charge.window_s).astype(np.int64)
    window_h = np.bincount(window, weights=hours)
    row_of = np.cumsum(np.diff(window, prepend=window[0]) > 0)
    rows = lp.rows(int(row_of[-1]) + 1, -INFINITE, charge.peak_kw)
    lp.enter(rows[row_of], imported, 1.0 / window_h[window])
    lp.enter(rows, above, -1.0)


def _store(lp: Lp, store: Store, hours: Floats) -> tuple[Indices, Indices]:
    """A stationary store: what is lost is lost on the way in; in the end it holds what it holds now."""
    steps = len(hours)
    held_kwh = store.energy_kwh * store.soc_pct / 100.0
    least_kwh = min(store.energy_kwh * store.least_soc_pct / 100.0, held_kwh)
    most_kwh = max(store.energy_kwh * store.most_soc_pct / 100.0, held_kwh)
    store_in = lp.columns(steps, 0.0, store.charge_kw * hours, 0.0)
    store_out = lp.columns(steps, 0.0, store.discharge_kw * hours, 0.0)
    end = np.append(np.full(steps - 1, least_kwh), held_kwh)
    level = lp.columns(steps, end, most_kwh, 0.0)
    rows = lp.rows(steps, np.append(held_kwh, np.zeros(steps - 1)), np.append(held_kwh, np.zeros(steps - 1)))
    lp.enter(rows, level, 1.0)
    lp.enter(rows[1:], level[:-1], -1.0)
    lp.enter(rows, store_in, -store.efficiency)
    lp.enter(rows, store_out, 1.0)
    return store_in, store_out


def _filled(values: tuple[float, ...], steps: int) -> Floats:
    """The values, or zeros where there are none."""
    return np.array(values) if values else np.zeros(steps)
