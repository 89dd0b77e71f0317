"""Finishing the running step when nothing may be written down any more (docs/decisions/0018-finish-the-step.md).

An order that the robot has taken up goes on to its end, which is a safe place for its load; nothing begins after it,
because the permit of every motion asks for a journal that writes. Then the station is held.
"""

from __future__ import annotations

from swapstation.model.device import Robot
from swapstation.model.snapshot import StationState
from swapstation.station.draft import Draft
from swapstation.station.order_tracking import RESEND_S
from swapstation.station.situation import OrderPhase


def note_finishing(draft: Draft, wanted: bool) -> None:
    """Remember in which step of the robot the finishing began: a PLC runs a whole exchange as one order."""
    robot = draft.snapshot.robot.good
    if not wanted or robot is None:
        draft.remember(finishing=None)
    elif draft.memory.finishing is None:
        draft.remember(finishing=robot.step)


def step_is_over(draft: Draft) -> bool:
    """Whether nothing that the robot was told is under way any more; without its word it is over."""
    robot, order = draft.snapshot.robot.good, draft.memory.robot_order
    if draft.memory.state is not StationState.EXECUTE or robot is None or order is None:
        return True
    if order.phase is OrderPhase.SENT:
        return draft.now_s - order.since_s >= RESEND_S
    return order.phase is not OrderPhase.RUNNING or (draft.now.by_plc and _between_steps(draft, robot))


def _between_steps(draft: Draft, robot: Robot) -> bool:
    """A PLC that asks waits for an answer that needs the journal; one in its next step has ended the one before."""
    return robot.request_id != 0 or robot.step is not draft.memory.finishing
