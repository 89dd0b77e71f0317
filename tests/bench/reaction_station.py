"""A station for the reaction times: the controller as a process, plant and firmware here, on real loopback TCP.

What the devices send and receive is noted as it leaves and arrives at their ends.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

from swapstation.config.file import load_config
from swapstation.config.settings import Config
from swapstation.contract.envelope import (
    FROM_CONTROLLER,
    MAX_LINE_BYTES,
    TO_CONTROLLER,
    AnswerMessage,
    RequestMessage,
    SnapshotMessage,
)
from swapstation.inventory.import_file import import_inventory
from swapstation.inventory.journal import open_station_database
from swapstation.model.alarm_request import AcknowledgeAlarm
from swapstation.model.request import Answer, ConfirmStartUp, Payload, Request
from swapstation.model.snapshot import Snapshot
from swapstation.protocol.node import ByteNode, CanNode, Frame
from swapstation.protocol.register_files import load_register_map
from swapstation.protocol.station_can import ModuleSetpoint, RackIo, Received, StationCan, TruckState
from swapstation.simulation.face import WireFace
from swapstation.simulation.placement import load_placement
from swapstation.simulation.world import Simulation
from tests.bench.real_time import running
from tests.bench.ten_bays import EPOCH

BSM_ID = 0x181356F4
TEMPERATURE_OFFSET_C, LIMIT_C = 50, 55
PATIENCE_S = 60.0
_READ, _WRITE = 3, 16
_HEAD_BYTES = 6
_COMMAND = load_register_map("charger").points["station"]["command"].address
_HOLD, _STOP = 1, 2
"""Control HOLD of robot_plc.toml, command STOP of charger.toml."""


class Client:
    """The controller's socket: the newest snapshot, and answers to requests."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._answers: dict[str, asyncio.Future[Answer]] = {}
        self._keys = count(1)
        self.snapshot: Snapshot | None = None

    async def run(self) -> None:
        while line := await self._reader.readline():
            message = FROM_CONTROLLER.validate_json(line)
            if isinstance(message, SnapshotMessage):
                self.snapshot = message.snapshot
            elif isinstance(message, AnswerMessage):
                self._answers.pop(message.id).set_result(message.answer)

    async def ask(self, payload: Payload) -> str:
        key = f"bench-{next(self._keys)}"
        self._answers[key] = asyncio.get_running_loop().create_future()
        request = RequestMessage(key, Request(key, "bench", payload))
        self._writer.write(TO_CONTROLLER.dump_json(request) + b"\n")
        answer = await self._answers[key]
        return answer.status if answer.status == "accepted" else str(answer)


class Notes:
    """What passed at the devices' ends: the first time after `forget`, and the last time."""

    def __init__(self) -> None:
        self.first_s: dict[str, float] = {}
        self.last_s: dict[str, float] = {}

    def put(self, name: str, now_s: float) -> None:
        self.first_s.setdefault(name, now_s)
        self.last_s[name] = now_s

    def forget(self, *names: str) -> None:
        for name in names:
            self.first_s.pop(name, None)


class HeardCan:
    """A segment of devices whose frames are noted as they leave and arrive."""

    def __init__(
        self, node: CanNode, sent: Callable[[Frame], str], received: Callable[[Frame], str], notes: Notes
    ) -> None:
        self._node, self._sent, self._received, self._notes = node, sent, received, notes
        self.next_deadline = node.next_deadline

    def receive(self, frame: Frame, now_s: float) -> None:
        if name := self._received(frame):
            self._notes.put(name, time.monotonic())
        self._node.receive(frame, now_s)

    def due(self, now_s: float) -> Iterable[Frame]:
        frames = tuple(self._node.due(now_s))
        for frame in frames:
            if name := self._sent(frame):
                self._notes.put(name, time.monotonic())
        return frames


def heard_bytes(
    node: ByteNode, sent: Callable[[bytes], str], received: Callable[[bytes], str], notes: Notes
) -> ByteNode:
    """A byte node whose messages are noted as they leave and arrive."""
    receive, due = node.receive, node.due

    def noting_receive(data: bytes, now_s: float) -> None:
        if name := received(data):
            notes.put(name, time.monotonic())
        receive(data, now_s)

    def noting_due(now_s: float) -> Iterable[bytes]:
        items = tuple(due(now_s))
        for data in items:
            if name := sent(data):
                notes.put(name, time.monotonic())
        return items

    node.receive, node.due = noting_receive, noting_due  # type: ignore[method-assign]
    return node


class Segment:
    """Names what passes on the station segment and on the bays' own."""

    def __init__(self) -> None:
        self._can = StationCan.load()

    def from_devices(self, frame: Frame) -> str:
        found = self._can.decode(frame)
        match found:
            case Received(message=RackIo(smoke=True)):
                return f"smoke {found.node}"
            case Received(message=TruckState(parking_brake_set=False)):
                return "brake"
        return ""

    def to_devices(self, frame: Frame) -> str:
        found = self._can.decode(frame)
        match found:
            case Received(message=ModuleSetpoint(enable=enable, current_a=current_a)) if not enable or current_a == 0.0:
                return f"off {found.node}"
        return ""

    @staticmethod
    def from_battery(bay: int) -> Callable[[Frame], str]:
        def name(frame: Frame) -> str:
            if frame.can_id != BSM_ID:
                return f"said {bay}"
            return f"hot {bay}" if frame.data[1] - TEMPERATURE_OFFSET_C > LIMIT_C else f"said {bay}"

        return name


class Plc:
    """Names what passes on the robot's wire: the safety chain and the heartbeat that it shows, a hold that comes."""

    def __init__(self) -> None:
        self._map = load_register_map("robot_plc")
        self._block = self._map.blocks["robot"]
        self._control = self._map.points["station"]["control"].address
        self._beat: Any = None

    def shows(self, data: bytes) -> str:
        if data[7] != _READ or data[8] != 2 * self._block.count:
            return ""
        words = [int.from_bytes(data[at : at + 2], "big") for at in range(9, len(data), 2)]
        values = self._map.decode("robot", tuple(words))
        beat, self._beat = self._beat, values["heartbeat"]
        if not values["doors_closed"]:
            return "door"
        return "beat" if beat != values["heartbeat"] else ""

    def is_told(self, data: bytes) -> str:
        return "hold" if _HOLD in _written(data, self._control) else ""


def charger_is_told(data: bytes) -> str:
    """The command is the first register that is written (firmware_proto/registers/charger.toml)."""
    return f"off {data[6]}" if _STOP in _written(data, _COMMAND) else ""


def _written(data: bytes, address: int) -> list[int]:
    """What the Modbus TCP requests in one read write into a register."""
    found = []
    while len(data) > _HEAD_BYTES:
        length = _HEAD_BYTES + int.from_bytes(data[4:6], "big")
        request, data = data[:length], data[length:]
        first, count = int.from_bytes(request[8:10], "big"), int.from_bytes(request[10:12], "big")
        if request[7] == _WRITE and first <= address < first + count:
            at = 13 + 2 * (address - first)
            found.append(int.from_bytes(request[at : at + 2], "big"))
    return found


class Station:
    """Simulation, controller process and what passed between them."""

    def __init__(self, config: Config, stock_file: Path, notes: Notes, speed: float) -> None:
        self.notes = notes
        self.simulation = simulation = Simulation(config, load_placement(stock_file, config), 1, speed)
        segment, plc = Segment(), Plc()
        nodes = simulation.can_nodes
        nodes["station"] = HeardCan(nodes["station"], segment.from_devices, segment.to_devices, notes)
        for bay in config.charging_bays:
            name = f"bay-{bay.number}"
            nodes[name] = HeardCan(nodes[name], segment.from_battery(bay.number), lambda _: "", notes)
        robot, chargers = simulation.robot_node, simulation.charger_node
        simulation.robot_node = lambda: heard_bytes(robot(), plc.shows, plc.is_told, notes)  # type: ignore[method-assign]
        simulation.charger_node = lambda: heard_bytes(  # type: ignore[method-assign]
            chargers(), lambda _: "", charger_is_told, notes
        )
        self.client: Client

    def fault(self, name: str, target: int | str = "", on: bool = True) -> None:
        self.simulation.plant.faults.set(name, str(target), on, tuple(self.simulation.plant.bays))

    def snapshot(self) -> Snapshot:
        assert self.client.snapshot is not None
        return self.client.snapshot

    async def acknowledge(self, source: str) -> None:
        """All alarms of a source, until none waits."""
        for alarm in self.snapshot().alarms:
            if alarm.source == source:
                await self.client.ask(AcknowledgeAlarm(alarm.alarm))


async def until(what: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    async with asyncio.timeout(patience_s):
        while not what():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def station(folder: Path, text: str, stock: str, speed: float = 1.0) -> AsyncIterator[Station]:
    """Both processes, connected, surveyed and confirmed."""
    station_file, stock_file = folder / "station.toml", folder / "inventory.toml"
    station_file.write_text(text, encoding="utf-8")
    stock_file.write_text(stock, encoding="utf-8")
    config = load_config(station_file)
    engine = open_station_database(config)
    import_inventory(engine, config, stock_file, "bench", EPOCH)
    engine.dispose()
    here = Station(config, stock_file, Notes(), speed)
    tasks = [asyncio.create_task(WireFace(here.simulation).run())]
    try:
        with running("controller", str(station_file)):
            await until(config.controller_socket.exists)
            ends = await asyncio.open_unix_connection(config.controller_socket, limit=MAX_LINE_BYTES)
            here.client = Client(*ends)
            tasks.append(asyncio.create_task(here.client.run()))
            await until(lambda: here.client.snapshot is not None and here.snapshot().survey.complete)
            assert await here.client.ask(ConfirmStartUp()) == "accepted"
            yield here
            ends[1].close()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
