"""The latest snapshot, with its age: the same that the live stream sends."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter

from swapstation.model.snapshot import Snapshot
from swapstation.server.context import Here
from swapstation.server.problems import declared

router = APIRouter(tags=["snapshot"])


@dataclass(frozen=True, slots=True)
class ReceivedSnapshot:
    """What came last from the controller and how long ago (s); both null before anything came.

    `training`: the station is played by a simulator, for people who train.
    """

    connected: bool
    received_age_s: float | None
    snapshot: Snapshot | None
    training: bool


@router.get("/snapshot", responses=declared())
async def read_snapshot(here: Here) -> ReceivedSnapshot:
    """Everything the station knows at one instant. Answers also while the controller is away: look at the age."""
    latest = here.link.latest
    return ReceivedSnapshot(
        here.link.connected, here.link.age_s, latest.snapshot if latest else None, here.training is not None
    )
