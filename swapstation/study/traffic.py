"""The drivers of a studied station: they queue, drive in, ask for a swap and drive off. Nobody else is there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from swapstation.model.inventory import SwapResult
from swapstation.model.journal import ChargeEnded, ChargeStarted, Record, SwapClosed, SwapOpened
from swapstation.model.request import ConfirmStartUp, Payload, RequestSwap, ResumeStation
from swapstation.model.snapshot import StationState
from swapstation.simulation.plant.truck import Pose, Truck, TruckPhase
from swapstation.station.selection import ready_bays
from swapstation.station.situation import Situation
from swapstation.study.site import BATTERY_MODEL, TRUCKS
from swapstation.twin.charge_process import PHASE_S
from swapstation.twin.station import TwinStation

LOOK_S = 1.0
SOC_IN_PCT, SOC_SPREAD_PCT = 30.0, 6.0
LEAST_IN_PCT, MOST_IN_PCT = 20.0, 50.0
HANDSHAKE_S = sum(PHASE_S.values()) - 1.0
"""From the start of a charge to its current: the phases of GB/T 27930 before it."""


@dataclass(slots=True)
class Visit:
    """One truck's visit (monotonic s): it comes, drives in, stands ready, its swap opens and closes, it is gone."""

    came_s: float
    in_s: float
    ready_s: float = 0.0
    opened_s: float = 0.0
    closed_s: float = 0.0
    gone_s: float = 0.0
    charging_s: float = 0.0

    @property
    def waited_s(self) -> float:
        """In the queue, and in the lane for a battery."""
        return self.in_s - self.came_s + self.opened_s - self.ready_s


def saturated() -> Iterator[float]:
    """Somebody always waits."""
    while True:
        yield 0.0


def poisson(per_h: float, chance: Random) -> Iterator[float]:
    """Arrivals at random, so many an hour in the mean."""
    at_s = 0.0
    while True:
        at_s += chance.expovariate(per_h / 3600.0)
        yield at_s


@dataclass(slots=True)
class Traffic:
    """Follows a station. `gap_s` passes between a lane that is free and the next truck in it."""

    twin: TwinStation
    arrivals: Iterator[float]
    chance: Random
    gap_s: float = 0.0
    visits: list[Visit] = field(default_factory=list)
    charged_kwh: list[tuple[float, float]] = field(default_factory=list)
    holds: int = 0
    next_look_s: float = 0.0
    _next_s: float = 0.0
    _free_s: float = 0.0
    _asked: bool = False

    def __post_init__(self) -> None:
        self.twin.on_record = self._recorded
        self._next_s = next(self.arrivals)

    def look(self) -> None:
        """Do what drivers do now, if it is time to look."""
        if self.twin.now_s < self.next_look_s:
            return
        self.next_look_s = self.twin.now_s + LOOK_S
        truck, memory = self.twin.world.plant.truck, self.twin.memory
        if memory is None:
            return
        if memory.state is StationState.ABORTED:
            self._ask(ConfirmStartUp())
        elif memory.state is StationState.HELD:
            self.holds += 1
            self._ask(ResumeStation())
        elif truck is None:
            self._drive_in()
        elif truck.phase is TruckPhase.STANDING and memory.state is StationState.IDLE:
            self._stand(truck)

    def _drive_in(self) -> None:
        now_s = self.twin.now_s
        if self.visits and not self.visits[-1].gone_s:
            self.visits[-1].gone_s = self._free_s = now_s
        due_s = max(self._next_s, self._free_s + self.gap_s)
        if now_s < due_s:
            self.next_look_s = max(due_s, now_s + 0.1)
            return
        truck = self.twin.world.plant.trucks[TRUCKS[len(self.visits) % len(TRUCKS)]]
        drawn_pct = self.chance.gauss(SOC_IN_PCT, SOC_SPREAD_PCT)
        battery = self.twin.world.plant.on_truck(truck)
        assert battery is not None
        battery.set_soc(min(max(drawn_pct, LEAST_IN_PCT), MOST_IN_PCT))
        truck.arrive(Pose())
        self.twin.stir()
        self.visits.append(Visit(self._next_s or now_s, now_s))
        self._next_s = next(self.arrivals)

    def _stand(self, truck: Truck) -> None:
        visit = self.visits[-1]
        if visit.closed_s:
            truck.leave()
            self.twin.stir()
            return
        visit.ready_s = visit.ready_s or self.twin.now_s
        snapshot = self.twin.snapshot
        if snapshot is not None and ready_bays(Situation(snapshot, self.twin.config), BATTERY_MODEL):
            self._ask(RequestSwap(truck.vin))

    def _ask(self, payload: Payload) -> None:
        if not self._asked:
            self._asked = True
            self.twin.submit(payload, "driver", lambda answer: self._answered())

    def _answered(self) -> None:
        self._asked = False

    def _recorded(self, record: Record) -> None:
        now_s = self.twin.now_s
        match record:
            case SwapOpened():
                self.visits[-1].opened_s = now_s
            case SwapClosed(result=SwapResult.COMPLETED):
                self.visits[-1].closed_s = now_s
            case ChargeStarted() if self.visits and self.visits[-1].opened_s and not self.visits[-1].closed_s:
                self.visits[-1].charging_s = self.visits[-1].charging_s or now_s + HANDSHAKE_S
            case ChargeEnded(energy_kwh=energy_kwh) if energy_kwh:
                self.charged_kwh.append((now_s, energy_kwh))


def run(twin: TwinStation, traffic: Traffic, until_s: float) -> float:
    """Let the station work to `until_s` (virtual s); returns the highest power of all charging (kW AC)."""
    if twin.core is None:
        twin.start()
    highest_kw, bays = 0.0, tuple(twin.world.plant.bays.values())
    while twin.now_s < until_s:
        traffic.look()
        twin.step(min(max(traffic.next_look_s, twin.now_s), until_s))
        highest_kw = max(highest_kw, sum(bay.modules.grid_kw for bay in bays))
    return highest_kw
