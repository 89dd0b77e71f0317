"""The robot PLC's registers: what the station writes reaches the PLC, what the PLC shows is laid out for reading."""

from __future__ import annotations

from collections.abc import Mapping

from swapstation.model.inventory import SeatOffset
from swapstation.protocol.modbus_server import ModbusRtuServer, ModbusTcpServer
from swapstation.protocol.node import ByteNode
from swapstation.protocol.register_bank import RegisterBank, RegisterWrite
from swapstation.protocol.register_files import load_register_map
from swapstation.protocol.registers import Value
from swapstation.simulation.firmware.robot_interlocks import AT_TRUCK_MM
from swapstation.simulation.firmware.robot_plc import RobotPlc
from swapstation.simulation.firmware.robot_words import Answer, Command, Control, Order
from swapstation.simulation.firmware.shown_block import ShownBlock
from swapstation.simulation.plant.robot import STANDBY
from swapstation.wire_address import WireAddress, WireProtocol

ORDER_POINTS = ("command", "from_bay", "to_bay", "truck_model", "order_id", "truck_position")
SEAT_POINTS = ("seat_x_mm", "seat_y_mm", "seat_z_mm")
NO_EPOCH = -1
"""Of a write that does not say who it is from: lower than any."""


def order_of(command: int, values: Mapping[str, Value]) -> Order:
    """An order of its points."""
    numbers = {name: _number(values[name]) for name in ORDER_POINTS[1:]}
    return Order(command, **numbers, seat=SeatOffset(*(_number(values[name]) for name in SEAT_POINTS)))


class RobotPanel:
    """Binds a PLC to a register bank by firmware_proto/registers/robot_plc.toml."""

    def __init__(self, plc: RobotPlc, wire: WireAddress) -> None:
        self.bank = RegisterBank()
        self._plc = plc
        self._wire = wire
        self._map = load_register_map("robot_plc")
        for block in self._map.blocks.values():
            self.bank.define(wire.unit, block.address, block.count, writable=block.access == "write")
        self._block = ShownBlock(self.bank, wire.unit, self._map, "robot")
        self._written = [0] * self._map.blocks["station"].count

    def node(self) -> ByteNode:
        """The PLC's end of a new connection, in the framing of its wire."""
        if self._wire.protocol is WireProtocol.MODBUS_RTU:
            return ModbusRtuServer(self.bank, self._wire.baud)
        return ModbusTcpServer(self.bank)

    def take(self, now_s: float) -> None:
        """Hand what the station wrote since the last call to the PLC, write by write."""
        for write in self.bank.take_writes():
            self._take(write, now_s)

    def show(self) -> None:
        """Lay the PLC's state out in the robot block."""
        self._block.show(shown(self._plc))

    def _take(self, write: RegisterWrite, now_s: float) -> None:
        start = write.address - self._map.blocks["station"].address
        self._written[start : start + len(write.registers)] = write.registers
        values = self._map.decode("station", self._written)
        epoch = _number(values["epoch"]) if self._covers(write, "epoch") else NO_EPOCH
        if self._covers(write, "heartbeat") and epoch >= self._plc.kept.epoch:
            self._plc.write_heartbeat(_number(values["heartbeat"]), now_s)
        if self._covers(write, "epoch"):
            self._plc.write_epoch(epoch)
        if self._covers(write, "control", "control_id"):
            control = {each.name: each for each in Control}.get(str(values["control"]), 0)
            self._plc.write_control(control, _number(values["control_id"]), epoch)
        if self._covers(write, "answer", "answer_id"):
            answer = {each.name: each for each in Answer}.get(str(values["answer"]), 0)
            self._plc.write_answer(_number(values["answer_id"]), answer)
        if self._covers(write, *ORDER_POINTS):
            command = {each.name: each for each in Command}.get(str(values["command"]), 0)
            told = {name: values[name] if self._covers(write, name) else 0 for name in (*ORDER_POINTS, *SEAT_POINTS)}
            order = order_of(command, told)
            given = _number(values["order_epoch"]) if self._covers(write, "order_epoch") else NO_EPOCH
            self._plc.write_order(order, given)

    def _covers(self, write: RegisterWrite, *points: str) -> bool:
        """Tell whether one write holds all of these points whole."""
        end = write.address + len(write.registers)
        station = self._map.points["station"]
        return all(write.address <= station[name].address <= end - station[name].width for name in points)


def shown(plc: RobotPlc) -> dict[str, Value]:
    """The points of the robot block as they are now."""
    plant, asking = plc.plant, plc.asking
    at, pose, safety = plant.robot.at, plc.motion.measured, plant.safety()
    return {
        "heartbeat": plc.heartbeat,
        "state": plc.state.name,
        "step": plc.step.name,
        "accepted_id": plc.kept.accepted_id,
        "refusal_code": plc.kept.refusal.name,
        "running_id": plc.running_id,
        "done_id": plc.kept.done_id,
        "result": plc.kept.result.name,
        "request": asking.request.name if asking else "NONE",
        "request_id": plc.kept.request_id,
        "request_bay": asking.bay if asking else 0,
        "x_mm": round(at.x_mm),
        "y_mm": round(at.y_mm),
        "z_mm": round(at.z_mm),
        "homed": plant.robot.homed,
        "payload": plant.hanging is not None,
        "gripped": plant.gripped,
        "seated": plant.seated,
        "truck_in_position": plc.view.truck is not None,
        "clear_of_truck": at.over(STANDBY, AT_TRUCK_MM),
        "estop_ok": safety.estop_ok,
        "doors_closed": safety.doors_closed,
        "light_curtain_clear": safety.light_curtain_clear,
        "overtravel_ok": safety.overtravel_ok,
        "fire_ok": safety.fire_ok,
        "transfer_permitted": safety.transfer_permitted,
        "load_kg": round(plant.load_kg),
        "weighed_kg": round(plc.motion.weighed_kg),
        "pose_x_mm": round(pose.x_mm) if pose else 0,
        "pose_y_mm": round(pose.y_mm) if pose else 0,
        "pose_yaw_mrad": round(pose.yaw_mrad) if pose else 0,
        "epoch": plc.kept.epoch,
        "protocol_version": plant.protocol_version("robot"),
        "truck_position": plc.view.truck_position,
        "fault_words_1": sum(1 << fault for fault in plc.faults),
        "fault_words_2": 0,
    }


def _number(value: Value) -> int:
    return value if isinstance(value, int) else 0
