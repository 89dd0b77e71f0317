"""Orders that an earlier boot wrote down and did not see the end of: what the devices say of each (own design).

A device knows an order by its id, so its word decides; nothing is assumed of an order that it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from swapstation.model.command import AnswerRobot, Command, ReleaseTruck, TruckOrder
from swapstation.model.device import Robot, RobotRequest, RobotResult
from swapstation.model.journal import IntentResolved, Outcome
from swapstation.model.seen import Seen
from swapstation.model.snapshot import OpenOrder, OrderVerdict, Snapshot
from swapstation.station.draft import Draft
from swapstation.station.order_tracking import ACCEPTED, EXCHANGE_ORDERS, SLOTS, truck_wire_id
from swapstation.station.proposals import MADE_WITHOUT_US

_Found = tuple[OrderVerdict, str]
_PROPOSALS: Mapping[OrderVerdict, str] = {
    OrderVerdict.DONE: "propose_go_on",
    OrderVerdict.RUNNING: "propose_follow_order",
    OrderVerdict.NOT_DONE: "propose_order_again",
    OrderVerdict.ASK: "propose_divert",
    OrderVerdict.UNKNOWN: "propose_restore_data",
}
_OUTCOMES: Mapping[OrderVerdict, Outcome] = {OrderVerdict.DONE: Outcome.DONE, OrderVerdict.ASK: Outcome.FAILED}


def open_orders(snapshot: Snapshot) -> tuple[OpenOrder, ...]:
    """What became of every order to robot or truck whose end the database does not know."""
    found = []
    for command_id, name in snapshot.inventory.open_intents:
        kind = EXCHANGE_ORDERS.get(name)
        if kind is not None:
            verdict, sensed = _found(snapshot, kind, command_id)
            gone = kind is ReleaseTruck and verdict is OrderVerdict.UNKNOWN
            proposal = MADE_WITHOUT_US if gone else _PROPOSALS[verdict]
            found.append(OpenOrder(command_id, name, verdict, sensed, proposal))
    return tuple(found)


def end_left_over(draft: Draft) -> tuple[IntentResolved, ...]:
    """Close what no step takes up again, as it was found: nothing of it may leave any more."""
    taken_up = {order.command_id for slot in SLOTS if (order := getattr(draft.memory, slot)) is not None}
    return tuple(
        IntentResolved(order.command_id, _OUTCOMES.get(order.verdict, Outcome.DROPPED), f"restart: {order.sensed}")
        for order in draft.snapshot.survey.orders
        if order.command_id not in taken_up
    )


def _found(snapshot: Snapshot, kind: type[Command], command_id: int) -> _Found:
    truck = snapshot.truck
    if kind in get_args(TruckOrder):
        if truck.good is None:
            return OrderVerdict.UNKNOWN, f"truck {truck.quality.value}"
        if truck.good.receipt_id == truck_wire_id(command_id):
            return OrderVerdict.DONE, "receipt of the truck"
        return OrderVerdict.NOT_DONE, "no receipt of the truck"
    return _by_robot(snapshot.robot, kind, command_id)


def _by_robot(seen: Seen[Robot], kind: type[Command], command_id: int) -> _Found:
    robot = seen.good
    if robot is None:
        return OrderVerdict.UNKNOWN, f"robot {seen.quality.value}"
    if kind is AnswerRobot:
        waits = robot.request is not RobotRequest.NONE
        return (OrderVerdict.NOT_DONE, "robot asks") if waits else (OrderVerdict.DONE, "robot asks nothing")
    if robot.done_id == command_id:
        done = robot.result is RobotResult.DONE
        return (OrderVerdict.DONE if done else OrderVerdict.ASK), f"robot: ended {robot.result.name.lower()}"
    if robot.running_id == command_id:
        return OrderVerdict.RUNNING, f"robot: {robot.state.value}"
    if robot.accepted_id != command_id:
        return OrderVerdict.NOT_DONE, "robot never took it"
    if robot.refusal_code != ACCEPTED:
        return OrderVerdict.NOT_DONE, f"robot refused it: {robot.refusal_code}"
    return OrderVerdict.ASK, "robot took it, neither runs nor ended it"
