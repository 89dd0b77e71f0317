"""Leaving the normal course of a swap: a person names the cause, the sensors say which way out is open.

The record may lag behind the machine when a step fails after its battery moved. So the record is first brought to what
the sensors of bays, robot and truck say together; every way then starts from a true record.
"""

from __future__ import annotations

from collections.abc import Mapping

from swapstation.model.inventory import Cause, Hold, HoldKind, Swap, bay_place
from swapstation.model.journal import BatteryMoved, SwapDiverted
from swapstation.model.snapshot import StationState
from swapstation.station.conditions import CONDITIONS
from swapstation.station.draft import Draft
from swapstation.station.facts import FACTS
from swapstation.station.recipe import Way
from swapstation.station.situation import Situation
from swapstation.station.swap_course import off_course
from swapstation.station.way_conditions import SITUATIONS

Reasons = tuple[str, ...]

_SENSED: Mapping[str, tuple[str, ...]] = {
    "old_on_truck": ("fresh_stored", "returned_on_truck"),
    "old_gripped": ("fresh_stored", "returned_on_truck"),
    "old_hanging": ("fresh_stored", "returned_on_robot"),
    "old_stored": ("returned_stored", "fresh_stored"),
    "fresh_hanging": ("returned_stored", "fresh_on_robot"),
    "fresh_gripped": ("returned_stored", "fresh_gripped"),
    "fresh_on_truck": ("returned_stored", "fresh_on_truck"),
}
"""What each situation proves of the places of the two batteries: facts in the order in which they may be recorded."""

_FRESH_IN_DOUBT = ("old_stored", "fresh_hanging", "fresh_gripped", "fresh_on_truck")
"""Situations in which a doubt is about the battery that goes onto the truck, not about the one that came off."""


def situation_of(now: Situation) -> str | None:
    """Where the batteries of the open swap are by the sensors; None when they contradict each other or are silent."""
    return next((name for name, condition in SITUATIONS.items() if not condition(now)), None)


def way_out(draft: Draft, cause: Cause) -> Way | None:
    """The first way of this cause that the sensors allow now; none while they do not say where the batteries are."""
    if situation_of(draft.now) is None:
        return None
    ways = (way for way in draft.swap_recipe.ways if cause in way.causes)
    return next((way for way in ways if not any(CONDITIONS[name](draft.now) for name in way.when)), None)


def divert_reasons(draft: Draft, cause: Cause) -> Reasons:
    """Why the open swap cannot leave its course for this cause now."""
    if draft.swap is None:
        return ("no_swap",)
    if draft.job is not None:
        return ("job_open",)
    if draft.memory.state is not StationState.HELD:
        return ("not_held",)
    robot = draft.snapshot.robot.good
    if robot is None:
        return ("robot_link",)
    return () if way_out(draft, cause) else ("no_way_out",)


def caught_up(draft: Draft, swap: Swap) -> tuple[BatteryMoved, ...]:
    """The facts that the present situation proves and the record does not know yet; none where people corrected it."""
    situation = situation_of(draft.now) if not off_course(draft.now, draft.swap_recipe) else None
    names = _SENSED[situation] if situation else ()
    facts = (FACTS[name](draft.now, swap) for name in names)
    return tuple(fact for fact in facts if fact is not None)


def diverted(draft: Draft, swap: Swap, way: Way, cause: Cause, person: str, reason: str) -> SwapDiverted:
    """The record of taking a way: the step it begins with, the places it may need, the battery that is in doubt."""
    return SwapDiverted(
        swap=swap.swap,
        before=swap.step,
        after=draft.swap_recipe.entered_by(way.name)[0].name,
        way=way.name,
        cause=cause,
        reason=reason,
        person=person,
        seconds=round(draft.now_s - draft.memory.step_since_s, 2),
        quarantined=_in_doubt(draft, swap) if cause is Cause.DOUBT else None,
        holds=_holds(draft, swap),
    )


def _in_doubt(draft: Draft, swap: Swap) -> str | None:
    """The battery that a doubt is about: the one that is being handled in the present situation."""
    if situation_of(draft.now) in _FRESH_IN_DOUBT:
        return swap.fresh
    on_truck = draft.snapshot.inventory.at(swap.place)
    return swap.returned or (on_truck.battery if on_truck else None)


def _holds(draft: Draft, swap: Swap) -> tuple[Hold, ...]:
    """The places that a way out may need beside those of the swap: the fresh battery's bay, the isolation place."""
    bay = draft.now.bay(swap.from_bay)
    places = {bay_place(0, isolation=True)} | ({bay.place} if bay else set())
    return tuple(
        Hold(
            f"{swap.swap}:{place}",
            HoldKind.SWAP,
            place=place,
            vin=swap.vin,
            person=swap.person,
            created_at=draft.snapshot.at,
        )
        for place in sorted(places)
        if draft.snapshot.inventory.held(place=place) is None
    )
