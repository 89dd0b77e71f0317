"""Reports of a shift, day, month or year."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from swapstation.energy.tariff import LOCAL_ZONE
from swapstation.records.telemetry.power_quality import PowerQuality, is_recorded, power_quality
from swapstation.reports.beside import read_beside
from swapstation.reports.period import Period, named_period
from swapstation.reports.report import Report
from swapstation.reports.report_csv import report_csv
from swapstation.reports.report_paper import report_pdf
from swapstation.reports.sections import Section, told
from swapstation.server.context import Context, Here
from swapstation.server.problems import declared

router = APIRouter(prefix="/reports", tags=["reports"])
Name = Annotated[str, Path(pattern=r"^\d{4}(-\d\d){0,2}$", examples=["2026-11", "2026-11-30"])]
Shift = Annotated[int | None, Query(ge=1, le=6, description="A shift of the day; none: the whole period.")]


@router.get("/{period}", responses=declared(), response_model=Report)
async def read_report(
    here: Here,
    period: Name,
    shift: Shift = None,
    form: Annotated[Literal["json", "csv", "pdf"], Query(alias="format")] = "json",
    language: Literal["zh", "en"] = "zh",
) -> Report | Response:
    """Figures of a day, month or year, or of a shift of a day: JSON, CSV or PDF (docs/reports.md)."""
    report = await _report(here, period, shift)
    if form == "csv":
        text = await run_in_threadpool(report_csv, report, language)
        return Response(text.encode(), media_type="text/csv; charset=utf-8")
    if form == "pdf":
        return Response(await run_in_threadpool(report_pdf, report, language), media_type="application/pdf")
    return report


@router.get("/{period}/sections", responses=declared())
async def read_sections(
    here: Here, period: Name, shift: Shift = None, language: Literal["zh", "en"] = "zh"
) -> tuple[Section, ...]:
    """The same report as the PDF has it, section by section, in words: for a screen."""
    report = await _report(here, period, shift)
    return await run_in_threadpool(told, report, language)


async def _report(here: Context, period: str, shift: int | None) -> Report:
    named = period if shift is None else f"{period}/{shift}"
    span = named_period(named, LOCAL_ZONE, here.config.reports.shift_times)
    now = datetime.now(UTC)
    beside = await here.business.read(partial(read_beside, plan=here.upkeep.plan, period=span, at=now))
    quality = await _quality(here, span)
    return await run_in_threadpool(here.history.report, here.config, span, now, beside, quality)


async def _quality(here: Context, span: Period) -> PowerQuality | None:
    """None where no telemetry is kept."""
    if not here.config.telemetry.enabled:
        return None
    first, last = span.first.astimezone(UTC), span.last.astimezone(UTC)
    nominal_v = here.config.reports.nominal_v
    if not await run_in_threadpool(is_recorded, here.telemetry.folder, first, last):
        return PowerQuality(nominal_v, 0.0)
    return await here.telemetry.ask(power_quality, here.telemetry.folder, nominal_v, first, last)
