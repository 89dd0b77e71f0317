"""Conditions of the ways out: where the two batteries of a swap are, and that a step back has succeeded.

Where a battery is follows from what the sensors of bays, robot and truck say together, never from the step that the
swap was in: a step may have failed before or after its battery moved.
"""

from __future__ import annotations

from collections.abc import Mapping

from swapstation.model.device import LockState, Presence, RobotState
from swapstation.station.interlocks import bay_is_dead
from swapstation.station.sensing import Condition, Missing, missing, presence_in, robot_of, truck_of
from swapstation.station.situation import Situation


def _free(now: Situation) -> bool:
    robot = robot_of(now)
    return robot is not None and not robot.payload and not robot.gripped


def _gripped(now: Situation) -> bool:
    robot = robot_of(now)
    return robot is not None and robot.gripped and robot.seated and not robot.payload


def _loaded(now: Situation) -> bool:
    robot = robot_of(now)
    return robot is not None and robot.gripped and robot.payload


def _truck_full(now: Situation) -> bool:
    truck = truck_of(now)
    return truck is not None and truck.battery_present


def _truck_bare(now: Situation) -> bool:
    truck = truck_of(now)
    return truck is not None and not truck.battery_present


def _bays(now: Situation, origin: Presence, destination: Presence) -> bool:
    """Whether the bay of the fresh battery and the bay of the returned one look like this."""
    swap = now.swap
    if swap is None or swap.from_bay is None:
        return False
    return (presence_in(now, swap.from_bay), presence_in(now, swap.to_bay)) == (origin, destination)


def _untouched(now: Situation) -> bool:
    """The fresh battery is still in its bay, or none is allocated yet."""
    swap = now.swap
    return swap is not None and (swap.from_bay is None or _bays(now, Presence.PRESENT, Presence.EMPTY))


def _old_on_truck(now: Situation) -> Missing:
    return missing(truck_has_battery=_truck_full(now), robot_empty=_free(now), bays_untouched=_untouched(now))


def _old_gripped(now: Situation) -> Missing:
    return missing(
        truck_has_battery=_truck_full(now), robot_gripped_and_seated=_gripped(now), bays_untouched=_untouched(now)
    )


def _old_hanging(now: Situation) -> Missing:
    return missing(truck_empty=_truck_bare(now), robot_loaded=_loaded(now), bays_untouched=_untouched(now))


def _old_in_bay(now: Situation) -> Missing:
    both = _bays(now, Presence.PRESENT, Presence.PRESENT)
    return missing(truck_empty=_truck_bare(now), robot_empty=_free(now), both_bays_occupied=both)


def _exchanged(now: Situation) -> bool:
    return _bays(now, Presence.EMPTY, Presence.PRESENT)


def _fresh_hanging(now: Situation) -> Missing:
    return missing(truck_empty=_truck_bare(now), robot_loaded=_loaded(now), bays_exchanged=_exchanged(now))


def _fresh_gripped(now: Situation) -> Missing:
    return missing(
        truck_has_battery=_truck_full(now), robot_gripped_and_seated=_gripped(now), bays_exchanged=_exchanged(now)
    )


def _fresh_on_truck(now: Situation) -> Missing:
    return missing(truck_has_battery=_truck_full(now), robot_empty=_free(now), bays_exchanged=_exchanged(now))


def _isolation(now: Situation) -> int | None:
    return next((bay.number for bay in now.snapshot.bays if bay.isolation), None)


def _isolation_free(now: Situation) -> Missing:
    return missing(isolation_empty=presence_in(now, _isolation(now)) is Presence.EMPTY)


def _old_seated(now: Situation) -> Missing:
    return missing(
        robot_order_done=now.robot_order_done,
        robot_gripped_and_seated=_gripped(now),
        truck_has_battery=_truck_full(now),
    )


def _old_verified(now: Situation) -> Missing:
    truck, swap = truck_of(now), now.swap
    if truck is None or swap is None:
        return ("truck_link",)
    returned = now.snapshot.inventory.battery(swap.returned) if swap.returned else None
    return missing(
        truck_locked=truck.lock is LockState.LOCKED,
        connector_mated=truck.connector_mated,
        battery_codes_match=returned is None or set(truck.codes) == set(returned.codes),
    )


def _set_down(now: Situation, bay: int | None) -> Missing:
    return missing(
        robot_order_done=now.robot_order_done,
        robot_released=_free(now),
        bay_occupied=presence_in(now, bay) is Presence.PRESENT,
    )


def _fetched_back(now: Situation) -> Missing:
    swap = now.swap
    return missing(
        robot_order_done=now.robot_order_done,
        robot_loaded=_loaded(now),
        bay_empty=swap is not None and presence_in(now, swap.to_bay) is Presence.EMPTY,
    )


def _lifted_again(now: Situation) -> Missing:
    return missing(robot_order_done=now.robot_order_done, robot_loaded=_loaded(now), truck_empty=_truck_bare(now))


def _robot_aside(now: Situation) -> Missing:
    robot = robot_of(now)
    aside = robot is not None and robot.state is RobotState.IDLE and robot.clear_of_truck
    return missing(robot_order_done=now.robot_order_done, robot_empty=_free(now), robot_clear_of_truck=aside)


def _to_bay_dead(now: Situation) -> Missing:
    bay = now.bay(now.swap.to_bay if now.swap else None)
    return missing(origin_bay_dead=bay is not None and bay_is_dead(bay))


def _another_chosen(now: Situation) -> Missing:
    """A sound battery stands in the bay that the swap takes from; the one in doubt is quarantined by then."""
    swap = now.swap
    fresh = now.snapshot.inventory.battery(swap.fresh) if swap and swap.fresh else None
    return missing(battery_ready=fresh is not None and not fresh.quarantined and not fresh.doubtful)


WAY_CONDITIONS: Mapping[str, Condition] = {
    "old_on_truck": _old_on_truck,
    "old_gripped": _old_gripped,
    "old_hanging": _old_hanging,
    "old_in_bay": _old_in_bay,
    "fresh_hanging": _fresh_hanging,
    "fresh_gripped": _fresh_gripped,
    "fresh_on_truck": _fresh_on_truck,
    "isolation_free": _isolation_free,
    "old_seated": _old_seated,
    "old_verified": _old_verified,
    "returned_isolated": lambda now: _set_down(now, _isolation(now)),
    "fresh_isolated": lambda now: _set_down(now, _isolation(now)),
    "fresh_back_in_bay": lambda now: _set_down(now, now.swap.from_bay if now.swap else None),
    "fetched_back": _fetched_back,
    "fresh_lifted": _lifted_again,
    "robot_aside": _robot_aside,
    "to_bay_dead": _to_bay_dead,
    "another_chosen": _another_chosen,
}
