"""Bytes on slcan TCP -> frame -> message -> device state -> rules, on one core, faster than real time.

The traffic of ten charging bays is first recorded in virtual time, chunk by chunk, as the devices said it. Then it is
sent again through real TCP sockets to a fresh controller core behind the real links, whose event loop has a clock of
its own: 10 ms of traffic, then the next 10 ms as soon as the first were handled, and a scan cycle every 100 ms. The
processor time of all that is measured once all bays charge, without that of the other side: the sending of the
recording, and the simulated PLC and meter, which answer live in the same loop.
"""

from __future__ import annotations

import asyncio
import itertools
import socket
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from swapstation.protocol.node import ByteNode, CanNode, Frame
from swapstation.protocol.slcan import encode_frame
from swapstation.simulation.memory import ByteWire, CanWire, VirtualTime
from swapstation.simulation.world import Simulation
from swapstation.transport.link import Link
from swapstation.transport.links import byte_link, can_link
from swapstation.transport.listener import TcpListener
from swapstation.wire_address import parse_wire
from tests.bench.figures import FRAMES_PER_S, Figure, at_least
from tests.bench.ten_bays import (
    BAYS,
    CYCLE_S,
    PLANT_STEP_S,
    TenBays,
    charging_bays,
    station_toml,
    ten_bays,
    write_files,
)

STEP_S = 0.01
SOC_PCT = 30.0

Chunks = dict[str, dict[int, list[bytes]]]
"""What each wire's devices said: by the number of the 10 ms step, chunk by chunk."""


class _HeardCan:
    """A CAN node whose frames are written down as slcan text."""

    def __init__(self, node: CanNode, chunks: dict[int, list[bytes]]) -> None:
        self._node = node
        self._chunks = chunks
        self.receive = node.receive
        self.next_deadline = node.next_deadline

    def due(self, now_s: float) -> Iterable[Frame]:
        frames = tuple(self._node.due(now_s))
        if frames:
            self._chunks[int(now_s / STEP_S)].append(b"".join(encode_frame(frame) for frame in frames))
        return frames


def record(station: TenBays, seconds: float) -> Chunks:
    """Let the station charge in virtual time and write down what its devices say."""
    chunks: Chunks = defaultdict(lambda: defaultdict(list))
    clock = VirtualTime()
    simulation, equipment = station.simulation, station.equipment
    for name, can_node in equipment.can_nodes.items():
        clock.join(CanWire(can_node, _HeardCan(simulation.can_nodes[name], chunks[name])))
    clock.join(ByteWire(equipment.byte_nodes["robot"], simulation.robot_node()))
    clock.join(ByteWire(equipment.byte_nodes["meter"], simulation.meter_node()))
    clock.every(PLANT_STEP_S, simulation.advance)
    clock.every(CYCLE_S, station.cycle)
    clock.run(seconds)
    return chunks


class Aside:
    """Adds up the processor time of calls that are not the product's."""

    def __init__(self) -> None:
        self.cpu_s = 0.0

    def put(self, owner: object, *names: str) -> None:
        """Count these methods of an object from now on."""
        for name in names:
            setattr(owner, name, self._counted(getattr(owner, name)))

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any) -> Any:
            begun_s = time.process_time()
            try:
                return call(*arguments)
            finally:
                self.cpu_s += time.process_time() - begun_s

        return counted


class FastLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock is set by hand."""

    now_s = 0.0

    def time(self) -> float:
        return self.now_s


class OtherSide:
    """The device's ends: plain sockets for the CAN wires, the simulated PLC and meter live."""

    def __init__(self, chunks: Chunks, simulation: Simulation) -> None:
        self._chunks = chunks
        self._simulation = simulation
        self.servers = {name: socket.create_server(("127.0.0.1", 0)) for name in chunks}
        self._ends: dict[str, socket.socket] = {}

    def port(self, name: str) -> int:
        port: int = self.servers[name].getsockname()[1]
        return port

    def accept(self) -> None:
        for name, server in self.servers.items():
            self._ends[name] = server.accept()[0]
            self._ends[name].setblocking(False)
            self._ends[name].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def together(self, step: int) -> list[tuple[bytes, ...]]:
        """What is said in one step, each time one chunk on every wire that has one left."""
        return list(itertools.zip_longest(*(said.get(step, ()) for said in self._chunks.values()), fillvalue=b""))

    def send(self, chunks: tuple[bytes, ...]) -> None:
        for name, data in zip(self._chunks, chunks, strict=True):
            sent = self._ends[name].send(data) if data else 0
            assert sent == len(data), "the link does not read"

    def scan(self, now_s: float) -> None:
        """Let the PLC scan its inputs once."""
        self._simulation.robot.take(now_s)
        self._simulation.plc.scan(now_s, CYCLE_S)
        self._simulation.robot.show()

    def drain(self) -> None:
        """Take what the controller said, so that no buffer fills."""
        for end in self._ends.values():
            try:
                end.recv(1 << 16)
            except BlockingIOError:
                continue

    def close(self) -> None:
        for each in (*self._ends.values(), *self.servers.values()):
            each.close()


async def _replay(station: TenBays, links: dict[str, Link], other_side: OtherSide, steps: range) -> None:
    """Send the recorded steps."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, FastLoop)
    steps_per_cycle = round(CYCLE_S / STEP_S)
    for step in steps:
        loop.now_s = (step + 0.5) * STEP_S
        if step % steps_per_cycle == 0:
            other_side.scan(loop.now_s)
            station.cycle(loop.now_s)
            for link in links.values():
                link.wake()
        await asyncio.sleep(0)  # deadlines that have come
        for chunks in other_side.together(step):
            other_side.send(chunks)
            for _ in range(2):
                await asyncio.sleep(0)
        if step % steps_per_cycle == 0:
            other_side.drain()


async def _measure(station: TenBays, other_side: OtherSide, charging_from_s: float, seconds: float) -> list[Figure]:
    aside = Aside()
    aside.put(other_side, "scan", "together", "send", "drain")

    def device(new_node: Callable[[], ByteNode]) -> TcpListener[ByteNode]:
        def counted() -> ByteNode:
            node = new_node()
            aside.put(node, "receive", "due")
            return node

        return TcpListener("127.0.0.1", 0, counted)

    devices = {"robot": device(station.simulation.robot_node), "meter": device(station.simulation.meter_node)}
    links: dict[str, Link] = {}
    for name, can_node in station.equipment.can_nodes.items():
        links[name] = can_link(name, parse_wire(name, f"slcan+tcp://127.0.0.1:{other_side.port(name)}"), can_node)
    for name, byte_node in station.equipment.byte_nodes.items():
        links[name] = byte_link(name, parse_wire(name, f"modbus-tcp://127.0.0.1:{devices[name].port}"), byte_node)
    station.equipment.links = lambda: tuple(link.status for link in links.values())
    works = [*(listener.run() for listener in devices.values()), *(link.run() for link in links.values())]
    tasks = [asyncio.create_task(work) for work in works]
    ready = asyncio.create_task(asyncio.to_thread(other_side.accept))
    while not (ready.done() and all(link.status.connected for link in links.values())):
        await asyncio.sleep(0)
    first = round(charging_from_s / STEP_S)
    await _replay(station, links, other_side, range(first))
    frames, aside.cpu_s, begun_s = -_frames(links), 0.0, time.process_time()
    await _replay(station, links, other_side, range(first, round(seconds / STEP_S)))
    cpu_s = time.process_time() - begun_s - aside.cpu_s
    frames += _frames(links)
    assert station.core.snapshot is not None
    assert charging_bays(station.core.snapshot) == BAYS, "not all bays charge in the replay"
    for link in links.values():
        assert link.status.malformed == link.status.dropped == 0, link.status
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    station_s = seconds - charging_from_s
    return [
        at_least("CAN frames on one core / 760 per s of ten bays", frames / cpu_s / FRAMES_PER_S, 50.0, "x"),
        Figure("CAN frames per processor second", frames / cpu_s, "1/s"),
        Figure("CAN frames of the station per second of its time", frames / station_s, "1/s"),
        Figure("station time / processor time", station_s / cpu_s, "x"),
    ]


def _frames(links: dict[str, Link]) -> int:
    return sum(link.status.rx + link.status.tx for name, link in links.items() if name not in ("robot", "meter"))


def measure(seconds: float = 80.0, charging_from_s: float = 20.0) -> list[Figure]:
    """Record `seconds` of station time, send them again, and measure those in which all bays charge."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        ports = itertools.count(20_001)
        text = station_toml(folder / "first", ports.__next__)
        (folder / "first").mkdir()
        with ten_bays(*write_files(folder / "first", text, SOC_PCT)) as station:
            chunks = record(station, seconds)
        (folder / "second").mkdir()
        text = text.replace(str(folder / "first"), str(folder / "second"))
        with ten_bays(*write_files(folder / "second", text, SOC_PCT)) as station:
            other_side = OtherSide(chunks, station.simulation)
            try:
                with asyncio.Runner(loop_factory=FastLoop) as runner:
                    return runner.run(_measure(station, other_side, charging_from_s, seconds))
            finally:
                other_side.close()
