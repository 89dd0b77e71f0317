"""The link to the controller over a real Unix socket: silence, loss, garbage, order of answers."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from swapstation.contract.controller_link import ControllerAway, ControllerLink
from swapstation.contract.envelope import MAX_LINE_BYTES
from swapstation.model.arrival import Arrival
from swapstation.model.charge_plan import ChargePlan, PlannedBay, PlanStep
from swapstation.model.request import Accepted, Answer, HoldStation, Request
from tests.server.controller_peer import ControllerPeer, accept

HOLD = Request("k", "p", HoldStation())
AT = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
PLAN = ChargePlan("P1", AT, (PlannedBay(1, "B1", 60.0, 95.0, None, AT),), (PlanStep(AT, 63.2, None, Decimal("0.32")),))


async def snapshot_of(link: ControllerLink, after: int = 0) -> int:
    async with asyncio.timeout(10):
        while link.latest is None or link.latest.snapshot.sequence <= after:
            await link.wait_for_news(1)
        return link.latest.snapshot.sequence


async def test_a_request_without_answer_ends_after_the_timeout(data: Path, peer: ControllerPeer) -> None:
    peer.answer = lambda _: None
    link = ControllerLink(data / "controller.sock", answer_timeout_s=0.1)
    async with link.running():
        await snapshot_of(link)
        with pytest.raises(ControllerAway, match="did not answer within"):
            await link.request(HOLD)


async def test_a_request_ends_at_once_when_the_controller_goes_away(data: Path, peer: ControllerPeer) -> None:
    peer.answer = lambda _: None
    link = ControllerLink(data / "controller.sock", answer_timeout_s=60)
    async with link.running():
        await snapshot_of(link)
        waiting = asyncio.create_task(link.request(HOLD))
        while not peer.requests:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(peer.close)
        async with asyncio.timeout(10):
            with pytest.raises(ControllerAway, match="went away"):
                await waiting
        with pytest.raises(ControllerAway, match="not connected"):
            await link.request(HOLD)
        await asyncio.to_thread(peer.open)


async def test_answers_find_their_requests(data: Path, peer: ControllerPeer) -> None:
    link = ControllerLink(data / "controller.sock")
    async with link.running():
        await snapshot_of(link)
        asked = [Request(f"k{number}", "p", HoldStation()) for number in range(20)]
        answers: list[Answer] = await asyncio.gather(*(link.request(request) for request in asked))
    assert answers == [accept(request) for request in asked]
    assert all(isinstance(answer, Accepted) for answer in answers)


async def test_a_client_is_told_the_plan_as_it_connects_and_asks_who_has_come(data: Path, peer: ControllerPeer) -> None:
    peer.plan, peer.arrivals = PLAN, (Arrival(AT, "LFP-282", 31.5), Arrival(AT, "LFP-282"))
    link = ControllerLink(data / "controller.sock")
    async with link.running():
        await snapshot_of(link)
        assert link.plan == PLAN
        assert await link.arrivals(AT) == peer.arrivals


async def test_garbage_is_counted_and_changes_nothing(data: Path, peer: ControllerPeer) -> None:
    link = ControllerLink(data / "controller.sock")
    async with link.running():
        before = await snapshot_of(link)
        for line in (b'{"type": "snapshot", "snapshot": {}}', b"\xff\xfe garbage", b'{"type": "answer"}'):
            await asyncio.to_thread(peer.send_line, line)
        await snapshot_of(link, before + 2)
        assert link.malformed == 3


async def test_an_endless_line_ends_the_connection_and_the_next_one_is_fine(data: Path, peer: ControllerPeer) -> None:
    link = ControllerLink(data / "controller.sock")
    async with link.running():
        before = await snapshot_of(link)
        await asyncio.to_thread(peer.send_line, b"x" * (MAX_LINE_BYTES + 1))
        await snapshot_of(link, before + 3)
        assert (await link.request(HOLD)) == accept(HOLD)
