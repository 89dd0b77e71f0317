"""A station as the wires see it: a Modbus client for the robot and a node on the station segment. Test equipment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import cycle
from math import inf

from swapstation.protocol.modbus_client import ModbusClient, Poll
from swapstation.protocol.modbus_framing import Framing
from swapstation.protocol.node import Frame
from swapstation.protocol.register_files import load_register_map
from swapstation.protocol.registers import Value
from swapstation.protocol.station_can import ALIVE_COUNTER_MODULUS, Received, StationCan, StationMessage
from swapstation.simulation.memory import ByteWire, CanWire, VirtualTime
from swapstation.simulation.world import Simulation

TICK_S = 0.02
SCAN_S = 0.1


class CanEar:
    """Keeps the last message of every kind and node, and sends what it is given."""

    def __init__(self) -> None:
        self.heard: dict[tuple[type[StationMessage], int], StationMessage] = {}
        self.sent: list[Frame] = []
        self._can = StationCan.load()

    def send(self, message: StationMessage, node: int = 0) -> None:
        self.sent.append(self._can.encode(message, node))

    def receive(self, frame: Frame, now_s: float) -> None:
        received = self._can.decode(frame)
        assert isinstance(received, Received), frame
        self.heard[type(received.message), received.node] = received.message

    def due(self, now_s: float) -> Iterable[Frame]:
        sent, self.sent = self.sent, []
        return sent

    def next_deadline(self) -> float:
        return inf


class StationStub:
    """Couples a simulation in memory, keeps the PLC's heartbeat, and writes orders as registers."""

    def __init__(self, simulation: Simulation, framing: Framing = Framing.TCP) -> None:
        self.simulation = simulation
        self.plant = simulation.plant
        self.time = VirtualTime()
        self.can = CanEar()
        self.map = load_register_map("robot_plc")
        block = self.map.blocks["robot"]
        self.client = ModbusClient(framing, [Poll(1, block.address, block.count, 0.1)])
        self.values: dict[str, Value] = {"epoch": 1, "order_epoch": 1, "protocol_version": 1}
        self.alive = cycle(range(ALIVE_COUNTER_MODULUS))
        self.scans: list[Callable[[], None]] = []
        self._beats = 0
        self.time.every(TICK_S, simulation.advance)
        self.time.every(SCAN_S, self._scan)
        self.time.join(CanWire(self.can, simulation.can_nodes["station"]))
        self.time.join(ByteWire(self.client, simulation.robot_node()))

    def robot(self) -> dict[str, Value]:
        """What the PLC shows, as last polled."""
        latest = self.client.latest(1, self.map.blocks["robot"].address)
        return self.map.decode("robot", latest[0]) if latest else {}

    def write(self, **values: Value) -> None:
        self.values |= values
        self.client.write(1, 0, self.map.encode("station", self.values))

    def heard(self, kind: type[StationMessage], node: int = 0) -> StationMessage | None:
        return self.can.heard.get((kind, node))

    def run(self, limit_s: float, until: Callable[[], bool] = lambda: False) -> bool:
        return self.time.run(limit_s, until)

    def _scan(self, now_s: float) -> None:
        self._beats += 1
        if self._beats % 5 == 1:
            self.write(heartbeat=self._beats // 5 % 0x10000)
        self.client.take_outcomes()
        for scan in self.scans:
            scan()
