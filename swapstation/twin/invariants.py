"""Invariants of the station, checked after every event against the plant's truth; each breach in words with its number.

Numbers are those of the list of invariants of the product (docs/reliability.md). What they show holds for the model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from swapstation.model.command import (
    Command,
    LiftBattery,
    MoveBattery,
    PickBattery,
    PlaceBattery,
    PutBattery,
    ReleaseTruck,
    RobotOrder,
    TruckOrder,
    UngripBattery,
    UnlockTruck,
)
from swapstation.model.device import LockState
from swapstation.model.inventory import ROBOT, Inventory, truck_place
from swapstation.model.snapshot import StationState
from swapstation.simulation.plant.plant import Plant
from swapstation.simulation.plant.truck import TruckPhase
from swapstation.twin.station import TwinStation

AT_TRUCK = (LiftBattery, PlaceBattery, UngripBattery, ReleaseTruck, UnlockTruck)
DEAD_A = 1.0
STOP_LIMIT_S = 3.0
LIVE_A = 5.0
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

    def __post_init__(self) -> None:
        self.batteries = frozenset(self.twin.world.plant.batteries)

    def after_event(self) -> None:
        for check in (self._places, self._belief, self._charging, self._truck):
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
        if inventory is None or self.twin.hand_moves:
            return
        touched = _touched(inventory)
        for battery in inventory.batteries:
            real = self.twin.world.plant.batteries[battery.battery]
            if battery.battery not in touched and not battery.doubtful and battery.place != real.place:
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
        if inventory is None:
            return
        for number, bay in plant.bays.items():
            recorded = inventory.at(plant.place_of(number))
            quarantined = recorded is not None and recorded.quarantined
            if quarantined and bay.modules.current_a > LIVE_A and not plant.faults.active("stays_live", number):
                since_s = self.unsafe_since_s.setdefault(-number, self.twin.now_s)
                if self.twin.now_s - since_s > STOP_LIMIT_S:
                    yield 14, f"a quarantined battery is charged in bay {number}"
            else:
                self.unsafe_since_s.pop(-number, None)

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
        if isinstance(command, RobotOrder | TruckOrder):
            if memory.state is not StationState.EXECUTE:
                self.note(6, f"{name} sent while {memory.state}")
            if not memory.confirmed:
                self.note(20, f"{name} sent before anybody confirmed the start")
            if command_id == 0 or command_id >= inventory.next_command_id:
                self.note(15, f"{name} sent under id {command_id} without a durable intent")
            known = self.sent_ids.setdefault(command_id, repr(command))
            if known != repr(command):
                self.note(16, f"id {command_id} was {known} and is {command!r}")
            for number, text in _against(self.twin.world.plant, command):
                self.note(number, text)
            on_truck = inventory.at(truck_place(inventory.swap.vin)) if inventory.swap else None
            if name == "ReleaseTruck" and on_truck is not None and not on_truck.sound:
                self.note(14, f"truck released with {on_truck.battery} in doubt")

    def at_rest(self) -> None:
        """After healing and coming to rest: record and truth agree, doubt has an alarm."""
        twin = self.twin
        inventory, snapshot = twin.inventory, twin.snapshot
        if inventory is None or snapshot is None:
            self.note(28, "the controller is down at the end")
            return
        for battery in inventory.batteries:
            real = twin.world.plant.batteries[battery.battery]
            if not battery.doubtful and battery.place != real.place:
                self.note(5, f"{battery.battery} is recorded in {battery.place} and is in {real.place}")
        if inventory.swap is not None and snapshot.state is not StationState.HELD:
            self.note(28, f"swap at {inventory.swap.step} in state {snapshot.state}")


def _against(plant: Plant, command: Command) -> Iterator[tuple[int, str]]:
    """What the truth says against a command at the instant at which it leaves; a lying sensor is no excuse for two."""
    truck, name = plant.truck, type(command).__name__
    bay = getattr(command, "bay", None) or getattr(command, "from_bay", None)
    if isinstance(command, PutBattery) and plant.in_bay(command.bay) is not None:
        yield 9, f"{name}: bay {command.bay} holds {plant.in_bay(command.bay)}"
    if isinstance(command, PickBattery | MoveBattery) and bay is not None:
        live_a = plant.bays[bay].modules.current_a
        if live_a >= DEAD_A:
            yield 9, f"{name}: bay {bay} carries {live_a:.0f} A"
    if truck is None or not isinstance(command, AT_TRUCK):
        return
    if not truck.secured:
        yield 6, f"{name}: the truck is not secured"
    position = getattr(command, "position", 1)
    lock = truck.lock_at(position)
    if isinstance(command, LiftBattery | PlaceBattery) and lock is not LockState.UNLOCKED:
        yield 10, f"{name}: locks {lock}"
    if isinstance(command, UngripBattery) and lock is not LockState.LOCKED:
        yield 10, f"{name}: locks {lock}"
    if isinstance(command, ReleaseTruck) and plant.robot.battery is not None:
        yield 11, f"{name}: the robot grips {plant.robot.battery}"


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
