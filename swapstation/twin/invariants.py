"""Invariants of the station, checked after every event against the plant's truth; each breach in words with its number.

Numbers are those of the list of invariants of the product (docs/reliability.md). What they show holds for the model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from swapstation.model.command import Command, RobotOrder, TruckOrder
from swapstation.model.device import ChargePhase, LockState
from swapstation.model.inventory import ROBOT, Inventory, truck_place
from swapstation.model.journal import Record
from swapstation.model.snapshot import StationState
from swapstation.simulation.plant.truck import TruckPhase
from swapstation.twin.course import Course
from swapstation.twin.expected import EXPECTED
from swapstation.twin.instant import SLACK_S, against, unheard, unwritten
from swapstation.twin.station import TwinStation

STOP_LIMIT_S = 3.0
LIVE_A = 5.0
SESSION_LIMIT_S = 6.0
HOT_C = 60.0


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach: number of the invariant, when, and what was seen."""

    invariant: int
    at_s: float
    text: str


@dataclass(slots=True)
class Watch:
    """Follows one station; `violations` grows, each kind once."""

    twin: TwinStation
    violations: list[Violation] = field(default_factory=list)
    batteries: frozenset[str] = frozenset()
    unsafe_since_s: dict[int, float] = field(default_factory=dict)
    sent_ids: dict[int, str] = field(default_factory=dict)
    course: Course = field(init=False)
    _since_s: dict[tuple[str, str], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        twin = self.twin
        self.batteries = frozenset(twin.world.plant.batteries)
        self.course = Course(twin)
        twin.on_ask = self.course.asked
        twin.on_answer = lambda request, answer: self._note_all(self.course.answered(request, answer))

    def recorded(self, record: Record) -> None:
        """A record became durable."""
        self._note_all(self.course.recorded(record))

    def _note_all(self, breaches: Iterable[tuple[int, str]]) -> None:
        for number, text in breaches:
            self.note(number, text)

    def after_event(self, under_way: Iterable[str] = ()) -> None:
        """Something happened; `under_way` are the attacks of this moment."""
        self.course.begun.update(under_way)
        for check in (self._places, self._belief, self._charging, self._truck, self._alarms, self.course.breaches):
            for number, text in check():
                self.note(number, text)

    def note(self, number: int, text: str) -> None:
        """Keep a breach; of each invariant the first."""
        if not any(known.invariant == number for known in self.violations):
            self.violations.append(Violation(number, round(self.twin.now_s, 2), text))

    def _places(self) -> Iterator[tuple[int, str]]:
        plant = self.twin.world.plant
        if frozenset(plant.batteries) != self.batteries:
            yield 1, "a battery came or went"
        there = Counter(battery.place for battery in plant.batteries.values())
        for place, count in there.items():
            if count > 1:
                yield 2, f"{count} batteries in {place}"

    def _belief(self) -> Iterator[tuple[int, str]]:
        """A definite place of a battery that no open work touches is its true place."""
        inventory = self.twin.inventory
        if inventory is None:
            return
        touched, by_hand = _touched(inventory), self.twin.hand_moved
        for battery in inventory.batteries:
            real = self.twin.world.plant.batteries[battery.battery]
            if battery.battery in by_hand:
                if battery.place == real.place:
                    by_hand.discard(battery.battery)
            elif battery.battery not in touched and not battery.doubtful and battery.place != real.place:
                yield 3, f"{battery.battery} is recorded in {battery.place} and is in {real.place}"

    def _charging(self) -> Iterator[tuple[int, str]]:
        plant, inventory = self.twin.world.plant, self.twin.inventory
        for number, bay in plant.bays.items():
            stands = plant.in_bay(number)
            forced = plant.faults.active("stays_live", number)
            live = bay.modules.current_a > LIVE_A and not forced
            unsafe = plant.smokes(number) or (stands is not None and stands.temperature_c > HOT_C)
            if not (live and unsafe):
                self.unsafe_since_s.pop(number, None)
                continue
            since_s = self.unsafe_since_s.setdefault(number, self.twin.now_s)
            if self.twin.now_s - since_s > STOP_LIMIT_S:
                yield (
                    13,
                    f"bay {number} carries {bay.modules.current_a:.0f} A, unsafe for {self.twin.now_s - since_s:.1f} s",
                )
        yield from self._fire_stops()
        yield from self._strangers()
        if inventory is None:
            return
        for number, bay in plant.bays.items():
            recorded = inventory.at(plant.place_of(number))
            unsound = recorded is not None and (recorded.quarantined or recorded.doubtful)
            if unsound and bay.modules.current_a > LIVE_A and not plant.faults.active("stays_live", number):
                since_s = self.unsafe_since_s.setdefault(-number, self.twin.now_s)
                if self.twin.now_s - since_s > STOP_LIMIT_S:
                    yield 14, f"a battery in quarantine or doubt is charged in bay {number}"
            else:
                self.unsafe_since_s.pop(-number, None)

    def _lasts(self, name: str, source: object, holds: bool) -> float:
        """For how long something has been so (s); 0 while it is not."""
        key = name, str(source)
        if not holds:
            self._since_s.pop(key, None)
            return 0.0
        return self.twin.now_s - self._since_s.setdefault(key, self.twin.now_s)

    def _live(self, bay: int) -> bool:
        plant = self.twin.world.plant
        return plant.bays[bay].modules.current_a > LIVE_A and not plant.faults.active("stays_live", bay)

    def _fire_stops(self) -> Iterator[tuple[int, str]]:
        """Bays beside a smoking one, and after a confirmed fire all, carry no current; no charge outlives its cause."""
        plant, memory = self.twin.world.plant, self.twin.memory
        if memory is None or plant.faults.active("station_link_cut"):
            return
        smoking = {number for number in plant.bays if plant.smokes(number)}
        beside = {number for bay in smoking for number in self.twin.config.beside(bay)}
        confirmed = any(alarm.code == "FIRE_CONFIRMED" for alarm in memory.alarms)
        for number, process in self.twin.world.processes.items():
            live = self._live(number)
            if self._lasts("beside", number, live and number in beside) > STOP_LIMIT_S:
                yield 13, f"bay {number} is charged beside smoke"
            if self._lasts("fire", number, live and confirmed) > STOP_LIMIT_S:
                yield 13, f"bay {number} is charged in spite of a confirmed fire"
            charges = process.phase is ChargePhase.CHARGING and number in smoking and not self._forced(number)
            if self._lasts("session", number, charges) > SESSION_LIMIT_S:
                yield 13, f"the charge of bay {number} is only paused by smoke, not ended"

    def _forced(self, bay: int) -> bool:
        lossy = self.twin.noise.lost > 0.0
        return lossy or self.twin.world.plant.faults.active("stays_live", bay)

    def _strangers(self) -> Iterator[tuple[int, str]]:
        """No battery is charged that says to be another one than the record has there."""
        plant, inventory = self.twin.world.plant, self.twin.inventory
        if inventory is None or plant.faults.active("station_link_cut"):
            return
        for number, process in self.twin.world.processes.items():
            real, recorded = process.battery, inventory.at(plant.place_of(number))
            told = real is not None and process.heard_s == self.twin.now_s
            strange = real is not None and told and (recorded is None or recorded.codes != real.codes)
            if self._lasts("stranger", number, strange and self._live(number)) > STOP_LIMIT_S:
                yield 12, f"bay {number} charges {real.battery if real else None}, on record {recorded}"

    def _alarms(self) -> Iterator[tuple[int, str]]:
        """What the truth asks to be told is told in time."""
        twin, memory = self.twin, self.twin.memory
        on = {fault for fault, _ in twin.world.plant.faults.on}
        for fault in ("truck_silent", "plc_heartbeat_frozen", "station_link_cut", "brake_not_set"):
            self._lasts("silent", fault, fault in on)
        if memory is None:
            self._since_s = {key: at_s for key, at_s in self._since_s.items() if key[0] == "silent"}
            return
        standing = {(alarm.code, alarm.source) for alarm in memory.alarms}
        codes = {code for code, _ in standing}
        for row in EXPECTED:
            sources = set(row.holds(twin))
            for name, source in [key for key in self._since_s if key[0] == row.name and key[1] not in sources]:
                del self._since_s[name, source]
            for source in sources:
                told = any((code, source) in standing if source else code in codes for code in row.codes)
                if self._lasts(row.name, source, not told) > row.limit_s:
                    yield 26, f"{row.name} {source}: none of {', '.join(sorted(row.codes))}"

    def _truck(self) -> Iterator[tuple[int, str]]:
        plant = self.twin.world.plant
        truck = plant.truck
        if truck is None or truck.phase is not TruckPhase.LEAVING:
            return
        for position in truck.positions:
            battery = plant.on_truck(truck, position)
            if truck.lock_at(position) is not LockState.LOCKED or battery is None:
                yield 11, f"{truck.vin} leaves with locks {truck.lock_at(position)} and battery {battery}"
            elif plant.robot.battery == battery.battery:
                yield 11, f"{truck.vin} leaves with the robot still gripping {battery.battery}"

    def sent(self, command: Command, command_id: int) -> None:
        """A command leaves the controller."""
        twin = self.twin
        inventory, memory = twin.inventory, twin.memory
        if inventory is None or memory is None:
            return
        name = type(command).__name__
        world = twin.world
        silent_s = {fault: self._lasts("silent", fault, True) for fault, _ in world.plant.faults.on}
        self._note_all(unheard(command, silent_s))
        self._note_all(unwritten(command, command_id, self.course.intents))
        rolls = silent_s.get("brake_not_set", 0.0) > SLACK_S
        slips_s = self._lasts("silent", "lock_slips", twin.slipped is not None)
        unseen = twin.slipped[1] if twin.slipped is not None and slips_s <= SLACK_S else None
        self._note_all(against(world.plant, world.plc, command, rolls, unseen))
        if isinstance(command, RobotOrder | TruckOrder):
            if memory.state is not StationState.EXECUTE:
                self.note(6, f"{name} sent while {memory.state}")
            if not self.course.confirmed:
                self.note(20, f"{name} sent before anybody confirmed the start")
            known = self.sent_ids.setdefault(command_id, repr(command))
            if known != repr(command):
                self.note(16, f"id {command_id} was {known} and is {command!r}")
            on_truck = inventory.at(truck_place(inventory.swap.vin)) if inventory.swap else None
            if name == "ReleaseTruck" and on_truck is not None and (on_truck.doubtful or on_truck.quarantined):
                self.note(14, f"truck released with {on_truck.battery} in doubt")

    def at_rest(self) -> None:
        """After healing and coming to rest: record and truth agree, doubt has an alarm."""
        twin = self.twin
        inventory, snapshot = twin.inventory, twin.snapshot
        self._note_all(self.course.at_rest())
        if inventory is None or snapshot is None:
            self.note(28, "the controller is down at the end")
            return
        for battery in inventory.batteries:
            real = twin.world.plant.batteries[battery.battery]
            if not battery.doubtful and battery.place != real.place:
                self.note(5, f"{battery.battery} is recorded in {battery.place} and is in {real.place}")
        if inventory.swap is not None and snapshot.state is not StationState.HELD:
            self.note(28, f"swap at {inventory.swap.step} in state {snapshot.state}")


def _touched(inventory: Inventory) -> frozenset[str]:
    """Batteries that open work may be moving: their record follows when the sensors have agreed."""
    names: set[str | None] = set()
    if inventory.swap is not None:
        swap = inventory.swap
        on_truck = inventory.at(truck_place(swap.vin))
        names |= {swap.fresh, swap.returned, on_truck.battery if on_truck else None}
    if inventory.job is not None:
        names.add(inventory.job.battery)
    on_robot = inventory.at(ROBOT)
    names.add(on_robot.battery if on_robot else None)
    return frozenset(name for name in names if name)
