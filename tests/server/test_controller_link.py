"""The link to the controller over a real Unix socket: silence, loss, garbage, order of answers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from swapstation.contract.envelope import MAX_LINE_BYTES
from swapstation.model.request import Accepted, Answer, HoldStation, Request
from swapstation.server.controller_link import ControllerAway, ControllerLink
from tests.server.controller_peer import ControllerPeer, accept

HOLD = Request("k", "p", HoldStation())


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
