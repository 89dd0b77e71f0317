"""Conditions of the ways out: where the two batteries of a swap are, and that a step back has succeeded.

Where a battery is follows from what the sensors of bays, robot and truck say together, never from the step that the
swap was in: a step may have failed before or after its battery moved.
"""

from __future__ import annotations

from collections.abc import Mapping

from swapstation.model.device import Presence, RobotState
from swapstation.model.inventory import bay_place
from swapstation.station.interlocks import bay_is_dead
from swapstation.station.positions import position_of, verified
from swapstation.station.sensing import Condition, Missing, missing, presence_in, robot_of
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
    here = position_of(now)
    return here is not None and here.battery_present


def _truck_bare(now: Situation) -> bool:
    here = position_of(now)
    return here is not None and not here.battery_present


def _isolation(now: Situation) -> int | None:
    return next((bay.number for bay in now.snapshot.bays if bay.isolation), None)


def _old_isolated(now: Situation) -> bool:
    """The isolation place holds the returned battery: on record, or because neither robot nor truck has it."""
    recorded = now.snapshot.inventory.at(bay_place(0, isolation=True))
    if presence_in(now, _isolation(now)) is not Presence.PRESENT or now.swap is None:
        return False
    if recorded is None:
        return _free(now) and _truck_bare(now)
    return recorded.battery == now.swap.returned


def _stored(now: Situation) -> bool:
    """The returned battery stands in its bay, or in the isolation place."""
    swap = now.swap
    if swap is None or swap.to_bay is None:
        return False
    presence = presence_in(now, swap.to_bay)
    return presence is Presence.PRESENT or (presence is Presence.EMPTY and _old_isolated(now))


def _fresh_isolated(now: Situation) -> bool:
    recorded = now.snapshot.inventory.at(bay_place(0, isolation=True))
    return recorded is not None and now.swap is not None and recorded.battery == now.swap.fresh


def _not_begun(now: Situation) -> bool:
    """Neither bay of the swap has been used, or none is allocated yet; a fresh battery in doubt may be isolated."""
    swap = now.swap
    if swap is None or swap.from_bay is None:
        return swap is not None
    waiting = presence_in(now, swap.from_bay) is Presence.PRESENT or _fresh_isolated(now)
    return waiting and presence_in(now, swap.to_bay) is Presence.EMPTY and not _stored(now)


def _under_way(now: Situation) -> bool:
    """The returned battery is stored and the fresh one has left its bay."""
    return _stored(now) and now.swap is not None and presence_in(now, now.swap.from_bay) is Presence.EMPTY


def _old_on_truck(now: Situation) -> Missing:
    return missing(truck_has_battery=_truck_full(now), robot_empty=_free(now), bays_untouched=_not_begun(now))


def _old_gripped(now: Situation) -> Missing:
    return missing(
        truck_has_battery=_truck_full(now), robot_gripped_and_seated=_gripped(now), bays_untouched=_not_begun(now)
    )


def _old_hanging(now: Situation) -> Missing:
    return missing(truck_empty=_truck_bare(now), robot_loaded=_loaded(now), bays_untouched=_not_begun(now))


def _old_stored(now: Situation) -> Missing:
    return missing(truck_empty=_truck_bare(now), robot_empty=_free(now), bay_occupied=_stored(now))


def _fresh_hanging(now: Situation) -> Missing:
    return missing(truck_empty=_truck_bare(now), robot_loaded=_loaded(now), bays_exchanged=_under_way(now))


def _fresh_gripped(now: Situation) -> Missing:
    return missing(
        truck_has_battery=_truck_full(now), robot_gripped_and_seated=_gripped(now), bays_exchanged=_under_way(now)
    )


def _fresh_on_truck(now: Situation) -> Missing:
    return missing(truck_has_battery=_truck_full(now), robot_empty=_free(now), bays_exchanged=_under_way(now))


def _isolation_free(now: Situation) -> Missing:
    return missing(isolation_empty=presence_in(now, _isolation(now)) is Presence.EMPTY)


def _sound(now: Situation, asset: str | None) -> Missing:
    battery = now.snapshot.inventory.battery(asset) if asset else None
    return missing(battery_not_quarantined=battery is None or not (battery.quarantined or battery.doubtful))


def _old_sound(now: Situation) -> Missing:
    return _sound(now, now.swap.returned if now.swap else None)


def _fresh_sound(now: Situation) -> Missing:
    return _sound(now, now.swap.fresh if now.swap else None)


def _old_returnable(now: Situation) -> Missing:
    swap = now.swap
    in_bay = swap is not None and presence_in(now, swap.to_bay) is Presence.PRESENT
    return (*missing(bay_occupied=in_bay), *_old_sound(now))


def _fresh_ready(now: Situation) -> Missing:
    swap = now.swap
    in_bay = swap is not None and presence_in(now, swap.from_bay) is Presence.PRESENT
    return (*missing(bay_occupied=in_bay), *_fresh_sound(now))


def _old_seated(now: Situation) -> Missing:
    return missing(
        robot_order_done=now.robot_order_done,
        robot_gripped_and_seated=_gripped(now),
        truck_has_battery=_truck_full(now),
    )


def _old_verified(now: Situation) -> Missing:
    swap = now.swap
    return verified(now, swap, swap.returned) if swap is not None else ("truck_link",)


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


SITUATIONS: Mapping[str, Condition] = {
    "old_on_truck": _old_on_truck,
    "old_gripped": _old_gripped,
    "old_hanging": _old_hanging,
    "old_stored": _old_stored,
    "fresh_hanging": _fresh_hanging,
    "fresh_gripped": _fresh_gripped,
    "fresh_on_truck": _fresh_on_truck,
}
"""Where the two batteries can be; at most one of these holds."""

WAY_CONDITIONS: Mapping[str, Condition] = {
    **SITUATIONS,
    "robot_free": lambda now: missing(robot_empty=_free(now)),
    "isolation_free": _isolation_free,
    "old_sound": _old_sound,
    "fresh_sound": _fresh_sound,
    "old_returnable": _old_returnable,
    "fresh_ready": _fresh_ready,
    "old_seated": _old_seated,
    "old_verified": _old_verified,
    "returned_isolated": lambda now: _set_down(now, _isolation(now)),
    "fresh_isolated": lambda now: _set_down(now, _isolation(now)),
    "fresh_back_in_bay": lambda now: _set_down(now, now.swap.from_bay if now.swap else None),
    "fetched_back": _fetched_back,
    "fresh_lifted": _lifted_again,
    "robot_aside": _robot_aside,
    "to_bay_dead": _to_bay_dead,
}
