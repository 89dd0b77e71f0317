"""A swap without time and sensors: where the two batteries are, what is gripped, locked and confirmed (own design).

The two are those of the battery position being exchanged. Nothing of a position that is done can change any more, so of
a truck with several only the number still to come is kept, and whether the isolation place was filled before.

`recipe_check` walks recipes through it. Commands change it when they are carried out; a command that the permit could
not let pass in a world is a dead end there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum


class At(StrEnum):
    """Where a battery of the swap is."""

    TRUCK = "truck"
    ROBOT = "robot"
    BAY = "bay"
    ISOLATION = "isolation"


@dataclass(frozen=True, slots=True)
class World:
    """One state of a swap. `known` are conditions that were read and still hold; a battery in doubt is quarantined.

    `bay` stands for the transit place too. `..._told` is where the record has a battery.
    """

    old: At = At.TRUCK
    fresh: At | None = None
    gripped: bool = False
    locked: bool = True
    located: bool = False
    aside: bool = True
    released: bool = False
    old_in_doubt: bool = False
    fresh_in_doubt: bool = False
    old_told: At = At.TRUCK
    fresh_told: At | None = None
    known: frozenset[str] = frozenset()
    ahead: int = 0
    isolation_taken: bool = False

    @property
    def exchanged(self) -> bool:
        """The present position has its fresh battery, locked, the robot has let go of it and the truck stands here."""
        return self.fresh is At.TRUCK and self.locked and self.free and not self.released

    def at_next_position(self) -> World:
        """The world at the beginning of the next position: what was read of the truck as a whole still holds."""
        known = self.known & {"truck_safe", "truck_positioned", "zone_clear"}
        begun = World(fresh=At.BAY, fresh_told=At.BAY, aside=self.aside, known=known, ahead=self.ahead - 1)
        return replace(begun, isolation_taken=self.isolated)

    @property
    def on_truck(self) -> bool:
        return At.TRUCK in (self.old, self.fresh)

    @property
    def on_robot(self) -> bool:
        return At.ROBOT in (self.old, self.fresh)

    @property
    def isolated(self) -> bool:
        return self.isolation_taken or At.ISOLATION in (self.old, self.fresh)

    @property
    def stored(self) -> bool:
        return self.old in (At.BAY, At.ISOLATION)

    @property
    def recorded(self) -> bool:
        """Whether the record has both batteries where they are."""
        return (self.old, self.fresh) == (self.old_told, self.fresh_told)

    def caught_up(self) -> World:
        """The same world with a true record, as every way out begins."""
        return replace(self, old_told=self.old, fresh_told=self.fresh)

    @property
    def free(self) -> bool:
        return not self.gripped and not self.on_robot


Change = Callable[[World], World]
Question = Callable[[World], bool]


def _lifted(world: World) -> World:
    return _carried(world, At.TRUCK, At.ROBOT)


def _seated(world: World) -> World:
    return _carried(world, At.ROBOT, At.TRUCK)


def _carried(world: World, origin: At, destination: At) -> World:
    if world.old is origin:
        return replace(world, old=destination)
    return replace(world, fresh=destination) if world.fresh is origin else world


def _isolated(world: World) -> World:
    return replace(_carried(world, At.ROBOT, At.ISOLATION), gripped=False)


COMMANDS: Mapping[str, Change] = {
    "locate_truck": lambda world: replace(world, located=True, aside=False),
    "grip_battery": lambda world: replace(world, gripped=True, aside=False),
    "unlock_truck": lambda world: replace(world, locked=False),
    "lift_battery": _lifted,
    "put_battery": lambda world: replace(world, old=At.BAY, gripped=False),
    "pick_battery": lambda world: replace(world, fresh=At.ROBOT, gripped=True),
    "place_battery": _seated,
    "lock_truck": lambda world: replace(world, locked=True),
    "ungrip_battery": lambda world: replace(world, gripped=False),
    "park_robot": lambda world: replace(world, aside=True),
    "release_truck": lambda world: replace(world, released=True),
    "put_fresh_back": lambda world: replace(world, fresh=At.BAY, gripped=False),
    "put_isolation": _isolated,
    "pick_returned": lambda world: replace(world, old=At.ROBOT, gripped=True),
    "exchange_battery": lambda world: replace(world, located=True, aside=False),
}
"""What a command of a recipe step brings about."""

TOLD: Mapping[str, Change] = {
    "returned_on_robot": lambda world: replace(world, old_told=At.ROBOT),
    "returned_in_bay": lambda world: replace(world, old_told=At.BAY),
    "fresh_on_robot": lambda world: replace(world, fresh_told=At.ROBOT),
    "fresh_on_truck": lambda world: replace(world, fresh_told=At.TRUCK),
    "returned_fetched": lambda world: replace(world, old_told=At.ROBOT),
    "returned_on_truck": lambda world: replace(world, old_told=At.TRUCK),
    "returned_isolated": lambda world: replace(world, old_told=At.ISOLATION),
    "fresh_in_bay": lambda world: replace(world, fresh_told=At.BAY),
    "fresh_lifted": lambda world: replace(world, fresh_told=At.ROBOT),
    "fresh_isolated": lambda world: replace(world, fresh_told=At.ISOLATION),
    "returned_stored": lambda world: replace(world, old_told=world.old),
    "fresh_stored": lambda world: replace(world, fresh_told=world.fresh),
    "fresh_gripped": lambda world: replace(world, fresh_told=world.fresh),
}
"""What the fact of a step writes into the record."""

PLC_MOVES: Mapping[str, Change] = {
    "battery_gripped": COMMANDS["grip_battery"],
    "weight_carried": COMMANDS["grip_battery"],
    "truck_unlocked": lambda world: replace(world, gripped=True, locked=False),
    "returned_lifted": _lifted,
    "returned_in_bay": COMMANDS["put_battery"],
    "fresh_on_robot": COMMANDS["pick_battery"],
    "fresh_seated": _seated,
    "truck_locked": COMMANDS["lock_truck"],
    "robot_empty": COMMANDS["ungrip_battery"],
    "exchange_done": COMMANDS["park_robot"],
}
"""What a PLC that runs the exchange has brought about once a step's condition holds."""

DEMANDED: Mapping[str, Mapping[str, Question]] = {
    "locate_truck": {"robot_free_to_travel": lambda world: world.free or world.on_robot},
    "grip_battery": {
        "robot_located": lambda world: world.located,
        "truck_parked": lambda world: "truck_safe" in world.known,
        "truck_in_position": lambda world: "truck_positioned" in world.known,
        "truck_has_battery": lambda world: world.on_truck,
        "truck_locked": lambda world: world.locked,
        "robot_empty": lambda world: world.free,
    },
    "unlock_truck": {"robot_holds_truck_battery": lambda world: world.gripped and world.on_truck},
    "lift_battery": {
        "truck_unlocked": lambda world: "truck_unlocked" in world.known and not world.locked,
        "robot_gripped_and_seated": lambda world: world.gripped and world.on_truck,
    },
    "put_battery": {"robot_loaded": lambda world: world.old is At.ROBOT},
    "pick_battery": {
        "robot_empty": lambda world: world.free,
        "origin_bay_allocated": lambda world: world.fresh is At.BAY,
        "origin_bay_dead": lambda world: "from_bay_dead" in world.known,
    },
    "place_battery": {
        "robot_loaded": lambda world: world.on_robot,
        "robot_located": lambda world: world.located,
        "truck_unlocked": lambda world: not world.locked,
        "truck_has_no_battery": lambda world: not world.on_truck,
    },
    "lock_truck": {"robot_holds_truck_battery": lambda world: world.gripped and world.on_truck},
    "ungrip_battery": {
        "truck_locked": lambda world: "truck_locked" in world.known and world.locked,
        "robot_gripped_and_seated": lambda world: world.gripped and world.on_truck,
    },
    "park_robot": {"robot_empty": lambda world: world.free},
    "release_truck": {
        "truck_locked": lambda world: world.locked and world.on_truck,
        "robot_clear_of_truck": lambda world: world.aside and world.free,
        "verified": lambda world: bool({"fresh_verified", "old_verified"} & world.known),
        "truck_battery_sound": lambda world: (
            not (world.fresh_in_doubt if world.fresh is At.TRUCK else world.old_in_doubt)
        ),
    },
    "put_fresh_back": {"robot_loaded": lambda world: world.fresh is At.ROBOT},
    "put_isolation": {
        "robot_loaded": lambda world: world.on_robot,
        "isolation_empty": lambda world: not world.isolated,
    },
    "pick_returned": {
        "robot_empty": lambda world: world.free,
        "origin_bay_allocated": lambda world: world.old is At.BAY,
        "origin_bay_dead": lambda world: "to_bay_dead" in world.known,
    },
    "exchange_battery": {
        "truck_parked": lambda world: "truck_safe" in world.known,
        "truck_in_position": lambda world: "truck_positioned" in world.known,
        "zone_clear": lambda world: "zone_clear" in world.known,
        "origin_bay_dead": lambda world: "from_bay_dead" in world.known,
        "truck_has_battery": lambda world: world.old is At.TRUCK,
        "robot_empty": lambda world: world.free,
    },
}
"""What must be so, and have been read, before a command: the permit's demands that a recipe has to see to."""

PLC_DEMANDED: Mapping[str, Mapping[str, Question]] = {
    "returned_lifted": {"truck_unlocked": lambda world: "truck_unlocked" in world.known},
    "fresh_on_robot": {"returned_in_bay": lambda world: "returned_in_bay" in world.known},
    "robot_empty": {"truck_locked": lambda world: "truck_locked" in world.known},
    "exchange_done": {"robot_empty": lambda world: world.free},
}
"""What a recipe must have read before it may count on a PLC's next move."""

INTERLOCKS_DEMANDED: Mapping[str, Question] = {
    "weight_carried": lambda world: "weight_carried" in world.known and world.gripped,
}
"""What a recipe must have read before an interlock of its own can hold."""

ASKED_FOR = frozenset(
    {
        "truck_safe",
        "truck_positioned",
        "zone_clear",
        "weight_carried",
        "from_bay_dead",
        "to_bay_dead",
        "truck_unlocked",
        "truck_locked",
        "returned_in_bay",
        "fresh_verified",
        "old_verified",
    }
)
"""The conditions that some demand asks for; having read others makes no difference."""

OPENERS: Mapping[str, Question] = {
    "old_on_truck": lambda world: world.old is At.TRUCK and world.free,
    "old_gripped": lambda world: world.old is At.TRUCK and world.gripped,
    "old_hanging": lambda world: world.old is At.ROBOT,
    "old_stored": lambda world: world.stored and world.free and not world.on_truck,
    "fresh_hanging": lambda world: world.fresh is At.ROBOT,
    "fresh_gripped": lambda world: world.fresh is At.TRUCK and world.gripped,
    "fresh_on_truck": lambda world: world.fresh is At.TRUCK and world.free,
    "robot_free": lambda world: world.free,
    "isolation_free": lambda world: not world.isolated,
    "old_sound": lambda world: not world.old_in_doubt,
    "fresh_sound": lambda world: not world.fresh_in_doubt,
    "old_returnable": lambda world: world.old is At.BAY and not world.old_in_doubt,
    "fresh_ready": lambda world: world.fresh is At.BAY and not world.fresh_in_doubt,
}
"""The conditions that open a way out."""

FORGOTTEN: Mapping[str, frozenset[str]] = {
    "grip_battery": frozenset({"weight_carried"}),
    "ungrip_battery": frozenset({"weight_carried"}),
    "lift_battery": frozenset({"weight_carried"}),
    "unlock_truck": frozenset({"truck_locked", "old_verified", "fresh_verified"}),
    "lock_truck": frozenset({"truck_unlocked"}),
    "pick_battery": frozenset({"from_bay_dead"}),
    "pick_returned": frozenset({"to_bay_dead"}),
}
"""What was read before a command and is no longer known once it has been given."""
