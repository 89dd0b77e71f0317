"""The people of a twin station: a dispatcher who sends trucks and asks for swaps, an operator who acts on what he sees.

They see the plant with their own eyes where a person would (which battery stands where), and do nothing that the
station's snapshot forbids: refusals are its business.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from swapstation.model.alarm import AlarmState
from swapstation.model.alarm_request import AcknowledgeAlarm
from swapstation.model.device import LockState, RobotState
from swapstation.model.fire_request import ReleaseFire
from swapstation.model.inventory import ROBOT, Battery, Cause, PlaceKind, bay_place, place_kind
from swapstation.model.job import JobKind
from swapstation.model.mode import Mode
from swapstation.model.request import (
    AbandonSwap,
    Answer,
    ChangeMode,
    CloseSwap,
    ConfirmCloseSwap,
    ConfirmRelease,
    ConfirmStartUp,
    CorrectBattery,
    DivertSwap,
    HoldStation,
    MoveBatteryRecord,
    Payload,
    ReleaseQuarantine,
    RequestSwap,
    ResumeStation,
    StartJob,
)
from swapstation.model.snapshot import Snapshot, StationState
from swapstation.simulation.plant.truck import Pose, TruckPhase
from swapstation.twin.station import TwinStation

LOOK_S = 4.0
ISOLATION = bay_place(0, isolation=True)
PATIENCE = 3
"""Resumes at one step before an operator leads the swap out of it."""
WAITS = 40
"""Looks at a swap that nobody may resume before it is led out or closed by force: a fire or a fault may pass."""
HOT_C = 50.0


@dataclass(slots=True)
class People:
    """What they remember: trucks still to come, how often a resume was tried, who has been asked."""

    twin: TwinStation
    traffic: list[str]
    pose: Callable[[], Pose] = Pose
    next_look_s: float = 0.0
    boot: int = 0
    tried: Counter[tuple[str, str]] = field(default_factory=Counter)
    forbidden: Counter[tuple[str, str]] = field(default_factory=Counter)
    answers: list[tuple[float, Payload, Answer]] = field(default_factory=list)
    served: list[str] = field(default_factory=list)
    waiting: list[Payload] = field(default_factory=list)
    content: bool = False

    def look(self) -> None:
        """Look around if it is time to; at most one request per look and person."""
        twin = self.twin
        if twin.boot != self.boot:
            self.boot = twin.boot
            self.waiting.clear()  # nobody answers any more what was asked before
            self.content = False
        if twin.now_s < self.next_look_s:
            return
        self.next_look_s = twin.now_s + LOOK_S
        if self.waiting:
            return
        self._dispatch()
        snapshot = twin.snapshot
        if snapshot is None:
            return
        wishes = list(self._wishes(snapshot))
        self.content = not wishes
        for payload, person in wishes:
            self._ask(payload, person)

    def _ask(self, payload: Payload, person: str) -> None:
        self.waiting.append(payload)

        def answered(answer: Answer) -> None:
            if payload in self.waiting:
                self.waiting.remove(payload)
            self.answers.append((self.twin.now_s, payload, answer))

        self.twin.submit(payload, person, answered)

    def _dispatch(self) -> None:
        """The next truck drives in when the lane is free."""
        plant = self.twin.world.plant
        if self.traffic and plant.truck is None:
            plant.trucks[self.traffic[0]].arrive(self.pose())
            self.served.append(self.traffic.pop(0))

    @property
    def done(self) -> bool:
        """Everybody was served and left, and who looked around had nothing to ask for."""
        return not self.traffic and self.twin.world.plant.truck is None and self.content

    def _wishes(self, snapshot: Snapshot) -> Iterator[tuple[Payload, str]]:
        allowed = {action.action for action in snapshot.actions if action.allowed}
        returned = [alarm for alarm in snapshot.alarms if alarm.state is not AlarmState.ACKNOWLEDGED]
        yield from ((AcknowledgeAlarm(alarm.alarm), "operator") for alarm in returned)
        if returned:
            return
        if snapshot.inventory.mode.mode is not Mode.AUTOMATIC and snapshot.inventory.job is None:
            yield from self._mode(snapshot, allowed)
        if snapshot.fire.reaction.confirmed:
            yield ReleaseFire("no sign of fire left"), "operator"
            yield ReleaseFire("no sign of fire left"), "duty desk"
            return
        yield from self._stock(snapshot)
        if snapshot.state is StationState.ABORTED:
            yield ConfirmStartUp(), "operator"
        elif snapshot.state is StationState.HELD:
            yield from self._held(snapshot, allowed)
        elif snapshot.state is StationState.IDLE:
            yield from self._idle(snapshot, allowed)

    def _mode(self, snapshot: Snapshot, allowed: set[str]) -> Iterator[tuple[Payload, str]]:
        by_hand = snapshot.swap is None and (self.twin.world.plant.hanging is not None or self._truck_unlocked)
        if snapshot.inventory.mode.mode is Mode.FIRE:
            yield ChangeMode(Mode.MAINTENANCE, "looked around"), "operator"
        elif not by_hand:
            yield ChangeMode(Mode.AUTOMATIC, "all is well"), "operator"

    def _held(self, snapshot: Snapshot, allowed: set[str]) -> Iterator[tuple[Payload, str]]:
        swap = snapshot.swap
        strayed = any(alarm.code == "SWAP_OFF_COURSE" for alarm in snapshot.alarms)
        key = (swap.swap, swap.step) if swap else ("", "")
        forbidden = "resume" not in allowed
        self.forbidden[key] += forbidden
        if forbidden and not strayed and (swap is None or self.forbidden[key] <= WAITS):
            return
        self._let_go(snapshot)
        yield from self._cleared(snapshot)
        self.tried[key] += 1
        if swap is None or (self.tried[key] <= PATIENCE and not forbidden):
            yield ResumeStation(), "operator"
            return
        if "abandon_swap" in allowed and self.tried[key] % 2:
            yield AbandonSwap(swap.swap, "does not go on"), "operator"
            return
        causes = [cause for cause in Cause if f"divert_swap_{cause}" in allowed]
        if causes and self.tried[key] <= 2 * PATIENCE:
            yield DivertSwap(swap.swap, causes[self.tried[key] % len(causes)], "does not go on"), "operator"
        elif self.tried[key] <= 3 * PATIENCE:
            yield ResumeStation(), "operator"
        else:
            yield CloseSwap(swap.swap, "nothing else ends it"), "operator"
            yield ConfirmCloseSwap(swap.swap), "duty desk"

    def _let_go(self, snapshot: Snapshot) -> None:
        """A spreader that closed on a battery in its bay after its order had failed is opened at the robot's panel."""
        plant, robot = self.twin.world.plant, snapshot.robot.good
        gripped = plant.robot.battery
        stands = plant.hanging is None and gripped is not None and plant.batteries[gripped].place in plant.bay_seats
        if stands and robot is not None and robot.state is RobotState.IDLE:
            self.twin.open_spreader()

    def _cleared(self, snapshot: Snapshot) -> Iterator[tuple[Payload, str]]:
        """A forklift takes a battery away that somebody has set down where the returned one is to go."""
        plant, swap = self.twin.world.plant, snapshot.inventory.swap
        if swap is None or swap.to_bay is None:
            return
        stray = plant.in_bay(swap.to_bay)
        if stray is None or stray.battery in (swap.fresh, swap.returned):
            return
        bays = [bay for bay in snapshot.bays if not bay.isolation and plant.in_bay(bay.number) is None]
        if bays:
            self.twin.hand_moved.add(stray.battery)
            stray.place = bays[-1].place
            yield CorrectBattery(stray.battery, "was in the way", bays[-1].place), "operator"

    def _idle(self, snapshot: Snapshot, allowed: set[str]) -> Iterator[tuple[Payload, str]]:
        plant, job = self.twin.world.plant, snapshot.inventory.job
        if job is not None or snapshot.swap is not None:
            return
        robot = snapshot.robot.good
        if robot is not None and robot.state is RobotState.FAULT:
            yield HoldStation("robot fault"), "operator"
            return
        if plant.robot.battery is not None:
            yield from self._put_down(snapshot)
            return
        truck = snapshot.truck.good
        standing = plant.truck
        if standing is None or truck is None or truck.vin is None or standing.phase is not TruckPhase.STANDING:
            return
        if plant.on_truck(standing) is None:
            standing.phase = TruckPhase.AWAY  # towed
        elif self._truck_unlocked:
            yield from self._lock(snapshot)
        elif self.served and self._swapped(snapshot, truck.vin):
            standing.leave()
        elif "swap" in allowed:
            yield RequestSwap(truck.vin), "dispatcher"

    @property
    def _truck_unlocked(self) -> bool:
        """Whether the truck in the lane has a battery that its locks do not hold."""
        plant = self.twin.world.plant
        truck = plant.truck
        stands = truck is not None and truck.phase is TruckPhase.STANDING and plant.on_truck(truck) is not None
        return stands and truck is not None and truck.lock is LockState.UNLOCKED

    def _lock(self, snapshot: Snapshot) -> Iterator[tuple[Payload, str]]:
        """What a closed swap has left open is locked as a single move."""
        if snapshot.inventory.mode.mode is not Mode.MAINTENANCE:
            yield ChangeMode(Mode.MAINTENANCE, "the truck stands unlocked"), "operator"
        else:
            robot = snapshot.robot.good
            away = robot is not None and (robot.clear_of_truck or robot.gripped)
            yield StartJob(JobKind.LOCK if away else JobKind.PARK), "operator"

    def _swapped(self, snapshot: Snapshot, vin: str) -> bool:
        """A truck that got its battery, or gave up, drives off by itself when its locks are shut."""
        asked = [
            payload
            for _, payload, answer in self.answers
            if isinstance(payload, RequestSwap) and payload.vin == vin and answer.status == "accepted"
        ]
        standing = self.twin.world.plant.truck
        return bool(asked) and standing is not None and self.twin.world.plant.may_drive(standing)

    def _put_down(self, snapshot: Snapshot) -> Iterator[tuple[Payload, str]]:
        if snapshot.inventory.mode.mode is not Mode.MAINTENANCE:
            yield ChangeMode(Mode.MAINTENANCE, "a battery hangs"), "operator"
            return
        if self.twin.world.plant.hanging is None:
            self.twin.open_spreader()  # it grips a battery that stands
            return
        free = [
            bay.number
            for bay in snapshot.bays
            if not bay.isolation and self.twin.world.plant.in_bay(bay.number) is None
        ]
        if free:
            yield StartJob(JobKind.PUT, to_bay=free[0]), "operator"

    def _stock(self, snapshot: Snapshot) -> Iterator[tuple[Payload, str]]:
        """Bring the record in line with what stands there, battery by battery; release what is sound after all."""
        if snapshot.state not in (StationState.ABORTED, StationState.IDLE, StationState.HELD):
            return
        truth = {battery.battery: battery for battery in self.twin.world.plant.batteries.values()}
        for battery in snapshot.inventory.batteries:
            real = truth[battery.battery]
            if real.place == ISOLATION and battery.sound and snapshot.swap is None:
                yield from self._out_of_isolation(snapshot, battery)
            elif battery.quarantined and real.temperature_c < HOT_C:
                if battery.release_asked_by:
                    yield ConfirmRelease(battery.battery), "duty desk"
                else:
                    yield ReleaseQuarantine(battery.battery, "inspected"), "operator"
            elif battery.place != real.place or battery.doubtful:
                yield from self._corrected(snapshot, battery, real.place)

    def _out_of_isolation(self, snapshot: Snapshot, battery: Battery) -> Iterator[tuple[Payload, str]]:
        """A forklift carries it to a free bay."""
        plant = self.twin.world.plant
        free = [bay.place for bay in snapshot.bays if not bay.isolation and plant.in_bay(bay.number) is None]
        free = [place for place in free if snapshot.inventory.at(place) is None]
        if free and battery.place == ISOLATION:
            self.twin.hand_moved.add(battery.battery)
            plant.batteries[battery.battery].place = free[-1]
            yield MoveBatteryRecord(battery.battery, free[-1]), "operator"

    def _corrected(self, snapshot: Snapshot, battery: Battery, place: str) -> Iterator[tuple[Payload, str]]:
        other = snapshot.inventory.at(place)
        if place_kind(place) is PlaceKind.ROBOT and battery.place != ROBOT and snapshot.inventory.swap is not None:
            return
        if other is not None and other.battery != battery.battery:
            aside = next((bay.place for bay in snapshot.bays if snapshot.inventory.at(bay.place) is None), None)
            if aside is not None:
                yield CorrectBattery(other.battery, "stands elsewhere", aside), "operator"
        yield CorrectBattery(battery.battery, "looked", place), "operator"
