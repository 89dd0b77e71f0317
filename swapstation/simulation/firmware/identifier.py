"""Plate camera and tag reader before the lane: reads each truck that comes once, and says so until it is heard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from swapstation.protocol.node import ByteNode
from swapstation.protocol.yard_node import LineNode
from swapstation.simulation.firmware.yard_wire import Unsound
from swapstation.simulation.plant.entrance import Entrance
from swapstation.simulation.plant.plant import Plant
from swapstation.simulation.plant.truck import Truck

SAY_S = 1.0
MOST_KEPT = 16
CAMERA_FAULT = 1
SURE_PCT = "97"


@dataclass(frozen=True, slots=True)
class Said:
    """A read that the station has not said yet that it has."""

    number: int
    passage: str
    kind: str
    value: str
    read_s: float


class IdentifierDevice:
    """What the device keeps over its connections."""

    def __init__(self, plant: Plant, entrance: Entrance) -> None:
        self.waiting: list[Said] = []
        self._plant = plant
        self._entrance = entrance
        self._number = 0
        self._seen = 0

    def look(self, now_s: float) -> None:
        """Read the truck that has come to stand, once; a stuck camera sees nobody new."""
        entrance = self._entrance
        stuck = self._plant.faults.active("yard_stuck", "identifier")
        if stuck or not entrance.read or entrance.passages == self._seen:
            return
        self._seen = entrance.passages
        truck = self._plant.trucks[entrance.truck or ""]
        for kind, value in (("P", self._plate(truck)), ("T", truck.tag)):
            self._number += 1
            self.waiting.append(Said(self._number, str(self._seen), kind, value, now_s))
        del self.waiting[:-MOST_KEPT]

    def heard(self, number: str, passage: str) -> bool:
        """The station has a read."""
        self.waiting = [each for each in self.waiting if (str(each.number), each.passage) != (number, passage)]
        return True

    @property
    def fault_code(self) -> int:
        return CAMERA_FAULT if self._plant.faults.active("yard_fault", "identifier") else 0

    def node(self) -> ByteNode:
        """The device's end of a new connection; fault knobs spoil it."""
        return Unsound(_Node(self), self._plant.faults, "identifier")

    def _plate(self, truck: Truck) -> str:
        """The truck's plate, or that of the next truck while the camera misreads."""
        if not self._plant.faults.active("wrong_plate"):
            return truck.plate
        vins = sorted(self._plant.trucks)
        return self._plant.trucks[vins[(vins.index(truck.vin) + 1) % len(vins)]].plate


class _Node(LineNode):
    """Says once a second that it lives and what is not heard yet."""

    def __init__(self, device: IdentifierDevice) -> None:
        super().__init__(self._hear)
        self._device = device
        self._said_s = float("-inf")

    def due(self, now_s: float) -> Iterable[bytes]:
        if self.connected and now_s - self._said_s >= SAY_S:
            self._said_s = now_s
            self.put("IDA", str(self._device.fault_code))
            for each in self._device.waiting:
                age_s = f"{max(now_s - each.read_s, 0.0):.1f}"
                self.put("IDR", str(each.number), each.passage, each.kind, SURE_PCT, age_s, each.value)
        return super().due(now_s)

    def next_deadline(self) -> float:
        return self._said_s + SAY_S

    def _hear(self, line: tuple[str, ...], now_s: float) -> str:
        known = len(line) == 3 and line[0] == "IDK" and self._device.heard(line[1], line[2])
        return "" if known else "no such line"
