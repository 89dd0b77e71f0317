"""What the server tells of overdue work and of room for telemetry."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from swapstation.contract.controller_link import ControllerLink
from swapstation.model.concern_request import Concern
from swapstation.model.maintenance import Due, DueKind, DueState
from swapstation.records.telemetry.retention import Room, Storage
from swapstation.server import concerns
from swapstation.server.concerns import concerns_told, words
from swapstation.server.telemetry import Telemetry
from swapstation.server.upkeep import Upkeep
from tests.server import station_sample
from tests.server.controller_peer import ControllerPeer

TODAY = date(2026, 12, 1)
YESTERDAY = TODAY - timedelta(days=1)


def work(device: str, due_on: date | None, state: DueState = DueState.DUE, calibration: bool = False) -> Due:
    return Due("oil", DueKind.TASK, device, "换油", "Oil", state, None, due_on, calibration=calibration)


def storage(room: Room, full_on: date | None) -> Storage:
    return Storage(1, 1, 1, 1, 1.0, full_on, room, 1)


def told(*due: Due) -> dict[Concern, str]:
    return {each.concern: each.detail for each in words(due, None, TODAY)}


@pytest.mark.parametrize(
    ("each", "maintenance", "calibration"),
    [
        (work("robot", YESTERDAY), "1: robot oil 2026-11-30", ""),
        (work("robot", None), "1: robot oil", ""),
        (work("robot", TODAY), "", ""),
        (work("robot", YESTERDAY, DueState.SOON), "", ""),
        (work("meter", YESTERDAY, calibration=True), "", "1: meter oil 2026-11-30"),
    ],
)
def test_work_is_overdue_from_the_day_after_it_was_due(each: Due, maintenance: str, calibration: str) -> None:
    assert told(each) == {Concern.MAINTENANCE: maintenance, Concern.CALIBRATION: calibration}


async def test_the_controller_is_told_again_and_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concerns, "TELL_EVERY_S", 0.05)
    link = ControllerLink(tmp_path / "controller.sock")
    upkeep = cast(Upkeep, SimpleNamespace(due=(work("robot", date(2020, 1, 1)),)))
    telemetry = cast(Telemetry, SimpleNamespace(seen=None))
    with ControllerPeer(tmp_path / "controller.sock", station_sample.station) as peer:
        async with link.running(), concerns_told(upkeep, telemetry, link), asyncio.timeout(10.0):
            while len(peer.concerns) < 4:
                await asyncio.sleep(0.02)
    assert {(each.concern, each.detail) for each in peer.concerns} == {
        (Concern.MAINTENANCE, "1: robot oil 2020-01-01"),
        (Concern.CALIBRATION, ""),
    }


def test_the_first_three_are_named() -> None:
    many = told(*(work(f"bay-{number}", YESTERDAY) for number in range(1, 6)))[Concern.MAINTENANCE]
    assert many == "5: bay-1 oil 2026-11-30, bay-2 oil 2026-11-30, bay-3 oil 2026-11-30"


def test_room_that_ends_is_told_with_its_day_and_nothing_before_the_first_look() -> None:
    assert list(words(None, None, TODAY)) == []
    details = [
        [each.detail for each in words(None, storage(room, full_on), TODAY)]
        for room, full_on in ((Room.ENOUGH, None), (Room.ENOUGH, TODAY), (Room.EARLY, TODAY), (Room.REACHED, TODAY))
    ]
    assert details == [[""], [""], ["2026-12-01"], ["2026-12-01"]]
