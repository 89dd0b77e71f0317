"""Alarms that stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from swapstation.errors import InputError
from swapstation.model.alarm import Alarm
from swapstation.model.alarm_figures import AlarmFigures, AlarmPeriod
from swapstation.model.alarm_request import AcknowledgeAlarm, ShelveAlarm, ShowAlarm, TakeAlarmOutOfService
from swapstation.model.request import Accepted
from swapstation.server.context import By, Here, ask
from swapstation.server.problems import declared

router = APIRouter(tags=["alarms"])

LONGEST = timedelta(days=31)

AlarmId = Annotated[str, Path(pattern=r"^[!-~]{1,120}$", examples=["ROBOT_LINK_LOST@robot"])]
Reason = Annotated[str, Field(min_length=1, max_length=200, examples=["meter is being changed"])]


class Shelving(BaseModel):
    """For how long an alarm is hidden, and why; the limit depends on its priority, a critical one never."""

    model_config = ConfigDict(extra="forbid")
    minutes: Annotated[int, Field(ge=1, le=1440)]
    reason: Reason


class Repair(BaseModel):
    """Why an alarm is taken out of service."""

    model_config = ConfigDict(extra="forbid")
    reason: Reason


@router.get("/alarms", responses=declared())
async def list_alarms(here: Here) -> tuple[Alarm, ...]:
    """Alarms that stand, or have gone without acknowledgement."""
    return here.snapshot.alarms


@router.get("/alarms/history", responses=declared())
def read_alarm_history(
    here: Here, first: Annotated[AwareDatetime, Query()], last: Annotated[AwareDatetime, Query()]
) -> tuple[AlarmPeriod, ...]:
    """Alarms that stood at some time from `first` until before `last`, 31 days at most, newest first."""
    if not timedelta(0) < last - first <= LONGEST:
        raise InputError("last", last.isoformat(), f"after `first`, by {LONGEST.days} days at most")
    return here.history.alarm_periods(first, last)


_ANSWERS = declared(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


@router.get("/alarms/figures", responses=declared())
def read_alarm_figures(
    here: Here, month: Annotated[str, Query(pattern=r"^20\d\d-(0[1-9]|1[0-2])$", examples=["2026-11"])]
) -> AlarmFigures:
    """The figures of alarm management of one month (UTC): rate, priorities against their targets, floods, nuisances.

    Those of the running month end now: a rate over days that are still to come would be too low.
    """
    year, number = map(int, month.split("-"))
    first = datetime(year, number, 1, tzinfo=UTC)
    end = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
    return here.history.alarm_figures(first, max(first, min(end, datetime.now(UTC))))


@router.post("/alarms/{alarm}/acknowledge", responses=_ANSWERS)
async def acknowledge_alarm(here: Here, by: By, alarm: AlarmId) -> Accepted:
    """Say that a person has seen an alarm; it stands until its cause is gone."""
    return await ask(here, by, AcknowledgeAlarm(alarm))


@router.post("/alarms/{alarm}/shelve", responses=_ANSWERS)
async def shelve_alarm(here: Here, by: By, alarm: AlarmId, shelving: Shelving) -> Accepted:
    """Hide an alarm for some minutes; its reaction stays."""
    return await ask(here, by, ShelveAlarm(alarm, shelving.minutes, shelving.reason))


@router.post("/alarms/{alarm}/out-of-service", responses=_ANSWERS)
async def take_alarm_out_of_service(here: Here, by: By, alarm: AlarmId, repair: Repair) -> Accepted:
    """Hide an alarm of a device under repair until it is shown again or the controller restarts."""
    return await ask(here, by, TakeAlarmOutOfService(alarm, repair.reason))


@router.post("/alarms/{alarm}/show", responses=_ANSWERS)
async def show_alarm(here: Here, by: By, alarm: AlarmId) -> Accepted:
    """End the hiding of an alarm."""
    return await ask(here, by, ShowAlarm(alarm))
