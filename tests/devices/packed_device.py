"""A PLC that speaks packed structs at the other end of a wire in memory: shows what the test says, keeps R1 to R3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from swapstation.devices.packed_plc import PackedPlc
from swapstation.model.device import Robot, Safety
from swapstation.protocol.packed_files import load_packed_layout
from swapstation.protocol.packed_plc import PackedEnd
from swapstation.protocol.packed_struct import PackedValue

CYCLE_S = 0.1
W4: dict[str, PackedValue] = {
    "robot_battery": "NONE",
    "hoist_lock": "OPEN",
    "hoist_position": "FREE",
    **dict.fromkeys(("door_swap", "door_fire", "door_service", "door_cabinet"), "CLOSED"),
    **dict.fromkeys(("estop_robot", "estop_aisle", "estop_console", "estop_fire_area"), "OK"),
    "light_curtain": "CLEAR",
    "overtravel": "OK",
    "fire": "OK",
    "load_kg": 0,
    "weighed_kg": 0,
    "protocol_version": 1,
}
W5: dict[str, PackedValue] = {
    "robot": "READY",
    "control_mode": "ONLINE",
    "run_mode": "AUTOMATIC",
    "step": "STANDBY",
    "warning_id": "ACCEPTED",
    "result": "NONE",
    "homed": True,
}


class PackedDevice:
    """Couples an adapter with the device's end; one `run` step is one scan cycle of the station."""

    def __init__(self, adapter: PackedPlc) -> None:
        self.adapter = adapter
        self.end = PackedEnd(load_packed_layout("packed_plc"), "station")
        self.now_s = 0.0
        self.beating = True
        self.w4, self.w5 = dict(W4), dict(W5)
        self.w6: dict[str, PackedValue] = {"unlock_truck": False, "lock_truck": False}
        self.silent: set[str] = set()
        self.heard: list[tuple[str, Mapping[str, Any]]] = []
        self._beat = 0
        self.connect()

    def connect(self) -> None:
        self.adapter.node.opened(self.now_s)
        self.end.opened(self.now_s)

    def disconnect(self) -> None:
        self.adapter.node.closed(self.now_s)
        self.end.closed(self.now_s)

    def run(self, cycles: int = 1) -> None:
        """Let so many scan cycles pass, the PLC's messages first."""
        for _ in range(cycles):
            self.now_s = round(self.now_s + CYCLE_S, 3)
            self._beat += self.beating
            for name, values in (("W4", self.w4), ("W6", self.w6), ("W5", {"heartbeat": self._beat, **self.w5})):
                if name not in self.silent:
                    self.end.put(name, values)
            for data in self.end.due(self.now_s):
                self.adapter.node.receive(data, self.now_s)
            tuple(self.adapter.updates(self.now_s))
            self.cycle()

    def cycle(self) -> None:
        """The end of the adapter's cycle; what it sends arrives."""
        self.adapter.cycle(self.now_s)
        for data in self.adapter.node.due(self.now_s):
            self.end.receive(data, self.now_s)
        self.heard += [(message.name, message.values) for message, _ in self.end.take()]

    def r2(self) -> Mapping[str, Any]:
        """The last R2."""
        return next(values for name, values in reversed(self.heard) if name == "R2")

    def count(self, name: str) -> int:
        return sum(heard == name for heard, _ in self.heard)


def told(device: PackedDevice) -> tuple[Robot, Safety, float, float]:
    """Both states and when each was last true."""
    found = {type(update.state): update for update in device.adapter.updates(device.now_s)}
    robot, safety = found[Robot], found[Safety]
    assert isinstance(robot.state, Robot)
    assert isinstance(safety.state, Safety)
    return robot.state, safety.state, robot.received_s, safety.received_s


def shows(device: PackedDevice, values: Mapping[str, PackedValue]) -> dict[str, PackedValue]:
    """What the last R2 says of these fields."""
    return {name: device.r2()[name] for name in values}
