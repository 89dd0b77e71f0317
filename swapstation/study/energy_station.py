"""The station of the energy study, minute by minute: trucks queue, the robot swaps, batteries charge, the meter counts.

One bay is empty for the battery that comes off. A swap takes the robot `robot_min`; the fresh battery leaves its bay
at the begin, the returned one stands in a bay at the end. A truck waits from its arrival to the begin of its swap.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Protocol

from swapstation.energy.curve import Curve
from swapstation.study.energy_case import DAY_MIN, EnergyCase
from swapstation.study.energy_trucks import Truck

RUN_OUT_MIN = 720
"""After the last day no truck comes and the policy runs on: each fills what it has emptied, at the prices it finds."""
_FULL_KWH = 0.01


@dataclass(slots=True)
class Pack:
    """A battery in a bay: which, what is in it (kWh)."""

    number: int
    kwh: float


class Policy(Protocol):
    """Says how each battery is charged."""

    def powers_kw(self, station: Station, minute: int) -> Mapping[int, float]:
        """kW DC by the battery's number for the minute to come; whoever is not named waits."""


@dataclass(slots=True)
class Station:
    """The state, and what was counted so far. `swaps`: minute, battery handed out, truck (its place in the order)."""

    case: EnergyCase
    packs: list[Pack]
    queue: deque[Truck] = field(default_factory=deque)
    robot_free_min: int = 0
    returning: Pack | None = None
    cost: float = 0.0
    ac_kwh: float = 0.0
    highest_kw: float = 0.0
    waits_min: list[float] = field(default_factory=list)
    swaps: list[tuple[int, int]] = field(default_factory=list)
    came: list[Truck] = field(default_factory=list)

    def missing_kwh(self, pack: Pack) -> float:
        """What it takes to be ready."""
        return max(self.case.ready_kwh - pack.kwh, 0.0)

    @property
    def ready(self) -> list[Pack]:
        return [pack for pack in self.packs if self.missing_kwh(pack) <= _FULL_KWH]

    @property
    def fullest_first(self) -> list[Pack]:
        """Those that are not ready."""
        return sorted((p for p in self.packs if self.missing_kwh(p) > _FULL_KWH), key=lambda p: (-p.kwh, p.number))

    def work(self, minute: int) -> None:
        """End a swap that is done, begin the next one."""
        if self.returning is not None and minute >= self.robot_free_min:
            self.packs.append(self.returning)
            self.returning = None
        ready = self.ready
        if self.queue and ready and minute >= self.robot_free_min:
            truck, fresh = self.queue.popleft(), min(ready, key=lambda pack: pack.number)
            self.packs.remove(fresh)
            self.waits_min.append(minute - truck.at_min)
            self.swaps.append((minute, fresh.number))
            self.returning = Pack(self.case.batteries + len(self.swaps), truck.kwh)
            self.robot_free_min = minute + self.case.robot_min

    def charge(self, minute: int, powers_kw: Mapping[int, float], acceptance: Curve) -> None:
        """A minute of charging: what the batteries accept of what they are given, fullest first within the limit."""
        left_kw = self.case.charging_kw
        for pack in self.fullest_first:
            accepted_kw = self.case.charger_kw * acceptance.at(100.0 * pack.kwh / self.case.capacity_kwh)
            kw = min(powers_kw.get(pack.number, 0.0), accepted_kw, self.missing_kwh(pack) * 60.0, left_kw)
            pack.kwh += kw / 60.0
            left_kw -= kw
        import_kw = (self.case.charging_kw - left_kw) / self.case.efficiency
        self.cost += import_kw / 60.0 * self.case.price(minute)
        self.ac_kwh += import_kw / 60.0
        self.highest_kw = max(self.highest_kw, import_kw)


def simulate(case: EnergyCase, coming: Sequence[Truck], policy: Policy) -> Station:
    """Run a policy through the days of a case and the run-out; every battery is ready at the begin."""
    station = Station(case, [Pack(number, case.ready_kwh) for number in range(1, case.batteries + 1)])
    acceptance, ahead = taper(case), deque(coming)
    for minute in range(case.days * DAY_MIN + RUN_OUT_MIN):
        while ahead and ceil(ahead[0].at_min) <= minute:
            station.came.append(ahead[0])
            station.queue.append(ahead.popleft())
        station.work(minute)
        station.charge(minute, policy.powers_kw(station, minute), acceptance)
    return station


def taper(case: EnergyCase) -> Curve:
    """SOC (%) -> share of full power."""
    if case.taper_from_pct >= 100.0:
        return Curve(((0.0, 1.0),))
    return Curve(((case.taper_from_pct, 1.0), (100.0, case.taper_share)))
