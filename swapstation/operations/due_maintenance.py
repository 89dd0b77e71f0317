"""What the doctor says of maintenance: tasks and calibrations that are due, spare parts that run short."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from swapstation.business.database import BUSINESS
from swapstation.business.spare_parts import stocks
from swapstation.business.upkeep import due_at
from swapstation.config.settings import Config
from swapstation.errors import SwapstationError
from swapstation.maintenance.plan_file import station_plan
from swapstation.model.maintenance import DueState
from swapstation.operations.doctor import Finding, Grade

_ABOUT = "maintenance"


def due_maintenance(config: Config, now: datetime, zone: ZoneInfo) -> Iterator[Finding]:
    """A finding for each thing that is due or short; one that all is well. A database that is away has its own."""
    if config.maintenance.plan is None:
        return
    try:
        plan = station_plan(config)
        engine = BUSINESS.open_reader(config.business_url)
        try:
            with BUSINESS.errors(), engine.connect() as connection:
                due = [each for each in due_at(connection, plan, now, zone) if each.state is DueState.DUE]
                short = [each for each in stocks(connection, plan.parts) if each.short]
        finally:
            engine.dispose()
    except SwapstationError as error:
        do = ("查看 swapstation maintenance due", "see swapstation maintenance due")
        yield Finding(_ABOUT, Grade.WARNING, str(error), str(error), *do)
        return
    for each in due:
        since = each.due_on.isoformat() if each.due_on else ""
        do = ("开工单并完成", "open a work order and do it: swapstation maintenance open")
        zh, en = f"{each.device} {each.zh} 到期 {since}", f"{each.device}: {each.en}, due {since}"
        yield Finding(_ABOUT, Grade.WARNING, zh, en, *do)
    for part in short:
        zh, en = (
            f"备件 {part.zh} 剩 {part.stock}, 至少 {part.least}",
            f"{part.stock} of {part.en}, at least {part.least}",
        )
        yield Finding(_ABOUT, Grade.WARNING, zh, en, "订货", "order some")
    if not due and not short:
        yield Finding(_ABOUT, Grade.GOOD, "没有到期的维护", "nothing is due")
