"""A charge over real TCP, recorded as it happens: the replay tells the messages that were heard live."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from swapstation.model.device import ChargePhase
from swapstation.protocol.gbt27930.bms import BmsSession
from swapstation.protocol.gbt27930.charger import ChargerSession
from swapstation.protocol.gbt27930.decoder import Decoder
from swapstation.protocol.node import Frame
from swapstation.replay import replay
from swapstation.transport.can_segment import CanSegment
from swapstation.transport.links import can_link
from swapstation.transport.recorder import RecordFormat, Recording, RecordOptions
from swapstation.wire_address import parse_wire
from tests.protocol.gbt27930.segment import FACTS, SETTINGS, STATUS
from tests.transport.support import eventually, running

MODULES_S = 0.02


async def modules(charger: ChargerSession, bms: BmsSession, wake: Callable[[], None]) -> None:
    """Ideal charging modules and contactors between the two."""
    now_s = asyncio.get_running_loop().time
    while True:
        demand = charger.demand
        current_a = demand.current_a if demand.enabled else 0.0
        status = replace(STATUS, current_a=current_a, contactors_closed=bms.contactors_wanted)
        bms.battery(status, now_s())
        charger.measured(demand.voltage_v, current_a, now_s(), 7.0)
        wake()
        await asyncio.sleep(MODULES_S)


@pytest.mark.parametrize("kind", RecordFormat)
async def test_a_replay_tells_what_was_heard_live(tmp_path: Path, kind: RecordFormat) -> None:
    charger, bms, live = ChargerSession(SETTINGS), BmsSession(FACTS, STATUS), Decoder()
    recording = Recording(RecordOptions(tmp_path, kind, limit_bytes=3_000, keep=20), pytest.fail)
    record = recording.frames("bay-1")

    def tap(frame: Frame, sent: bool) -> None:
        live.take(frame)
        record(frame, sent)

    segment, now_s = CanSegment(bms), asyncio.get_running_loop().time
    wire = parse_wire("can", f"slcan+tcp://127.0.0.1:{segment.listen('127.0.0.1', 0)}")
    link = can_link("bay-1", wire, charger, tap)
    bms.plug(now_s())

    def wake() -> None:
        segment.wake()
        link.wake()

    async with running(segment.run(), link.run(), modules(charger, bms, wake)):
        await eventually(lambda: link.status.connected)
        charger.plugged(True, now_s())
        charger.start(now_s())
        await eventually(lambda: live.messages["CCS"] > 20, within_s=30)
        charger.stop(now_s())
        await eventually(lambda: charger.phase is ChargePhase.IDLE or live.messages["CSD"], within_s=30)
    recording.close()
    replayed = replay(tmp_path / f"bay-1.{kind}")
    assert (tmp_path / f"bay-1.{kind}.2").exists(), "the set is rotated"
    assert replayed.messages == dict(live.messages)
    assert replayed.malformed == live.malformed == 0, replayed.shown
    assert {"CHM", "BHM", "CRM", "BRM", "BCP", "CML", "BRO", "CRO", "BCL", "BCS", "CCS", "BSM", "CST"} <= set(
        live.messages
    )
    (session,) = replayed.sessions
    assert session.stop.by == "charger"
