"""The simulation: plant and firmware together, one node per wire. A face moves the bytes and calls `advance`."""

from __future__ import annotations

from random import Random

from swapstation.config import Config
from swapstation.protocol.can_bus import CanBus
from swapstation.protocol.node import CanNode
from swapstation.simulation.firmware.module_node import ModuleNode
from swapstation.simulation.firmware.rack_node import RackNode
from swapstation.simulation.firmware.robot_motion import LoadLimits
from swapstation.simulation.firmware.robot_plc import RobotPlc
from swapstation.simulation.firmware.truck_link import TruckLink
from swapstation.simulation.placement import Placement, build_plant

LONGEST_STEP_S = 0.2
LONGEST_GAP_S = 0.5
LEAST_LOAD, MOST_LOAD = 0.5, 1.3


class Simulation:
    """Owns the truth and every device. Protocol timing follows `now_s`; the plant runs `speed` times as fast."""

    def __init__(self, config: Config, placement: Placement, seed: int = 1, speed: float = 1.0) -> None:
        self.config = config
        self.speed = speed
        self.plant = build_plant(config, placement, Random(seed))
        masses_kg = [model.mass_kg for model in config.battery_models]
        limits = LoadLimits(LEAST_LOAD * min(masses_kg), MOST_LOAD * max(masses_kg))
        self.plc = RobotPlc(self.plant, limits, {truck.plc_number for truck in config.truck_models})
        self.can_nodes: dict[str, CanNode] = {"station": self._station_segment()}
        self._advanced_s: float | None = None

    def advance(self, now_s: float) -> None:
        """Let the plant and the PLC run up to `now_s` (real seconds); call at least every 20 ms."""
        gap_s = 0.0 if self._advanced_s is None else min(now_s - self._advanced_s, LONGEST_GAP_S)
        self._advanced_s = now_s
        left_s = gap_s * self.speed
        while True:
            step_s = min(left_s, LONGEST_STEP_S)
            self.plc.scan(now_s, step_s)
            self.plant.advance(step_s)
            left_s -= step_s
            if left_s <= 0.0:
                return

    def _station_segment(self) -> CanNode:
        racks = [RackNode(self.plant, bay.number) for bay in self.config.bays]
        modules = [ModuleNode(self.plant, bay.number) for bay in self.config.charging_bays]
        return CanBus([*racks, *modules, TruckLink(self.plant)])
