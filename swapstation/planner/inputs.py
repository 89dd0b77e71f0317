"""From a snapshot to what a plan is made from: batteries, promises, limits, prices, demand. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from math import inf
from zoneinfo import ZoneInfo

from swapstation.config.settings import BatteryModel, Bay, Config
from swapstation.energy.curve import Curve, level
from swapstation.energy.plan_input import (
    BayBattery,
    ComingBattery,
    DemandCharge,
    FirmNeed,
    ModelDemand,
    PlanInput,
    step_lengths,
)
from swapstation.energy.power_limits import limit_course, site_limits
from swapstation.energy.tariff import LOCAL_ZONE, Tariff
from swapstation.model.alarm import AlarmState
from swapstation.model.device import Presence
from swapstation.model.inventory import Hold, HoldKind
from swapstation.model.snapshot import BayState, Snapshot
from swapstation.planner.demand import ModelHistory

USUAL_VOLTAGE = 0.9
"""Share of its highest voltage at which a battery takes most of its charge."""
MILD_C = 25.0
"""The row of a derating table that a forecast goes by; the controller derates by what it measures."""
NO_PRICE = 1.0
"""Every kWh costs the same where no tariff is told: then only needs and the reserve decide."""
COMING_S = 300.0
"""So long a battery on its way needs into its bay."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a plan depends on beside the station itself: prices (None: not told) and what is known of the trucks."""

    tariff: Tariff | None = None
    trucks: Mapping[str, ModelHistory] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        return self.tariff.zone if self.tariff is not None else LOCAL_ZONE


def plan_input(now: Snapshot, config: Config, around: Surroundings) -> PlanInput:
    """What the next plan is made from, starting at the second of the snapshot: whole steps need whole seconds."""
    starts_at = now.at.astimezone(around.zone).replace(microsecond=0)
    step_s = step_lengths(starts_at.minute * 60.0 + starts_at.second, horizon_h=config.planner.horizon_hours)
    course = limit_course(site_limits(config), now.inventory.dispatches, starts_at, step_s, now.power.silent)
    prices = step_prices(around.tariff, starts_at, step_s)
    return PlanInput(
        starts_at=starts_at,
        step_s=step_s,
        import_limit_kw=tuple(inf if each.charging_kw is None else each.charging_kw for each in course),
        price_per_kwh=tuple(NO_PRICE if price is None else float(price) for price in prices),
        batteries=tuple(_batteries(now, config)),
        demand=tuple(_demand(model, config, around, starts_at, step_s) for model in config.battery_models),
        needs=tuple(_needs(now, config, sum(step_s))),
        coming=tuple(_coming(now, config)),
        efficiency=level(config.site.charging_efficiency),
        demand_charge=_demand_charge(now, config),
        alarm_active=bool(now.alarms),
    )


def _demand_charge(now: Snapshot, config: Config) -> DemandCharge:
    """The plan is of charging alone: what the site takes beside it is part of every peak."""
    peak_kw = now.power.demand.month_peak_kw if now.power.demand is not None else 0.0
    price = config.planner.demand_price_per_kw
    return DemandCharge(config.site.demand_charge_mode, price, max(peak_kw - now.power.other_kw, 0.0))


def step_prices(tariff: Tariff | None, starts_at: datetime, step_s: Sequence[float]) -> tuple[Decimal | None, ...]:
    """Yuan per kWh of each step; None: nobody told."""
    if tariff is None:
        return (None,) * len(step_s)
    starts, at = [], starts_at
    for length_s in step_s:
        starts.append(at)
        at += timedelta(seconds=length_s)
    return tariff.prices(starts)


def _models(config: Config) -> dict[str, BatteryModel]:
    return {model.name: model for model in config.battery_models}


def _batteries(now: Snapshot, config: Config) -> Iterator[BayBattery]:
    """Batteries of the rack whose SOC is known and that no swap or job has; others charge on arrival or not at all."""
    models = _models(config)
    for bay in now.bays:
        battery = now.inventory.battery(bay.battery) if bay.battery and bay.charges else None
        hold = now.inventory.held(battery=battery.battery) if battery is not None else None
        if battery is None or bay.soc_pct is None or battery.model not in models or not _is_booking(hold):
            continue
        model, settings = models[battery.model], config.bay(bay.number)
        power_kw = _power_kw(model, settings)
        yield BayBattery(
            bay=bay.number,
            battery=battery.battery,
            model=model.name,
            soc_pct=bay.soc_pct,
            capacity_kwh=model.energy_kwh,
            max_power_kw=power_kw,
            acceptance=_acceptance(model, power_kw),
            may_charge=battery.sound and _may_charge(now, bay),
            min_power_kw=min(settings.least_power_kw, power_kw),
            held_for=hold.hold if hold is not None else "",
        )


def _is_booking(hold: Hold | None) -> bool:
    return hold is None or hold.kind is HoldKind.BOOKING


def _may_charge(now: Snapshot, bay: BayState) -> bool:
    """Whether a charge could begin, as far as people are shown: no lock-out, no failed charge, no heat or frost."""
    io = bay.io.good
    standing = (alarm for alarm in now.alarms if alarm.state is not AlarmState.RETURNED_UNACKNOWLEDGED)
    failed = any((alarm.code, alarm.source) == ("CHARGE_FAILED", bay.place) for alarm in standing)
    stopped = any(goal.bay == bay.number and goal.at_once and goal.waits for goal in now.charge_goals)
    present = io is not None and io.presence is Presence.PRESENT and io.connector_mated
    return present and not failed and not stopped and not now.inventory.locked_out(bay.place)


def _power_kw(model: BatteryModel, bay: Bay) -> float:
    current_a = min(bay.max_current_a, model.max_current_a)
    return min(bay.max_power_kw, current_a * USUAL_VOLTAGE * model.max_voltage_v / 1000.0)


def _acceptance(model: BatteryModel, power_kw: float) -> Curve:
    """Share of its full power that a battery takes by SOC, from its model's table at a mild temperature."""
    table = model.derating
    if table is None:
        return level(1.0)
    row = min(range(len(table.temperature_c)), key=lambda each: abs(table.temperature_c[each] - MILD_C))
    per_unit_kw = USUAL_VOLTAGE * model.max_voltage_v / 1000.0 if table.current_a else model.energy_kwh
    shares = (min(value * per_unit_kw / power_kw, 1.0) for value in table.rows[row])
    return Curve(tuple(zip(table.soc_pct, shares, strict=True)))


def _demand(
    model: BatteryModel, config: Config, around: Surroundings, starts_at: datetime, step_s: Sequence[float]
) -> ModelDemand:
    known = around.trucks.get(model.name, ModelHistory())
    expected, spread = known.forecast.ahead(starts_at, step_s)
    return ModelDemand(
        model=model.name,
        mean=expected,
        spread=spread,
        announced_share=known.forecast.announced_share(),
        ready_soc_pct=config.limits.ready_soc_pct,
        target_soc_pct=config.limits.charge_target_soc_pct,
        reserve=config.planner.reserve_batteries,
        return_soc_pct=known.return_soc_pct,
    )


def _needs(now: Snapshot, config: Config, horizon_s: float) -> Iterator[FirmNeed]:
    """Promises, batteries that are held at once, and the truck that waits for its battery."""
    models = _models(config)
    for hold in now.inventory.holds:
        if hold.kind is not HoldKind.BOOKING or hold.model not in models:
            continue
        due_s = (hold.needed_at - now.at).total_seconds() if hold.needed_at is not None else 0.0
        if due_s < horizon_s:
            least_pct = config.limits.ready_soc_pct if hold.soc_pct is None else hold.soc_pct
            yield FirmNeed(hold.hold, max(due_s, 0.0), hold.model, least_pct, label=hold.vin or "")
    swap = now.inventory.swap
    truck_model = next((each for each in config.truck_models if swap and each.name == swap.truck_model), None)
    booked = {hold.vin for hold in now.inventory.holds if hold.kind is HoldKind.BOOKING}
    if swap is None or swap.allocated or truck_model is None or swap.vin in booked:
        return
    least_pct = min(config.limits.ready_soc_pct, swap.accept_soc_pct or 100.0)
    for position in range(1, len(truck_model.positions) + 1):
        yield FirmNeed(f"{swap.swap}-{position}", 0.0, truck_model.battery_model, least_pct, label=swap.vin)


def _coming(now: Snapshot, config: Config) -> Iterator[ComingBattery]:
    """Batteries that the running swap is bringing into the rack."""
    models, swap = _models(config), now.inventory.swap
    for each in swap.allocated if swap is not None else ():
        battery, bay = now.inventory.battery(each.returned), now.by_number.get(each.to_bay)
        if battery is None or bay is None or not bay.charges or bay.battery is not None or battery.model not in models:
            continue
        model = models[battery.model]
        power_kw = _power_kw(model, config.bay(bay.number))
        soc_pct = 0.0 if each.returned_soc_pct is None else each.returned_soc_pct
        yield ComingBattery(COMING_S, model.name, soc_pct, model.energy_kwh, power_kw, _acceptance(model, power_kw))
