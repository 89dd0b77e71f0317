"""Texts for people, in zh and en: alarms and reasons."""

from __future__ import annotations

from fastapi import APIRouter

from swapstation.contract.alarm_catalogue import alarm_catalogue
from swapstation.contract.texts import texts
from swapstation.model.alarm import AlarmDefinition
from swapstation.model.lane_sign import LaneText, lane_signs
from swapstation.model.reasons import Reason

router = APIRouter(tags=["catalogues"])


@router.get("/alarm-catalogue")
async def read_alarm_catalogue() -> dict[str, AlarmDefinition]:
    """Every alarm by its code: priority, cause, consequence, action."""
    return alarm_catalogue()


@router.get("/reason-catalogue")
async def read_reason_catalogue() -> dict[str, Reason]:
    """Every reason by its code: why something is refused, what a step waits for."""
    return texts()


@router.get("/lane-sign-catalogue")
async def read_lane_sign_catalogue() -> dict[str, LaneText]:
    """What drivers at the lane are told, by the word that the snapshot names; `cm_off` goes behind it."""
    return dict(lane_signs())
