"""Builders: the command of a recipe step, made from the open swap; None when the swap does not know enough yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict

from swapstation.model.command import (
    Command,
    ExchangeBattery,
    GripBattery,
    LiftBattery,
    LocateTruck,
    LockTruck,
    ParkRobot,
    PickBattery,
    PlaceBattery,
    PutBattery,
    ReleaseTruck,
    UngripBattery,
    UnlockTruck,
)
from swapstation.station.situation import Situation

Builder = Callable[[Situation], Command | None]


def _put(now: Situation) -> Command | None:
    swap = now.swap
    return PutBattery(swap.to_bay) if swap and swap.to_bay is not None else None


def _pick(now: Situation) -> Command | None:
    swap = now.swap
    return PickBattery(swap.from_bay) if swap and swap.from_bay is not None else None


def _put_fresh_back(now: Situation) -> Command | None:
    swap = now.swap
    return PutBattery(swap.from_bay) if swap and swap.from_bay is not None else None


def _put_isolation(now: Situation) -> Command | None:
    isolation = next((bay.number for bay in now.snapshot.bays if bay.isolation), None)
    return PutBattery(isolation) if isolation is not None else None


def _pick_returned(now: Situation) -> Command | None:
    swap = now.swap
    return PickBattery(swap.to_bay) if swap and swap.to_bay is not None else None


def _exchange(now: Situation) -> Command | None:
    swap, model = now.swap, now.truck_model
    if swap is None or model is None or swap.from_bay is None or swap.to_bay is None:
        return None
    bays = swap.from_bay, swap.to_bay
    return ExchangeBattery(*bays, model.plc_number, swap.position, **asdict(now.seat_offset))


BUILDERS: Mapping[str, Builder] = {
    "locate_truck": lambda now: LocateTruck(now.position, **asdict(now.seat_offset)),
    "grip_battery": lambda now: GripBattery(now.position),
    "lift_battery": lambda now: LiftBattery(now.position),
    "put_battery": _put,
    "put_fresh_back": _put_fresh_back,
    "put_isolation": _put_isolation,
    "pick_battery": _pick,
    "pick_returned": _pick_returned,
    "place_battery": lambda now: PlaceBattery(now.position),
    "ungrip_battery": lambda now: UngripBattery(now.position),
    "park_robot": lambda _: ParkRobot(),
    "exchange_battery": _exchange,
    "unlock_truck": lambda now: UnlockTruck(now.position),
    "lock_truck": lambda now: LockTruck(now.position),
    "release_truck": lambda _: ReleaseTruck(),
}
