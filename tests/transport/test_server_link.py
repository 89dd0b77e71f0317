"""A port that many devices connect to: each has a node of its own, strangers are turned away, a loss costs no other."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

from swapstation.protocol.aaf5_station import Aaf5Station
from swapstation.transport.link import ByteLink
from swapstation.transport.server_link import ServerLink
from swapstation.transport.wire import tcp_opener
from swapstation.wire_address import parse_wire
from tests.protocol.aaf5_pile import FIRST_ID, OTHER_ID, Pile
from tests.transport.support import eventually, running


def listening(url: str = "aaf5+tcp-listen://127.0.0.1:0") -> tuple[ServerLink, Aaf5Station]:
    station = Aaf5Station((FIRST_ID, OTHER_ID))
    return ServerLink("chargers", parse_wire("chargers", url), station), station


@contextlib.asynccontextmanager
async def charger(link: ServerLink, charger_id: str) -> AsyncIterator[Pile]:
    """A charger that connects to the link."""
    await eventually(lambda: link.port)
    pile = Pile(charger_id)
    async with running(ByteLink("charger", tcp_opener("127.0.0.1", link.port or 0), pile.end).run()):
        yield pile


async def test_two_chargers_on_one_port_are_two() -> None:
    link, station = listening()
    async with running(link.run()):
        async with charger(link, FIRST_ID) as first, charger(link, OTHER_ID) as other:
            await eventually(lambda: first.end.signed_in and other.end.signed_in)
            station.start(OTHER_ID, "17", 95.0, 100.0, asyncio.get_running_loop().time())
            link.wake()
            await eventually(lambda: other.acts)
            assert first.acts == []
            assert link.status.connected
            assert link.status.reconnects == 0
        await eventually(lambda: not link.status.connected)
        assert link.status.reconnects == 2
        assert station.charger(FIRST_ID) is None


async def test_a_charger_that_goes_costs_the_others_nothing() -> None:
    link, station = listening()
    async with running(link.run()), charger(link, FIRST_ID) as first:
        async with charger(link, OTHER_ID) as other:
            await eventually(lambda: first.end.signed_in and other.end.signed_in)
        await eventually(lambda: station.charger(OTHER_ID) is None)
        assert first.end.signed_in
        assert station.charger(FIRST_ID) is not None


async def test_a_stranger_is_disconnected() -> None:
    link, station = listening()
    async with running(link.run()), charger(link, "STRANGER") as stranger:
        await eventually(lambda: link.status.reconnects)
        assert not stranger.end.signed_in
        assert station.counts.malformed == 1


async def test_another_network_may_not_connect() -> None:
    link, station = listening("aaf5+tcp-listen://127.0.0.1:0?peer=192.0.2.0/24")
    async with running(link.run()):
        await eventually(lambda: link.port)
        reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
        assert await reader.read() == b""
        writer.close()
        assert link.status.last_error == "127.0.0.1 may not connect"
        assert (link.status.connected, station.counts.rx) == (False, 0)


async def test_a_taken_port_is_told_and_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        link, _ = listening(f"aaf5+tcp-listen://127.0.0.1:{port}")
        async with running(link.run()):
            await eventually(lambda: link.status.last_error)
            taken.close()
            async with charger(link, FIRST_ID) as pile:
                await eventually(lambda: pile.end.signed_in)


async def test_garbage_ends_its_own_connection_alone() -> None:
    link, station = listening()
    async with running(link.run()), charger(link, FIRST_ID) as pile:
        await eventually(lambda: pile.end.signed_in)
        reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
        writer.write(b"\xaa\xf5\x09\x00\x10\x00\x01\x00\x00" * 20)
        await writer.drain()
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
        writer.close()
        assert link.status.malformed >= 16
        assert pile.end.signed_in
        assert station.charger(FIRST_ID) is not None
