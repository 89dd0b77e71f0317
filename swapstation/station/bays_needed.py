"""Bays that a running swap still has to use: what is wrong in one of them holds it before the robot gets there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from swapstation.model.inventory import Swap, truck_place
from swapstation.station.draft import Draft
from swapstation.station.interlocks import identity_contradiction

_BAY_OF: Mapping[str, Callable[[Swap], int | None]] = {
    "returned_in_bay": lambda swap: swap.to_bay,
    "fresh_on_robot": lambda swap: swap.from_bay,
    "fresh_back_in_bay": lambda swap: swap.from_bay,
    "fetched_back": lambda swap: swap.to_bay,
}
"""The bay that a step needs, by the condition that ends the step."""
_IDENTITY = "BATTERY_IDENTITY_MISMATCH"


def bays_needed(draft: Draft) -> frozenset[int]:
    """The bays that the open swap's present and coming steps use; none while a job suspends it."""
    swap = draft.swap
    if swap is None or draft.job is not None:
        return frozenset()
    ends = {step.done for step in draft.recipe.ahead(swap.step)}
    return frozenset(bay for end, of in _BAY_OF.items() if end in ends and (bay := of(swap)) is not None)


def in_the_way(draft: Draft) -> Iterator[str]:
    """Codes of alarms that hold the swap because they are about a bay it needs: signs of fire, a wrong battery."""
    needed, fire = bays_needed(draft), draft.snapshot.fire.reaction
    if needed.intersection(fire.stopped_bays):
        yield from (cause.partition("@")[0] for cause in fire.causes)
    bays = (draft.now.bay(number) for number in needed)
    if any(bay is not None and identity_contradiction(draft.now, bay) for bay in bays):
        yield _IDENTITY


def of_swap(draft: Draft) -> frozenset[str]:
    """Sources of the alarms that are about the open swap: its bays, its batteries, the one on its truck."""
    swap = draft.swap
    if swap is None:
        return frozenset()
    bays = (draft.now.bay(number) for number in (swap.from_bay, swap.to_bay))
    on_truck = draft.snapshot.inventory.at(truck_place(swap.vin))
    batteries = (swap.fresh, swap.returned, on_truck.battery if on_truck else None)
    return frozenset((*(bay.place for bay in bays if bay), *(battery for battery in batteries if battery)))
