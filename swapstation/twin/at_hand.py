"""Devices at message level: what their firmware would put on a wire is read off the firmware itself, without bytes.

Each is an adapter in all but its wire. A device that is silent keeps the time of its last word, so that the station
ages it as it would age a dead link.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from swapstation.devices.adapter import Refusal, Role, Update, refuse_unknown
from swapstation.devices.robot_plc import CONTROL_WORDS, ORDER_WORDS, order_values, robot_state
from swapstation.model.command import (
    AnswerRobot,
    Command,
    LimitCharge,
    PauseCharge,
    ResumeCharge,
    StartCharge,
    StopCharge,
)
from swapstation.model.device import Meter
from swapstation.simulation.firmware import robot_words
from swapstation.simulation.firmware.robot_panel import order_of, shown
from swapstation.simulation.firmware.robot_plc import RobotPlc
from swapstation.simulation.plant.plant import Plant
from swapstation.twin.charge_process import ChargeProcess
from swapstation.twin.noise import Noise

ROBOT_SILENCE = "robot"
READ_S = 1.0
CHARGE_ORDERS: frozenset[type[Command]] = frozenset({StartCharge, LimitCharge, PauseCharge, ResumeCharge, StopCharge})


class RobotAtHand:
    """The robot PLC; orders and controls may get lost on the way, or arrive twice."""

    role = Role.EXCHANGER
    orders: frozenset[type[Command]] = frozenset({*ORDER_WORDS, *CONTROL_WORDS, AnswerRobot})
    bays: frozenset[int] = frozenset()
    malformed = 0

    def __init__(self, plc: RobotPlc, epoch: int, noise: Noise) -> None:
        self._plc = plc
        self._epoch = epoch
        self._noise = noise
        self._beat = 0
        self._control_id = epoch * 251 % 0x10000
        self._alive_s = float("-inf")

    def updates(self, now_s: float) -> Iterator[Update]:
        if not self._plc.plant.faults.active("plc_heartbeat_frozen"):
            self._alive_s = now_s
        values = shown(self._plc)
        del values["heartbeat"]
        for state in robot_state(values) or ():
            yield Update(state, self._alive_s)

    def cycle(self, now_s: float) -> None:
        self._beat = (self._beat + 1) % 0x10000
        self._plc.write_epoch(self._epoch)
        self._plc.write_heartbeat(self._beat, now_s)

    def order(self, command: Command, command_id: int, now_s: float) -> Refusal | None:
        if type(command) not in self.orders:
            return refuse_unknown(command, self.orders)
        for _ in range(self._noise.deliveries()):
            self._deliver(command, command_id)
        return None

    def _deliver(self, command: Command, command_id: int) -> None:
        plc = self._plc
        plc.write_epoch(self._epoch)
        if isinstance(command, AnswerRobot):
            answer = robot_words.Answer.DONE if command.done else robot_words.Answer.REFUSED
            plc.write_answer(command.request_id, answer)
        elif type(command) in CONTROL_WORDS:
            self._control_id = self._control_id % 0xFFFF + 1
            plc.write_control(robot_words.Control[CONTROL_WORDS[type(command)]], self._control_id, self._epoch)
        else:
            values = order_values(command, command_id)
            word = robot_words.Command[str(values["command"])]
            order = order_of(word, values)
            plc.write_order(order, self._epoch)


class ChargersAtHand:
    """The charger controllers of the `charger` bays: each charges on when the station is silent."""

    role = Role.CHARGER
    orders = CHARGE_ORDERS
    malformed = 0

    def __init__(self, processes: Mapping[int, ChargeProcess], noise: Noise) -> None:
        self.bays = frozenset(processes)
        self._processes = processes
        self._noise = noise
        self._alive_s = dict.fromkeys(processes, float("-inf"))

    def updates(self, now_s: float) -> Iterator[Update]:
        for bay, process in self._processes.items():
            if not process.plant.faults.active("charger_silent", bay):
                self._alive_s[bay] = now_s
            yield Update(process.charger(), self._alive_s[bay], bay)
            charge = process.charge(now_s)
            if charge.bms_age_s is not None:
                yield Update(charge, now_s, bay)

    def order(self, command: Command, command_id: int, now_s: float) -> Refusal | None:
        return _charge_order(self._processes, self._noise, command, now_s)

    def cycle(self, now_s: float) -> None:
        """Nothing is sent by itself."""


class DirectAtHand:
    """The charging process of one `direct` bay, led by our side."""

    role = Role.CHARGER
    orders = CHARGE_ORDERS
    malformed = 0

    def __init__(self, process: ChargeProcess, noise: Noise) -> None:
        self.bays = frozenset({process.bay})
        self._process = process
        self._noise = noise

    def updates(self, now_s: float) -> Iterator[Update]:
        yield Update(self._process.charge(now_s), now_s, self._process.bay)
        yield Update(self._process.demand, now_s, self._process.bay)

    def order(self, command: Command, command_id: int, now_s: float) -> Refusal | None:
        return _charge_order({self._process.bay: self._process}, self._noise, command, now_s)

    def cycle(self, now_s: float) -> None:
        """The process keeps its own time."""


class MeterAtHand:
    """The site meter."""

    role = Role.METER
    orders: frozenset[type[Command]] = frozenset()
    bays: frozenset[int] = frozenset()
    malformed = 0

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        self._last: Update | None = None

    def updates(self, now_s: float) -> Iterator[Update]:
        """A reading a second, as the meter is asked; a silent one leaves the last."""
        due = self._last is None or now_s - self._last.received_s >= READ_S
        if due and not self._plant.faults.active("meter_silent"):
            self._last = Update(Meter("1", self._plant.meter_kwh, self._plant.power_kw), now_s)
        if self._last is not None:
            yield self._last

    def order(self, command: Command, command_id: int, now_s: float) -> Refusal | None:
        return refuse_unknown(command, self.orders)

    def cycle(self, now_s: float) -> None:
        """A meter is only read."""


def _charge_order(
    processes: Mapping[int, ChargeProcess], noise: Noise, command: Command, now_s: float
) -> Refusal | None:
    for _ in range(noise.deliveries()):
        match command:
            case StartCharge(bay, target_soc_pct, power_limit_kw):
                processes[bay].start(now_s, target_soc_pct, power_limit_kw)
            case LimitCharge(bay, power_limit_kw):
                processes[bay].limit_kw = power_limit_kw
            case PauseCharge(bay):
                processes[bay].held = True
            case ResumeCharge(bay, power_limit_kw):
                processes[bay].limit_kw, processes[bay].held = power_limit_kw, False
            case StopCharge(bay):
                processes[bay].stop(now_s)
    return None
