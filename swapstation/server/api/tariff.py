"""What a kWh costs: the price display, electricity and service separately, and market prices told day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from swapstation.energy.day_series import COUNTS
from swapstation.energy.tariff import SPOT_PRICE, Price, Stretch, Tariff
from swapstation.server.api.told_day import Kept, keep_day
from swapstation.server.context import Context, Here, Who
from swapstation.server.problems import Problem, declared

router = APIRouter(prefix="/tariff", tags=["tariff"])


@dataclass(frozen=True, slots=True)
class TariffDisplay:
    """The price now and its course, yuan per kWh. `versions` names the tables; times are UTC, periods those of `zone`.

    `holidays_official`: the State Council's notice on this year's holidays is in the tables.
    """

    zone: str
    customer: str
    now: Price
    stretches: tuple[Stretch, ...]
    versions: tuple[str, ...]
    notices: tuple[str, ...]
    holidays_official: bool
    market: bool


class SpotPricesOfDay(BaseModel):
    """The energy prices of a local day, yuan per kWh as text: 24, 48 or 96; null where none is known."""

    model_config = ConfigDict(extra="forbid")
    prices: Annotated[
        list[str | None], Field(min_length=min(COUNTS), max_length=max(COUNTS), examples=[["0.3120"] * 24])
    ]


@router.get("", responses=declared(HTTPStatus.NOT_FOUND))
async def read_tariff(
    here: Here, hours: Annotated[int, Query(ge=1, le=168, description="How far ahead.")] = 48
) -> TariffDisplay:
    """The price now and of the next hours, in stretches of one price."""
    tariff = await _tariff(here)
    now = datetime.now(UTC)
    today = now.astimezone(tariff.zone).date()
    return TariffDisplay(
        zone=tariff.zone.key,
        customer=tariff.customer.value,
        now=tariff.at(now),
        stretches=tariff.stretches(now, now + timedelta(hours=hours)),
        versions=tuple(table.name for table in tariff.tables),
        notices=tuple(table.notice for table in tariff.tables),
        holidays_official=tariff.holidays.official_in(today.year),
        market=tariff.spot is not None and today >= tariff.spot.since,
    )


@router.put("/spot/{day}", responses=declared(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT))
async def put_spot_prices(here: Here, who: Who, day: date, told: SpotPricesOfDay) -> Kept:
    """Keep the market's prices of a day; the last ones told count, for the planner too."""
    tariff = await _tariff(here)
    if tariff.spot is None:
        raise Problem(HTTPStatus.CONFLICT, "no_spot_tariff", "[spot] of the tariff file")
    kept = await keep_day(SPOT_PRICE, here.config.spot_price_folder, day, tariff.zone, told.prices)
    await here.business.record(
        who.entry("spot_prices_told", day.isoformat(), {"kept": kept.kept, "prices": told.prices})
    )
    return kept


async def _tariff(here: Context) -> Tariff:
    await run_in_threadpool(here.tariff.look)
    if here.tariff.tariff is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no_tariff", "[tariff] file of the station file")
    return here.tariff.tariff
