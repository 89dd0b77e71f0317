"""Are promises kept? Trucks that book an hour ahead, and others that do not, at a simulated station for a week.

The real controller promises, sets aside and hands out on the simulated plant, in the twin's virtual time. A truck that
is offered a later time takes it if it is not much later; it comes early or late at random, and tells that it is late.
A promise was kept when the truck had a battery within five minutes of the later of its promised time and its stand in
the lane, with the promised charge. A truck that has not booked is sent round again where its battery is promised.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random
from statistics import mean

from swapstation.model.inventory import SwapResult
from swapstation.model.journal import HoldEnded, Record, SwapAllocated, SwapClosed, SwapOpened
from swapstation.model.request import (
    Accepted,
    Answer,
    ChangeBooking,
    ConfirmStartUp,
    CreateBooking,
    Payload,
    RequestSwap,
    ResumeStation,
)
from swapstation.model.snapshot import StationState
from swapstation.simulation.plant.truck import Pose, Truck, TruckPhase
from swapstation.study.site import BATTERY_MODEL, SOC_OUT_PCT, Case, station_of
from swapstation.study.traffic import LEAST_IN_PCT, MOST_IN_PCT, SOC_IN_PCT, SOC_SPREAD_PCT, poisson
from swapstation.twin.station import TwinStation

LOOK_S, ROUND_AGAIN_S = 5.0, 600.0
TELLS_BEFORE_S, WORTH_TELLING_S = 600.0, 60.0
KEPT_WITHIN_S, SOC_TOLERANCE_PCT = 300.0, 0.5
WARM_UP_H = 3.0
EARLIEST_S, LATEST_S = -1200.0, 840.0
"""So early or late a booked truck comes at most: within the late rule."""


@dataclass(frozen=True, slots=True)
class Bookings:
    """Trucks an hour in the mean, the share that books, how long ahead, how punctual, how much later is still taken.

    `tells_eta`: ten minutes before its time a truck that will be late says so, and the promise follows where it can.
    """

    per_h: float = 4.0
    booked_share: float = 0.8
    notice_min: float = 60.0
    punctual_sd_min: float = 5.0
    takes_later_min: float = 60.0
    tells_eta: bool = True


@dataclass(slots=True)
class Trip:
    """A truck that comes (monotonic s). `due_s` is what it was promised, None: it has not booked."""

    vin: str
    asked_s: float
    comes_s: float
    due_s: float | None = None
    hold: str = ""
    told: bool = False
    lost: bool = False
    opened_s: float = 0.0
    given_s: float = 0.0
    soc_pct: float = 0.0
    closed_s: float = 0.0

    @property
    def late_s(self) -> float:
        """How long it waited for its battery beyond what it was promised."""
        return self.given_s - max(self.due_s or 0.0, self.opened_s)

    @property
    def kept(self) -> bool:
        enough = self.soc_pct >= SOC_OUT_PCT - SOC_TOLERANCE_PCT
        return not self.lost and self.late_s <= KEPT_WITHIN_S and enough


@dataclass(frozen=True, slots=True)
class Kept:
    """What a run shows. `promised` trucks of those that `asked`, `later` of them for another time than they wished.

    Of those that came due, `kept`, and `lost` by the late rule while they stood in the queue; `latest_min` is the
    longest wait for a battery beyond a promise, `swaps` are all, `walk_in_wait_min` the mean wait of the others.
    """

    asked: int
    promised: int
    later: int
    due: int
    kept: int
    lost: int
    latest_min: float
    swaps: int
    walk_in_wait_min: float

    def document(self) -> dict[str, object]:
        """The run as a JSON object, with the ratio of promises kept."""
        told = {name: round(each, 2) if isinstance(each, float) else each for name, each in asdict(self).items()}
        return {**told, "kept_ratio": round(self.kept / self.due, 4) if self.due else None}


@dataclass(slots=True)
class Dispatch:
    """Announces trucks, brings them, asks for their swaps."""

    twin: TwinStation
    how: Bookings
    chance: Random
    vins: deque[str]
    arrivals: Iterator[float]
    trips: list[Trip] = field(default_factory=list)
    refused: int = 0
    asked: int = 0
    later: int = 0
    next_look_s: float = 0.0
    _queue: list[Trip] = field(default_factory=list)
    _now: Trip | None = None
    _waits: bool = False
    _next_s: float = 0.0

    def __post_init__(self) -> None:
        self._next_s = next(self.arrivals)
        self.twin.on_record = self._recorded

    def look(self) -> None:
        """Do what dispatcher and drivers do now, if it is time to look."""
        twin = self.twin
        if twin.now_s < self.next_look_s or twin.memory is None:
            return
        self.next_look_s = twin.now_s + LOOK_S
        self._announce()
        self._tell_etas()
        truck, state = twin.world.plant.truck, twin.memory.state
        if state is StationState.ABORTED:
            self._ask(ConfirmStartUp())
        elif state is StationState.HELD:
            self._ask(ResumeStation())
        elif truck is None:
            self._drive_in()
        elif truck.phase is TruckPhase.STANDING and state is StationState.IDLE:
            self._stand(truck)

    def _announce(self) -> None:
        while self._next_s <= self.twin.now_s and self.vins:
            self._next_s = next(self.arrivals)
            books = self.chance.random() < self.how.booked_share
            trip = Trip(self.vins.popleft(), self.twin.now_s, self.twin.now_s)
            if books:
                self.asked += 1
                self._book(trip, self.twin.now_s + 60.0 * self.how.notice_min)
            else:
                self._queue.append(trip)

    def _book(self, trip: Trip, due_s: float) -> None:
        arrives_at = self.twin.at + timedelta(seconds=due_s - self.twin.now_s)
        asked = CreateBooking(trip.vin, BATTERY_MODEL, arrives_at=arrives_at)
        self.twin.submit(asked, "dispatcher", partial(self._booked, trip, due_s))

    def _booked(self, trip: Trip, due_s: float, answer: Answer) -> None:
        wished_s = trip.asked_s + 60.0 * self.how.notice_min
        if isinstance(answer, Accepted):
            off_s = self.chance.gauss(0.0, 60.0 * self.how.punctual_sd_min)
            trip.due_s, trip.hold = due_s, answer.result["booking"]
            trip.comes_s = due_s + min(max(off_s, EARLIEST_S), LATEST_S)
            self.later += due_s > wished_s
            self._queue.append(trip)
            return
        told = answer.facts.get("earliest_at")
        offered_s = None if told is None else self._seconds(datetime.fromisoformat(told)) + 1.0
        if offered_s is not None and due_s < offered_s <= wished_s + 60.0 * self.how.takes_later_min:
            self._book(trip, offered_s)
        else:
            self.refused += 1
            self.vins.append(trip.vin)

    def _tell_etas(self) -> None:
        for trip in self._queue if self.how.tells_eta else ():
            if trip.due_s is None or trip.told or trip.due_s - self.twin.now_s > TELLS_BEFORE_S:
                continue
            trip.told = True
            if trip.comes_s - trip.due_s >= WORTH_TELLING_S:
                eta = self.twin.at + timedelta(seconds=trip.comes_s - self.twin.now_s)
                self.twin.submit(ChangeBooking(trip.hold, eta), "dispatcher", partial(self._moved, trip))

    def _moved(self, trip: Trip, answer: Answer) -> None:
        if isinstance(answer, Accepted):
            trip.due_s = trip.comes_s

    def _seconds(self, at: datetime) -> float:
        return self.twin.now_s + (at - self.twin.at).total_seconds()

    def _drive_in(self) -> None:
        if self._now is not None:
            self.vins.append(self._now.vin)
            self._now = None
        there = [trip for trip in self._queue if trip.comes_s <= self.twin.now_s]
        trip = min(there, key=lambda each: each.comes_s, default=None)
        if trip is None:
            return
        self._queue.remove(trip)
        truck = self.twin.world.plant.trucks[trip.vin]
        battery = self.twin.world.plant.on_truck(truck)
        assert battery is not None
        drawn_pct = self.chance.gauss(SOC_IN_PCT, SOC_SPREAD_PCT)
        battery.set_soc(min(max(drawn_pct, LEAST_IN_PCT), MOST_IN_PCT))
        truck.arrive(Pose())
        self.twin.stir()
        self._now = trip

    def _stand(self, truck: Truck) -> None:
        trip = self._now
        assert trip is not None
        if trip.closed_s or (trip.due_s is None and trip.comes_s > self.twin.now_s):
            if not trip.closed_s:
                self._now = None
                self._queue.append(trip)
            truck.leave()
            self.twin.stir()
        else:
            self._ask(RequestSwap(truck.vin))

    def _ask(self, payload: Payload) -> None:
        if not self._waits:
            self._waits = True
            self.twin.submit(payload, "driver", self._answered)

    def _answered(self, answer: Answer) -> None:
        """A truck without a booking whose battery is promised to others drives round and comes again."""
        self._waits = False
        trip = self._now
        if isinstance(answer, Accepted) or "kept_for_promises" not in answer.reasons:
            return
        if trip is not None and trip.due_s is None:
            trip.comes_s = self.twin.now_s + ROUND_AGAIN_S

    def _recorded(self, record: Record) -> None:
        now_s, trip = self.twin.now_s, self._now
        match record:
            case HoldEnded(reason="expired"):
                for each in self._queue if trip is None else (*self._queue, trip):
                    each.lost = each.lost or each.hold == record.hold
            case SwapOpened() if trip is not None:
                trip.opened_s = now_s
            case SwapAllocated() if trip is not None:
                trip.given_s, trip.soc_pct = now_s, record.fresh_soc_pct or 0.0
                self.trips.append(trip)
            case SwapClosed(result=SwapResult.COMPLETED) if trip is not None:
                trip.closed_s = now_s


def keep(case: Case, how: Bookings, days: float, seed: int) -> Kept:
    """Run a station for so many days after a warm-up and count its promises."""
    with station_of(case, seed) as twin:
        chance = Random(seed)
        dispatch = Dispatch(twin, how, chance, deque(case.trucks), poisson(how.per_h, chance))
        twin.start()
        until_s = WARM_UP_H * 3600.0 + days * 86_400.0
        while twin.now_s < until_s:
            dispatch.look()
            twin.step(min(max(dispatch.next_look_s, twin.now_s), until_s))
        return _counted(dispatch)


def _counted(dispatch: Dispatch) -> Kept:
    from_s = WARM_UP_H * 3600.0
    done = [trip for trip in dispatch.trips if trip.given_s >= from_s]
    booked = [trip for trip in done if trip.due_s is not None]
    walk_ins = [trip for trip in done if trip.due_s is None]
    return Kept(
        asked=dispatch.asked,
        promised=dispatch.asked - dispatch.refused,
        later=dispatch.later,
        due=len(booked),
        kept=sum(trip.kept for trip in booked),
        lost=sum(trip.lost for trip in booked),
        latest_min=max((trip.late_s / 60.0 for trip in booked), default=0.0),
        swaps=len(done),
        walk_in_wait_min=mean(trip.given_s - trip.asked_s for trip in walk_ins) / 60.0 if walk_ins else 0.0,
    )


def vins(number: int) -> tuple[str, ...]:
    """VINs for so many trucks, invented."""
    return tuple(f"LSWAPTRK0T{each:07d}" for each in range(1, number + 1))
