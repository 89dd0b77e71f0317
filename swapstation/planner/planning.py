"""From a snapshot to the plan that the controller gets: set-points with reasons, forecast, promises. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from swapstation.config.settings import Config
from swapstation.energy.plan import make_plan
from swapstation.energy.plan_input import PlanInput
from swapstation.energy.plan_result import BayPlan, PlanResult
from swapstation.energy.promise import ASKED_MINUTES, FreeAt, availability
from swapstation.model.charge_plan import Availability, ChargePlan, PlannedBay, PlanReason, PlanStep
from swapstation.model.snapshot import Snapshot
from swapstation.planner.inputs import Surroundings, plan_input, step_prices, store_usable

LOW_SOC_PCT = 70.0
"""A charge below that of a ready battery which trucks are told about too."""
UNPRICED = {"plan_charges": "plan_charges_unpriced"}
"""Reasons that name a price have another text where there is none."""


def plan_of(now: Snapshot, config: Config, around: Surroundings) -> ChargePlan:
    """The plan for the station as it is. Raises LpUnsolved."""
    asked = plan_input(now, config, around)
    result = make_plan(asked)
    priced = around.tariff is not None
    return ChargePlan(
        plan=f"P{now.boot:04d}-{now.sequence:08d}",
        made_at=now.at,
        bays=tuple(_planned(bay, asked.starts_at, config, priced) for bay in result.bays),
        steps=tuple(_steps(result, asked, around)),
        availability=tuple(_available(row, asked.starts_at) for row in availability(asked, _questions(config, asked))),
        cost=Decimal(f"{result.cost:.2f}") if priced else None,
        store_kw=_store_kw(result, asked),
        holds_until=_at(asked.starts_at, result.holds_s) if result.holds_s < sum(asked.step_s) else None,
    )


def what_matters(now: Snapshot) -> Hashable:
    """What a plan depends on but for the passing of time: a change of it calls for a new plan at once."""
    stock = now.inventory
    placed = tuple((bay.number, bay.battery, bay.soc_pct is None) for bay in now.bays)
    sound = tuple((battery.battery, battery.sound) for battery in stock.batteries)
    failed = tuple(alarm.alarm for alarm in now.alarms if alarm.code == "CHARGE_FAILED")
    swap = (stock.swap.swap, stock.swap.fresh) if stock.swap is not None else None
    return placed, sound, stock.holds, stock.dispatches, swap, failed, now.power.silent, store_usable(now)


def _store_kw(result: PlanResult, asked: PlanInput) -> float | None:
    store = asked.store
    return None if store is None else round(min(max(result.store_kw, -store.discharge_kw), store.charge_kw), 1)


def _planned(bay: BayPlan, starts_at: datetime, config: Config, priced: bool) -> PlannedBay:
    most_kw = config.bay(bay.bay).max_power_kw
    return PlannedBay(
        bay=bay.bay,
        battery=bay.battery,
        power_kw=round(min(max(bay.power_kw, -most_kw), most_kw), 1),
        target_soc_pct=round(min(max(bay.target_soc_pct, 0.0), 100.0), 1),
        goes_on_at=_at(starts_at, bay.goes_on_s),
        ready_at=_at(starts_at, bay.ready_s),
        reasons=tuple(reason if priced else _unpriced(reason) for reason in bay.reasons),
    )


def _unpriced(reason: PlanReason) -> PlanReason:
    code = UNPRICED.get(reason.code)
    return reason if code is None else replace(reason, code=code, values={})


def _at(starts_at: datetime, after_s: float | None) -> datetime | None:
    return None if after_s is None else (starts_at + timedelta(seconds=after_s)).astimezone(UTC)


def _steps(result: PlanResult, asked: PlanInput, around: Surroundings) -> Iterator[PlanStep]:
    prices = step_prices(around.tariff, asked.starts_at, asked.step_s)
    for step, price in zip(result.steps, prices, strict=True):
        at = (asked.starts_at + timedelta(seconds=step.at_s)).astimezone(UTC)
        limit_kw = None if step.limit_kw is None else round(step.limit_kw, 1)
        yield PlanStep(at, round(step.site_kw, 1), limit_kw, price)


def _questions(config: Config, asked: PlanInput) -> Iterator[tuple[str, float, float]]:
    horizon_s, ready_pct = sum(asked.step_s), config.limits.ready_soc_pct
    for model in config.battery_models:
        for soc_pct in sorted({min(LOW_SOC_PCT, ready_pct), ready_pct}):
            for minutes in ASKED_MINUTES:
                if minutes * 60.0 < horizon_s:
                    yield model.name, minutes * 60.0, soc_pct


def _available(row: FreeAt, starts_at: datetime) -> Availability:
    at = (starts_at + timedelta(seconds=row.at_s)).astimezone(UTC)
    return Availability(row.model, at, row.soc_pct, row.free)
