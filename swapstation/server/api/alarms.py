"""Alarms that stand."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path

from swapstation.model.alarm import Alarm
from swapstation.model.request import Accepted, AcknowledgeAlarm
from swapstation.server.context import By, Here, ask
from swapstation.server.problems import declared

router = APIRouter(tags=["alarms"])


@router.get("/alarms", responses=declared())
async def list_alarms(here: Here) -> tuple[Alarm, ...]:
    """Alarms that stand, or have gone without acknowledgement."""
    return here.snapshot.alarms


@router.post("/alarms/{alarm}/acknowledge", responses=declared(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT))
async def acknowledge_alarm(
    here: Here, by: By, alarm: Annotated[str, Path(pattern=r"^[!-~]{1,120}$", examples=["ROBOT_LINK_LOST@robot"])]
) -> Accepted:
    """Say that a person has seen an alarm; it stands until its cause is gone."""
    return await ask(here, by, AcknowledgeAlarm(alarm))
