"""A truck, its driver and its battery locks: arrives with an offset pose, secures, waits, leaves when told it may."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from swapstation.model.device import LockState

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
class Truck:
    """One truck. `phase_s` counts plant seconds in the phase; `lock_to` is where moving locks are going."""

    vin: str
    model: str
    phase: TruckPhase = TruckPhase.AWAY
    phase_s: float = 0.0
    pose: Pose = Pose()
    lock: LockState = LockState.LOCKED
    lock_to: LockState = LockState.LOCKED
    lock_s: float = 0.0
    receipt_id: int = 0

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

    def move_locks(self, target: LockState) -> None:
        """Start the lock actuators towards UNLOCKED or LOCKED; it takes seconds."""
        if self.lock is not target:
            self.lock, self.lock_to = LockState.MOVING, target
            self.lock_s = UNLOCK_S if target is LockState.UNLOCKED else LOCK_S

    def advance(self, dt_s: float, locks_stuck: bool) -> None:
        """Let `dt_s` plant seconds pass; stuck locks stay moving."""
        self.phase_s += dt_s
        if self.phase is TruckPhase.ARRIVING and self.phase_s >= DRIVE_IN_S:
            self.phase, self.phase_s = TruckPhase.STANDING, 0.0
        elif self.phase is TruckPhase.LEAVING and self.phase_s >= OUT_S:
            self.phase, self.phase_s = TruckPhase.AWAY, 0.0
        if self.lock is LockState.MOVING and not locks_stuck:
            self.lock_s -= dt_s
            if self.lock_s <= 0.0:
                self.lock = self.lock_to
