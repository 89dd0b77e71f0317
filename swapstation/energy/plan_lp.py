"""The charging plan as a linear program: batteries against needs, prices and their chance of becoming urgent.

Columns are kWh in a step; those of a battery are slow kWh (charge_need.py). What yields first when not all fits:
cost, then forecast demand, then what is urgent, then promises; the site's limits never do.

| columns | one for | rows | what they say |
|---|---|---|---|
| charge | battery and step | full | a battery takes no more than it lacks |
| back | battery that may discharge, and step | level | it stays between its least SOC and its target |
| short | firm need | promise | charged in time, or what is missing costs |
| flow, backlog, excess | model and hour | returned | batteries that trucks are expected to bring are charged, too |
| import, export, ... | step | balance, peak, store | the site (plan_site.py) |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from swapstation.energy.charges import Charge
from swapstation.energy.lp import INFINITE, Floats, Indices, Lp
from swapstation.energy.plan_input import FirmNeed, ModelDemand, PlanInput
from swapstation.energy.plan_site import Site, add_site

LEAST_PRICE = 0.01
SOONER = 1e-4
"""Of two steps that cost the same the first is taken: shares of the highest price per kWh and hour."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The steps in arrays: begins and lengths (h), prices (yuan/kWh AC), efficiency of a charger at full power."""

    starts_h: Floats
    hours: Floats
    prices: Floats
    efficiency: float

    @property
    def ends_h(self) -> Floats:
        return np.asarray(self.starts_h + self.hours)

    @property
    def unit_price(self) -> float:
        """What the costs of missing energy are multiples of: the highest price, also where prices are 0 or below."""
        return max(float(np.abs(self.prices).max()), LEAST_PRICE)

    def in_time(self, until_h: float) -> Floats:
        """The part of each step before a time (0 to 1)."""
        return np.asarray(np.clip((until_h - self.starts_h) / self.hours, 0.0, 1.0))

    def price_during(self, hours: float) -> Floats:
        """Mean price from the begin of each step for so long; the last step's goes on."""
        edges_h = np.append(self.starts_h, self.starts_h[-1] + self.hours[-1] + max(hours, 1.0))
        paid = np.append(0.0, np.cumsum(np.diff(edges_h) * self.prices))
        span_h = max(hours, 1e-3)
        until = np.interp(self.starts_h + span_h, edges_h, paid)
        return np.asarray((until - np.interp(self.starts_h, edges_h, paid)) / span_h)


@dataclass(slots=True)
class PlanLp:
    """The program and where its columns are, by a charge's number; `short`: kWh that are missing for its need.

    A battery that is full and stays so has no columns.
    """

    lp: Lp
    grid: Grid
    site: Site
    charge: dict[int, Indices] = field(default_factory=dict)
    back: dict[int, Indices] = field(default_factory=dict)
    short: dict[int, int] = field(default_factory=dict)


def build(plan_input: PlanInput, charges: Sequence[Charge], urgent: Sequence[Floats]) -> PlanLp:
    """The program of a plan; `urgent` are the chances of urgency.urgent_chance for each charge."""
    grid = grid_of(plan_input)
    lp = Lp()
    plan = PlanLp(lp, grid, add_site(lp, plan_input, grid.hours))
    for number, (charge, chance) in enumerate(zip(charges, urgent, strict=True)):
        if charge.slow_kwh > 0.0 or gives_back(plan_input, charge):
            _charge(plan, plan_input, number, charge, chance)
    for demand in range(len(plan_input.demand)):
        _returned(plan, plan_input, charges, demand)
    _promises(plan, plan_input, charges)
    for columns in plan.charge.values():
        plan.lp.enter(plan.site.balance, columns, -1.0 / grid.efficiency)
    for columns in plan.back.values():
        plan.lp.enter(plan.site.balance, columns, grid.efficiency)
    return plan


def grid_of(plan_input: PlanInput) -> Grid:
    """The steps of an input."""
    most_kw = max((battery.max_power_kw for battery in plan_input.batteries), default=0.0)
    return Grid(
        np.array(plan_input.starts_s) / 3600.0,
        np.array(plan_input.step_s) / 3600.0,
        np.array(plan_input.price_per_kwh),
        plan_input.efficiency.at(most_kw),
    )


def _charge(plan: PlanLp, plan_input: PlanInput, number: int, charge: Charge, urgent: Floats) -> None:
    """A battery's columns, what it lacks, and what charging it earlier saves later."""
    grid = plan.grid
    there = np.clip((grid.ends_h - charge.from_s / 3600.0) / grid.hours, 0.0, 1.0)
    if charge.need is not None:
        in_time = grid.in_time(_until_h(plan_input, charge.need, grid))
        there = np.where(in_time > 0.0, np.minimum(there, in_time), there)
    most = charge.max_power_kw * grid.hours * there if charge.may_charge else 0.0
    worth = _worth(plan_input, grid, charge, urgent)
    columns = plan.lp.columns(len(grid.hours), 0.0, most, plan_input.ageing.per_kwh - worth)
    plan.charge[number] = columns
    battery = charge.in_bay
    if battery is None or not gives_back(plan_input, charge):
        plan.lp.enter(plan.lp.rows(1, -INFINITE, charge.slow_kwh), columns, 1.0)
        return
    room = battery.capacity_kwh * max(charge.soc_pct - battery.least_soc_pct, 0.0) / 100.0
    back = plan.lp.columns(
        len(grid.hours), 0.0, battery.discharge_kw * grid.hours * (1.0 - urgent), plan_input.ageing.per_kwh + worth
    )
    plan.back[number] = back
    level = plan.lp.rows(len(back), -room, charge.slow_kwh)
    row, column = np.tril_indices(len(back))
    plan.lp.enter(level[row], columns[column], 1.0)
    plan.lp.enter(level[row], back[column], -1.0)


def gives_back(plan_input: PlanInput, charge: Charge) -> bool:
    """Whether a battery may be discharged: declared for it, nobody known waits for it, and no alarm is active."""
    able = charge.in_bay is not None and charge.in_bay.discharge_kw > 0.0
    return able and charge.need is None and not plan_input.alarm_active


def _worth(plan_input: PlanInput, grid: Grid, charge: Charge, urgent: Floats) -> Floats:
    """Yuan that a kWh charged in each step is worth: what it would have cost to charge it later, urgently.

    The import is paid in any case; where the charge is urgent by then, it would be paid anyway.
    """
    rules = plan_input.rules
    mean_price = float(np.average(grid.prices, weights=grid.hours))
    extra = rules.urgency * abs(mean_price)
    becomes, still = np.diff(urgent, prepend=0.0), 1.0 - urgent[-1]
    later = becomes * (grid.price_during(charge.hours) + extra)
    worth = urgent * grid.prices + _after(later) + still * (mean_price + extra)
    worth += SOONER * grid.unit_price * _after(grid.hours)
    worth /= grid.efficiency
    worth -= plan_input.ageing.holding_per_kwh_h * _after((1.0 - urgent) * grid.hours)
    if urgent[0] >= 1.0:
        first = 1.0 + 1.0 / (1.0 + charge.place)
        worth += rules.short_reserve * first * grid.unit_price * _after(grid.hours)
    return np.asarray(worth)


def _after(values: Floats) -> Floats:
    """For each step the sum of the values of the steps behind it."""
    return np.asarray(values.sum() - np.cumsum(values))


def _promises(plan: PlanLp, plan_input: PlanInput, charges: Sequence[Charge]) -> None:
    """Each firm need has its battery charged in time; what is missing costs the more the higher its priority."""
    unit = plan_input.rules.short_promise * plan.grid.unit_price
    for number, charge in enumerate(charges):
        if charge.need is None or number not in plan.charge:
            continue
        first = (1.0 + 1.0 / (1.0 + charge.place)) / (1.0 + charge.need.priority)
        short = plan.lp.columns(1, 0.0, INFINITE, unit * first)
        in_time = plan.grid.in_time(_until_h(plan_input, charge.need, plan.grid)) > 0.0
        row = plan.lp.rows(1, charge.slow_kwh, INFINITE)
        plan.lp.enter(row, plan.charge[number][in_time], 1.0)
        plan.lp.enter(row, short, 1.0)
        plan.short[number] = int(short[0])


def _until_h(plan_input: PlanInput, need: FirmNeed, grid: Grid) -> float:
    """When its battery has to be ready; who waits already is served in the first step."""
    return float(max((need.at_s - plan_input.rules.margin_s) / 3600.0, grid.hours[0]))


def _returned(plan: PlanLp, plan_input: PlanInput, charges: Sequence[Charge], number: int) -> None:
    """What expected trucks bring is charged within the horizon, too: hour by hour, with room for a backlog."""
    demand = plan_input.demand[number]
    own = [charge for charge in charges if charge.demand == number and charge.in_bay]
    if not own or not any(demand.mean):
        return
    grid = plan.grid
    hour = grid.starts_h.astype(np.int64)
    hours_of = np.bincount(hour, weights=grid.hours)
    each_kwh = _mean_need(demand, own)
    mean_price = float(np.average(grid.prices, weights=grid.hours))
    most_kw = sum(charge.max_power_kw for charge in own)
    room = each_kwh * max(len(own) - demand.reserve - 1, 1)
    unpaid = np.zeros(len(hours_of))
    unpaid[-1] = mean_price / grid.efficiency
    flow = plan.lp.columns(len(hours_of), 0.0, most_kw * hours_of, 0.0)
    backlog = plan.lp.columns(len(hours_of), 0.0, room, unpaid)
    excess = plan.lp.columns(
        len(hours_of), 0.0, INFINITE, unpaid + plan_input.rules.urgency * abs(mean_price) * hours_of
    )
    brings = np.bincount(hour, weights=demand.mean) * each_kwh
    rows = plan.lp.rows(len(hours_of), brings, brings)
    plan.lp.enter(rows, flow, 1.0)
    for left in (backlog, excess):
        plan.lp.enter(rows, left, 1.0)
        plan.lp.enter(rows[1:], left[:-1], -1.0)
    plan.lp.enter(plan.site.balance, flow[hour], -grid.hours / hours_of[hour] / grid.efficiency)


def _mean_need(demand: ModelDemand, own: Sequence[Charge]) -> float:
    """kWh of a mean returned battery to its target."""
    capacity_kwh = sum(charge.capacity_kwh for charge in own) / len(own)
    return capacity_kwh * max(demand.target_soc_pct - demand.return_soc_pct, 0.0) / 100.0
