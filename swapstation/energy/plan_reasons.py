"""Why a bay charges or waits, in codes of model/reasons.toml with the values that their texts name (own design)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from swapstation.energy.charges import Charge
from swapstation.energy.plan_input import BayBattery, FirmNeed, PlanInput
from swapstation.model.charge_plan import PlanReason

SAME_PRICE = 1e-6
MORE_PV_KW = 1.0
"""So much more PV than now is worth a word."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a plan says of a battery in a bay: mean kW DC of the first step, when it goes on and is ready.

    `goes_on_s` is 0 when it charges in the first step, None when it does not within the plan. `missing_kwh`: what it
    will lack when its truck comes.
    """

    charge: Charge
    battery: BayBattery
    mean_kw: float
    urgent: bool
    finishes: bool
    goes_on_s: float | None
    goes_on_price: float
    goes_on_pv_kw: float
    ready_s: float | None
    missing_kwh: float

    @property
    def order(self) -> tuple[bool, bool, int]:
        """Who counts first when power is short: promised, urgent, fullest."""
        return self.charge.need is None, not self.urgent, self.charge.place


def reasons(plan_input: PlanInput, outlook: Outlook, power_kw: float) -> tuple[PlanReason, ...]:
    """Why the battery gets this power now, and the truck that it is for."""
    return tuple(_reasons(plan_input, outlook, power_kw))


def _reasons(plan_input: PlanInput, outlook: Outlook, power_kw: float) -> Iterator[PlanReason]:
    price = plan_input.price_per_kwh[0]
    if power_kw < 0.0:
        yield PlanReason("plan_discharges", {"price": _price(price)})
    elif not outlook.battery.may_charge:
        yield PlanReason("plan_may_not_charge")
    elif outlook.ready_s == 0.0:
        yield PlanReason("plan_at_target")
    elif power_kw > 0.0 and outlook.urgent and outlook.charge.need is None:
        yield PlanReason("plan_few_ready")
    elif power_kw > 0.0:
        yield PlanReason("plan_charges", {"price": _price(price)})
    elif outlook.goes_on_s is None:
        yield PlanReason("plan_not_needed")
    elif outlook.goes_on_s > 0.0 and outlook.goes_on_price < price - SAME_PRICE:
        values = {"at": _clock(plan_input, outlook.goes_on_s), "price": _price(outlook.goes_on_price)}
        yield PlanReason("plan_waits_for_price", values)
    elif outlook.goes_on_s > 0.0 and outlook.goes_on_pv_kw > (plan_input.pv_kw or (0.0,))[0] + MORE_PV_KW:
        yield PlanReason("plan_waits_for_pv", {"at": _clock(plan_input, outlook.goes_on_s)})
    elif outlook.goes_on_s > 0.0 and not outlook.urgent:
        yield PlanReason("plan_waits", {"at": _clock(plan_input, outlook.goes_on_s)})
    else:
        yield PlanReason("plan_power_short")
    if outlook.charge.need is not None and outlook.ready_s != 0.0:
        yield from _for_truck(plan_input, outlook, outlook.charge.need)


def _for_truck(plan_input: PlanInput, outlook: Outlook, need: FirmNeed) -> Iterator[PlanReason]:
    values = {
        "truck": need.label or need.need,
        "at": _clock(plan_input, need.at_s),
        "soc": f"{need.min_soc_pct:g}",
    }
    yield PlanReason("plan_for_truck", values)
    if outlook.missing_kwh > 0.5:
        yield PlanReason("plan_late_for_truck", values | {"kwh": f"{outlook.missing_kwh:.0f}"})


def _clock(plan_input: PlanInput, at_s: float) -> str:
    return f"{plan_input.starts_at + timedelta(seconds=at_s):%H:%M}"


def _price(price: float) -> str:
    return f"{price:.4g}"
