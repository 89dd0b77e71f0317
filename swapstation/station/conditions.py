"""Conditions that end a recipe step: each reads sensors and returns what is still missing (reason codes); () is done.

Unknown is not done. An order's own "done" is never enough: the load, the bay or the truck must say so too.
"""

from __future__ import annotations

from collections.abc import Mapping

from swapstation.model.command import LockTruck, ReleaseTruck, UnlockTruck
from swapstation.model.device import LockState, Presence, Robot, RobotState
from swapstation.station.interlocks import bay_is_dead
from swapstation.station.positions import identified, position_of, verified
from swapstation.station.selection import empty_transit, isolation_free
from swapstation.station.sensing import (
    Condition,
    Missing,
    missing,
    pose_in_range,
    presence_in,
    robot_at_position,
    robot_of,
    truck_in_position,
    truck_of,
    weight_is_carried,
)
from swapstation.station.situation import OrderPhase, Situation
from swapstation.station.way_conditions import WAY_CONDITIONS


def _truck_identified(now: Situation) -> Missing:
    truck, swap = truck_of(now), now.swap
    if truck is None or swap is None or truck.vin is None:
        return ("truck_link",)
    return missing(
        vin_matches=truck.vin == swap.vin,
        truck_registered=now.truck_model is not None,
    ) + identified(now, swap)


def _allocated(now: Situation) -> Missing:
    swap = now.swap
    chosen = swap is not None and swap.fresh is not None
    ready = "battery_ready" if now.positions == 1 else "battery_set_ready"
    return missing(
        **{ready: chosen},
        isolation_free=chosen or isolation_free(now),
        transit_free=chosen or not now.to_transit or empty_transit(now) is not None,
    )


def _truck_positioned(now: Situation) -> Missing:
    if robot_of(now) is None:
        return ("robot_link",)
    return (*missing(truck_in_position=truck_in_position(now)), *pose_in_range(now))


def _truck_safe(now: Situation) -> Missing:
    truck = truck_of(now)
    if truck is None:
        return ("truck_link",)
    return missing(
        parking_brake_set=truck.parking_brake_set,
        key_off=truck.key_off,
        gear_neutral=truck.gear_neutral,
        hv_powered_down=truck.hv_powered_down,
    )


def _zone_clear(now: Situation) -> Missing:
    safety = now.snapshot.safety.good
    if safety is None:
        return ("robot_link",)
    return missing(
        estop_ok=safety.estop_ok,
        doors_closed=safety.doors_closed,
        light_curtain_clear=safety.light_curtain_clear,
        overtravel_ok=safety.overtravel_ok,
        fire_ok=safety.fire_ok,
    )


def _from_bay_dead(now: Situation) -> Missing:
    bay = now.bay(now.swap.from_bay if now.swap else None)
    return missing(origin_bay_dead=bay is not None and bay_is_dead(bay))


def _robot_located(now: Situation) -> Missing:
    unmet = missing(robot_order_done=now.robot_order_done) or _truck_positioned(now)
    return unmet or missing(robot_at_position=robot_at_position(now))


def _battery_gripped(now: Situation) -> Missing:
    robot = robot_of(now)
    return missing(
        robot_order_done=now.robot_order_done,
        robot_gripped_and_seated=robot is not None and robot.gripped and robot.seated,
    )


def _weight_carried(now: Situation) -> Missing:
    return (*_battery_gripped(now), *missing(weight_carried=weight_is_carried(now)))


def _unlocked_by_order(now: Situation) -> Missing:
    """A lock that reads open before anybody opened it is a sensor that sticks; a PLC may have lifted off already."""
    truck, order = truck_of(now), now.truck_order
    ordered = order is not None and isinstance(order.command, UnlockTruck) and order.phase is OrderPhase.DONE
    lifted = now.by_plc and truck is not None and not truck.battery_present
    return missing(truck_receipt=ordered or lifted) + _truck_unlocked(now)


def _locked_by_order(now: Situation) -> Missing:
    """A lock that reads closed before anybody closed it is a sensor that sticks; a PLC may have let go already."""
    robot, order = robot_of(now), now.truck_order
    ordered = order is not None and isinstance(order.command, LockTruck) and order.phase is OrderPhase.DONE
    let_go = now.by_plc and robot is not None and not robot.gripped
    return missing(truck_receipt=ordered or let_go) + _truck_locked(now)


def _truck_unlocked(now: Situation) -> Missing:
    here = position_of(now)
    return missing(truck_unlocked=here is not None and here.lock is LockState.UNLOCKED)


def mass_in_window(now: Situation, asset: str | None) -> bool:
    """Whether the weighing result fits the model of a battery; 0 kg is "not weighed"."""
    robot, model = robot_of(now), now.battery_model(asset)
    return robot is not None and model is not None and abs(robot.weighed_kg - model.mass_kg) <= model.mass_tolerance_kg


def _returned_lifted(now: Situation) -> Missing:
    robot, here, swap = robot_of(now), position_of(now), now.swap
    if robot is None or swap is None:
        return ("robot_link",)
    return missing(
        robot_order_done=now.robot_order_done,
        battery_weighed=robot.weighed_kg > 0,
        mass_in_window=mass_in_window(now, swap.returned),
        robot_loaded=robot.payload or presence_in(now, swap.to_bay) is Presence.PRESENT,
        truck_empty=here is not None and not here.battery_present,
    )


def _returned_in_bay(now: Situation) -> Missing:
    robot, swap = robot_of(now), now.swap
    if robot is None or swap is None:
        return ("robot_link",)
    return missing(
        robot_order_done=now.robot_order_done,
        robot_released=not robot.payload or (now.by_plc and presence_in(now, swap.from_bay) is Presence.EMPTY),
        bay_occupied=presence_in(now, swap.to_bay) is Presence.PRESENT,
    )


def _fresh_on_robot(now: Situation) -> Missing:
    robot, here, swap = robot_of(now), position_of(now), now.swap
    if robot is None or swap is None:
        return ("robot_link",)
    on_truck = here is not None and here.battery_present
    return missing(
        robot_order_done=now.robot_order_done,
        robot_loaded=robot.payload or (now.by_plc and on_truck),
        bay_empty=presence_in(now, swap.from_bay) is Presence.EMPTY,
    )


def _fresh_seated(now: Situation) -> Missing:
    robot, here = robot_of(now), position_of(now)
    if robot is None or here is None:
        return ("truck_link",)
    return missing(
        robot_order_done=now.robot_order_done,
        robot_gripped_and_seated=now.by_plc or (robot.gripped and robot.seated),
        truck_has_battery=here.battery_present,
    )


def _truck_locked(now: Situation) -> Missing:
    here = position_of(now)
    return missing(truck_locked=here is not None and here.lock is LockState.LOCKED)


def _robot_empty(now: Situation) -> Missing:
    robot = robot_of(now)
    return missing(
        robot_order_done=now.robot_order_done,
        robot_empty=robot is not None and not robot.gripped and not robot.payload,
    ) + _truck_locked(now)


def _parked(robot: Robot | None) -> bool:
    return robot is not None and robot.state is RobotState.IDLE and robot.clear_of_truck


def _robot_parked(now: Situation) -> Missing:
    return missing(
        robot_order_done=now.robot_order_done,
        robot_clear_of_truck=_parked(robot_of(now)),
    ) + _truck_locked(now)


def _exchange_running(now: Situation) -> Missing:
    order = now.robot_order
    running = order is not None and order.step == "exchange" and order.phase in (OrderPhase.RUNNING, OrderPhase.DONE)
    return missing(robot_accepted=running)


def _exchange_done(now: Situation) -> Missing:
    robot, order = robot_of(now), now.robot_order
    return missing(
        robot_order_done=order is not None and order.phase is OrderPhase.DONE,
        robot_clear_of_truck=_parked(robot),
    ) + _truck_locked(now)


def _fresh_verified(now: Situation) -> Missing:
    swap = now.swap
    if swap is None or swap.fresh is None:
        return ("battery_codes_match",)
    return verified(now, swap, swap.fresh)


def _truck_released(now: Situation) -> Missing:
    order = now.truck_order
    acted = order is not None and isinstance(order.command, ReleaseTruck) and order.phase is OrderPhase.DONE
    return missing(truck_receipt=acted)


def _never(_: Situation) -> Missing:
    return ("journal",)


CONDITIONS: Mapping[str, Condition] = {
    "truck_identified": _truck_identified,
    "allocated": _allocated,
    "truck_positioned": _truck_positioned,
    "truck_safe": _truck_safe,
    "zone_clear": _zone_clear,
    "from_bay_dead": _from_bay_dead,
    "robot_located": _robot_located,
    "battery_gripped": _battery_gripped,
    "weight_carried": _weight_carried,
    "truck_unlocked": _unlocked_by_order,
    "returned_lifted": _returned_lifted,
    "returned_in_bay": _returned_in_bay,
    "fresh_on_robot": _fresh_on_robot,
    "fresh_seated": _fresh_seated,
    "truck_locked": _locked_by_order,
    "robot_empty": _robot_empty,
    "robot_parked": _robot_parked,
    "exchange_running": _exchange_running,
    "exchange_done": _exchange_done,
    "fresh_verified": _fresh_verified,
    "truck_released": _truck_released,
    "never": _never,
    **WAY_CONDITIONS,
}
