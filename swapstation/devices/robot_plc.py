"""The swap robot's PLC over Modbus: orders out, state and safety chain in (firmware_proto/registers/robot_plc.toml).

Only the heartbeat is written periodically. An order is written once per call in one FC 16 and never repeated by itself:
a link that comes back must not bring back an order whose permission is gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from swapstation.devices.adapter import AdapterKind, AdapterSettings, Refusal, Role, Update, refuse_unknown
from swapstation.devices.register_write import registers_of
from swapstation.model.command import (
    AnswerRobot,
    Command,
    ExchangeBattery,
    GripBattery,
    HoldRobot,
    HomeRobot,
    IsolateBattery,
    LiftBattery,
    LocateTruck,
    MoveBattery,
    ParkRobot,
    PickBattery,
    PlaceBattery,
    PutBattery,
    ResetRobot,
    ResumeRobot,
    StopRobot,
    UngripBattery,
)
from swapstation.model.device import PROTOCOL_VERSION, Robot, RobotRequest, RobotResult, RobotState, RobotStep, Safety
from swapstation.model.inventory import MOST_POSITIONS
from swapstation.protocol.modbus_client import ModbusClient, Poll
from swapstation.protocol.modbus_framing import Framing
from swapstation.protocol.register_files import load_register_map
from swapstation.protocol.registers import Value
from swapstation.wire_address import MODBUS_WIRES, WireProtocol

HEARTBEAT_S = 0.5
POLL_S = 0.1

ORDER_WORDS: Mapping[type[Command], str] = {
    HomeRobot: "HOME",
    LocateTruck: "LOCATE",
    GripBattery: "GRIP",
    LiftBattery: "LIFT",
    PutBattery: "PUT",
    PickBattery: "PICK",
    PlaceBattery: "PLACE",
    UngripBattery: "UNGRIP",
    ParkRobot: "PARK",
    MoveBattery: "MOVE",
    IsolateBattery: "ISOLATE",
    ExchangeBattery: "EXCHANGE",
}
CONTROL_WORDS: Mapping[type[Command], str] = {
    HoldRobot: "HOLD",
    ResumeRobot: "RESUME",
    StopRobot: "STOP",
    ResetRobot: "RESET",
}
_SAFETY = ("estop_ok", "doors_closed", "light_curtain_clear", "overtravel_ok", "fire_ok", "transfer_permitted")
_FAULT_WORDS = ("fault_words_1", "fault_words_2")
_ENUMS: Mapping[str, type[RobotState] | type[RobotStep] | type[RobotResult] | type[RobotRequest]] = {
    "state": RobotState,
    "step": RobotStep,
    "result": RobotResult,
    "request": RobotRequest,
}
_BEAT = ("heartbeat", "epoch", "protocol_version")
_SEAT = ("seat_x_mm", "seat_y_mm", "seat_z_mm")
_ORDER = ("truck_position", "command", "from_bay", "to_bay", "truck_model", "order_id", *_SEAT)


class RobotPlc:
    """Our end of the robot PLC; `node` is the Modbus client of its wire."""

    role = Role.EXCHANGER
    orders: frozenset[type[Command]] = frozenset({*ORDER_WORDS, *CONTROL_WORDS, AnswerRobot})
    bays: frozenset[int] = frozenset()
    truck_positions = MOST_POSITIONS
    seat_offsets = True

    def __init__(self, framing: Framing, unit: int, epoch: int, baud: int = 115_200) -> None:
        self._map = load_register_map("robot_plc")
        robot = self._map.blocks["robot"]
        self._address = robot.address
        poll = Poll(unit, robot.address, robot.count, robot.period_s or POLL_S)
        self.node = ModbusClient(framing, [poll], baud=baud)
        self._unit = unit
        self._epoch = epoch % 0x10000
        self._beat = 0
        self._beat_due_s = float("-inf")
        self._control_id = epoch * 251 % 0x10000
        self._last_heartbeat: Value = None
        self._alive_s = float("-inf")
        self._decoded_s = float("-inf")
        self._state: tuple[Robot, Safety] | None = None

    @property
    def malformed(self) -> int:
        return self.node.counts.malformed

    def updates(self, now_s: float) -> Iterator[Update]:
        """The robot and its safety chain, as old as the last sign of life: a frozen heartbeat counts as no data."""
        latest = self.node.latest(self._unit, self._address)
        if latest is not None and latest[1] != self._decoded_s:
            registers, self._decoded_s = latest
            self._decode(registers, self._decoded_s)
        for state in self._state or ():
            yield Update(state, self._alive_s)

    def _decode(self, registers: tuple[int, ...], received_s: float) -> None:
        values = self._map.decode("robot", registers)
        heartbeat = values.pop("heartbeat")
        if heartbeat != self._last_heartbeat:
            self._last_heartbeat, self._alive_s = heartbeat, received_s
        self._state = robot_state(values)
        if self._state is None:
            self.node.counts.malformed += 1

    def cycle(self, now_s: float) -> None:
        """Show the PLC that we are alive, every 500 ms."""
        self.node.take_outcomes()  # whether the PLC took an order shows in its state; nothing piles up here
        if now_s >= self._beat_due_s:
            self._beat_due_s = now_s + HEARTBEAT_S
            self._beat = (self._beat + 1) % 0x10000
            self._write(dict(zip(_BEAT, (self._beat, self._epoch, PROTOCOL_VERSION), strict=True)))

    def order(self, command: Command, command_id: int, now_s: float) -> Refusal | None:
        """Write one command; whether the PLC took it shows in its state."""
        if type(command) not in self.orders:
            return refuse_unknown(command, self.orders)
        if isinstance(command, AnswerRobot):
            self._write({"answer_id": command.request_id, "answer": "DONE" if command.done else "REFUSED"})
        elif type(command) in CONTROL_WORDS:
            self._control_id = self._control_id % 0xFFFF + 1
            signed = {"epoch": self._epoch, "protocol_version": PROTOCOL_VERSION}
            self._write({**signed, "control": CONTROL_WORDS[type(command)], "control_id": self._control_id})
        else:
            self._write({**order_values(command, command_id), "order_epoch": self._epoch})
        return None

    def _write(self, values: Mapping[str, Value]) -> None:
        address, registers = registers_of(self._map, "station", values)
        self.node.write(self._unit, address, registers)


def robot_state(values: Mapping[str, Value]) -> tuple[Robot, Safety] | None:
    """The device states in a decoded robot block; None when a word of it is not in the map."""
    if any(value is None for value in values.values()):
        return None
    words: dict[str, Any] = dict(values)
    safety = Safety(**{name: words.pop(name) for name in _SAFETY}, protocol_version=words["protocol_version"])
    words["fault_words"] = tuple(words.pop(name) for name in _FAULT_WORDS)
    for name, kind in _ENUMS.items():
        words[name] = kind[words[name]]
    return Robot(**words), safety


def order_values(command: Command, command_id: int) -> dict[str, Value]:
    """The points of one order; those that it does not use are 0."""
    values: dict[str, Value] = dict.fromkeys(_ORDER, 0)
    fields = asdict(command)
    if isinstance(command, PickBattery):
        fields = {"from_bay": command.bay}
    elif isinstance(command, IsolateBattery):
        fields = {"from_bay": command.bay, "to_bay": command.to_bay}
    elif isinstance(command, PutBattery):
        fields = {"to_bay": command.bay}
    elif "position" in fields:
        fields["truck_position"] = fields.pop("position")
    return {**values, **fields, "command": ORDER_WORDS[type(command)], "order_id": command_id}


def _make(settings: AdapterSettings) -> RobotPlc:
    wire = settings.wire
    framing = Framing.RTU if wire.protocol is WireProtocol.MODBUS_RTU else Framing.TCP
    return RobotPlc(framing, wire.unit, settings.epoch, wire.baud)


ADAPTER = AdapterKind(_make, MODBUS_WIRES)
