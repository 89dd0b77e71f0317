"""A closed fleet of trucks that haul between two places past one swap station: how many loads it carries.

The case is question 1 of the 2022 Shenzhen Cup problem C: autonomous ore trucks on a road with one lane each way. The
rule studied is the product's own: an empty set goes on charge when its truck arrives, whether or not a full one is
there, and trucks and full sets are paired in the order in which they come.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from heapq import heapify, heappop, heappush

from swapstation.errors import InputError

FULL_PCT = 100.0
ROUNDING_PCT = 1e-9
PUBLISHED_LOADS = 193_149
"""What a published solution of the case carries, with the station 4.6 km from the loading place."""


@dataclass(frozen=True, slots=True)
class FleetCase:
    """The case; the defaults are those of the problem. A truck carries one set of packs, `sets` are all of them.

    The station lies `station_km` from the loading place. A set gives `empty_pct_per_min` or `loaded_pct_per_min` while
    its truck drives and is never below `floor_pct`. A swap takes half of `swap_min` to take the old set off and half to
    put the new one on. `keeps_empty`: a truck keeps its empty set until a full one is there; to show what that costs.
    """

    trucks: int = 125
    sets: int = 150
    road_km: float = 10.0
    station_km: float = 4.6
    speed_km_h: float = 60.0
    headway_s: float = 12.0
    empty_pct_per_min: float = 1.0 / 3.0
    loaded_pct_per_min: float = 1.0 / 2.0
    floor_pct: float = 10.0
    load_min: float = 1.0
    unload_min: float = 1.0
    swap_min: float = 2.0
    charge_h: float = 3.0
    hours: float = 1000.0
    keeps_empty: bool = False

    def __post_init__(self) -> None:
        """Refuse what no truck could drive; raises InputError."""
        if self.sets < self.trucks:
            raise InputError("sets", self.sets, f"at least one for each of the {self.trucks} trucks")
        if not 0.0 <= self.station_km <= self.road_km:
            raise InputError("station_km", self.station_km, f"0 to the road's {self.road_km:g}")
        away_pct = self.both_ways_pct_per_min * max(self.near_min, self.far_min)
        if away_pct > FULL_PCT - self.floor_pct:
            raise InputError("station_km", self.station_km, f"a way from station to station takes {away_pct:.1f} %")
        if self.keeps_empty and self.sets == self.trucks:
            raise InputError("sets", self.sets, "a truck that keeps its empty set needs a spare one")

    @property
    def near_min(self) -> float:
        """Minutes of driving between station and loading place."""
        return 60.0 * self.station_km / self.speed_km_h

    @property
    def far_min(self) -> float:
        """Minutes of driving between station and unloading place."""
        return 60.0 * (self.road_km - self.station_km) / self.speed_km_h

    @property
    def both_ways_pct_per_min(self) -> float:
        return self.empty_pct_per_min + self.loaded_pct_per_min

    @property
    def trip_min(self) -> float:
        """A round trip without a swap."""
        return 2.0 * (self.near_min + self.far_min) + self.load_min + self.unload_min


def limits(case: FleetCase) -> dict[str, float]:
    """Loads in the whole time that sets, trucks and the lane allow, each alone; closed form."""
    minutes = case.hours * 60.0
    trips = (FULL_PCT - case.floor_pct) / (case.both_ways_pct_per_min * (case.near_min + case.far_min))
    set_min = trips * case.trip_min + case.swap_min + case.charge_h * 60.0
    return {
        "sets": case.sets * trips / set_min * minutes,
        "trucks": case.trucks / (case.trip_min + case.swap_min / trips) * minutes,
        "lane": 60.0 / case.headway_s * minutes,
    }


class _Point(IntEnum):
    """The points of a round trip at which the trucks of one lane queue up, in the order of driving."""

    STATION_EMPTY = 0
    LOADING = 1
    STATION_LOADED = 2
    UNLOADING = 3


class _Station:
    """Sets by the minute from which they are full; pairs them with trucks in the order of arrival."""

    def __init__(self, case: FleetCase) -> None:
        self._case = case
        self._full_at_min = [0.0] * (case.sets - case.trucks)
        heapify(self._full_at_min)

    def swap(self, at_min: float) -> float:
        """A truck comes for a full set; returns when it can drive on (min)."""
        case, half_min = self._case, self._case.swap_min / 2.0
        charge_min = case.charge_h * 60.0
        if case.keeps_empty:
            off_min = max(at_min, heappop(self._full_at_min)) + half_min
            heappush(self._full_at_min, off_min + charge_min)
            return off_min + half_min
        off_min = at_min + half_min
        heappush(self._full_at_min, off_min + charge_min)
        return max(off_min, heappop(self._full_at_min)) + half_min


def loads(case: FleetCase) -> int:
    """Loads carried in `case.hours`. Deterministic; every truck starts full and unloaded at the station."""
    return sum(1 for at_min in _unloadings(case) if at_min <= case.hours * 60.0)


def _unloadings(case: FleetCase) -> Iterator[float]:
    """The minute of every unloading."""
    station, headway_min = _Station(case), case.headway_s / 60.0
    soc_pct = [FULL_PCT] * case.trucks
    legs = _legs(case)
    free_min = dict.fromkeys(_Point, 0.0)
    events = [(0.0, number, _Point.STATION_EMPTY) for number in range(case.trucks)]
    heapify(events)
    while events and events[0][0] <= case.hours * 60.0:
        at_min, number, point = heappop(events)
        leg = legs[point]
        if leg.until_station_pct and soc_pct[number] - leg.until_station_pct < case.floor_pct - ROUNDING_PCT:
            soc_pct[number] = FULL_PCT
            heappush(events, (station.swap(at_min), number, point))
            continue
        if point is _Point.UNLOADING:
            yield at_min
        leaves_min = max(at_min, free_min[point])
        free_min[point] = leaves_min + headway_min
        soc_pct[number] -= leg.pct
        heappush(events, (leaves_min + leg.minutes, number, leg.next))


@dataclass(frozen=True, slots=True)
class _Leg:
    """The way from one point to the next, what it takes (%), and what the way to the next station pass takes."""

    next: _Point
    minutes: float
    pct: float
    until_station_pct: float = 0.0


def _legs(case: FleetCase) -> dict[_Point, _Leg]:
    near, far = case.near_min, case.far_min
    empty, loaded, both = case.empty_pct_per_min, case.loaded_pct_per_min, case.both_ways_pct_per_min
    return {
        _Point.STATION_EMPTY: _Leg(_Point.LOADING, near + case.load_min, near * empty, near * both),
        _Point.LOADING: _Leg(_Point.STATION_LOADED, near, near * loaded),
        _Point.STATION_LOADED: _Leg(_Point.UNLOADING, far + case.unload_min, far * loaded, far * both),
        _Point.UNLOADING: _Leg(_Point.STATION_EMPTY, far, far * empty),
    }
