"""Whether a plan may be followed: every value finite and in its range, every name known. Nothing of a wrong one counts.

Own design. What a plan may not say at all is refused here, by field; what it may say and safety, a person or a limit
forbids at the moment is simply not done.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from math import isfinite

from swapstation.config.settings import Config
from swapstation.errors import InputError
from swapstation.model.charge_plan import Availability, ChargePlan, PlannedBay, PlanReason, PlanStep
from swapstation.model.inventory import Inventory
from swapstation.model.reasons import reason_catalogue

MOST_STEPS, MOST_AVAILABILITY, MOST_REASONS, MOST_TEXT = 1000, 5000, 8, 120
MOST_SITE_KW, MOST_PRICE, MOST_COST, MOST_FREE = 100_000.0, Decimal(1000), Decimal(10_000_000), 1000
_ID = re.compile(r"[!-~]{1,80}")


def check_plan(plan: ChargePlan, config: Config, stock: Inventory) -> None:
    """Raise InputError with the first field that is wrong."""
    if not _ID.fullmatch(plan.plan):
        raise InputError("plan", plan.plan, "1 to 80 printable ASCII characters")
    _aware("made_at", plan.made_at)
    _once("bays.bay", [each.bay for each in plan.bays])
    for bay in plan.bays:
        _check_bay(f"bays[{bay.bay}]", bay, config, stock)
    _at_most("steps", plan.steps, MOST_STEPS)
    for number, step in enumerate(plan.steps):
        _check_step(f"steps[{number}]", step)
    starts = [step.at for step in plan.steps]
    if starts != sorted(set(starts)):
        raise InputError("steps.at", "not rising", "each later than the one before")
    _at_most("availability", plan.availability, MOST_AVAILABILITY)
    for number, row in enumerate(plan.availability):
        _check_availability(f"availability[{number}]", row, config)
    _money("cost", plan.cost, MOST_COST)
    _check_store(plan.store_kw, config)


def _check_store(store_kw: float | None, config: Config) -> None:
    if store_kw is not None and config.store is None:
        raise InputError("store_kw", store_kw, "none: this site has no [store]")
    if store_kw is not None and config.store is not None:
        _within("store_kw", store_kw, -config.store.discharge_kw, config.store.charge_kw)


def _check_bay(field: str, planned: PlannedBay, config: Config, stock: Inventory) -> None:
    charging = {bay.number: bay for bay in config.charging_bays}
    bay = charging.get(planned.bay)
    if bay is None:
        raise InputError(f"{field}.bay", planned.bay, f"a charging bay, one of {_listed(charging)}")
    if stock.battery(planned.battery) is None:
        raise InputError(f"{field}.battery", planned.battery, "a battery of the stock")
    _within(f"{field}.power_kw", planned.power_kw, -bay.max_power_kw, bay.max_power_kw)
    _within(f"{field}.target_soc_pct", planned.target_soc_pct, 0.0, 100.0)
    for name in ("goes_on_at", "ready_at"):
        _aware(f"{field}.{name}", getattr(planned, name))
    _at_most(f"{field}.reasons", planned.reasons, MOST_REASONS)
    for reason in planned.reasons:
        _check_reason(f"{field}.reasons", reason)


def _check_reason(field: str, reason: PlanReason) -> None:
    if reason.code not in reason_catalogue():
        raise InputError(f"{field}.code", reason.code, "a code of the reasons catalogue")
    for name, value in reason.values.items():
        if max(len(name), len(value)) > MOST_TEXT:
            raise InputError(f"{field}.values", name, f"at most {MOST_TEXT} characters each")


def _check_step(field: str, step: PlanStep) -> None:
    _aware(f"{field}.at", step.at)
    _within(f"{field}.site_kw", step.site_kw, -MOST_SITE_KW, MOST_SITE_KW)
    if step.limit_kw is not None:
        _within(f"{field}.limit_kw", step.limit_kw, 0.0, MOST_SITE_KW)
    _money(f"{field}.price_per_kwh", step.price_per_kwh, MOST_PRICE)


def _check_availability(field: str, row: Availability, config: Config) -> None:
    models = [model.name for model in config.battery_models]
    if row.model not in models:
        raise InputError(f"{field}.model", row.model, f"one of {_listed(models)}")
    _aware(f"{field}.at", row.at)
    _within(f"{field}.soc_pct", row.soc_pct, 0.0, 100.0)
    _within(f"{field}.free", row.free, 0, MOST_FREE)


def _within(field: str, value: float, low: float, high: float) -> None:
    if not (isfinite(value) and low <= value <= high):
        raise InputError(field, value, f"{low:g} to {high:g}")


def _money(field: str, value: Decimal | None, most: Decimal) -> None:
    if value is not None and not (value.is_finite() and abs(value) <= most):
        raise InputError(field, value, f"-{most} to {most}")


def _aware(field: str, at: datetime | None) -> None:
    if at is not None and at.tzinfo is None:
        raise InputError(field, at.isoformat(), "a time with its time zone")


def _at_most(field: str, values: tuple[object, ...], most: int) -> None:
    if len(values) > most:
        raise InputError(field, len(values), f"at most {most}")


def _once(field: str, values: list[int]) -> None:
    if len(set(values)) != len(values):
        raise InputError(field, values, "each bay once")


def _listed(values: Iterable[object]) -> str:
    return ", ".join(str(value) for value in values)
