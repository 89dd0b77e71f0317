"""Whether the record still fits the open swap: its two batteries on their ways, and no other where they go.

People may correct a record at any time, and it may be true what they write; but a robot that goes on then fetches what
the swap does not expect. So the swap is held until it has left its course, or is closed. Own design.
"""

from __future__ import annotations

from itertools import takewhile

from swapstation.model.inventory import ROBOT, TRANSIT, PositionExchange, Swap, bay_place
from swapstation.station.recipe import Recipe
from swapstation.station.situation import Situation

_ISOLATION = bay_place(0, isolation=True)
_TAKES_UP = {"fresh": {"fresh_on_robot", "fresh_lifted"}, "returned": {"returned_on_robot", "returned_fetched"}}
"""Facts of the steps that take a battery up: before them it has not come as far as the isolation place."""


def off_course(now: Situation, recipe: Recipe) -> str:
    """What the record says against the open swap, in words; "" while it fits, and before or while it chooses.

    Only what the steps ahead still prove of a battery is asked: a swap on its way out may have given up the fresh one.
    """
    swap = now.swap
    exchange = swap.exchange if swap else None
    if swap is None or exchange is None or now.snapshot.inventory.job is not None:
        return ""
    facts = _facts_ahead(recipe, swap.step)
    return _strayed(now, swap, exchange, facts) or _strangers(now, swap, exchange, facts)


def _facts_ahead(recipe: Recipe, step: str) -> frozenset[str]:
    """What the steps from here on are to prove, up to the choice of another battery."""
    ahead = takewhile(lambda each: each.action != "choose_another", recipe.ahead(step))
    return frozenset(each.fact for each in ahead if each.fact)


def _strayed(now: Situation, swap: Swap, exchange: PositionExchange, facts: frozenset[str]) -> str:
    ways = {
        ("fresh", exchange.fresh): (_place(now, exchange.from_bay), ROBOT, swap.place),
        ("returned", exchange.returned): (swap.place, ROBOT, _place(now, exchange.to_bay), TRANSIT),
    }
    asked = [key for key in ways if any(fact.startswith(key[0]) for fact in facts)]
    fits = {key: ways[key] if facts & _TAKES_UP[key[0]] else (*ways[key], _ISOLATION) for key in asked}
    where = {key: _recorded(now, key[1]) for key in asked}
    return ", ".join(f"{key[1]}: {where[key]}" for key in asked if where[key] not in fits[key])


def _strangers(now: Situation, swap: Swap, exchange: PositionExchange, facts: frozenset[str]) -> str:
    """Other batteries on record on the robot, on the truck, or in the bay that the returned one still has to get to."""
    places = [swap.place, ROBOT, *([_place(now, exchange.to_bay)] if "returned_in_bay" in facts else [])]
    there = (now.snapshot.inventory.at(place) for place in places)
    strangers = [each for each in there if each is not None and each.battery not in (exchange.fresh, exchange.returned)]
    return ", ".join(f"{each.battery}: {each.place}" for each in strangers)


def _recorded(now: Situation, battery: str) -> str:
    known = now.snapshot.inventory.battery(battery)
    return known.place if known is not None else ""


def _place(now: Situation, number: int) -> str:
    bay = now.bay(number)
    return bay.place if bay is not None else ""
