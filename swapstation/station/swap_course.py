"""Whether the record still fits the open swap: its two batteries on their ways, and no other where they go.

People may correct a record at any time, and it may be true what they write; but a robot that goes on then fetches what
the swap does not expect. So the swap is held until it has left its course, or is closed. Own design.
"""

from __future__ import annotations

from swapstation.model.inventory import ROBOT, TRANSIT, PositionExchange, Swap, bay_place
from swapstation.station.recipe import Recipe
from swapstation.station.situation import Situation

_ISOLATION = bay_place(0, isolation=True)


def off_course(now: Situation, recipe: Recipe) -> str:
    """What the record says against the open swap, in words; "" while it fits, and before or while it chooses."""
    swap = now.swap
    exchange = swap.exchange if swap else None
    if swap is None or exchange is None or now.snapshot.inventory.job is not None:
        return ""
    if recipe.step(swap.step).action == "choose_another":
        return ""
    return _strayed(now, swap, exchange) or _strangers(now, swap, exchange)


def _strayed(now: Situation, swap: Swap, exchange: PositionExchange) -> str:
    ways = {
        exchange.fresh: (_place(now, exchange.from_bay), ROBOT, swap.place, _ISOLATION),
        exchange.returned: (swap.place, ROBOT, _place(now, exchange.to_bay), _ISOLATION, TRANSIT),
    }
    where = {battery: _recorded(now, battery) for battery in ways}
    return ", ".join(f"{battery}: {where[battery]}" for battery in ways if where[battery] not in ways[battery])


def _strangers(now: Situation, swap: Swap, exchange: PositionExchange) -> str:
    """Other batteries on record on the robot, on the truck, or in the bay that the returned one still has to get to."""
    awaited = _recorded(now, exchange.returned) in (swap.place, ROBOT)
    places = [swap.place, ROBOT, *([_place(now, exchange.to_bay)] if awaited else [])]
    there = (now.snapshot.inventory.at(place) for place in places)
    strangers = [each for each in there if each is not None and each.battery not in (exchange.fresh, exchange.returned)]
    return ", ".join(f"{each.battery}: {each.place}" for each in strangers)


def _recorded(now: Situation, battery: str) -> str:
    known = now.snapshot.inventory.battery(battery)
    return known.place if known is not None else ""


def _place(now: Situation, number: int) -> str:
    bay = now.bay(number)
    return bay.place if bay is not None else ""
