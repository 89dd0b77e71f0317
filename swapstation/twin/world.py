"""Plant and firmware of the twin, advanced from change to change: no instant is computed at which nothing happens."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from random import Random

from swapstation.config.settings import Charging, Config
from swapstation.model.device import LockState
from swapstation.simulation.firmware.fire_panel import FirePanel
from swapstation.simulation.firmware.module_node import ModuleNode
from swapstation.simulation.firmware.rack_node import RackNode
from swapstation.simulation.firmware.robot_motion import CHECK_POSE_S, HOME_S, MEASURE_S, WEIGH_S, LoadLimits
from swapstation.simulation.firmware.robot_plc import Retained, RobotPlc
from swapstation.simulation.firmware.robot_words import PROGRAMS, Act, Command
from swapstation.simulation.firmware.truck_link import TruckLink
from swapstation.simulation.placement import Placement, build_plant
from swapstation.simulation.plant.robot import GRIP_S, SPEED_X_MM_S, SPEED_Y_MM_S, SPEED_Z_MM_S
from swapstation.simulation.plant.truck import (
    BRAKE_OFF_S,
    BRAKE_SET_S,
    DRIVE_IN_S,
    GEAR_NEUTRAL_S,
    HV_DOWN_S,
    HV_UP_S,
    KEY_OFF_S,
    KEY_ON_S,
    OUT_S,
    Truck,
    TruckPhase,
)
from swapstation.simulation.world import LEAST_LOAD, MOST_LOAD
from swapstation.twin.charge_process import ChargeProcess
from swapstation.twin.plain_can import PlainCan

LONGEST_STEP_S = 5.0
HOT_STEP_S = 1.0
SHORTEST_STEP_S = 0.001
_TIMED = {Act.MEASURE: MEASURE_S, Act.CHECK_POSE: CHECK_POSE_S, Act.WEIGH: WEIGH_S, Act.HOME: HOME_S}
_PHASE_ENDS = {
    TruckPhase.ARRIVING: (DRIVE_IN_S,),
    TruckPhase.STANDING: (BRAKE_SET_S, GEAR_NEUTRAL_S, KEY_OFF_S, HV_DOWN_S),
    TruckPhase.LEAVING: (KEY_ON_S, HV_UP_S, BRAKE_OFF_S, OUT_S),
    TruckPhase.AWAY: (),
}


class MessageWorld:
    """The truth, and every device as firmware over it."""

    def __init__(self, config: Config, placement: Placement, seed: int) -> None:
        self.config = config
        self.now_s = 0.0
        self.plant = build_plant(config, placement, Random(seed))
        self.plant.lifts_from_below = config.recipe == "bottom"
        masses_kg = [model.mass_kg for model in config.battery_models]
        self._limits = LoadLimits(LEAST_LOAD * min(masses_kg), MOST_LOAD * max(masses_kg))
        self.plc = self._new_plc(None)
        can = PlainCan()
        numbers = [bay.number for bay in config.bays]
        self.racks = {number: RackNode(self.plant, number, can) for number in numbers}
        direct = [bay.number for bay in config.charging_bays if bay.charging is Charging.DIRECT]
        self.modules = {number: ModuleNode(self.plant, number, can) for number in direct}
        self.truck = TruckLink(self.plant, can)
        self.panel = FirePanel(self.plant, can)
        self.processes = {bay.number: ChargeProcess(self.plant, bay.number) for bay in config.charging_bays}

    def _new_plc(self, kept: Retained | None) -> RobotPlc:
        models = {truck.plc_number for truck in self.config.truck_models}
        return RobotPlc(self.plant, self._limits, models, kept)

    def lose_power(self) -> None:
        """The mains go and come back: brakes hold, contactors open, the PLC starts with what it keeps."""
        plant, before = self.plant, self.plc
        plant.lose_power()
        self.plc = self._new_plc(before.kept)
        self.plc.motion.measured, self.plc.motion.weighed_kg = before.motion.measured, before.motion.weighed_kg
        self.processes |= {number: ChargeProcess(plant, number) for number in self.processes}

    def advance(self, to_s: float) -> None:
        """Let everything happen up to `to_s`, in steps no longer than to the next change."""
        while True:
            step_s = max(min(to_s - self.now_s, self.next_change_s - self.now_s, LONGEST_STEP_S), 0.0)
            self._settle()
            self.plc.scan(self.now_s, step_s)
            self.plant.advance(step_s)
            self.now_s += step_s
            if self.now_s >= to_s - SHORTEST_STEP_S / 2:
                self.now_s = to_s
                self._settle()
                return

    def _settle(self) -> None:
        for process in self.processes.values():
            process.scan(self.now_s)
        for node in self.modules.values():
            node.supervise(self.now_s)

    @property
    def next_change_s(self) -> float:
        """The next instant at which a device may say something new (monotonic s)."""
        soonest_s = min((self.now_s + delay_s for delay_s in self._delays()), default=inf)
        processes = (process.next_change_s for process in self.processes.values())
        later = (at_s for at_s in processes if at_s > self.now_s)
        return max(min(soonest_s, *later, inf), self.now_s + SHORTEST_STEP_S)

    def _delays(self) -> Iterator[float]:
        yield from self._robot_delays()
        for truck in self.plant.trucks.values():
            yield from _truck_delays(truck)
        if any(name == "thermal_runaway" for name, _ in self.plant.faults.on):
            yield HOT_STEP_S
        if any(bay.modules.enabled or bay.modules.current_a > 0.0 for bay in self.plant.bays.values()):
            yield from self._ramp_delays()

    def _ramp_delays(self) -> Iterator[float]:
        for bay in self.plant.bays.values():
            if not bay.modules.enabled and bay.modules.current_a > 0.0:
                yield 0.2

    def _robot_delays(self) -> Iterator[float]:
        plc, robot = self.plc, self.plant.robot
        if plc.asking is not None:
            yield max(plc.asking.deadline_s - self.now_s, 0.0)
        running = plc.kept.running
        if running is None or plc.paused or plc.asking is not None:
            return
        action = PROGRAMS[Command(running.command)][plc.kept.action]
        if action.act in _TIMED:
            yield max(_TIMED[action.act] - plc.motion.elapsed_s, SHORTEST_STEP_S)
        elif robot.moving:
            yield self._motion_s()
        else:
            yield 0.02

    def _motion_s(self) -> float:
        robot = self.plant.robot
        grip_s = abs(robot.grip_goal - robot.grip_closed) * GRIP_S
        if robot.goal is None:
            return grip_s
        axes = (
            abs(robot.goal.x_mm - robot.at.x_mm) / SPEED_X_MM_S,
            abs(robot.goal.y_mm - robot.at.y_mm) / SPEED_Y_MM_S,
            abs(robot.goal.z_mm - robot.at.z_mm) / SPEED_Z_MM_S,
        )
        return max(*axes, grip_s)


def _truck_delays(truck: Truck) -> Iterator[float]:
    if truck.phase is TruckPhase.AWAY:
        return
    for end_s in _PHASE_ENDS[truck.phase]:
        if end_s > truck.phase_s:
            yield end_s - truck.phase_s + SHORTEST_STEP_S
            break
    for locks in truck.locks:
        if locks.state is LockState.MOVING:
            yield max(locks.moving_s, SHORTEST_STEP_S)
