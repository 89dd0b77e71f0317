"""Orders from intent to result: written down, sent when durable and still permitted, then judged by the device's words.

A lost order is sent again with the same id: devices act on an id once (exactly-once effect).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import get_args

from swapstation.model.command import AnswerRobot, Command, RobotOrder, TruckOrder
from swapstation.model.device import Robot, RobotRequest, RobotResult, Truck
from swapstation.model.job import Job
from swapstation.model.journal import IntentResolved, Outcome
from swapstation.model.snapshot import StationState
from swapstation.station.draft import Draft
from swapstation.station.job_steps import ORDERS
from swapstation.station.orders import BUILDERS
from swapstation.station.situation import Order, OrderPhase

RESEND_S = 1.0
"""An order that the device has not taken up is sent again after this time."""

TRUCK_IDS = 65_000
"""Truck command ids on the wire count 1..65000 (station.dbc, TruckCommand.CommandId)."""

ACCEPTED = "ACCEPTED"
"""Refusal code of an accepted order (robot_plc.toml)."""

SLOTS = ("robot_order", "truck_order", "answer_order")
EXCHANGE_ORDERS: Mapping[str, type[Command]] = {
    kind.__name__: kind for kind in (*get_args(RobotOrder), *get_args(TruckOrder), AnswerRobot)
}
"""What robot and truck are told, by its name in the journal."""


def slot_of(command: Command) -> str:
    """Which of the orders in memory a step's command becomes."""
    return "truck_order" if isinstance(command, TruckOrder) else "robot_order"


def truck_wire_id(command_id: int) -> int:
    """The 16-bit id under which the truck link knows a command."""
    return (command_id - 1) % TRUCK_IDS + 1


def issue(draft: Draft, slot: str, command: Command, step: str, attempt: int, further: tuple[str, ...] = ()) -> None:
    """Write an order's intent down if it is permitted now."""
    if not draft.permitted(command, further):
        return
    resolve(draft, slot, Outcome.DROPPED)
    command_id = draft.intend(command)
    order = Order(command_id, command, step, OrderPhase.JOURNALLING, draft.now_s, attempt)
    draft.remember(**{slot: order}, software_since_s=draft.now_s)


def resolve(draft: Draft, slot: str, outcome: Outcome) -> None:
    """Close an order's intent and forget the order."""
    order: Order | None = getattr(draft.memory, slot)
    if order is not None:
        draft.record(IntentResolved(order.command_id, outcome, order.detail))
        draft.remember(**{slot: None})


def track(draft: Draft) -> None:
    """Bring every order up to date with what its device says, and send what is due."""
    for slot in SLOTS:
        order: Order | None = getattr(draft.memory, slot)
        if order is None:
            continue
        phase, detail = _judged(draft, slot, order)
        if phase is not order.phase:
            order = replace(order, phase=phase, detail=detail, since_s=draft.now_s)
        draft.remember(**{slot: _sent_if_due(draft, order)})
        if slot == "answer_order" and phase is OrderPhase.DONE:
            resolve(draft, slot, Outcome.DONE)


def _judged(draft: Draft, slot: str, order: Order) -> tuple[OrderPhase, str]:
    robot, truck = draft.snapshot.robot.good, draft.snapshot.truck.good
    if order.phase not in (OrderPhase.SENT, OrderPhase.RUNNING):
        return order.phase, order.detail
    if slot == "truck_order":
        return _judged_by_truck(order, truck)
    if robot is None:
        return order.phase, order.detail
    if isinstance(order.command, AnswerRobot):
        answered = robot.request is RobotRequest.NONE or robot.request_id != order.command.request_id
        return (OrderPhase.DONE, "") if answered else (order.phase, "")
    return _judged_by_robot(order, robot)


def _judged_by_truck(order: Order, truck: Truck | None) -> tuple[OrderPhase, str]:
    acted = truck is not None and truck.receipt_id == truck_wire_id(order.command_id)
    return (OrderPhase.DONE, "") if acted else (order.phase, order.detail)


def _judged_by_robot(order: Order, robot: Robot) -> tuple[OrderPhase, str]:
    if robot.done_id == order.command_id:
        if robot.result is RobotResult.DONE:
            return OrderPhase.DONE, ""
        return OrderPhase.FAILED, f"{robot.result.name} fault words {robot.fault_words}"
    if robot.running_id == order.command_id:
        return OrderPhase.RUNNING, ""  # whatever else it may have been sent meanwhile, by an old controller say
    if robot.accepted_id == order.command_id:
        if robot.refusal_code != ACCEPTED:
            return OrderPhase.REFUSED, robot.refusal_code
        return OrderPhase.RUNNING, ""
    return OrderPhase.SENT, order.detail


def _sent_if_due(draft: Draft, order: Order) -> Order:
    if draft.memory.state is not StationState.EXECUTE:
        return order
    waiting = order.phase is OrderPhase.JOURNALLING and draft.durable(order.command_id)
    overdue = order.phase is OrderPhase.SENT and draft.now_s - order.since_s >= RESEND_S
    interlocks = draft.recipe.step(order.step).interlocks
    if (waiting or overdue) and draft.send(order.command, order.command_id, interlocks):
        left_s = draft.now_s if order.left_s is None else order.left_s
        return replace(order, phase=OrderPhase.SENT, since_s=draft.now_s, left_s=left_s)
    return order


def adopt_open_intents(draft: Draft) -> None:
    """After a start: take up the orders of the present step again, so that their result still counts.

    What else robot and truck were told is closed when a person confirms (open_orders.py). Charges go on by themselves;
    of those the device's state tells, so their intents end here.
    """
    for command_id, name in draft.snapshot.inventory.open_intents:
        order = _adopted(draft, command_id, name)
        if order is not None:
            draft.remember(**{slot_of(order.command): order})
        elif name not in EXCHANGE_ORDERS:
            draft.record(IntentResolved(command_id, Outcome.DROPPED, "restart"))


def _adopted(draft: Draft, command_id: int, name: str) -> Order | None:
    swap, recipe = draft.swap, draft.recipe
    if draft.job is not None:
        return _adopted_by_job(draft, draft.job, command_id, name)
    if swap is None:
        return None
    exchange = [step for step in recipe.steps if step.command == "exchange_battery"]
    underway = exchange if any(step.name == swap.step for step in recipe.steps) else []
    for step in (recipe.step(swap.step), *underway):
        command = BUILDERS[step.command](draft.now) if step.command else None
        if command is not None and type(command).__name__ == name:
            return Order(command_id, command, step.name, OrderPhase.SENT, draft.now_s)
    return None


def _adopted_by_job(draft: Draft, job: Job, command_id: int, name: str) -> Order | None:
    step = draft.recipe.step(job.step)
    for command in ORDERS[step.command](draft.now, job) if step.command else ():
        if type(command).__name__ == name:
            return Order(command_id, command, step.name, OrderPhase.SENT, draft.now_s)
    return None
