"""Carries one failure of the catalogue out at one step of a swap and says what came of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from swapstation.config.settings import Exchange
from swapstation.model.device import LockState, Presence
from swapstation.model.inventory import ROBOT, Inventory, truck_place
from swapstation.model.snapshot import Snapshot, StationState
from swapstation.station.draft import Rules
from tests.reliability.catalogue import Case
from tests.reliability.failing import clock_jumps, healthy
from tests.reliability.invariants import Instant, Sent, Truth, Violation, violations
from tests.station.walk import CYCLE_S, Answering, entering

PATIENCE_S = 2.5
"""Time that every step has in these runs, so that a failure that only a step's end shows is seen soon."""
LONGEST_S = 20.0
WATCHED_S, QUIET_S = 1.2, 1.0
"""How long a hold is watched with the failure, and after it has gone away by itself."""
STOPPED = (StationState.HOLDING, StationState.HELD)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a failure: seconds to the hold (None: none), the root alarms, what must not have happened."""

    held_after_s: float | None
    step_held_after_s: float | None
    ended: bool
    stayed: bool
    roots: tuple[str, ...]
    seen: frozenset[str]
    broken: tuple[Violation, ...]
    step: str | None


def impatient(rules: Rules) -> Rules:
    """The same rules with little time for every step."""
    steps = tuple(replace(step, timeout_s=PATIENCE_S) for step in rules.recipe.steps)
    return replace(rules, recipe=replace(rules.recipe, steps=steps))


@cache
def outcome(case: Case, exchange: Exchange, step: str) -> Outcome:
    """Let the failure happen as the step begins; watch until the station holds and after, or until the swap is over."""
    healthy_station = entering(exchange)[step]
    start = station = case.failure(replace(healthy_station, rules=impatient(healthy_station.rules)))
    broken: list[Violation] = []
    seen: set[str] = set()
    held_s = step_held_s = None
    while held_s is None and not ended(station) and _since(station, start) < LONGEST_S:
        station = _cycle(station, broken, seen)
        if station.memory.state in STOPPED:
            held_s = _since(station, start)
            step_held_s = station.snapshot.now_s - max(station.memory.step_since_s, start.snapshot.now_s)
    if held_s is None:
        return Outcome(None, None, ended(station), False, roots(station), frozenset(seen), tuple(broken), station.step)
    for _ in range(round(WATCHED_S / CYCLE_S)):
        station = _cycle(station, broken, seen)
    told = roots(station)
    station = healthy(station)
    for _ in range(round(QUIET_S / CYCLE_S)):
        station = _cycle(station, broken, seen)
    stayed = station.memory.state in STOPPED
    return Outcome(held_s, step_held_s, ended(station), stayed, told, frozenset(seen), tuple(broken), station.step)


def ended(station: Answering) -> bool:
    return station.memory.state is StationState.IDLE and station.snapshot.inventory.swap is None


def roots(station: Answering) -> tuple[str, ...]:
    """The alarms that people see and that no other explains."""
    return tuple(sorted({each.code for each in station.memory.alarms if not each.root}))


def _since(station: Answering, start: Answering) -> float:
    return round(station.snapshot.now_s - start.snapshot.now_s, 3)


def _cycle(station: Answering, broken: list[Violation], seen: set[str]) -> Answering:
    truth, record, state = truth_of(station.snapshot), station.snapshot.inventory, station.memory.state
    after = station.cycle()
    decision = after.past[-1].decision
    stopped = decision.memory.state if decision.memory.state in STOPPED else state
    sent = tuple(Sent(each.command, each.command_id, stopped) for each in decision.sendings)
    broken.extend(violations(Instant(truth, record, sent), leave_out=_NOT_HERE))
    seen.update(alarm.code for alarm in after.memory.alarms)
    return after


_NOT_HERE = frozenset({3, 4, 5})
"""Which battery is where is not known at this level, only where one is; tests on wires look at that."""


def truth_of(now: Snapshot) -> Truth:
    """Where batteries are by the devices themselves; which ones, as far as the record can say it."""
    record, truck, robot = now.inventory, now.truck.value, now.robot.value
    places = {}
    for bay in now.bays:
        if bay.io.value is not None and bay.io.value.presence is Presence.PRESENT:
            places[_named(record, bay.place)] = bay.place
    if robot is not None and robot.payload:
        places[_named(record, ROBOT)] = ROBOT
    vin = truck.vin if truck else None
    if truck is not None and truck.battery_present and vin is not None:
        codes = [each.battery for each in record.batteries if set(each.codes) == set(truck.codes)]
        places[codes[0] if codes else f"in {vin}"] = truck_place(vin)
    locked = truck is not None and truck.lock is LockState.LOCKED
    clear, gripped = robot is None or robot.clear_of_truck, robot is not None and robot.gripped
    return Truth(places, vin, locked, "battery" if gripped else None, clear)


def _named(record: Inventory, place: str) -> str:
    battery = record.at(place)
    return battery.battery if battery else f"in {place}"


def clock_free_commands(exchange: Exchange) -> tuple[tuple[str, ...], ...]:
    """The commands of a whole swap, cycle by cycle: with a true clock, and with jumps back and forward on the way."""
    jumps = (healthy, clock_jumps(-1.0), clock_jumps(24.0), clock_jumps(-24.0 * 365))
    return tuple(_commands(jump(entering(exchange)["handshake"])) for jump in jumps)


def _commands(start: Answering) -> tuple[str, ...]:
    station = start
    while not ended(station) and _since(station, start) < LONGEST_S:
        station = station.cycle()
    return tuple(f"{at}: {each}" for at, cycle in enumerate(station.since(start)) for each in cycle.commands)
