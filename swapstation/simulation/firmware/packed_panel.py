"""The robot PLC behind packed messages (firmware_proto/packed_plc.toml), with the motion and interlocks it always has.

What the station sends reaches the PLC once per scan; what the PLC shows leaves in its periods.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from swapstation.errors import ConfigurationError
from swapstation.model.device import RobotRequest
from swapstation.protocol.node import ByteNode
from swapstation.protocol.packed_files import load_packed_layout
from swapstation.protocol.packed_plc import PackedEnd
from swapstation.simulation.firmware.cycle import Cycle
from swapstation.simulation.firmware.packed_truck import refusal_by_truck
from swapstation.simulation.firmware.packed_words import sensors, state
from swapstation.simulation.firmware.robot_plc import RobotPlc
from swapstation.simulation.firmware.robot_words import Answer, Command, Control, Order, Refusal

Values = Mapping[str, Any]

NO_ORDER_S = 1.0
"""After so long without a heartbeat no new order is taken ..."""
SETTLED_S = 0.3
"""... until it has counted for so long: a burst of late messages starts nothing."""
BAYS_AGE_S = 3.0
_MANUAL = {"PICK": Command.PICK, "PUT": Command.PUT, "HOME": Command.HOME, "MOVE": Command.MOVE}


class PackedPanel:
    """Binds a PLC to its one connection to the station."""

    def __init__(self, plc: RobotPlc) -> None:
        layout = load_packed_layout("packed_plc")
        most = layout.messages["W4"].fields["bay_battery"].count or 0
        if max(plc.plant.bays) > most:
            raise ConfigurationError([f"links.robot: packed-plc knows bays 1 to {most}, not {max(plc.plant.bays)}"])
        self._plc = plc
        self._bays = most
        self._end = PackedEnd(layout, "station")
        self._now_s = 0.0
        self._connection = 0
        self._heard: dict[str, tuple[Values, float]] = {}
        self._beat_s = self._beating_since_s = float("-inf")
        self._done_id = plc.kept.done_id
        self._done = self._ack_was_low = self._lidar_received = False
        self._heartbeat = 0
        self._sensors: Values = {}
        self._sensor_cycle = Cycle(layout.messages["W4"].period_s)
        self._state_cycle = Cycle(layout.messages["W5"].period_s)

    def node(self) -> ByteNode:
        """The PLC's end of its connection."""
        return self._end

    def take(self, now_s: float) -> None:
        """Hand what the station sent since the last call to the PLC, message by message."""
        self._now_s = now_s
        if self._end.connections != self._connection:
            self._connection = self._end.connections
            self._heard.clear()
            self._ack_was_low = True
        for message, received_s in self._end.take():
            before = self._heard.get(message.name)
            self._heard[message.name] = message.values, received_s
            if message.name == "R2":
                self._take_r2(message.values, before[0] if before else None, received_s)

    def _take_r2(self, r2: Values, before: Values | None, received_s: float) -> None:
        if before is not None and r2["heartbeat"] != before["heartbeat"]:
            self._take_beat(r2["heartbeat"], received_s)
        self._plc.write_epoch(r2["epoch"])
        self._acknowledge(r2["done_ack"])
        self._lidar_received = self._lidar_received and r2["lidar_sent"]
        self._take_controls(r2, before)
        self._take_answer(r2)
        if r2["exchange_command"] == "START" and r2["from_bay"] is not None and r2["to_bay"] is not None:
            bays = r2["from_bay"], r2["to_bay"]
            self._order(r2, "AUTOMATIC", Order(Command.EXCHANGE, *bays, r2["truck_model"] or 0, r2["order_id"]))
        elif r2["manual_command"] in _MANUAL:
            bays = r2["manual_from_bay"] or 0, r2["manual_to_bay"] or 0
            self._order(r2, "SINGLE_STEP", Order(_MANUAL[r2["manual_command"]], *bays, 0, r2["order_id"]))

    def _take_beat(self, heartbeat: int, received_s: float) -> None:
        if received_s - self._beat_s >= NO_ORDER_S:
            self._beating_since_s = received_s
        self._beat_s = received_s
        self._plc.write_heartbeat(heartbeat, received_s)

    def _acknowledge(self, ack: bool) -> None:
        """Only an acknowledgement that rises after the order ended is one of this end."""
        self._done = self._done and not (ack and self._ack_was_low)
        self._ack_was_low = self._ack_was_low or not ack

    def _take_controls(self, r2: Values, before: Values | None) -> None:
        command, running_id = r2["exchange_command"], self._plc.running_id
        if command == "STOP" and running_id:
            self._control(Control.STOP, r2)
        elif command == "PAUSE" and running_id and not self._plc.paused:
            self._control(Control.HOLD, r2)
        elif command == "START" and self._goes_on(r2, before):
            self._control(Control.RESUME, r2)
        if r2["reset"] and _rises("reset", r2, before):
            self._control(Control.RESET, r2)

    def _goes_on(self, r2: Values, before: Values | None) -> bool:
        """A rising START without bays that names the paused order."""
        ours = r2["order_id"] == self._plc.running_id and r2["from_bay"] is None
        return ours and self._beats_well and _rises("exchange_command", r2, before)

    def _control(self, control: Control, r2: Values) -> None:
        self._plc.write_control(control, (self._plc.kept.control_id or 0) % 0xFFFF + 1, r2["epoch"])

    @property
    def _beats_well(self) -> bool:
        return self._beat_s - self._beating_since_s >= SETTLED_S and self._now_s - self._beat_s < NO_ORDER_S

    def _order(self, r2: Values, mode: str, order: Order) -> None:
        if not self._beats_well:
            return
        refusal = Refusal.ACCEPTED if r2["mode"] == mode else Refusal.MODE_MISSING
        if self._done:
            refusal = Refusal.DONE_NOT_ACKNOWLEDGED
        elif order.command == Command.EXCHANGE and refusal is Refusal.ACCEPTED:
            refusal = refusal_by_truck(self._heard.get("R3"), self._now_s)
        self._plc.write_order(order, r2["epoch"], refusal)

    def _take_answer(self, r2: Values) -> None:
        answer = {"DONE": Answer.DONE, "REFUSED": Answer.REFUSED}.get(r2["answer"])
        asked = self._plc.asking
        if asked is None or answer is None or r2["answer_id"] != self._plc.kept.request_id:
            return
        if answer is Answer.REFUSED or self._evident(asked.request, asked.bay, r2):
            self._lidar_received = asked.request is RobotRequest.TRUCK_POSE and r2["lidar_sent"]
            self._plc.write_answer(r2["answer_id"], answer)

    def _evident(self, request: RobotRequest, bay: int, r2: Values) -> bool:
        """Whether the station's other messages say the same as its answer."""
        match request:
            case RobotRequest.TRUCK_POSE:
                pose = self._plc.motion.measured
                told = r2["lidar_x_mm"], r2["lidar_y_mm"], r2["lidar_r_mrad"]
                shown = (round(pose.x_mm), round(pose.y_mm), round(pose.yaw_mrad)) if pose else None
                return bool(r2["lidar_sent"]) and told == shown
            case RobotRequest.UNLOCK_TRUCK:
                return self._told("R3", NO_ORDER_S, {}).get("lock") == "UNLOCKED"
            case RobotRequest.LOCK_TRUCK:
                return self._told("R3", NO_ORDER_S, {}).get("lock") == "LOCKED"
            case _:
                chargers = self._told("R1", BAYS_AGE_S, {}).get("charger", ())
                return bool(chargers) and chargers[bay - 1] == "DEAD"

    def _told(self, name: str, age_s: float, nothing: Values) -> Values:
        values, received_s = self._heard.get(name, (nothing, 0.0))
        return values if self._now_s - received_s < age_s else nothing

    def show(self) -> None:
        """Send what is due: sensors and requests before the state that rests on them."""
        plc = self._plc
        if plc.kept.done_id != self._done_id:
            self._done_id, self._done = plc.kept.done_id, True
            self._ack_was_low = not (self._heard["R2"][0]["done_ack"] if "R2" in self._heard else False)
        shown = sensors(plc, self._bays)
        if self._sensor_cycle.due(self._now_s) or shown != self._sensors:
            self._sensors = shown
            self._end.put("W4", shown)
        if self._state_cycle.due(self._now_s):
            if not plc.plant.faults.active("plc_heartbeat_frozen"):
                self._heartbeat = (self._heartbeat + 1) % 0x10000
            asked = plc.asking.request if plc.asking else RobotRequest.NONE
            locks = {"unlock_truck": RobotRequest.UNLOCK_TRUCK, "lock_truck": RobotRequest.LOCK_TRUCK}
            self._end.put("W6", {name: asked is request for name, request in locks.items()})
            shaking = {"exchange_done": self._done, "lidar_received": self._lidar_received}
            self._end.put("W5", {"heartbeat": self._heartbeat, **shaking, **state(plc)})


def _rises(name: str, r2: Values, before: Values | None) -> bool:
    """Whether a field says something else than in the R2 before; the first of a connection is no edge."""
    return before is not None and r2[name] != before[name]
