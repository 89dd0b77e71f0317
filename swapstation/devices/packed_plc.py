"""A swap robot's PLC that connects to us and speaks packed structs (firmware_proto/packed_plc.toml).

R2 is an image that leaves every 100 ms. Whatever starts something stands in it for half a second and never in a new
connection: a link that comes back must not bring back an order whose permission is gone. Pause and stop stand in it
until an order or going on takes their place, also in a new connection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from swapstation.devices.adapter import (
    NOT_CONNECTED,
    AdapterKind,
    AdapterSettings,
    Refusal,
    Role,
    Update,
    refuse_bay,
    refuse_position,
    refuse_unknown,
)
from swapstation.devices.packed_plc_words import Values, bay_values, robot_state, safety_state, truck_values
from swapstation.model.command import (
    AnswerRobot,
    Command,
    ExchangeBattery,
    HoldRobot,
    HomeRobot,
    MoveBattery,
    PickBattery,
    PutBattery,
    ResetRobot,
    ResumeRobot,
    StopRobot,
)
from swapstation.model.device import Robot, RobotRequest
from swapstation.model.snapshot import Snapshot
from swapstation.protocol.packed_files import load_packed_layout, read_packed_layout
from swapstation.protocol.packed_plc import PackedEnd
from swapstation.protocol.packed_struct import PackedLayout, PackedValue
from swapstation.wire_address import PACKED_WIRES

PULSE_S = 0.5
"""How long an order, an answer or a reset stands in R2."""

_Image = Mapping[str, PackedValue]


class PackedPlc:
    """Our end of the PLC; `node` is the byte node of its wire."""

    role = Role.EXCHANGER
    orders: frozenset[type[Command]] = frozenset(
        {
            ExchangeBattery,
            MoveBattery,
            PickBattery,
            PutBattery,
            HomeRobot,
            HoldRobot,
            StopRobot,
            ResumeRobot,
            ResetRobot,
            AnswerRobot,
        }
    )
    bays: frozenset[int] = frozenset()

    def __init__(self, layout: PackedLayout, epoch: int) -> None:
        self.node = PackedEnd(layout, "plc")
        self._messages = layout.messages
        self._bays = frozenset(range(1, (layout.messages["R1"].fields["charger"].count or 0) + 1))
        self._epoch = epoch % 0x10000
        self._connection = 0
        self._heard: dict[str, tuple[Values, float]] = {}
        self._alive_s = float("-inf")
        self._heartbeat: int | None = None
        self._updates: tuple[Update, ...] = ()
        self._beat = 0
        self._sent: dict[str, tuple[_Image, float]] = {}
        self._standing: _Image = {}
        self._pulses: dict[str, tuple[_Image, float]] = {}
        self._r1: _Image = {}
        self._r3: _Image | None = None
        self._swap_open = self._served = False

    @property
    def malformed(self) -> int:
        return self.node.counts.malformed

    def updates(self, now_s: float) -> Iterator[Update]:
        """Robot and safety chain, as old as the oldest part of them; a heartbeat that stands still is no life."""
        self._follow_connection()
        for message, received_s in self.node.take():
            self._heard[message.name] = message.values, received_s
            if message.name == "W5":
                self._compose(message.values, received_s)
        yield from self._updates

    def _follow_connection(self) -> None:
        """Nothing of an earlier connection counts in a new one, except that the robot is to pause or stop."""
        if self.node.connections != self._connection:
            self._connection = self.node.connections
            self._heard.clear()
            self._sent.clear()
            self._pulses.clear()

    def _compose(self, w5: Values, received_s: float) -> None:
        if self._heartbeat is not None and w5["heartbeat"] != self._heartbeat:
            self._alive_s = received_s
        self._heartbeat = w5["heartbeat"]
        if {"W4", "W6"} <= self._heard.keys():
            (w4, w4_s), (w6, w6_s) = self._heard["W4"], self._heard["W6"]
            robot = Update(robot_state(w4, w5, w6), min(self._alive_s, w4_s, w6_s))
            self._updates = robot, Update(safety_state(w4), min(self._alive_s, w4_s))

    def order(self, command: Command, command_id: int, now_s: float) -> Refusal | None:
        """Put one command into R2; whether the PLC took it shows in its state."""
        if type(command) not in self.orders:
            return refuse_unknown(command, self.orders)
        if (refusal := refuse_position(command)) is not None:
            return refusal
        bays = [getattr(command, name) for name in ("bay", "from_bay", "to_bay") if hasattr(command, name)]
        for bay in bays:
            if bay not in self._bays:
                return refuse_bay(bay, self._bays)
        self._follow_connection()
        match command:
            case HoldRobot() | StopRobot():
                self._standing = {"exchange_command": "PAUSE" if isinstance(command, HoldRobot) else "STOP"}
                self._pulses.clear()
            case AnswerRobot():
                self._pulses["answer"] = self._answer(command), now_s + PULSE_S
            case ResetRobot():
                self._pulses["reset"] = {"reset": True}, now_s + PULSE_S
            case _:
                self._standing = {}
                self._pulses["order"] = self._start(command, command_id), now_s + PULSE_S
        return None if self.node.is_open else Refusal(NOT_CONNECTED, "the PLC must be connected")

    def _start(self, command: Command, command_id: int) -> _Image:
        image: dict[str, PackedValue] = {"order_id": command_id}
        match command:
            case ExchangeBattery(from_bay, to_bay, truck_model):
                bays = {"from_bay": from_bay, "to_bay": to_bay, "truck_model": truck_model}
                return image | {"exchange_command": "START", **bays}
            case ResumeRobot():
                robot = self._robot
                return {"exchange_command": "START", "order_id": robot.running_id if robot else 0}
            case MoveBattery(from_bay, to_bay):
                manual: dict[str, PackedValue] = {"manual_from_bay": from_bay, "manual_to_bay": to_bay}
                return image | {"mode": "SINGLE_STEP", "manual_command": "MOVE", **manual}
            case PickBattery(bay):
                return image | {"mode": "SINGLE_STEP", "manual_command": "PICK", "manual_from_bay": bay}
            case PutBattery(bay):
                return image | {"mode": "SINGLE_STEP", "manual_command": "PUT", "manual_to_bay": bay}
            case _:
                return image | {"mode": "SINGLE_STEP", "manual_command": "HOME"}

    @property
    def _robot(self) -> Robot | None:
        return next((update.state for update in self._updates if isinstance(update.state, Robot)), None)

    def _answer(self, command: AnswerRobot) -> _Image:
        word = "DONE" if command.done else "REFUSED"
        image: dict[str, PackedValue] = {"answer_id": command.request_id, "answer": word}
        robot = self._robot
        if robot is None or robot.request is not RobotRequest.TRUCK_POSE:
            return image
        if not command.done:
            return image | {"lidar_answer": "REFUSED"}
        pose = {
            "lidar_x_mm": float(robot.pose_x_mm),
            "lidar_y_mm": float(robot.pose_y_mm),
            "lidar_r_mrad": float(robot.pose_yaw_mrad),
        }
        return image | {"lidar_answer": "READY", "lidar_sent": True, **pose}

    def relay(self, snapshot: Snapshot) -> None:
        """Take over what the PLC is told of the bays and, from its arrival until the swap is over, of the truck."""
        self._r1 = bay_values(snapshot, len(self._bays))
        truck, swap_open = snapshot.truck.good, snapshot.inventory.swap is not None
        self._served = truck is not None and not swap_open and (self._served or self._swap_open)
        self._swap_open = swap_open
        self._r3 = None if truck is None or self._served else truck_values(truck)

    def cycle(self, now_s: float) -> None:
        """Send what is due, the truck before the orders that rest on it."""
        self._follow_connection()
        self._send("R1", self._r1, now_s)
        if self._r3 is not None:
            self._send("R3", self._r3, now_s)
        self._pulses = {name: pulse for name, pulse in self._pulses.items() if now_s < pulse[1]}
        image: dict[str, PackedValue] = {"mode": "AUTOMATIC", "epoch": self._epoch, "done_ack": self._done, **_NOTHING}
        for part in (self._standing, *(pulse for pulse, _ in self._pulses.values())):
            image |= part
        self._send("R2", image, now_s)

    @property
    def _done(self) -> bool:
        return "W5" in self._heard and bool(self._heard["W5"][0]["exchange_done"])

    def _send(self, name: str, image: _Image, now_s: float) -> None:
        """Send a message when its period is over or when it says something else than before."""
        before, sent_s = self._sent.get(name, ({}, float("-inf")))
        if image == before and now_s < sent_s + self._messages[name].period_s - _EARLY_S:
            return
        self._sent[name] = image, now_s
        if name == "R2":
            self._beat = (self._beat + 1) % 0x10000
            image = {**image, "heartbeat": self._beat}
        self.node.put(name, image)


_EARLY_S = 0.005
"""A cycle that comes this much early still counts, so that a period of one cycle is not stretched to two."""
_NOTHING: _Image = {
    "exchange_command": "NONE",
    "fire_command": "NONE",
    "manual_command": "NONE",
    "lidar_answer": "NONE",
    "answer": "NONE",
}


def _make(settings: AdapterSettings) -> PackedPlc:
    layout = read_packed_layout(settings.map) if settings.map else load_packed_layout("packed_plc")
    return PackedPlc(layout, settings.epoch)


ADAPTER = AdapterKind(_make, PACKED_WIRES)
