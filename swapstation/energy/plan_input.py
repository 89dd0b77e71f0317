"""What a charging plan is made from: plain frozen data, no clock (own design).

Times are seconds from the plan's start (`..._s`) or one value for each step; powers are kW, positive into a battery.
`starts_at` only gives the words of the reasons a time of day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate

from swapstation.energy.curve import Curve, level
from swapstation.errors import InputError
from swapstation.model.power import DemandChargeMode

FINE_S, COARSE_S = 300.0, 900.0
USUAL_RETURN_PCT = 30.0
"""SOC of a returned battery until the first ones have told."""
LEAST_CHARGE_KW = 15.0
MAY_BE_EMPTY = ("export_price_per_kwh", "export_limit_kw", "other_load_kw", "pv_kw", "charging_limit_kw")
FULL_POWER, NONE_ANNOUNCED, EFFICIENCY = level(1.0), level(0.0), level(0.95)


@dataclass(frozen=True, slots=True)
class BayBattery:
    """A battery in a bay.

    `max_power_kw`: most that bay, charger and battery allow, kW DC, all derating in it. `acceptance`: SOC (%) -> share
    (0 to 1) of that power which the battery takes. `may_charge` False: it stays as it is (hold, doubt, fault, heat).
    `min_power_kw`: what a running charge is guaranteed; a set-point is 0 or at least this. `discharge_kw`: most it may
    give to site or grid, 0 where adapter or battery do not declare it; never below `least_soc_pct`. `held_for`: the
    need that this very battery is held for.
    """

    bay: int
    battery: str
    model: str
    soc_pct: float
    capacity_kwh: float
    max_power_kw: float
    acceptance: Curve = FULL_POWER
    may_charge: bool = True
    min_power_kw: float = LEAST_CHARGE_KW
    discharge_kw: float = 0.0
    least_soc_pct: float = 20.0
    held_for: str = ""


@dataclass(frozen=True, slots=True)
class ComingBattery:
    """A battery on its way into a bay: when it can be charged there, and with which SOC it is taken to come."""

    at_s: float
    model: str
    soc_pct: float
    capacity_kwh: float
    max_power_kw: float
    acceptance: Curve = FULL_POWER


@dataclass(frozen=True, slots=True)
class FirmNeed:
    """A truck that is known to come: a booking, an announced arrival, one that waits (`at_s` 0).

    `priority` 0 counts most (a promise); a larger number yields when all cannot be served. `label` is its name in
    reasons (plate or booking). `return_soc_pct`: SOC of the battery that it brings, None: nobody knows.
    """

    need: str
    at_s: float
    model: str
    min_soc_pct: float
    priority: int = 0
    label: str = ""
    return_soc_pct: float | None = None


@dataclass(frozen=True, slots=True)
class ModelDemand:
    """What is expected of one battery model beyond the firm needs, and how its batteries are handed out.

    `mean`, `spread`: trucks in each step, and the standard deviation of that number; without announced ones.
    `announced_share`: share (0 to 1) of all trucks that will be known at least so many seconds ahead, falling
    (a curve over s); it says how much of what is unknown now will be known in time. `ready_soc_pct`: a battery counts
    as ready from here and is charged to `target_soc_pct`. `reserve`: batteries to keep ready at any time.
    `return_soc_pct`: mean SOC of returned batteries.
    """

    model: str
    mean: tuple[float, ...]
    spread: tuple[float, ...]
    announced_share: Curve = NONE_ANNOUNCED
    ready_soc_pct: float = 95.0
    target_soc_pct: float = 95.0
    reserve: int = 0
    return_soc_pct: float = USUAL_RETURN_PCT


@dataclass(frozen=True, slots=True)
class DemandCharge:
    """Yuan per kW of the month's highest mean import over `window_s`; `peak_kw`: highest of this month so far."""

    mode: DemandChargeMode = DemandChargeMode.WAIVED
    price_per_kw: float = 0.0
    peak_kw: float = 0.0
    window_s: float = 900.0


@dataclass(frozen=True, slots=True)
class Ageing:
    """What use costs a battery: yuan per kWh through it, and per kWh and hour that it stands charged."""

    per_kwh: float = 0.0
    holding_per_kwh_h: float = 0.0


@dataclass(frozen=True, slots=True)
class Store:
    """A stationary store of the site (kWh, kW AC); `efficiency` of a whole cycle (0 to 1), lost while charging."""

    energy_kwh: float
    soc_pct: float
    charge_kw: float
    discharge_kw: float
    least_soc_pct: float = 10.0
    most_soc_pct: float = 95.0
    efficiency: float = 0.9


@dataclass(frozen=True, slots=True)
class PlanRules:
    """How careful a plan is; one default for every station (docs/charging_plan.md says what each does).

    `late_chance`: the chance that a truck comes to no ready battery, from which on charging a battery is urgent.
    `urgency`: what an urgent charge costs beyond its price, in shares of the mean price. `margin_s`: how long before
    its truck a battery has to be ready. `short_promise`, `short_reserve`: what a kWh costs that is missing for a
    promise (or for an hour in an urgent charge), in multiples of the highest price: they keep the order of what yields.
    """

    late_chance: float = 0.007
    urgency: float = 0.05
    margin_s: float = 120.0
    short_promise: float = 4000.0
    short_reserve: float = 10.0


@dataclass(frozen=True, slots=True)
class PlanInput:
    """Everything a plan depends on. Sequences hold one value for each step of `step_s`. Raises InputError.

    `import_limit_kw`: most mean import, kW AC, all arbitration done (inf: none). `price_per_kwh`: yuan per kWh AC
    imported. `export_price_per_kwh`: yuan per kWh AC fed back, empty: nothing may be fed back; `export_limit_kw`: most
    mean export, empty: no limit of its own. `other_load_kw`: AC load beside the charging. `pv_kw`: expected PV, AC.
    `charging_limit_kw`: most of all charging together, kW AC, whatever PV or a store give; empty: no such limit.
    `efficiency`: kW DC of one charger -> share of AC that arrives. `alarm_active`: nothing is discharged.
    """

    starts_at: datetime
    step_s: tuple[float, ...]
    import_limit_kw: tuple[float, ...]
    price_per_kwh: tuple[float, ...]
    batteries: tuple[BayBattery, ...]
    demand: tuple[ModelDemand, ...]
    needs: tuple[FirmNeed, ...] = ()
    coming: tuple[ComingBattery, ...] = ()
    efficiency: Curve = EFFICIENCY
    export_price_per_kwh: tuple[float, ...] = ()
    export_limit_kw: tuple[float, ...] = ()
    other_load_kw: tuple[float, ...] = ()
    pv_kw: tuple[float, ...] = ()
    charging_limit_kw: tuple[float, ...] = ()
    demand_charge: DemandCharge = field(default_factory=DemandCharge)
    ageing: Ageing = field(default_factory=Ageing)
    store: Store | None = None
    alarm_active: bool = False
    rules: PlanRules = field(default_factory=PlanRules)

    def __post_init__(self) -> None:
        steps = len(self.step_s)
        if not steps or min(self.step_s) <= 0.0:
            raise InputError("step_s", self.step_s, "at least one step, each longer than 0 s")
        for name, values in self._sequences():
            if len(values) != steps and (values or name not in MAY_BE_EMPTY):
                raise InputError(name, len(values), f"one value for each of the {steps} steps")
        models = {each.model for each in self.demand}
        used = {battery.model for battery in self.batteries} | {need.model for need in self.needs}
        for model in sorted((used | {each.model for each in self.coming}) - models):
            raise InputError("demand", sorted(models), f"an entry for each battery model, {model!r} too")
        if len({each.bay for each in self.batteries}) != len(self.batteries):
            raise InputError("batteries", [each.bay for each in self.batteries], "each bay once")

    def _sequences(self) -> Iterator[tuple[str, tuple[float, ...]]]:
        yield "import_limit_kw", self.import_limit_kw
        yield "price_per_kwh", self.price_per_kwh
        yield "export_price_per_kwh", self.export_price_per_kwh
        yield "export_limit_kw", self.export_limit_kw
        yield "other_load_kw", self.other_load_kw
        yield "pv_kw", self.pv_kw
        yield "charging_limit_kw", self.charging_limit_kw
        for each in self.demand:
            yield f"demand.{each.model}.mean", each.mean
            yield f"demand.{each.model}.spread", each.spread

    @property
    def starts_s(self) -> tuple[float, ...]:
        """When each step starts (s from the plan's start)."""
        return (0.0, *accumulate(self.step_s[:-1]))


def step_lengths(second_of_hour: float, fine_h: float = 4.0, horizon_h: float = 24.0) -> tuple[float, ...]:
    """Steps of 5 min for the first hours and of 15 min after them, cut to the clock (s); the last ends at the horizon.

    `second_of_hour`: where in its hour the plan starts; the first step of each length ends on a round time.
    """
    found: list[float] = []
    at_s, end_s = 0.0, horizon_h * 3600.0
    while at_s < end_s:
        clock_s = second_of_hour + at_s
        fine = at_s < fine_h * 3600.0 or clock_s % COARSE_S
        length_s = FINE_S if fine else COARSE_S
        found.append(min(length_s - clock_s % length_s, end_s - at_s))
        at_s += found[-1]
    return tuple(found)
