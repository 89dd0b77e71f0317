"""An exchange that the robot PLC runs as one order: watched while its steps pass by, its requests answered."""

from __future__ import annotations

from collections.abc import Mapping

from swapstation.model.command import AnswerRobot, LockTruck, UnlockTruck
from swapstation.model.device import RobotRequest
from swapstation.station.draft import Draft
from swapstation.station.interlocks import INTERLOCKS
from swapstation.station.memory import StepFault
from swapstation.station.order_tracking import issue
from swapstation.station.recipe import Step
from swapstation.station.situation import OrderPhase

TRUCK_ORDERS: Mapping[RobotRequest, tuple[type[UnlockTruck | LockTruck], str]] = {
    RobotRequest.UNLOCK_TRUCK: (UnlockTruck, "unlock"),
    RobotRequest.LOCK_TRUCK: (LockTruck, "lock"),
}
"""What a request makes us order of the truck, and the recipe step that this belongs to."""


def follow_exchange(draft: Draft, step: Step) -> None:
    """Hold when the one order failed on the way; otherwise see to what the PLC asks for."""
    order = draft.memory.robot_order
    if order is not None and order.phase in (OrderPhase.FAILED, OrderPhase.REFUSED) and step.command is None:
        draft.remember(step_fault=StepFault("ROBOT_STEP_FAILED", f"{step.name}: {order.detail}"))
    else:
        _see_to_request(draft, step)


def _see_to_request(draft: Draft, step: Step) -> None:
    robot = draft.snapshot.robot.good
    if robot is None or robot.request is RobotRequest.NONE:
        return
    if robot.request in TRUCK_ORDERS and not _ordered(draft, step, robot.request):
        return
    answer = AnswerRobot(robot.request_id, done=True)
    if INTERLOCKS["robot_request_met"](draft.now, answer):
        order = draft.memory.answer_order
        if order is None or order.command != answer:
            issue(draft, "answer_order", answer, step.name, attempt=1)


def _ordered(draft: Draft, step: Step, request: RobotRequest) -> bool:
    """Order of the truck what the PLC asks for; locks that read so without it may be a sensor that sticks."""
    kind, name = TRUCK_ORDERS[request]
    command = kind(draft.now.position)
    if all(each.name != name for each in draft.recipe.ahead(step.name)):
        return True
    order = draft.memory.truck_order
    if order is None or order.command != command:
        issue(draft, "truck_order", command, name, attempt=1)
        return False
    return order.phase is OrderPhase.DONE
