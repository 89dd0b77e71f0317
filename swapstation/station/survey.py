"""The survey: for every place, what the record says against what the sensors say. Sensors outrank the record."""

from __future__ import annotations

from collections.abc import Iterator

from swapstation.model.device import Presence, Robot, Truck
from swapstation.model.inventory import ROBOT, HoldKind, Swap, truck_places
from swapstation.model.job import Job
from swapstation.model.snapshot import BayState, Finding, Snapshot, Survey, Verdict
from swapstation.station.open_orders import open_orders
from swapstation.station.proposals import proposed


def survey(snapshot: Snapshot) -> Survey:
    """Compare every bay, the robot, the truck in the lane and the open orders with the station database."""
    in_motion = _places_of(snapshot.inventory.swap, snapshot) | _places_of_job(snapshot.inventory.job)
    findings = [_bay_finding(bay, in_motion) for bay in snapshot.bays]
    findings.append(_robot_finding(snapshot, snapshot.robot.good, in_motion))
    truck = snapshot.truck.good
    if truck is not None and truck.vin is not None:
        findings += _truck_findings(snapshot, truck, truck.vin, in_motion)
    return Survey(proposed(snapshot, tuple(findings)), () if snapshot.confirmed else open_orders(snapshot))


def _places_of(swap: Swap | None, snapshot: Snapshot) -> frozenset[str]:
    """Places between which the open swap may have moved batteries without our having seen it."""
    if swap is None or swap.fresh is None:
        return frozenset()
    numbers = (swap.from_bay, swap.to_bay)
    bays = {bay.place for bay in snapshot.bays if bay.number in numbers}
    holds = snapshot.inventory.holds
    held = {hold.place for hold in holds if hold.kind is HoldKind.SWAP and hold.place is not None}
    return frozenset({ROBOT, swap.place, *bays, *held})


def _places_of_job(job: Job | None) -> frozenset[str]:
    """Places between which the open job may have moved its battery without our having seen it."""
    if job is None or job.battery is None:
        return frozenset()
    return frozenset(place for place in (job.origin, ROBOT, job.destination) if place is not None)


def _verdict(agrees: bool, place: str, in_motion: frozenset[str]) -> Verdict:
    if agrees:
        return Verdict.AGREES
    return Verdict.IN_MOTION if place in in_motion else Verdict.CONTRADICTS


def _bay_finding(bay: BayState, in_motion: frozenset[str]) -> Finding:
    io = bay.io.good
    if io is None:
        return Finding(bay.place, bay.battery, bay.io.quality.value, Verdict.UNKNOWN)
    expected = Presence.EMPTY if bay.battery is None else Presence.PRESENT
    return Finding(bay.place, bay.battery, io.presence.value, _verdict(io.presence is expected, bay.place, in_motion))


def _robot_finding(snapshot: Snapshot, robot: Robot | None, in_motion: frozenset[str]) -> Finding:
    battery = snapshot.inventory.at(ROBOT)
    recorded = battery.battery if battery else None
    if robot is None:
        return Finding(ROBOT, recorded, snapshot.robot.quality.value, Verdict.UNKNOWN)
    sensed = "loaded" if robot.payload else "empty"
    return Finding(ROBOT, recorded, sensed, _verdict(robot.payload == (battery is not None), ROBOT, in_motion))


def _truck_findings(snapshot: Snapshot, truck: Truck, vin: str, in_motion: frozenset[str]) -> Iterator[Finding]:
    """One for each position that the truck tells of, or at which the record has a battery."""
    for number, place in enumerate(truck_places(vin), start=1):
        battery, told = snapshot.inventory.at(place), truck.position(number)
        recorded = battery.battery if battery else None
        if told is None:
            if recorded is not None:
                yield Finding(place, recorded, "not told", Verdict.UNKNOWN)
            continue
        sensed = ", ".join(told.codes) if told.battery_present else "empty"
        codes_agree = battery is not None and (not told.codes or set(told.codes) == set(battery.codes))
        agrees = codes_agree if told.battery_present else battery is None
        yield Finding(place, recorded, sensed, _verdict(agrees, place, in_motion))
