"""Where the battery of a job is: what the sensors of its origin, the robot and its destination prove together."""

from __future__ import annotations

from swapstation.model.device import Presence
from swapstation.model.inventory import ROBOT, Hold, HoldKind
from swapstation.model.job import Job
from swapstation.model.journal import BatteryMoved
from swapstation.model.snapshot import BayState
from swapstation.station.positions import told_places
from swapstation.station.sensing import robot_of, truck_of
from swapstation.station.situation import Situation

_EVIDENCE = ("origin", "robot load", "destination")


def bay_at(now: Situation, place: str | None) -> BayState | None:
    """The bay of a place, None for a place that is no bay."""
    return next((bay for bay in now.snapshot.bays if bay.place == place), None)


def holds_of(now: Situation, job: Job) -> tuple[Hold, ...]:
    """The battery and every bay that the job needs, for as long as it is open."""
    bays = [place for place in (job.origin, job.destination) if bay_at(now, place)]
    claims = [Hold(f"{job.job}:{place}", HoldKind.JOB, place=place, person=job.person) for place in bays]
    if job.battery is not None:
        claims.append(Hold(f"{job.job}:battery", HoldKind.JOB, battery=job.battery, person=job.person))
    return tuple(claims)


def proven_place(now: Situation, job: Job) -> str | None:
    """The one place of origin, robot and destination that is full while the others are empty; None while unproven."""
    places = dict.fromkeys(place for place in (job.origin, ROBOT, job.destination) if place is not None)
    full = {place: _full(now, place) for place in places}
    occupied = [place for place, taken in full.items() if taken]
    return occupied[0] if len(occupied) == 1 and None not in full.values() else None


def has_arrived(now: Situation, job: Job) -> bool:
    return job.destination is not None and proven_place(now, job) == job.destination


def whereabouts(now: Situation, job: Job) -> BatteryMoved | None:
    """The move that the sensors prove and the record does not know yet."""
    battery = now.snapshot.inventory.battery(job.battery) if job.battery else None
    place = proven_place(now, job) if battery else None
    if battery is None or place is None or place == battery.place:
        return None
    order = now.robot_order
    return BatteryMoved(battery.battery, battery.place, place, _EVIDENCE, order.command_id if order else None)


def _full(now: Situation, place: str) -> bool | None:
    if place == ROBOT:
        robot = robot_of(now)
        return None if robot is None or (robot.payload and not robot.gripped) else robot.payload
    bay = bay_at(now, place)
    if bay is not None:
        presence = bay.io.good.presence if bay.io.good else None
        return {Presence.PRESENT: True, Presence.EMPTY: False}.get(presence) if presence else None
    truck = truck_of(now)
    told = dict(told_places(truck)).get(place) if truck is not None else None
    return told.battery_present if told is not None else None
