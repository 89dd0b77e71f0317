"""A truck, its driver, the locks of its batteries: arrives with an offset pose, secures, waits, leaves when told to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from swapstation.model.device import LockState
from swapstation.model.inventory import NOMINAL_SEAT, SeatOffset, truck_places

DRIVE_IN_S = 40.0
UNLOCK_S = 5.0
LOCK_S = 7.0
# What the driver does, and how many seconds after standing still (securing) or after "may leave" (departing).
BRAKE_SET_S, GEAR_NEUTRAL_S, KEY_OFF_S, HV_DOWN_S = 2.0, 3.0, 5.0, 10.0
KEY_ON_S, HV_UP_S, BRAKE_OFF_S, OUT_S = 2.0, 5.0, 8.0, 18.0


class TruckPhase(StrEnum):
    """Where a truck is in its visit."""

    AWAY = "away"
    ARRIVING = "arriving"
    STANDING = "standing"
    LEAVING = "leaving"


@dataclass(frozen=True, slots=True)
class Pose:
    """Offset of a standing truck from the ideal place, in mm along and across the lane, and mrad."""

    x_mm: float = 0.0
    y_mm: float = 0.0
    yaw_mrad: float = 0.0


@dataclass(slots=True)
class Locks:
    """The locks of one battery position; `moving_to` is where moving ones are going."""

    state: LockState = LockState.LOCKED
    moving_to: LockState = LockState.LOCKED
    moving_s: float = 0.0

    def move(self, target: LockState) -> None:
        """Start the actuators towards UNLOCKED or LOCKED; it takes seconds."""
        if self.state is not target:
            self.state, self.moving_to = LockState.MOVING, target
            self.moving_s = UNLOCK_S if target is LockState.UNLOCKED else LOCK_S

    def advance(self, dt_s: float) -> None:
        if self.state is LockState.MOVING:
            self.moving_s -= dt_s
            if self.moving_s <= 0.0:
                self.state = self.moving_to


@dataclass(slots=True)
class Truck:
    """One truck. `phase_s` counts plant seconds in the phase; `locks` are those of its battery positions in order.

    `seat`: how far its battery seat truly is off the nominal one; a spreader beside it by more than
    WITHIN_MM grips nothing.
    """

    vin: str
    model: str
    phase: TruckPhase = TruckPhase.AWAY
    phase_s: float = 0.0
    pose: Pose = Pose()
    locks: list[Locks] = field(default_factory=lambda: [Locks()])
    receipt_id: int = 0
    gross_kg: float = 24_500.0
    seat: SeatOffset = NOMINAL_SEAT

    @property
    def plate(self) -> str:
        """The plate that hangs on it: a city's letters and the end of its VIN."""
        return f"晋H{self.vin[-5:]}"

    @property
    def tag(self) -> str:
        """What its RFID tag says."""
        return f"E200-{self.vin[-8:]}"

    @property
    def positions(self) -> range:
        """Numbers of its battery positions."""
        return range(1, len(self.locks) + 1)

    @property
    def places(self) -> tuple[str, ...]:
        """Names of the places of its batteries, in their order."""
        return truck_places(self.vin, len(self.locks))

    @property
    def lock(self) -> LockState:
        """State of the locks of the first position."""
        return self.lock_at(1)

    def lock_at(self, position: int) -> LockState:
        return self.locks[position - 1].state

    @property
    def in_lane(self) -> bool:
        return self.phase is not TruckPhase.AWAY

    @property
    def standing(self) -> bool:
        return self.phase is TruckPhase.STANDING

    @property
    def parking_brake_set(self) -> bool:
        return self._secured(BRAKE_SET_S, BRAKE_OFF_S)

    @property
    def gear_neutral(self) -> bool:
        return self._secured(GEAR_NEUTRAL_S, BRAKE_OFF_S)

    @property
    def key_off(self) -> bool:
        return self._secured(KEY_OFF_S, KEY_ON_S)

    @property
    def hv_powered_down(self) -> bool:
        return self._secured(HV_DOWN_S, HV_UP_S)

    @property
    def secured(self) -> bool:
        """Brake set, neutral, key off and high voltage down: the on-board swap controller moves the locks only then."""
        return self.parking_brake_set and self.gear_neutral and self.key_off and self.hv_powered_down

    def _secured(self, set_s: float, released_s: float) -> bool:
        if self.phase is TruckPhase.STANDING:
            return self.phase_s >= set_s
        return self.phase is TruckPhase.LEAVING and self.phase_s < released_s

    def arrive(self, pose: Pose) -> None:
        self.phase, self.phase_s = TruckPhase.ARRIVING, 0.0
        self.pose = pose

    def leave(self) -> None:
        self.phase, self.phase_s = TruckPhase.LEAVING, 0.0

    def move_locks(self, target: LockState, position: int = 1) -> None:
        """Start the locks of a position towards UNLOCKED or LOCKED."""
        self.locks[position - 1].move(target)

    def advance(self, dt_s: float, locks_stuck: bool) -> None:
        """Let `dt_s` plant seconds pass; stuck locks stay moving."""
        self.phase_s += dt_s
        if self.phase is TruckPhase.ARRIVING and self.phase_s >= DRIVE_IN_S:
            self.phase, self.phase_s = TruckPhase.STANDING, 0.0
        elif self.phase is TruckPhase.LEAVING and self.phase_s >= OUT_S:
            self.phase, self.phase_s = TruckPhase.AWAY, 0.0
        if not locks_stuck:
            for locks in self.locks:
                locks.advance(dt_s)
