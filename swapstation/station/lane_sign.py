"""What drivers at the lane are told now. Anything doubtful is a stop sign."""

from __future__ import annotations

from swapstation.model.lane_sign import LaneSign
from swapstation.model.mode import Mode
from swapstation.model.snapshot import StationState
from swapstation.station.draft import Draft
from swapstation.station.fire import is_confirmed
from swapstation.station.yard_interlocks import lane_free

_STOPPED = (StationState.HELD, StationState.HOLDING, StationState.ABORTED)
_DRIVES_IN = ("position", "identify")
_MM_PER_CM = 10


def lane_sign(draft: Draft) -> LaneSign:
    """The sign of this cycle."""
    if is_confirmed(draft.memory.alarms) or draft.mode is Mode.FIRE:
        return LaneSign("lane_fire")
    if draft.memory.state in _STOPPED:
        return LaneSign("lane_stop")
    if draft.swap is not None and draft.swap.step not in _DRIVES_IN:
        return LaneSign("lane_done" if draft.swap.step == "release" else "lane_running")
    return _driving_in(draft) if draft.snapshot.truck.good is not None else _nobody_there(draft)


def _driving_in(draft: Draft) -> LaneSign:
    robot = draft.snapshot.robot.good
    if robot is None or robot.truck_in_position:
        return LaneSign("lane_wait")
    return LaneSign("lane_go", abs(round(robot.pose_x_mm / _MM_PER_CM)) or None)


def _nobody_there(draft: Draft) -> LaneSign:
    """With a barrier nobody is asked in before he is called."""
    if not lane_free(draft.now):
        return LaneSign("lane_taken")
    called = draft.memory.gate.admitted or not draft.rules.config.links.gate
    return LaneSign("lane_free" if called else "lane_call")
