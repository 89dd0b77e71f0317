"""A mine's trucks at one swap station, with and without staggering advice: how long they wait (own design).

Trucks haul round trips past the station and need a battery every few trips. Without advice each comes when the next
trip is not possible any more, so that trucks which began a shift together come together. With advice each asks at
every pass whether it had best come now. The trips' lengths are drawn from the seed, the same for both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import inf
from random import Random
from statistics import mean

from swapstation.energy.stagger import Capacity, Wish, staggered

MIN_S = 60.0
ADVICE_S = 300.0


@dataclass(frozen=True, slots=True)
class MineCase:
    """The mine and its station. A trip takes `trip_min` +- `trip_spread_min` (one sigma) and `trip_pct` of SOC.

    All trucks begin together, with SOC spread over `start_spread_pct` below full. A battery is handed out at
    `target_pct`; charging takes (target - returned) x `battery_kwh` / `charge_kw`. Nobody drives below `floor_pct`.
    By advice nobody comes with more than `early_pct`, and trucks are to wait no longer than `most_wait_min`.
    """

    trucks: int = 50
    spares: int = 7
    trip_min: float = 52.0
    trip_spread_min: float = 6.0
    trip_pct: float = 9.0
    floor_pct: float = 20.0
    target_pct: float = 95.0
    start_spread_pct: float = 20.0
    battery_kwh: float = 282.0
    charge_kw: float = 237.0
    swap_min: float = 5.0
    early_pct: float = 70.0
    most_wait_min: float = 3.0
    days: float = 7.0

    def charge_s(self, soc_pct: float) -> float:
        """How long a battery takes back to its target."""
        return (self.target_pct - soc_pct) / 100.0 * self.battery_kwh / self.charge_kw * 3600.0

    @property
    def usual_charge_s(self) -> float:
        """That of a battery which comes back as empty as may be."""
        return self.charge_s(self.floor_pct + self.trip_pct / 2.0)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What came of it: swaps, trips, and how long trucks stood before they were served (min)."""

    swaps: int
    trips: int
    mean_wait_min: float
    longest_wait_min: float
    over_5_min_pct: float
    over_15_min_pct: float


class _Mine:
    """One run. `soc`, `next_s`: of each truck, and when it passes the station next."""

    def __init__(self, case: MineCase, seed: int, advised: bool) -> None:
        self._case, self._advised, self._chance = case, advised, [Random(f"{seed}/{n}") for n in range(case.trucks)]
        spread = Random(f"{seed}/start")
        self._soc = [case.target_pct - spread.uniform(0.0, case.start_spread_pct) for _ in range(case.trucks)]
        self._next_s = [0.0] * case.trucks
        self._ready_s = [0.0] * case.spares
        self._lane_s = 0.0
        self._advised_s = -inf
        self._comes_s: dict[int, float] = {}
        self.waits_s: list[float] = []
        self.trips = 0

    def run(self) -> None:
        events = [(0.0, number) for number in range(self._case.trucks)]
        heapify(events)
        while events[0][0] < self._case.days * 86_400.0:
            at_s, number = heappop(events)
            if self._must(number) or (self._advised and self._had_best(at_s, number)):
                heappush(events, (self._swap(at_s, number), number))
                continue
            self.trips += 1
            self._soc[number] -= self._case.trip_pct
            self._next_s[number] = at_s + self._trip_s(number)
            heappush(events, (self._next_s[number], number))

    def _trip_s(self, number: int) -> float:
        case = self._case
        return max(self._chance[number].gauss(case.trip_min, case.trip_spread_min), case.trip_min / 2.0) * MIN_S

    def _must(self, number: int) -> bool:
        """Another trip is not possible."""
        return self._soc[number] - self._case.trip_pct < self._case.floor_pct

    def _swap(self, at_s: float, number: int) -> float:
        """A truck is at the station; returns when it drives on."""
        case = self._case
        served_s = max(at_s, self._lane_s, heappop(self._ready_s))
        self._lane_s = served_s + case.swap_min * MIN_S
        heappush(self._ready_s, self._lane_s + case.charge_s(self._soc[number]))
        self.waits_s.append(served_s - at_s)
        self._soc[number] = case.target_pct
        self._next_s[number] = self._lane_s
        return self._lane_s

    def _had_best(self, at_s: float, number: int) -> bool:
        """Whether the advice for this truck is this pass; the advice is renewed every few minutes."""
        if at_s >= self._advised_s + ADVICE_S:
            self._advised_s, self._comes_s = at_s, self._advice(at_s)
        return self._comes_s.get(number, inf) <= at_s + ADVICE_S

    def _advice(self, at_s: float) -> dict[int, float]:
        case = self._case
        ready_s = tuple(max(each - at_s, 0.0) for each in self._ready_s)
        capacity = Capacity(case.swap_min * MIN_S, ready_s, case.usual_charge_s, max(self._lane_s - at_s, 0.0))
        wishes = [Wish(str(number), self._passes_s(at_s, number)) for number in range(case.trucks)]
        told = staggered(wishes, capacity, case.most_wait_min * MIN_S)
        return {int(each.truck): at_s + each.comes_s for each in told}

    def _passes_s(self, at_s: float, number: int) -> tuple[float, ...]:
        """Its passes from the next one until it is empty; one whose battery is still full does not come yet."""
        case = self._case
        left = max(int((self._soc[number] - case.floor_pct) / case.trip_pct), 0)
        first_s = max(self._next_s[number] - at_s, 0.0)
        passes_s = [first_s + trip * case.trip_min * MIN_S for trip in range(left + 1)]
        early = max(int((self._soc[number] - case.early_pct) / case.trip_pct) + 1, 0)
        return tuple(passes_s[min(early, left) :])


@dataclass(frozen=True, slots=True)
class MineRun:
    """One run: trips, and how long each truck waited that was served (min)."""

    trips: int
    waits_min: tuple[float, ...]


def run_mine(case: MineCase, seed: int, advised: bool) -> MineRun:
    """One run of a case; the same seed draws the same trips with and without advice."""
    mine = _Mine(case, seed, advised)
    mine.run()
    return MineRun(mine.trips, tuple(wait_s / MIN_S for wait_s in mine.waits_s))


def waiting(runs: Sequence[MineRun]) -> Waiting:
    """All runs together."""
    waits_min = [wait_min for run in runs for wait_min in run.waits_min] or [0.0]

    def over(minutes: float) -> float:
        return 100.0 * sum(wait > minutes for wait in waits_min) / len(waits_min)

    swaps, trips = sum(len(run.waits_min) for run in runs), sum(run.trips for run in runs)
    return Waiting(swaps, trips, mean(waits_min), max(waits_min), over(5.0), over(15.0))
