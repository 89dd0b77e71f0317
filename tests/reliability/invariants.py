"""Rules that hold at every instant of a station: pure functions over the plant's truth, the record and what was sent.

The numbers are those of the reliability catalogue. Each rule returns its violations in words; none means it holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from swapstation.model.command import (
    AnswerRobot,
    Command,
    ExchangeBattery,
    LiftBattery,
    MoveBattery,
    PickBattery,
    PutBattery,
    ReleaseTruck,
    RobotOrder,
    TruckOrder,
    UngripBattery,
)
from swapstation.model.inventory import ROBOT, Inventory, bay_place, truck_place
from swapstation.model.snapshot import StationState

MOTION = (RobotOrder, TruckOrder, AnswerRobot)
"""Commands that set something heavy in motion or let it go."""
DEAD_A = 1.0
STANDSTILL = (StationState.ABORTED, StationState.HOLDING, StationState.HELD)


@dataclass(frozen=True, slots=True)
class Truth:
    """The plant as it is, whatever sensors say. `places`: battery -> place; `current_a`: into the battery of a bay."""

    places: Mapping[str, str]
    vin: str | None = None
    truck_locked: bool = False
    gripped: str | None = None
    robot_clear: bool = True
    current_a: Mapping[int, float] = field(default_factory=dict)
    running_id: int = 0

    def at(self, place: str) -> tuple[str, ...]:
        return tuple(battery for battery, where in self.places.items() if where == place)


@dataclass(frozen=True, slots=True)
class Sent:
    """A command that left, the station's state in that cycle, and whether a person had confirmed this start."""

    command: Command
    command_id: int
    state: StationState
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Instant:
    """What the rules look at: truth and record after a cycle, and what left in it."""

    truth: Truth
    record: Inventory
    sent: tuple[Sent, ...] = ()


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that does not hold: its number in the catalogue, and what is wrong."""

    invariant: int
    words: str

    def __str__(self) -> str:
        return f"invariant {self.invariant}: {self.words}"


Words = Iterator[str]


def one_place(now: Instant) -> Words:
    """No bay, no robot and no truck place holds two batteries, in truth or on record."""
    for kind, places in (
        ("plant", now.truth.places.values()),
        ("record", (each.place for each in now.record.batteries)),
    ):
        for place, count in Counter(places).items():
            if count > 1:
                yield f"{count} batteries at {place} ({kind})"


def belief_sound(now: Instant) -> Words:
    """While no order is open, every battery that is on record without doubt is where the record has it."""
    if _order_open(now.record):
        return
    for battery in now.record.batteries:
        where = now.truth.places.get(battery.battery)
        if where is not None and where != battery.place and not battery.doubtful:
            yield f"{battery.battery} is at {where}, on record at {battery.place}"


def belief_honest(now: Instant) -> Words:
    """While an order is open, the batteries that it does not touch are where the record has them."""
    if not _order_open(now.record):
        return
    work = now.record.swap or now.record.job
    if work is None:
        return
    swap = now.record.swap
    touched = {swap.fresh, swap.returned} if swap else {now.record.job.battery} if now.record.job else set()
    for battery in now.record.batteries:
        where = now.truth.places.get(battery.battery, battery.place)
        if battery.battery not in touched and where != battery.place and not battery.doubtful:
            yield f"{battery.battery} is at {where}, on record at {battery.place}, and no open order touches it"


def _order_open(record: Inventory) -> bool:
    return any(name not in ("StartCharge", "StopCharge") for _, name in record.open_intents)


def no_motion_at_standstill(now: Instant) -> Words:
    """No motion command leaves while the station is aborted, holding or held."""
    for each in now.sent:
        if isinstance(each.command, MOTION) and each.state in STANDSTILL:
            yield f"{type(each.command).__name__} sent while {each.state.value}"


def destination_free(now: Instant) -> Words:
    """A battery is put only where none is, and fetched only from a bay that holds one and carries no current."""
    for each in now.sent:
        to_bay, from_bay = _bays(each.command)
        if to_bay is not None and (found := _in_bay(now, to_bay)):
            yield f"{type(each.command).__name__} to bay {to_bay}, which holds {', '.join(found)}"
        if from_bay is None:
            continue
        if not _in_bay(now, from_bay):
            yield f"{type(each.command).__name__} from bay {from_bay}, which is empty"
        if abs(now.truth.current_a.get(from_bay, 0.0)) >= DEAD_A and not isinstance(each.command, ExchangeBattery):
            yield f"{type(each.command).__name__} from bay {from_bay} at {now.truth.current_a[from_bay]:.0f} A"


def _bays(command: Command) -> tuple[int | None, int | None]:
    match command:
        case PutBattery(bay=bay):
            return bay, None
        case PickBattery(bay=bay):
            return None, bay
        case MoveBattery() | ExchangeBattery():
            return command.to_bay, command.from_bay
        case _:
            return None, None


def _in_bay(now: Instant, bay: int) -> tuple[str, ...]:
    return now.truth.at(bay_place(bay)) or now.truth.at(bay_place(bay, isolation=True)) if bay else ()


def grip_kept(now: Instant) -> Words:
    """The grip is opened only on a battery that stands, and on a truck only one that is locked."""
    for each in now.sent:
        if not isinstance(each.command, UngripBattery):
            continue
        if now.truth.at(ROBOT):
            yield f"UngripBattery while {', '.join(now.truth.at(ROBOT))} hangs"
        if not now.truth.truck_locked:
            yield "UngripBattery over a truck that is not locked"


def lift_unlocked(now: Instant) -> Words:
    """Nothing is lifted off a truck whose locks hold it."""
    for each in now.sent:
        if isinstance(each.command, LiftBattery) and now.truth.truck_locked:
            yield "LiftBattery from a truck that is locked"


def released_locked(now: Instant) -> Words:
    """A truck is released only with its battery locked on, that battery sound, and the robot clear of it."""
    for each in now.sent:
        if not isinstance(each.command, ReleaseTruck):
            continue
        if not now.truth.truck_locked:
            yield "ReleaseTruck to a truck that is not locked"
        if not now.truth.robot_clear or now.truth.gripped:
            yield "ReleaseTruck while the robot is not clear"
        on_truck = now.truth.at(truck_place(now.truth.vin)) if now.truth.vin else ()
        if not on_truck:
            yield "ReleaseTruck to a truck without a battery"
        for asset in on_truck:
            battery = now.record.battery(asset)
            if battery is not None and not battery.sound:
                yield f"ReleaseTruck with {asset}, which is in doubt"


def suspect_not_charged(now: Instant) -> Words:
    """No current flows into a battery that is quarantined or in doubt, beyond what dies away after the stop."""
    for bay, current_a in now.truth.current_a.items():
        for asset in _in_bay(now, bay):
            battery = now.record.battery(asset)
            if battery is not None and not battery.sound and current_a >= DEAD_A:
                yield f"{asset} in bay {bay} takes {current_a:.0f} A and is in doubt"


def intent_first(now: Instant) -> Words:
    """No order leaves whose intent is not durable."""
    for each in now.sent:
        if isinstance(each.command, MOTION) and not 0 < each.command_id < now.record.next_command_id:
            yield f"{type(each.command).__name__} {each.command_id} left before its intent was durable"


def confirmed_first(now: Instant) -> Words:
    """No motion after a start before a person confirmed it."""
    for each in now.sent:
        if isinstance(each.command, MOTION) and not each.confirmed:
            yield f"{type(each.command).__name__} before the start was confirmed"


INVARIANTS: Mapping[int, tuple[Callable[[Instant], Words], ...]] = {
    2: (one_place,),
    3: (belief_sound,),
    4: (belief_honest,),
    6: (no_motion_at_standstill,),
    9: (destination_free,),
    10: (grip_kept, lift_unlocked),
    11: (released_locked,),
    14: (suspect_not_charged,),
    15: (intent_first,),
    20: (confirmed_first,),
}
"""The rules that can be read off one instant, by their number in the catalogue."""

SETTLING = frozenset({14})
"""Rules that hold only once what they follow from has had its time: current dies away after its stop."""


def violations(now: Instant, leave_out: frozenset[int] = frozenset()) -> tuple[Violation, ...]:
    """Every rule that this instant breaks."""
    rules = ((number, rule) for number, group in INVARIANTS.items() if number not in leave_out for rule in group)
    return tuple(Violation(number, words) for number, rule in rules for words in rule(now))


def one_root(roots: tuple[str, ...]) -> tuple[Violation, ...]:
    """A single fault has one root alarm (26)."""
    return () if len(roots) == 1 else (Violation(26, f"root alarms: {', '.join(roots) or 'none'}"),)
