"""Maintenance of the running server: days of use are counted from the records, alarms open work orders.

It reads what was written anyway; the controller is told only what is overdue (swapstation/server/concerns.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import structlog

from swapstation.business import audit, cursors
from swapstation.business.audit import Entry
from swapstation.business.database import Connection
from swapstation.business.device_use import CURSOR, count_day
from swapstation.business.upkeep import due_at
from swapstation.business.work_orders import find_standing, open_order
from swapstation.config.settings import Config
from swapstation.energy.tariff import LOCAL_ZONE
from swapstation.errors import SwapstationError
from swapstation.inventory.queries import Event
from swapstation.maintenance.asking import wanted_work
from swapstation.maintenance.plan_file import station_plan
from swapstation.maintenance.register import ROBOT
from swapstation.model.alarm import AlarmState
from swapstation.model.journal import AlarmChanged
from swapstation.model.maintenance import Counter, Due, Wanted, WorkKind
from swapstation.records.telemetry.kinds import ROBOT as ROBOT_KIND
from swapstation.records.telemetry.query import recorded_days
from swapstation.records.telemetry.robot_use import robot_use
from swapstation.server.background import background
from swapstation.server.book import SYSTEM, Business
from swapstation.server.history import History
from swapstation.server.problems import Problem
from swapstation.server.telemetry import Telemetry

LOOK_EVERY_S, COUNT_EVERY_S, FIRST_COUNT_S = 10.0, 600.0, 60.0
EVENTS_AT_ONCE = 500
ALARMS_CURSOR = "work_orders"
FINAL_AFTER = timedelta(hours=1)
"""A day counts for good so long after its end: by then what happened in it is written."""
_CHANGED = (AlarmChanged.__name__,)
_log = structlog.get_logger("maintenance")


class Upkeep:
    """Counts, opens orders, and looks what is due. Raises ConfigurationError when the plan cannot be read.

    `due`: tasks, calibrations and budgets at the last look, the most urgent first; None before it.
    """

    def __init__(self, config: Config, business: Business, history: History, telemetry: Telemetry) -> None:
        self.plan = station_plan(config)
        self.due: tuple[Due, ...] | None = None
        self._config, self._business, self._history, self._telemetry = config, business, history, telemetry

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work as long as the context is open."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(background(self._look(), "work orders"))
            await stack.enter_async_context(background(self._count(), "use of devices"))
            yield

    async def look_what_is_due(self, now: datetime) -> None:
        """Look anew. Raises SwapstationError."""
        self.due = await self._business.read(partial(due_at, plan=self.plan, at=now, zone=LOCAL_ZONE))

    async def open_orders(self) -> None:
        """Open an order for every alarm of the plan that came since the last look. Raises SwapstationError."""
        done = await self._business.read(partial(cursors.cursor, name=ALARMS_CURSOR))
        if done == 0:  # from now on: what stood in the past is past
            _, newest = await asyncio.to_thread(self._history.events_of, (), 0, 1)
            if newest > 0:
                await self._business.write(partial(cursors.move, name=ALARMS_CURSOR, sequence=newest))
            return
        events, until = await asyncio.to_thread(self._history.events_of, _CHANGED, done, EVENTS_AT_ONCE)
        if until == done:
            return
        asked = [wanted for event in events if (wanted := self._wanted(event)) is not None]
        read_until = until if until > done else 0  # a replaced station database is read from its end
        await self._business.write(partial(_open, asked=asked, until=read_until, at=datetime.now(UTC)))

    def _wanted(self, event: Event) -> Wanted | None:
        alarm = event.body["alarm"]
        if alarm["code"] not in self.plan.alarms or alarm["state"] != AlarmState.UNACKNOWLEDGED:
            return None
        text = f"{alarm['alarm']}: {alarm['detail']}" if alarm["detail"] else alarm["alarm"]
        return wanted_work(self.plan, "", text, alarm=alarm["alarm"], kind=WorkKind.CORRECTIVE)

    async def count(self, now: datetime) -> None:
        """Count every day that is not counted for good, up to today. Raises SwapstationError, Problem."""
        done = await self._business.read(partial(cursors.cursor, name=CURSOR))
        first_at = await asyncio.to_thread(self._history.first_event_at)
        if first_at is None:
            return
        day = date.fromordinal(done + 1) if done else first_at.astimezone(LOCAL_ZONE).date()
        while day <= now.astimezone(LOCAL_ZONE).date():
            begin, end = (datetime.combine(each, time(), LOCAL_ZONE) for each in (day, day + timedelta(days=1)))
            amounts = await asyncio.to_thread(self._history.counted, self._config, begin, end)
            if self._config.telemetry.enabled:
                amounts |= await self._robot(begin, end)
            final = now >= end + FINAL_AFTER
            await self._business.write(partial(_count, day=day, amounts=amounts, final=final))
            day += timedelta(days=1)

    async def _robot(self, begin: datetime, end: datetime) -> dict[tuple[str, Counter], float]:
        folder, span = self._telemetry.folder, (int(begin.timestamp()), int(end.timestamp()))
        if not await asyncio.to_thread(recorded_days, folder, ROBOT_KIND, span):
            return {}
        used = await self._telemetry.ask(robot_use, folder, begin, end)
        return {
            (ROBOT, Counter.RUNNING_H): used.running_h,
            (ROBOT, Counter.TRAVEL_KM): used.travel_km,
            (ROBOT, Counter.LOAD_DISTANCE_TKM): used.load_distance_tkm,
        }

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.open_orders()
            except SwapstationError as error:
                _log.error("work orders wait", reason=str(error))

    async def _count(self) -> None:
        await asyncio.sleep(FIRST_COUNT_S)
        while True:
            try:
                await self.count(datetime.now(UTC))
                await self.look_what_is_due(datetime.now(UTC))
            except (SwapstationError, Problem, OSError) as error:
                _log.error("use of devices is not counted", reason=str(error))
            await asyncio.sleep(COUNT_EVERY_S)


def _open(connection: Connection, asked: list[Wanted], until: int, at: datetime) -> None:
    """Open what has no order yet, record that, and move the cursor."""
    for wanted in asked:
        if find_standing(connection, wanted.device, "alarm", wanted.alarm) is None:
            number = open_order(connection, wanted, SYSTEM, at).number
            entry = Entry("work_order_opened", SYSTEM, subject=str(number), detail={"alarm": wanted.alarm})
            audit.append(connection, [entry], at)
    cursors.move(connection, ALARMS_CURSOR, until)


def _count(connection: Connection, day: date, amounts: dict[tuple[str, Counter], float], final: bool) -> None:
    count_day(connection, day, amounts)
    if final:
        cursors.move(connection, CURSOR, day.toordinal())
