"""The world at byte level: the simulator as it is, its firmware on its own periods, and the wires that carry bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, inf

from swapstation.config.settings import Config
from swapstation.model.device import ChargePhase
from swapstation.simulation.firmware.robot_plc import RobotPlc
from swapstation.simulation.placement import Placement
from swapstation.simulation.plant.battery import Battery
from swapstation.simulation.plant.plant import Plant
from swapstation.simulation.world import Simulation
from swapstation.twin.byte_wire import ByteWire

STEP_S = 0.02
CYCLE_S = 0.1
TURNS = 200
"""So often may ends answer each other within one step."""
_SILENCING = ("bms_silent", "bay_link_cut")


class ByteWorld:
    """Plant and firmware every 20 ms; what is due on a wire leaves then, and is answered at once."""

    def __init__(self, config: Config, placement: Placement, seed: int) -> None:
        self.simulation = Simulation(config, placement, seed)
        self.processes = {bay.number: BayCharge(self, bay.number) for bay in config.charging_bays}
        self.now_s = 0.0
        self.connected_s = inf

    @property
    def plant(self) -> Plant:
        return self.simulation.plant

    @property
    def plc(self) -> RobotPlc:
        return self.simulation.plc

    @property
    def next_change_s(self) -> float:
        """The controller's next cycle: it looks whether there is anything new or not."""
        return _after(self.now_s, CYCLE_S)

    def lose_power(self) -> None:
        self.plant.lose_power()
        self.simulation.restart()

    def advance(self, to_s: float) -> None:
        """Go on without a controller; nothing is left to do where one has been renewed up to `to_s`."""
        if self.now_s < to_s:
            self.connected_s = inf
            self.run(to_s, ())

    def run(self, to_s: float, wires: Sequence[ByteWire]) -> None:
        """Go on to `to_s` with these wires; segments that nobody listens to go on among themselves."""
        while self.now_s < to_s:
            self.now_s = min(_after(self.now_s, STEP_S), to_s)
            self.simulation.advance(self.now_s)
            if wires:
                _carry(wires, self.now_s)
            else:
                for segment in self.simulation.can_nodes.values():
                    tuple(segment.due(self.now_s))
            for process in self.processes.values():
                process.look()


@dataclass(slots=True)
class BayCharge:
    """One bay, seen at its battery. `heard_s`: when the station could last know what the battery says of itself."""

    world: ByteWorld
    bay: int
    heard_s: float | None = None
    _recognised_s: float = -inf
    _said: tuple[str, ...] = ()

    @property
    def phase(self) -> ChargePhase:
        return self.world.simulation.bms[self.bay].phase

    @property
    def battery(self) -> Battery | None:
        plant = self.world.plant
        return plant.in_bay(self.bay) if plant.mated(self.bay) else None

    def look(self) -> None:
        """A battery says who it is once, at recognition, and how it is while it is charged."""
        world, battery = self.world, self.battery
        if battery is None:
            return
        if self.phase is ChargePhase.RECOGNITION:
            self._recognised_s, self._said = world.now_s, battery.codes
        disturbed = any(self._disturbs(*knob) for knob in world.plant.faults.on)
        known = self._recognised_s > world.connected_s and self._said == battery.codes
        if self.phase is ChargePhase.CHARGING and known and not disturbed:
            self.heard_s = world.now_s

    def _disturbs(self, knob: str, target: str) -> bool:
        return target == f"bay-{self.bay}" or (knob in _SILENCING and target == str(self.bay))


def _after(now_s: float, period_s: float) -> float:
    """The next whole multiple of a period."""
    return round((floor(now_s / period_s + 1e-6) + 1) * period_s, 6)


def _carry(wires: Sequence[ByteWire], now_s: float) -> None:
    talking = list(wires)
    for _ in range(TURNS):
        talking = [wire for wire in talking if wire.move(now_s)]
        if not talking:
            return
    raise RuntimeError(f"nodes talk without end at {now_s} s")
