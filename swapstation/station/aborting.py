"""Leaving the normal course of a swap: a person names the cause, the sensors say which way out is open.

The record may lag behind the machine when a step fails after its battery moved. So the record is first brought to what
the sensors of bays, robot and truck say together; every way then starts from a true record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from swapstation.model.inventory import Cause, Hold, HoldKind, Swap, bay_place
from swapstation.model.journal import BatteryMoved, SwapDiverted
from swapstation.model.snapshot import StationState
from swapstation.station.conditions import CONDITIONS
from swapstation.station.draft import Draft
from swapstation.station.facts import FACTS
from swapstation.station.recipe import Way

Reasons = tuple[str, ...]

_SENSED: Mapping[str, tuple[str, ...]] = {
    "old_on_truck": ("returned_on_truck",),
    "old_gripped": ("returned_on_truck",),
    "old_hanging": ("fresh_in_bay", "returned_on_robot"),
    "old_in_bay": ("returned_in_bay", "fresh_in_bay"),
    "fresh_hanging": ("returned_in_bay", "fresh_on_robot"),
    "fresh_gripped": ("returned_in_bay", "fresh_on_robot"),
    "fresh_on_truck": ("returned_in_bay", "fresh_on_truck"),
}
"""What each situation proves of the places of the two batteries: facts in the order in which they may be recorded."""

_FRESH_IN_DOUBT = ("old_in_bay", "fresh_hanging", "fresh_gripped", "fresh_on_truck")
"""Situations in which a doubt is about the battery that goes onto the truck, not about the one that came off."""


def way_out(draft: Draft, cause: Cause) -> Way | None:
    """The first way of this cause that the sensors allow now."""
    ways = (way for way in draft.rules.recipe.ways if cause in way.causes)
    return next((way for way in ways if not any(CONDITIONS[name](draft.now) for name in way.when)), None)


def divert_reasons(draft: Draft, cause: Cause) -> Reasons:
    """Why the open swap cannot leave its course for this cause now."""
    if draft.swap is None:
        return ("no_swap",)
    if draft.memory.state is not StationState.HELD:
        return ("not_held",)
    robot = draft.snapshot.robot.good
    if robot is None:
        return ("robot_link",)
    return () if way_out(draft, cause) else ("no_way_out",)


def caught_up(draft: Draft, swap: Swap, way: Way) -> tuple[BatteryMoved, ...]:
    """The facts that the situation of a way proves and the record does not know yet."""
    names = (fact for situation in way.when for fact in _SENSED.get(situation, ()))
    facts = (FACTS[name](draft.now, swap) for name in names)
    return tuple(fact for fact in facts if fact is not None)


def diverted(draft: Draft, swap: Swap, way: Way, cause: Cause, person: str, reason: str) -> SwapDiverted:
    """The record of taking a way: the step it begins with, the places it may need, the battery that is in doubt."""
    doubtful = None
    if cause is Cause.DOUBT:
        doubtful = swap.fresh if any(name in _FRESH_IN_DOUBT for name in way.when) else swap.returned
    return SwapDiverted(
        swap=swap.swap,
        before=swap.step,
        after=draft.rules.recipe.entered_by(way.name)[0].name,
        way=way.name,
        cause=cause,
        reason=reason,
        person=person,
        seconds=round(draft.now_s - draft.memory.step_since_s, 2),
        quarantined=doubtful,
        holds=_holds(draft, swap, cause),
    )


def _holds(draft: Draft, swap: Swap, cause: Cause) -> tuple[Hold, ...]:
    """A way back may need the bay that the fresh battery came from, a way of doubt the isolation place."""
    bay = draft.now.bay(swap.from_bay)
    wanted = bay_place(0, isolation=True) if cause is Cause.DOUBT else bay.place if bay else None
    if wanted is None or cause is Cause.GO_ON or draft.snapshot.inventory.held(place=wanted) is not None:
        return ()
    hold = Hold(f"{swap.swap}:{wanted}", HoldKind.SWAP, place=wanted, vin=swap.vin, person=swap.person)
    return (replace(hold, created_at=draft.snapshot.at),)
