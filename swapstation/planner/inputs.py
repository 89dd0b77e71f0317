"""From a snapshot to what a plan is made from: batteries, promises, limits, prices, demand. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from math import inf
from zoneinfo import ZoneInfo

from swapstation.config.settings import BatteryModel, Config
from swapstation.energy.plan_input import (
    Ageing,
    DemandCharge,
    ModelDemand,
    PlanInput,
    Store,
    step_lengths,
)
from swapstation.energy.power_limits import limit_course, site_limits
from swapstation.energy.pv import PvForecast
from swapstation.energy.stock import batteries_of, coming_batteries, efficiency_of, needs_of
from swapstation.energy.tariff import LOCAL_ZONE, Tariff
from swapstation.model.snapshot import Snapshot
from swapstation.planner.demand import ModelHistory

NO_PRICE = 1.0
"""Every kWh costs the same where no tariff is told: then only needs and the reserve decide."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a plan depends on beside the station itself: prices (None: not told), PV (None: none), the trucks known."""

    tariff: Tariff | None = None
    trucks: Mapping[str, ModelHistory] = field(default_factory=dict)
    pv: PvForecast | None = None

    @property
    def zone(self) -> ZoneInfo:
        return self.tariff.zone if self.tariff is not None else LOCAL_ZONE


def plan_input(now: Snapshot, config: Config, around: Surroundings) -> PlanInput:
    """What the next plan is made from, starting at the second of the snapshot: whole steps need whole seconds."""
    starts_at = now.at.astimezone(around.zone).replace(microsecond=0)
    step_s = step_lengths(starts_at.minute * 60.0 + starts_at.second, horizon_h=config.planner.horizon_hours)
    course = limit_course(site_limits(config), now.inventory.dispatches, starts_at, step_s, now.power.silent)
    prices = step_prices(around.tariff, starts_at, step_s)
    limit_kw = tuple(inf if each.charging_kw is None else each.charging_kw for each in course)
    other_kw, export_price = max(now.power.other_kw, 0.0), config.planner.export_price_per_kwh
    efficiency = efficiency_of(config)
    return PlanInput(
        starts_at=starts_at,
        step_s=step_s,
        import_limit_kw=tuple(kw + other_kw for kw in limit_kw),
        charging_limit_kw=limit_kw,
        price_per_kwh=tuple(NO_PRICE if price is None else float(price) for price in prices),
        batteries=tuple(batteries_of(now, config, efficiency)),
        demand=tuple(_demand(model, config, around, starts_at, step_s) for model in config.battery_models),
        needs=tuple(needs_of(now, config, sum(step_s))),
        coming=tuple(coming_batteries(now, config)),
        efficiency=efficiency,
        export_price_per_kwh=() if export_price is None else (export_price,) * len(step_s),
        export_limit_kw=tuple(each.export_kw for each in course),
        other_load_kw=(other_kw,) * len(step_s),
        demand_charge=_demand_charge(now, config),
        pv_kw=around.pv.course_kw(starts_at, step_s) if around.pv is not None else (),
        ageing=Ageing(config.planner.ageing_per_kwh, config.planner.holding_per_kwh_h),
        alarm_active=bool(now.alarms),
        store=_store(now, config),
    )


def store_usable(now: Snapshot) -> bool:
    """Whether the site's store is heard and says that it can work."""
    store = now.store.good
    return store is not None and store.healthy


def _store(now: Snapshot, config: Config) -> Store | None:
    """The site's store as far as it can be used now; a limit of the moment (taper) is not one of the whole day."""
    settings, store = config.store, now.store.good
    if settings is None or store is None or not store.healthy:
        return None
    return Store(
        energy_kwh=settings.energy_kwh,
        soc_pct=store.soc_pct,
        charge_kw=settings.charge_kw,
        discharge_kw=settings.discharge_kw,
        least_soc_pct=settings.least_soc_pct,
        most_soc_pct=settings.most_soc_pct,
        efficiency=settings.efficiency,
    )


def _demand_charge(now: Snapshot, config: Config) -> DemandCharge:
    peak_kw = now.power.demand.month_peak_kw if now.power.demand is not None else 0.0
    return DemandCharge(config.site.demand_charge_mode, config.planner.demand_price_per_kw, peak_kw)


def step_prices(tariff: Tariff | None, starts_at: datetime, step_s: Sequence[float]) -> tuple[Decimal | None, ...]:
    """Yuan per kWh of each step; None: nobody told."""
    if tariff is None:
        return (None,) * len(step_s)
    starts, at = [], starts_at
    for length_s in step_s:
        starts.append(at)
        at += timedelta(seconds=length_s)
    return tariff.prices(starts)


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
