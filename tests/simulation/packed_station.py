"""The station's end of the packed messages, worked by hand, against a simulation in memory. Test equipment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from swapstation.config.settings import Config
from swapstation.model.device import LockState, RobotState
from swapstation.protocol.packed_files import load_packed_layout
from swapstation.protocol.packed_plc import PackedEnd
from swapstation.protocol.packed_struct import PackedValue
from swapstation.simulation.memory import ByteWire, VirtualTime
from swapstation.simulation.placement import Placement
from swapstation.simulation.plant.truck import Pose
from swapstation.simulation.state_file import Saved
from swapstation.simulation.world import Simulation
from tests.simulation.desk import VIN

TICK_S = 0.02
LOCKS = {LockState.UNLOCKED: "UNLOCKED", LockState.LOCKED: "LOCKED", LockState.MOVING: "MOVING"}
NOTHING: dict[str, PackedValue] = {
    "mode": "AUTOMATIC",
    "exchange_command": "NONE",
    "fire_command": "NONE",
    "manual_command": "NONE",
    "lidar_answer": "NONE",
    "answer": "NONE",
    "epoch": 1,
}
EXCHANGE: dict[str, PackedValue] = {"exchange_command": "START", "from_bay": 1, "to_bay": 2, "truck_model": 1}


class PackedStation:
    """Sends R1, R2 and R3 every 100 ms as the test sets them, and keeps what the PLC said last."""

    def __init__(self, config: Config, placement: Placement, saved: Saved | None = None) -> None:
        robot = "packed-plc+tcp-listen://127.0.0.1:0"
        self.config = replace(config, links=replace(config.links, robot=robot))
        self.simulation = Simulation(self.config, placement, saved=saved)
        self.plc, self.plant = self.simulation.plc, self.simulation.plant
        self.end = PackedEnd(load_packed_layout("packed_plc"), "plc")
        self.wire = ByteWire(self.end, self.simulation.robot_node())
        self.time = VirtualTime()
        self.r2: dict[str, PackedValue] = dict(NOTHING)
        self.truck_link = self.beating = True
        self.charger: dict[int, str] = {}
        self.said: dict[str, dict[str, Any]] = {}
        self.scans: list[Callable[[], None]] = []
        self._beat = 0
        self.time.every(TICK_S, self.simulation.advance)
        self.time.every(0.1, self._scan)
        self.time.join(self.wire)

    def run(self, limit_s: float, until: Callable[[], bool] = lambda: False) -> bool:
        return self.time.run(limit_s, until)

    def state(self) -> RobotState:
        return self.plc.state

    def told(self, name: str) -> object:
        """What the last W5 says of a field."""
        return self.said["W5"][name]

    def arrive(self) -> None:
        self.plant.trucks[VIN].arrive(Pose(40.0, -25.0, 10.0))
        self.run(55.0)

    def reconnect(self) -> None:
        """The connection is lost and comes back at once."""
        for node in (self.end, self.simulation.robot_node()):
            node.closed(self.time.now_s)
        self.wire.open(self.time.now_s)

    def put(self, **values: PackedValue) -> None:
        """Let R2 say this from now on, and nothing else."""
        self.r2 = {**NOTHING, **values}
        self.run(0.25)

    def order(self, order_id: int, **values: PackedValue) -> str:
        """Give an order for half a second; the word of its answer, "" without one."""
        self.put(**{**EXCHANGE, **values}, order_id=order_id)
        self.run(0.3)
        self.put()
        w5 = self.said["W5"]
        return str(w5["warning_id"]) if w5["accepted_id"] == order_id else ""

    def _scan(self, now_s: float) -> None:
        for message, _ in self.end.take():
            self.said[message.name] = dict(message.values)
        for scan in self.scans:
            scan()
        self._beat = (self._beat + self.beating) % 0x10000
        self.end.put("R1", {"charger": tuple(self.charger.get(bay, self._charger(bay)) for bay in range(1, 11))})
        truck = self.plant.truck
        if self.truck_link and truck is not None:
            secured = truck.secured
            self.end.put(
                "R3",
                {
                    "parking_brake": "SET" if truck.parking_brake_set else "RELEASED",
                    "key": "OFF" if secured else "ON",
                    "gear": "NEUTRAL" if truck.gear_neutral else "DRIVE",
                    "lock": LOCKS[truck.lock],
                },
            )
        self.end.put("R2", {**self.r2, "heartbeat": self._beat})

    def _charger(self, bay: int) -> str | None:
        if bay not in self.plant.bays:
            return None
        return "LIVE" if self.plant.bays[bay].contactor_closed else "DEAD"

    def serve(self) -> None:
        """Answer every request as a station would: move the locks, send the pose back, say done when it is so."""
        w5, w6, truck = self.said.get("W5"), self.said.get("W6"), self.plant.truck
        if w5 is None or w6 is None or truck is None:
            return
        answer: dict[str, PackedValue] = {"answer_id": w5["request_id"], "answer": "DONE"}
        if w6["unlock_truck"] or w6["lock_truck"]:
            target = LockState.UNLOCKED if w6["unlock_truck"] else LockState.LOCKED
            if truck.lock is not LockState.MOVING:
                truck.move_locks(target)
            self.r2 = {**NOTHING, **(answer if truck.lock is target else {})}
        elif w5["lidar_request"]:
            pose = {"lidar_x_mm": w5["pose_x_mm"], "lidar_y_mm": w5["pose_y_mm"], "lidar_r_mrad": w5["pose_yaw_mrad"]}
            self.r2 = {**NOTHING, **answer, "lidar_answer": "READY", "lidar_sent": True, **pose}
        elif w5["bay_dead_request"] is not None:
            self.r2 = {**NOTHING, **answer}
        else:
            self.r2 = {**NOTHING, "done_ack": w5["exchange_done"]}
