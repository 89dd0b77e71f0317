"""Inputs of plans for tests: one model, a price for each hour from the plan's start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from swapstation.energy.plan_input import BayBattery, FirmNeed, ModelDemand, PlanInput, step_lengths

AT = datetime(2026, 11, 30, 8, tzinfo=UTC)
MODEL = "A"
CHEAP, DEAR = 0.3, 0.9


def plan_input(
    socs_pct: Sequence[float],
    site_kw: float = 1600.0,
    prices: Sequence[float] = (DEAR, DEAR, DEAR, CHEAP),
    needs: Sequence[FirmNeed] = (),
    trucks_per_h: float = 0.0,
    horizon_h: float = 8.0,
) -> PlanInput:
    """Batteries of 282 kWh with 250 kW in bays 1, 2, ...; the last price goes on; battery n is called `Bn`."""
    step_s = step_lengths(0.0, horizon_h=horizon_h)
    starts_h, at_s = [], 0.0
    for length_s in step_s:
        starts_h.append(at_s / 3600.0)
        at_s += length_s
    mean = tuple(trucks_per_h * length_s / 3600.0 for length_s in step_s)
    return PlanInput(
        starts_at=AT,
        step_s=step_s,
        import_limit_kw=(site_kw,) * len(step_s),
        price_per_kwh=tuple(prices[min(int(start_h + 1e-9), len(prices) - 1)] for start_h in starts_h),
        batteries=tuple(
            BayBattery(bay, f"B{bay}", MODEL, soc_pct, 282.0, 250.0) for bay, soc_pct in enumerate(socs_pct, start=1)
        ),
        demand=(ModelDemand(MODEL, mean, tuple(each**0.5 for each in mean)),),
        needs=tuple(needs),
    )


def need(at_h: float, soc_pct: float = 95.0, name: str = "") -> FirmNeed:
    """A booking so many hours from the plan's start."""
    return FirmNeed(name or f"N{at_h:g}", at_h * 3600.0, MODEL, soc_pct)


def with_battery(given: PlanInput, bay: int, **changes: object) -> PlanInput:
    """The input with another battery in a bay."""
    batteries = tuple(replace(each, **changes) if each.bay == bay else each for each in given.batteries)  # type: ignore[arg-type]
    return replace(given, batteries=batteries)
