"""What every pure decision looks at: the frozen snapshot, the settings and the orders that are under way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import inf

from swapstation.config.settings import BatteryModel, Config, TruckModel
from swapstation.model.bypass import BypassInput
from swapstation.model.command import Command, ExchangeBattery
from swapstation.model.inventory import NOMINAL_SEAT, SeatOffset, Swap
from swapstation.model.job import Job
from swapstation.model.snapshot import BayState, Snapshot


class OrderPhase(StrEnum):
    """How far an order is: written down first, then sent, then judged by what the device says."""

    JOURNALLING = "journalling"
    SENT = "sent"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Order:
    """One journalled command of a recipe step and what became of it. `since_s` is when it entered its phase.

    `left_s`: when it was sent for the first time by this controller; None: not yet.
    """

    command_id: int
    command: Command
    step: str
    phase: OrderPhase
    since_s: float
    attempt: int = 1
    detail: str = ""
    left_s: float | None = None


@dataclass(frozen=True, slots=True)
class PoseLimits:
    """How far the truck may stand from the ideal place: mm along and across the lane, mrad of yaw, either way."""

    x_mm: float = inf
    y_mm: float = inf
    yaw_mrad: float = inf

    def within(self, other: PoseLimits) -> PoseLimits:
        """The tighter of the two in each direction."""
        return PoseLimits(min(self.x_mm, other.x_mm), min(self.y_mm, other.y_mm), min(self.yaw_mrad, other.yaw_mrad))


ANY_POSE = PoseLimits()


@dataclass(frozen=True, slots=True)
class Situation:
    """Input of interlocks, conditions and order builders. `recipe_pose`: what the running recipe allows of the pose.

    `to_transit`: the running recipe puts the returned battery into the transit place.
    """

    snapshot: Snapshot
    config: Config
    robot_order: Order | None = None
    truck_order: Order | None = None
    recipe_pose: PoseLimits = ANY_POSE
    to_transit: bool = False

    @property
    def swap(self) -> Swap | None:
        """The open swap as the station database has it."""
        return self.snapshot.inventory.swap

    @property
    def job(self) -> Job | None:
        """The open job as the station database has it."""
        return self.snapshot.inventory.job

    @property
    def work(self) -> Swap | Job | None:
        """What is being worked at: a job, which suspends an open swap, else the swap."""
        return self.job or self.swap

    @property
    def pose_limits(self) -> PoseLimits:
        """What the station's settings and the recipe both allow of the truck's pose; a bypass allows any."""
        if self.bypasses(BypassInput.TRUCK_POSE_IN_RANGE):
            return ANY_POSE
        limits = self.config.limits
        return PoseLimits(limits.pose_x_mm, limits.pose_y_mm, limits.pose_yaw_mrad).within(self.recipe_pose)

    def bypasses(self, name: BypassInput) -> bool:
        """Whether an input is bypassed at this instant."""
        return self.snapshot.bypass is not None and self.snapshot.bypass.input is name

    @property
    def truck_model(self) -> TruckModel | None:
        """Model of the truck being swapped, if the truck is registered."""
        name = self.swap.truck_model if self.swap else None
        return next((model for model in self.config.truck_models if model.name == name), None)

    @property
    def position(self) -> int:
        """The battery position of the truck that is worked at, counted from 1."""
        return self.swap.position if self.swap else 1

    @property
    def seat_offset(self) -> SeatOffset:
        """How far the battery seat of the truck that is worked at is off the nominal one, by its card."""
        vin = self.work.vin if self.work is not None else None
        return self.snapshot.inventory.seat_offset(vin) if vin else NOMINAL_SEAT

    @property
    def positions(self) -> int:
        """How many batteries the truck being swapped carries."""
        return len(self.truck_model.positions) if self.truck_model else 1

    def battery_model(self, asset: str | None) -> BatteryModel | None:
        """Model of a battery by its asset id."""
        battery = self.snapshot.inventory.battery(asset) if asset else None
        if battery is None:
            return None
        return next((model for model in self.config.battery_models if model.name == battery.model), None)

    def bay(self, number: int | None) -> BayState | None:
        return self.snapshot.by_number.get(number)

    @property
    def by_plc(self) -> bool:
        """The PLC is running, or has run, the exchange as one order: single moves have no order of their own."""
        return self.robot_order is not None and isinstance(self.robot_order.command, ExchangeBattery)

    @property
    def robot_order_done(self) -> bool:
        """The robot reported the present step's order as done; a PLC that runs the exchange has none for the step."""
        order = self.robot_order
        if order is None or self.work is None:
            return False
        return self.by_plc or (order.step == self.work.step and order.phase is OrderPhase.DONE)
