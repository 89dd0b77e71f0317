"""CAN links on real TCP connections and ptys: reconnect, garbage, floods, several clients, unplugging."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from pathlib import Path

import pytest

from swapstation.protocol.can_bus import CanBus
from swapstation.protocol.node import Frame
from swapstation.transport.can_segment import CanSegment
from swapstation.transport.link import Link
from swapstation.transport.links import can_link
from swapstation.wire_address import parse_wire
from tests.transport.support import EchoNode, ListeningNode, PeriodicNode, eventually, running

FRAME = Frame(0x1812F456, bytes.fromhex("8019A00F0C00FD"))
ANSWER = Frame(0x1812F457, FRAME.data)


def tcp_link(port: int, node: ListeningNode) -> Link:
    return can_link("bay 1", parse_wire("can", f"slcan+tcp://127.0.0.1:{port}"), node)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


async def test_frames_travel_both_ways_over_tcp() -> None:
    segment, node = CanSegment(EchoNode()), ListeningNode()
    link = tcp_link(segment.listen("127.0.0.1", 0), node)
    async with running(segment.run(), link.run()):
        await eventually(lambda: link.status.connected)
        node.outbox.append(FRAME)
        link.wake()
        await eventually(lambda: node.received)
    assert node.received == [ANSWER]
    assert (link.status.rx, link.status.tx, link.status.malformed, link.status.dropped) == (1, 1, 0, 0)


async def test_several_clients_share_one_segment() -> None:
    segment, talker, listener = CanSegment(EchoNode()), ListeningNode(), ListeningNode()
    port = segment.listen("127.0.0.1", 0)
    first, second = tcp_link(port, talker), tcp_link(port, listener)
    async with running(segment.run(), first.run(), second.run()):
        await eventually(lambda: [adapter._open for adapter in segment._adapters()] == [True, True])
        talker.outbox.append(FRAME)
        first.wake()
        await eventually(lambda: len(listener.received) == 2 and talker.received)
    assert listener.received == [FRAME, ANSWER]
    assert talker.received == [ANSWER]


async def test_the_link_comes_back_after_the_server_was_killed() -> None:
    port, node = free_port(), ListeningNode()
    link = tcp_link(port, node)
    async with running(link.run()):
        await eventually(lambda: link.status.last_error)
        for _ in range(2):
            segment = CanSegment(PeriodicNode(FRAME, 0.01))
            segment.listen("127.0.0.1", port)
            async with running(segment.run()):
                seen = len(node.received)
                await eventually(lambda seen=seen: len(node.received) > seen)  # type: ignore[misc]
            await eventually(lambda: not link.status.connected)
        assert link.status.reconnects == 1


async def test_garbage_in_the_socket_is_counted_and_the_link_keeps_running() -> None:
    clients: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        clients.append(writer)
        with contextlib.suppress(ConnectionError):
            await reader.read(-1)
        writer.close()

    node = ListeningNode()
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        link = tcp_link(server.sockets[0].getsockname()[1], node)
        async with running(link.run()):
            await eventually(lambda: clients)
            clients[0].write(b"\xff\x00garbage T18 \r" * 3 + b"T1812F4560\r" + b"x" * 50_000 + b"\rT1812F4561AA\r")
            await eventually(lambda: len(node.received) == 2)
            assert link.status.malformed == 3 + 50_000 // 31, "and the long one each time that it is cut"
            assert link.status.reconnects == 0
            assert link.status.connected


async def test_a_reader_that_takes_nothing_costs_its_oldest_frames_and_then_its_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        node = ListeningNode()
        link = tcp_link(server.getsockname()[1], node)
        async with running(link.run()):
            connection, _ = await asyncio.get_running_loop().sock_accept(server)
            with connection:
                async with asyncio.timeout(20):
                    while not link.status.dropped or link.status.connected:
                        node.outbox.extend([FRAME] * 500)
                        link.wake()
                        await asyncio.sleep(0.01)
            assert link.status.last_error == "write timed out"


async def test_a_pty_survives_clients_and_unplugging(tmp_path: Path) -> None:
    path, node = tmp_path / "bay-1", ListeningNode()
    link = can_link("bay 1", parse_wire("can", f"slcan+serial://{path}?baud=115200"), node)
    async with running(link.run()):
        for _ in range(2):
            segment = CanSegment(PeriodicNode(FRAME, 0.01))
            segment.open_pty(path)
            seen = len(node.received)
            async with running(segment.run()):
                await eventually(lambda seen=seen: len(node.received) > seen + 3)  # type: ignore[misc]
            await eventually(lambda: not link.status.connected)
    assert link.status.reconnects >= 1


async def test_a_pty_serves_one_client_after_another(tmp_path: Path) -> None:
    path = tmp_path / "bay-1"
    segment = CanSegment(CanBus([EchoNode()]))
    segment.open_pty(path)
    async with running(segment.run()):
        for _ in range(2):
            node = ListeningNode()
            link = can_link("bay 1", parse_wire("can", f"slcan+serial://{path}"), node)
            async with running(link.run()):
                await eventually(lambda link=link: link.status.connected)  # type: ignore[misc]
                async with asyncio.timeout(10):
                    while not node.received:
                        node.outbox.append(FRAME)
                        link.wake()
                        await asyncio.sleep(0.05)


async def test_an_error_of_a_node_reaches_whoever_runs_the_link() -> None:
    class Broken(ListeningNode):
        def receive(self, frame: Frame, now_s: float) -> None:
            raise RuntimeError("a bug")

    segment = CanSegment(PeriodicNode(FRAME, 0.01))
    link = tcp_link(segment.listen("127.0.0.1", 0), Broken())
    async with running(segment.run()):
        with pytest.raises(RuntimeError, match="a bug"):
            await asyncio.wait_for(link.run(), 10)
