"""The batteries that a plan may charge, in the order in which they would be handed out: the fullest first.

Those in the bays, then those on their way and those that the trucks of firm needs bring. The k-th truck that comes
gets the k-th battery of its model; a battery that is held for a need stands outside of that order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from statistics import mean

from swapstation.energy.charge_need import slow_kwh_to
from swapstation.energy.curve import Curve
from swapstation.energy.plan_input import BayBattery, ComingBattery, FirmNeed, ModelDemand, PlanInput

SWAP_S = 300.0
"""From the begin of a swap until the battery that came off can be charged."""


@dataclass(frozen=True, slots=True)
class Charge:
    """One battery's part of a plan. `demand`: its model's number in the input. `slow_kwh`: what it takes to its target.

    `place` 1 is handed out next; 0: held for its need. `need`: the firm need that it is for, as far as one is known;
    then it is charged for that one only. `from_s`: in its bay from then on. Slow kWh: see charge_need.py.
    """

    demand: int
    place: int
    soc_pct: float
    capacity_kwh: float
    max_power_kw: float
    acceptance: Curve
    target_soc_pct: float
    slow_kwh: float
    from_s: float = 0.0
    in_bay: BayBattery | None = None
    need: FirmNeed | None = None

    @property
    def hours(self) -> float:
        """How long that takes at full power."""
        return self.slow_kwh / self.max_power_kw if self.max_power_kw > 0.0 else 0.0

    @property
    def may_charge(self) -> bool:
        return self.in_bay is None or self.in_bay.may_charge

    def for_need(self, need: FirmNeed) -> Charge:
        """The same for a need: its SOC is the target, or the battery's own if that is higher."""
        target_pct = max(need.min_soc_pct, self.soc_pct) if self.may_charge else self.soc_pct
        slow = slow_kwh_to(target_pct, self.capacity_kwh, self.soc_pct, self.acceptance)
        return replace(self, need=need, target_soc_pct=target_pct, slow_kwh=slow)


def charges_of(plan_input: PlanInput) -> list[Charge]:
    """All batteries of a plan, model by model, each in the order of its places."""
    return [
        charge for number, demand in enumerate(plan_input.demand) for charge in _of_model(plan_input, number, demand)
    ]


def _of_model(plan_input: PlanInput, number: int, demand: ModelDemand) -> Iterator[Charge]:
    """Held ones for their needs; of the others the n-th in the order is for the n-th need to come."""
    needs = {need.need: need for need in plan_input.needs if need.model == demand.model}
    queue, held = [], set()
    for battery in plan_input.batteries:
        if battery.model != demand.model:
            continue
        charge = _charge(number, battery, demand.target_soc_pct)
        if battery.held_for in needs:
            held.add(battery.held_for)
            yield charge.for_need(needs[battery.held_for])
        elif charge.may_charge or battery.soc_pct >= demand.ready_soc_pct:
            queue.append(charge)
    queue.sort(key=lambda each: (each.soc_pct < demand.ready_soc_pct, each.slow_kwh))
    coming = _coming(plan_input, demand)
    queue += [replace(_charge(number, each, demand.target_soc_pct), from_s=each.at_s) for each in coming]
    others = sorted((n for n in needs.values() if n.need not in held), key=lambda need: (need.at_s, need.priority))
    for index, charge in enumerate(queue):
        placed = replace(charge, place=index + 1)
        if index < len(others) and charge.from_s <= others[index].at_s:
            placed = placed.for_need(others[index])
        yield placed


def _charge(number: int, battery: BayBattery | ComingBattery, target_pct: float) -> Charge:
    """A battery's charge to the target of its model, or to its own SOC if that is higher or must stay."""
    in_bay = battery if isinstance(battery, BayBattery) else None
    may_charge = in_bay is None or in_bay.may_charge
    own_pct = max(target_pct, battery.soc_pct) if may_charge else battery.soc_pct
    slow = slow_kwh_to(own_pct, battery.capacity_kwh, battery.soc_pct, battery.acceptance)
    return Charge(
        number,
        0,
        battery.soc_pct,
        battery.capacity_kwh,
        battery.max_power_kw,
        battery.acceptance,
        own_pct,
        slow,
        in_bay=in_bay,
    )


def _coming(plan_input: PlanInput, demand: ModelDemand) -> list[ComingBattery]:
    """Batteries on their way, and one from the truck of each firm need: like those that are here, in the mean."""
    here = [battery for battery in plan_input.batteries if battery.model == demand.model]
    found = [each for each in plan_input.coming if each.model == demand.model]
    if here:
        capacity_kwh = mean(battery.capacity_kwh for battery in here)
        power_kw, acceptance = mean(battery.max_power_kw for battery in here), here[0].acceptance
        for need in plan_input.needs:
            if need.model == demand.model:
                soc_pct = demand.return_soc_pct if need.return_soc_pct is None else need.return_soc_pct
                found.append(ComingBattery(need.at_s + SWAP_S, need.model, soc_pct, capacity_kwh, power_kw, acceptance))
    return sorted(found, key=lambda each: each.at_s)
