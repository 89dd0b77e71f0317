"""What PV behind the site's meter is expected to give: the forecast told day by day, and what the plan counts on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from swapstation.energy.day_series import COUNTS
from swapstation.energy.pv import pv_value, station_pv
from swapstation.energy.tariff import LOCAL_ZONE
from swapstation.energy.tariff_table import STEP_MINUTES
from swapstation.errors import ConfigurationError
from swapstation.server.api.told_day import Kept, keep_day
from swapstation.server.context import Context, Here, Who
from swapstation.server.problems import Problem, declared

router = APIRouter(prefix="/pv", tags=["tariff"])

_STEP = timedelta(minutes=STEP_MINUTES)
_NO_PV = "[pv] peak_kw of the station file"


@dataclass(frozen=True, slots=True)
class PvStep:
    """A quarter of an hour: from when (UTC), kW AC expected; `told`: by a forecast of that day, else the usual day."""

    at: datetime
    kw: float
    told: bool


@dataclass(frozen=True, slots=True)
class PvDisplay:
    """Most that the PV gives (kW AC), and its course by quarters; days are those of `zone`."""

    zone: str
    peak_kw: float
    steps: tuple[PvStep, ...]


class PvOfDay(BaseModel):
    """The PV power of a local day, kW AC: 24, 48 or 96 values; null where none is known."""

    model_config = ConfigDict(extra="forbid")
    kw: Annotated[
        list[float | None], Field(min_length=min(COUNTS), max_length=max(COUNTS), examples=[[0.0] * 12 + [120.5] * 12])
    ]


@router.get("", responses=declared(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT))
async def read_pv(
    here: Here, hours: Annotated[int, Query(ge=1, le=168, description="How far ahead.")] = 48
) -> PvDisplay:
    """What the charging plan expects of the PV from now on."""
    try:
        forecast = await run_in_threadpool(station_pv, here.config)
    except ConfigurationError as error:
        raise Problem(HTTPStatus.CONFLICT, "pv_files_wrong", "; ".join(error.mistakes)) from error
    if forecast is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no_pv", _NO_PV)
    zone, now = await _zone(here), datetime.now(UTC)
    first = now.replace(minute=now.minute - now.minute % STEP_MINUTES, second=0, microsecond=0)
    starts = [first + _STEP * number for number in range(hours * 60 // STEP_MINUTES)]
    expected = ((at, forecast.at(at.astimezone(zone))) for at in starts)
    return PvDisplay(zone.key, here.config.pv.peak_kw, tuple(PvStep(at, each.kw, each.told) for at, each in expected))


@router.put("/{day}", responses=declared(HTTPStatus.NOT_FOUND))
async def put_pv_forecast(here: Here, who: Who, day: date, told: PvOfDay) -> Kept:
    """Keep the forecast of a day; the last one told counts, the earlier ones stay beside it."""
    if here.config.pv.peak_kw <= 0.0:
        raise Problem(HTTPStatus.NOT_FOUND, "no_pv", _NO_PV)
    values = [None if kw is None else f"{kw:.3f}" for kw in told.kw]
    kept = await keep_day(pv_value(here.config), here.config.pv_forecast_folder, day, await _zone(here), values)
    await here.business.record(who.entry("pv_forecast_told", day.isoformat(), {"kept": kept.kept}))
    return kept


async def _zone(here: Context) -> ZoneInfo:
    """The zone whose days count: the tariff's, where there is one."""
    await run_in_threadpool(here.tariff.look)
    return LOCAL_ZONE if here.tariff.tariff is None else here.tariff.tariff.zone
