"""Reports of a shift, day, month or year."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from swapstation.energy.tariff import LOCAL_ZONE
from swapstation.reports.period import named_period
from swapstation.reports.report import Report
from swapstation.reports.report_csv import report_csv
from swapstation.server.context import Context, Here
from swapstation.server.problems import declared

router = APIRouter(prefix="/reports", tags=["reports"])
Name = Annotated[str, Path(pattern=r"^[0-9-]{4,10}$", examples=["2026-11", "2026-11-30"])]
Shift = Annotated[int | None, Query(ge=1, le=6, description="A shift of the day; none: the whole period.")]


class Language(StrEnum):
    """Of the words of a report."""

    ZH = "zh"
    EN = "en"


@router.get("/{period}", responses=declared())
async def read_report(here: Here, period: Name, shift: Shift = None) -> Report:
    """Figures of a day, month or year, or of a shift of a day (docs/reports.md says what each means)."""
    return await asyncio.to_thread(_gather, here, period, shift)


@router.get("/{period}/csv", responses=declared(), response_class=Response)
async def read_csv(here: Here, period: Name, shift: Shift = None, language: Language = Language.ZH) -> Response:
    """The same as CSV."""
    text = await asyncio.to_thread(lambda: report_csv(_gather(here, period, shift), language.value))
    return _file(text.encode(), "text/csv; charset=utf-8", f"report-{period}.csv")


@router.get("/{period}/pdf", responses=declared(), response_class=Response)
async def read_pdf(here: Here, period: Name, shift: Shift = None, language: Language = Language.ZH) -> Response:
    """The same as a PDF with plots."""
    content = await asyncio.to_thread(_pdf, here, period, shift, language)
    return _file(content, "application/pdf", f"report-{period}.pdf")


def _pdf(here: Context, period: str, shift: int | None, language: Language) -> bytes:
    from swapstation.reports.report_paper import report_pdf  # noqa: PLC0415 - loaded once somebody wants a PDF

    return report_pdf(_gather(here, period, shift), language.value)


def _gather(here: Context, name: str, shift: int | None) -> Report:
    named = name if shift is None else f"{name}/{shift}"
    period = named_period(named, LOCAL_ZONE, here.config.reports.shift_times)
    return here.history.report(here.config, period, datetime.now(UTC))


def _file(content: bytes, media_type: str, name: str) -> Response:
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
