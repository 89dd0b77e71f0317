"""How many batteries can still be promised, and what that rests on: the plan's table, else a careful estimate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from fastapi.concurrency import run_in_threadpool

from swapstation.energy.without_plan import free_without_plan
from swapstation.errors import InputError
from swapstation.model.charge_plan import Availability, ChargePlan
from swapstation.model.fleet_view import Basis, FreeBatteries
from swapstation.server.parts import Context


def plan_of(here: Context) -> ChargePlan | None:
    """The plan that is followed, with its forecast as soon as that has come too."""
    followed, whole = here.snapshot.plan, here.link.plan
    return whole if followed is not None and whole is not None and whole.plan == followed.plan else followed


async def free_batteries(here: Context, model: str, soc_pct: float | None) -> tuple[FreeBatteries, ...]:
    """By time. `soc_pct` None: ready ones. Raises InputError for a model that the station does not have."""
    models = [known.name for known in here.config.battery_models]
    if model not in models:
        raise InputError("model", model, f"one of {', '.join(models)}")
    least_pct = here.config.limits.ready_soc_pct if soc_pct is None else soc_pct
    plan, basis = plan_of(here), Basis.PLAN
    rows = () if plan is None else plan.available(model, least_pct)
    if not rows:
        basis = Basis.ESTIMATE
        rows = await run_in_threadpool(free_without_plan, here.snapshot, here.config, model, least_pct)
    return tuple(FreeBatteries(row.model, _whole_minute(row.at), row.soc_pct, row.free, basis) for row in rows)


def _whole_minute(at: datetime) -> datetime:
    """The next whole minute: what is free then is told alike for a minute, so that nobody has to read it twice."""
    floor = at.replace(second=0, microsecond=0)
    return floor if floor == at else floor + timedelta(minutes=1)


def free_at(rows: Sequence[Availability], at: datetime) -> int:
    """How many are free at an instant: the fewer of the rows before and after it."""
    before = [row.free for row in rows if row.at <= at][-1:]
    after = [row.free for row in rows if row.at >= at][:1]
    return min((*before, *after), default=0)
