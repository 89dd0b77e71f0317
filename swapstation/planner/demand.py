"""How many trucks are to be expected: one forecast for each battery model, learned from the trucks that came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import mean
from zoneinfo import ZoneInfo

from swapstation.energy.forecast import DemandForecast
from swapstation.energy.plan_input import USUAL_RETURN_PCT
from swapstation.model.arrival import Arrival

HISTORY = timedelta(weeks=12)
"""Older trucks tell nothing any more: they count less than a tenth by then."""
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ModelHistory:
    """What is known of the trucks of a battery model: when they come, and with which SOC on average (%)."""

    forecast: DemandForecast = field(default_factory=DemandForecast)
    return_soc_pct: float = USUAL_RETURN_PCT


def learned(arrivals: Iterable[Arrival], model: str, until: datetime, zone: ZoneInfo) -> ModelHistory:
    """What the trucks of a model until then teach; the hour that still runs is left out."""
    mine = [each for each in arrivals if each.model == model and each.at < until]
    forecast = DemandForecast()
    if not mine:
        return ModelHistory(forecast)
    leads_s: dict[datetime, list[float]] = {}
    for each in mine:
        leads_s.setdefault(_hour(each.at, zone), []).append(each.announced_s)
    hour, last = min(leads_s), _hour(until, zone)
    while hour < last:
        forecast.learn(hour, leads_s.get(hour, ()))
        hour = (hour.astimezone(ZoneInfo("UTC")) + HOUR).astimezone(zone)
    told = [each.returned_soc_pct for each in mine if each.returned_soc_pct is not None]
    return ModelHistory(forecast, mean(told) if told else USUAL_RETURN_PCT)


def _hour(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(minute=0, second=0, microsecond=0)
