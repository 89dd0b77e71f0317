"""What the truth says against a command at the instant at which it leaves; a lying sensor is no excuse for two."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import get_args

from swapstation.model.command import (
    AnswerRobot,
    Command,
    ExchangeBattery,
    GripBattery,
    LiftBattery,
    LocateTruck,
    LockTruck,
    MoveBattery,
    PickBattery,
    PlaceBattery,
    PutBattery,
    ReleaseTruck,
    RobotOrder,
    StartCharge,
    TruckOrder,
    UngripBattery,
    UnlockTruck,
)
from swapstation.model.device import LockState, RobotRequest
from swapstation.model.journal import IntentRecorded
from swapstation.simulation.firmware.robot_plc import RobotPlc
from swapstation.simulation.plant.plant import Plant
from swapstation.simulation.plant.truck import Truck

AT_TRUCK = (LiftBattery, PlaceBattery, UngripBattery, ReleaseTruck, UnlockTruck, LockTruck, GripBattery)
DEAD_A = 1.0
SLACK_S = 0.3
_NEEDS: Mapping[str, tuple[tuple[type[Command], ...], float]] = {
    "truck_silent": ((*AT_TRUCK, LocateTruck, ExchangeBattery), 2.0),
    "plc_heartbeat_frozen": ((*get_args(RobotOrder), *get_args(TruckOrder)), 1.0),
    "station_link_cut": ((PutBattery, PickBattery, MoveBattery, ExchangeBattery), 0.5),
}
"""Whose silence forbids which commands, and how old its last word may be (s; the limits of the settings)."""

Breaches = Iterator[tuple[int, str]]


def unheard(command: Command, silent_s: Mapping[str, float]) -> Breaches:
    """Commands that rest on a device which has been silent too long; `silent_s` by the name of the fault."""
    for fault, (kinds, limit_s) in _NEEDS.items():
        if silent_s.get(fault, 0.0) > limit_s + SLACK_S and isinstance(command, kinds):
            yield 7, f"{type(command).__name__}: {fault} for {silent_s[fault]:.1f} s"


def unwritten(command: Command, command_id: int, intents: Mapping[int, IntentRecorded]) -> Breaches:
    """Commands whose durable intent is missing, or is about something else."""
    if not isinstance(command, RobotOrder | TruckOrder | AnswerRobot | StartCharge):
        return
    intent, name = intents.get(command_id), type(command).__name__
    if intent is None:
        yield 15, f"{name} sent under id {command_id} without a durable intent"
    elif (intent.command, json.loads(intent.parameters)) != (name, asdict(command)):
        yield 16, f"id {command_id} was written down as {intent.command} {intent.parameters} and is {command!r}"


def against(plant: Plant, plc: RobotPlc, command: Command, rolls: bool, unseen: LockState | None = None) -> Breaches:
    """What the plant is not ready for; `rolls`: the truck's brake has been off for longer than a message takes.

    `unseen`: how the truck's first lock was before it slipped, as long as no message can have told of that.
    """
    name = type(command).__name__
    to_bay = command.bay if isinstance(command, PutBattery) else getattr(command, "to_bay", None)
    from_bay = command.bay if isinstance(command, PickBattery) else getattr(command, "from_bay", None)
    if to_bay is not None and plant.in_bay(to_bay) is not None:
        yield 9, f"{name}: bay {to_bay} holds {plant.in_bay(to_bay)}"
    if from_bay is not None and plant.bays[from_bay].modules.current_a >= DEAD_A:
        yield 9, f"{name}: bay {from_bay} carries {plant.bays[from_bay].modules.current_a:.0f} A"
    if from_bay is not None and plant.in_bay(from_bay) is None:
        yield 9, f"{name}: bay {from_bay} is empty"
    if isinstance(command, RobotOrder) and not plant.safety().ok:
        yield 6, f"{name}: the safety chain is open"
    if plant.truck is not None:
        yield from _against_truck(plant, plant.truck, command, rolls, unseen)
        if isinstance(command, AnswerRobot) and command.done:
            yield from _against_answer(plant, plc, plant.truck)


def _against_truck(plant: Plant, truck: Truck, command: Command, rolls: bool, unseen: LockState | None) -> Breaches:
    name, lock = type(command).__name__, unseen or truck.lock_at(getattr(command, "position", 1))
    if isinstance(command, (*AT_TRUCK, LocateTruck)) and (not truck.secured or rolls):
        yield 6, f"{name}: the truck is not secured"
    if isinstance(command, LiftBattery | PlaceBattery) and lock is not LockState.UNLOCKED:
        yield 10, f"{name}: locks {lock}"
    if isinstance(command, UngripBattery | GripBattery | ExchangeBattery) and lock is not LockState.LOCKED:
        yield 10, f"{name}: locks {lock}"
    if isinstance(command, UnlockTruck) and plant.robot.battery is None:
        yield 10, f"{name}: the robot does not grip the battery"
    if isinstance(command, ReleaseTruck):
        if plant.robot.battery is not None:
            yield 11, f"{name}: the robot grips {plant.robot.battery}"
        if lock is not LockState.LOCKED:
            yield 11, f"{name}: locks {lock}"


def _against_answer(plant: Plant, plc: RobotPlc, truck: Truck) -> Breaches:
    asked = plc.asking
    if asked is None:
        return
    wanted = {RobotRequest.UNLOCK_TRUCK: LockState.UNLOCKED, RobotRequest.LOCK_TRUCK: LockState.LOCKED}
    lock = truck.lock_at(asked.position)
    if asked.request in wanted and lock is not wanted[asked.request]:
        yield 10, f"answered {asked.request.name} with locks {lock}"
    if asked.request is RobotRequest.BAY_DEAD and plant.bays[asked.bay].modules.current_a >= DEAD_A:
        yield 9, f"answered {asked.request.name}: bay {asked.bay} is live"
