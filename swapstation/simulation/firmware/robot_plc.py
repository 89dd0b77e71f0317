"""The robot PLC: orders, controls, requests and heartbeat, as robot_plc.toml states them.

Supervision (heartbeat, request deadlines) runs in real seconds, motion in plant seconds.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from swapstation.model.device import LockState, RobotRequest, RobotResult, RobotState, RobotStep
from swapstation.simulation.firmware.robot_interlocks import SEAT_WINDOW, SEATS, View, bays_valid, first_refusal
from swapstation.simulation.firmware.robot_motion import LoadLimits, Motion
from swapstation.simulation.firmware.robot_words import (
    PAUSE_CAUSES,
    PROGRAMS,
    Act,
    Action,
    Answer,
    Command,
    Control,
    Fault,
    Order,
    Refusal,
    Target,
)
from swapstation.simulation.plant.plant import Plant

HEARTBEAT_PERIOD_S = 0.5
HEARTBEAT_TIMEOUT_S = 3.0
REQUEST_TIMEOUT_S = 10.0


@dataclass(slots=True)
class Retained:
    """What the PLC keeps without power."""

    accepted_id: int = 0
    refusal: Refusal = Refusal.ACCEPTED
    done_id: int = 0
    result: RobotResult = RobotResult.NONE
    epoch: int = 0
    control_id: int | None = 0
    running: Order | None = None
    action: int = 0
    request_id: int = 0


@dataclass(slots=True)
class Request:
    """A request that waits for the station's answer."""

    request: RobotRequest
    bay: int
    deadline_s: float
    position: int


class RobotPlc:
    """Firmware of the robot PLC over a plant; a bus front end writes to it and shows its state."""

    def __init__(self, plant: Plant, limits: LoadLimits, truck_models: Collection[int], kept: Retained | None = None):
        self.plant = plant
        self.motion = Motion(plant, limits)
        self.kept = kept or Retained()
        self.heartbeat = 0
        self.faults: set[Fault] = set()
        self.asking: Request | None = None
        self.paused = self.kept.running is not None
        self._truck_models = truck_models
        self._station_beat: int | None = None
        self._station_beat_s: float | None = None
        self._next_beat_s = 0.0
        if self.paused:
            self.faults.add(Fault.POWER_UP)

    @property
    def state(self) -> RobotState:
        if not self.plant.safety().estop_ok:
            return RobotState.ESTOP
        if self.faults - PAUSE_CAUSES:
            return RobotState.FAULT
        if self.kept.running is None:
            return RobotState.IDLE
        return RobotState.PAUSED if self.paused else RobotState.BUSY

    @property
    def step(self) -> RobotStep:
        return self._action.step if self.kept.running else RobotStep.STANDBY

    @property
    def running_id(self) -> int:
        return self.kept.running.order_id if self.kept.running else 0

    @property
    def view(self) -> View:
        return View(self.plant, self.motion.measured, self.motion.seat)

    def write_heartbeat(self, beat: int, now_s: float) -> None:
        if beat != self._station_beat:
            self._station_beat, self._station_beat_s = beat, now_s
            if self.kept.running is None:
                self.faults.discard(Fault.STATION_LINK_LOST)

    def write_epoch(self, epoch: int) -> None:
        """A higher epoch is a restarted controller: its control ids count from anywhere."""
        if epoch > self.kept.epoch:
            self.kept.epoch = epoch
            self.kept.control_id = None

    def write_order(self, order: Order, epoch: int, refusal: Refusal = Refusal.ACCEPTED) -> None:
        """Answer an order whose id is new; a repeated id has no effect. `refusal` is what the panel has against it."""
        if order.order_id in (0, self.kept.accepted_id):
            return
        if refusal is Refusal.ACCEPTED:
            refusal = self._refusal(order, epoch)
        self.kept.accepted_id, self.kept.refusal = order.order_id, refusal
        if refusal is not Refusal.ACCEPTED:
            return
        self.kept.running, self.kept.action, self.paused = order, 0, False
        self.motion.restart()
        if order.command in SEATS:
            self.motion.seat = order.seat
        if order.command in (Command.LIFT, Command.EXCHANGE):
            self.motion.weighed_kg = 0.0

    def _refusal(self, order: Order, epoch: int) -> Refusal:
        if order.command not in set(Command):
            return Refusal.UNKNOWN_COMMAND
        if order.command == Command.EXCHANGE and order.truck_model not in self._truck_models:
            return Refusal.UNKNOWN_COMMAND
        if epoch < self.kept.epoch:
            return Refusal.EPOCH_TOO_OLD
        if not bays_valid(order, self.plant.bays):
            return Refusal.BAY_NUMBER
        if order.command in SEATS and not order.seat.within(SEAT_WINDOW):
            return Refusal.SEAT_OFFSET
        if not self.plant.safety().ok:
            return Refusal.SAFETY_CHAIN_OPEN
        if self.state is not RobotState.IDLE or Fault.STATION_LINK_LOST in self.faults:
            return Refusal.ROBOT_NOT_READY
        return first_refusal(order, self.view)

    def write_control(self, control: int, control_id: int, epoch: int) -> None:
        """Execute a control once per id: HOLD and STOP on any new id, the others only on a rising one."""
        if epoch < self.kept.epoch and control not in (Control.HOLD, Control.STOP):
            return
        before, self.kept.control_id = self.kept.control_id, control_id
        if control_id == before or control not in set(Control):
            return
        rising = before is None or (control_id - before) % 0x10000 < 0x8000
        if control == Control.HOLD:
            self._pause()
        elif control == Control.STOP:
            self._finish(RobotResult.ABORTED)
        elif rising and self.plant.safety().ok:
            if control == Control.RESUME:
                self._resume()
            else:
                self._reset()

    def press_resume(self) -> None:
        """The button at the cabinet: a person beside the robot lets it go on."""
        if self.plant.safety().ok:
            self._resume()

    def write_answer(self, answer_id: int, answer: int) -> None:
        """Take the answer to the open request; anything but DONE, confirmed by own sensors, pauses the exchange."""
        if self.asking is None or answer_id != self.kept.request_id or answer not in set(Answer):
            return
        asked, self.asking = self.asking, None
        if answer == Answer.DONE and self._confirmed(asked):
            self._next_action()
        else:
            self._pause(Fault.REQUEST_NOT_ANSWERED)

    def _confirmed(self, asked: Request) -> bool:
        match asked.request:
            case RobotRequest.TRUCK_POSE:
                return self.view.truck is not None
            case RobotRequest.UNLOCK_TRUCK:
                return self.view.locked(LockState.UNLOCKED, asked.position)
            case RobotRequest.LOCK_TRUCK:
                return self.view.locked(LockState.LOCKED, asked.position)
            case RobotRequest.BAY_DEAD:
                return self.view.dead(asked.bay)
            case RobotRequest.NONE:
                return False

    def scan(self, now_s: float, dt_s: float) -> None:
        """One PLC cycle: supervise at `now_s` real seconds, then move for `dt_s` plant seconds."""
        self._beat(now_s)
        if self.plant.truck is None:
            self.motion.measured = None
        isolating = self.kept.running is not None and self.kept.running.command == Command.ISOLATE
        safety = self.plant.safety()
        if not safety.ok or (isolating and not safety.transfer_permitted):
            self._pause()
        if self.asking is not None and now_s >= self.asking.deadline_s:
            self._pause(Fault.REQUEST_NOT_ANSWERED)
        if self.plant.faults.active("robot_fault"):
            self._fail(Fault.DRIVE)
        if self.state is RobotState.BUSY and self.asking is None and self.kept.running is not None:
            self._act(self.kept.running, now_s, dt_s)

    def _beat(self, now_s: float) -> None:
        if now_s >= self._next_beat_s and not self.plant.faults.active("plc_heartbeat_frozen"):
            self.heartbeat = (self.heartbeat + 1) % 0x10000
            self._next_beat_s = now_s + HEARTBEAT_PERIOD_S
        if self._station_beat_s is None:
            self._station_beat_s = now_s
        if now_s - self._station_beat_s >= HEARTBEAT_TIMEOUT_S:
            self.faults.add(Fault.STATION_LINK_LOST)
            self._pause()

    def _act(self, order: Order, now_s: float, dt_s: float) -> None:
        action = self._action
        if action.act is Act.ASK:
            self._ask(action, order, now_s)
            return
        outcome = self.motion.run(action, order, dt_s)
        if isinstance(outcome, Fault):
            self._fail(outcome)
        elif outcome:
            self._next_action()

    def _ask(self, action: Action, order: Order, now_s: float) -> None:
        bay = {Target.FROM_BAY: order.from_bay, Target.TO_BAY: order.to_bay}.get(action.target, 0)
        self.kept.request_id = self.kept.request_id % 0xFFFF + 1
        self.asking = Request(action.request, bay, now_s + REQUEST_TIMEOUT_S, order.position)

    @property
    def _action(self) -> Action:
        assert self.kept.running is not None
        return PROGRAMS[Command(self.kept.running.command)][self.kept.action]

    def _next_action(self) -> None:
        assert self.kept.running is not None
        self.motion.restart()
        self.kept.action += 1
        if self.kept.action == len(PROGRAMS[Command(self.kept.running.command)]):
            self._finish(RobotResult.DONE)

    def _pause(self, cause: Fault | None = None) -> None:
        self.plant.robot.stop()
        self.asking = None
        if self.kept.running is not None:
            self.paused = True
            if cause is not None:
                self.faults.add(cause)

    def _resume(self) -> None:
        if self.paused:
            self.faults -= PAUSE_CAUSES
            self.paused = False
            self.motion.restart()

    def _finish(self, result: RobotResult) -> None:
        self.plant.robot.stop()
        self.asking = None
        if self.kept.running is None:
            return
        self.kept.done_id, self.kept.result = self.kept.running.order_id, result
        self.kept.running, self.kept.action, self.paused = None, 0, False
        self.faults -= PAUSE_CAUSES

    def _fail(self, fault: Fault) -> None:
        self.faults.add(fault)
        self._finish(RobotResult.FAILED)

    def _reset(self) -> None:
        self.faults &= PAUSE_CAUSES
