"""The truck's locks after they were proven open or closed: they have to stay so until the swap moves them again.

A lock that is proven once is not proven for good: a sensor may stick, a pin may work loose (failure catalogue, row 3).
"""

from __future__ import annotations

from swapstation.model.command import LockTruck
from swapstation.model.device import RobotRequest
from swapstation.station.conditions import CONDITIONS
from swapstation.station.draft import Draft
from swapstation.station.recipe import Recipe

LOST_S = 0.5
"""So long a lock may read otherwise before it is told; what is unsafe meanwhile, the permit refuses at once."""
_ALARMS = {"truck_unlocked": "LOCK_NOT_OPEN", "truck_locked": "LOCK_NOT_CLOSED"}


def lost_lock(draft: Draft) -> str | None:
    """Code of the alarm if the locks no longer read what the swap's steps so far have proven; a job may move them."""
    proven = _proven(draft.recipe, draft.swap.step) if draft.swap is not None and draft.job is None else None
    if proven is None or (proven == "truck_unlocked" and _closing(draft)):
        return None
    return _ALARMS[proven] if proven in CONDITIONS[proven](draft.now) else None


def _proven(recipe: Recipe, step: str) -> str | None:
    """The condition of the locks that the steps before this one on its path have proven last."""
    for path in (recipe.steps, *(way.steps for way in recipe.ways)):
        names = [each.name for each in path]
        if step in names:
            proven = [each.done for each in path[: names.index(step)] if each.done in _ALARMS]
            return proven[-1] if proven else None
    return None


def _closing(draft: Draft) -> bool:
    """The locks are being closed: the step is for that, we have ordered it, or the PLC asks for it."""
    order, robot = draft.memory.truck_order, draft.snapshot.robot.good
    asked = robot is not None and robot.request is RobotRequest.LOCK_TRUCK
    by_step = draft.swap is not None and draft.recipe.step(draft.swap.step).done == "truck_locked"
    return by_step or asked or (order is not None and isinstance(order.command, LockTruck))
