"""A device that connects to us: one at a time, from one address, replaced when it has died or speaks nonsense."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest

from swapstation.protocol.packed_files import load_packed_layout
from swapstation.protocol.packed_plc import PackedEnd
from swapstation.transport.links import byte_link
from swapstation.transport.listening_link import ListeningLink
from swapstation.wire_address import parse_wire
from tests.transport.support import eventually, running

LAYOUT = load_packed_layout("packed_plc")
HELLO = LAYOUT.encode("W6", {"unlock_truck": True, "lock_truck": False})
NONSENSE = b"GET / HTTP/1.1\r\n\r\n"
SILENCE_S = 0.15


def listening(url: str = "packed-plc+tcp-listen://127.0.0.1:0") -> tuple[ListeningLink, PackedEnd]:
    node = PackedEnd(LAYOUT, "plc")
    return ListeningLink("robot", parse_wire("robot", url), node, silence_s=SILENCE_S), node


@contextlib.asynccontextmanager
async def device(link: ListeningLink) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to the link."""
    await eventually(lambda: link.port)
    reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def ended(reader: asyncio.StreamReader) -> bool:
    """Wait until the other end has closed the connection."""
    async with asyncio.timeout(10):
        with contextlib.suppress(ConnectionResetError):
            while await reader.read(4096):
                pass
    return True


async def talk(writer: asyncio.StreamWriter, data: bytes = HELLO, period_s: float = 0.02) -> None:
    """Say something again and again until cancelled or turned away."""
    with contextlib.suppress(ConnectionError):
        while True:
            writer.write(data)
            await writer.drain()
            await asyncio.sleep(period_s)


async def test_a_device_connects_and_both_ends_talk() -> None:
    link, node = listening()
    async with running(link.run()), device(link) as (reader, writer):
        writer.write(HELLO)
        await eventually(lambda: node.counts.rx)
        node.put("R2", {"mode": "AUTOMATIC"} | dict.fromkeys(("exchange_command", "fire_command"), "NONE"))
        link.wake()
        assert await reader.readexactly(43)
        assert link.status.connected
        assert (link.status.rx, link.status.tx, link.status.reconnects) == (1, 1, 0)


async def test_a_second_device_is_turned_away_while_the_first_speaks() -> None:
    link, node = listening()
    async with running(link.run()), device(link) as (_, first):
        await eventually(lambda: link.status.connected)
        async with running(talk(first)), device(link) as (second, _):
            assert await ended(second)
            before = node.counts.rx
            await eventually(lambda: node.counts.rx > before + 2)
            assert link.status.reconnects == 0
            assert link.status.last_error == "second connection of 127.0.0.1"


@pytest.mark.parametrize("said", [b"", NONSENSE])
async def test_a_silent_or_senseless_device_gives_way(said: bytes) -> None:
    """The first connection stays open without a valid word, as after a power cut of the device: the second gets it."""
    link, node = listening()
    async with running(link.run()), device(link) as (first, writer):
        await eventually(lambda: link.status.connected)
        speaking = running(talk(writer, said or b"\x00", 0.02 if said else 30.0))
        async with speaking, device(link) as (_, second), running(talk(second)):
            assert await ended(first)
            await eventually(lambda: node.counts.rx > 2)
            assert (link.status.connected, link.status.reconnects) == (True, 1)


async def test_a_device_comes_back_after_a_loss() -> None:
    link, node = listening()
    async with running(link.run()):
        for time in (1, 2):
            async with device(link) as (_, writer):
                writer.write(HELLO)
                await eventually(lambda time=time: node.counts.rx == time)  # type: ignore[misc]
            await eventually(lambda: not link.status.connected)
    assert link.status.reconnects == 1


async def test_half_a_message_and_a_loss_leave_nothing_behind() -> None:
    link, node = listening()
    async with running(link.run()):
        async with device(link) as (_, writer):
            writer.write(HELLO[:3])
            await writer.drain()
            await eventually(lambda: link.status.bytes_per_s)
        await eventually(lambda: not link.status.connected)
        async with device(link) as (_, writer):
            writer.write(HELLO)
            await eventually(lambda: node.counts.rx == 1)
    assert node.counts.malformed == 0


async def test_another_address_may_not_connect() -> None:
    link, node = listening("packed-plc+tcp-listen://127.0.0.1:0?peer=127.0.0.2")
    async with running(link.run()), device(link) as (reader, writer):
        writer.write(HELLO)
        assert await ended(reader)
        assert node.connections == 0
        assert link.status.last_error == "127.0.0.1 may not connect"


async def test_a_port_that_is_taken_is_told_and_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        link, node = listening(f"packed-plc+tcp-listen://127.0.0.1:{port}")
        async with running(link.run()):
            await eventually(lambda: link.status.last_error)
            assert "in use" in (link.status.last_error or "")
            other.close()
            async with device(link) as (_, writer):
                writer.write(HELLO)
                await eventually(lambda: node.counts.rx)


async def test_the_address_of_the_wire_chooses_the_link() -> None:
    address = parse_wire("robot", "packed-plc+tcp-listen://127.0.0.1:0")
    assert isinstance(byte_link("robot", address, PackedEnd(LAYOUT, "plc")), ListeningLink)
