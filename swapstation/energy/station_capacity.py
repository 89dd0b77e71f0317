"""What the station can do for trucks that have not booked: when each spare is ready, how long one more takes. Pure."""

from __future__ import annotations

from statistics import mean

from swapstation.config.settings import BatteryModel, Config
from swapstation.energy.charge_need import slow_kwh_to
from swapstation.energy.charges import SWAP_S
from swapstation.energy.plan_input import USUAL_RETURN_PCT, BayBattery
from swapstation.energy.stagger import Capacity
from swapstation.energy.stock import batteries_of, efficiency_of
from swapstation.model.snapshot import Snapshot


def capacity_of(now: Snapshot, config: Config, model: BatteryModel, own: frozenset[str] = frozenset()) -> Capacity:
    """By the plan where one counts, else by charging on arrival at full power. The first ready ones are promised.

    `own` are holds whose batteries are there for those who ask.
    """
    stock, ready_pct = now.inventory, config.limits.ready_soc_pct
    spares = [each for each in batteries_of(now, config, efficiency_of(config)) if each.model == model.name]
    free = [each for each in spares if each.may_charge and (not each.held_for or each.held_for in own)]
    ready_s = sorted(_ready_s(now, each, ready_pct) for each in free)
    others = [hold for hold in stock.holds if hold.hold not in own]
    promised = sum(hold.battery is None and hold.model == model.name for hold in others)
    recharge_s = mean(_charge_s(each, USUAL_RETURN_PCT, ready_pct) for each in free) if free else 0.0
    lane_free_s = SWAP_S if stock.swap is not None else 0.0
    return Capacity(SWAP_S, tuple(ready_s[promised:]), recharge_s, lane_free_s)


def _ready_s(now: Snapshot, battery: BayBattery, ready_pct: float) -> float:
    if battery.soc_pct >= ready_pct:
        return 0.0
    planned = now.plan.bay(battery.bay, battery.battery) if now.plan is not None else None
    if planned is not None and planned.ready_at is not None:
        return max((planned.ready_at - now.at).total_seconds(), 0.0)
    return _charge_s(battery, battery.soc_pct, ready_pct)


def _charge_s(battery: BayBattery, soc_pct: float, ready_pct: float) -> float:
    """How long a charge in this bay takes (s)."""
    kwh = slow_kwh_to(ready_pct, battery.capacity_kwh, soc_pct, battery.acceptance)
    return 3600.0 * kwh / battery.max_power_kw
