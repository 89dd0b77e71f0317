"""The battery positions of the truck in the lane: the one being exchanged, all of them, and whether they make a set."""

from __future__ import annotations

from collections.abc import Iterator

from swapstation.model.device import LockState, Truck, TruckPosition
from swapstation.model.inventory import Swap, truck_place
from swapstation.station.identity import known_on_truck
from swapstation.station.sensing import Missing, missing, truck_of
from swapstation.station.situation import Situation


def position_of(now: Situation) -> TruckPosition | None:
    """The position that is being exchanged, None while the truck does not tell of it."""
    truck = truck_of(now)
    return truck.position(now.position) if truck is not None else None


def every_position(now: Situation) -> tuple[TruckPosition, ...]:
    """All positions of the truck; () unless it tells of as many as its model has."""
    truck = truck_of(now)
    return truck.positions if truck is not None and len(truck.positions) == now.positions else ()


def told_places(truck: Truck) -> tuple[tuple[str, TruckPosition], ...]:
    """The positions that a truck tells of, each with the name of its place; () for a truck without a VIN."""
    if truck.vin is None:
        return ()
    return tuple((truck_place(truck.vin, number), told) for number, told in enumerate(truck.positions, start=1))


def identified(now: Situation, swap: Swap) -> Missing:
    """What is missing to know that the truck carries what the record says, at every position."""
    stock, told = now.snapshot.inventory, every_position(now)
    places = (truck_place(swap.vin, number) for number in range(1, len(told) + 1))
    known = (known_on_truck(now, each, stock.at(place)) for place, each in zip(places, told, strict=True))
    return _once(missing(every_position_told=bool(told)), *known)


def verified(now: Situation, swap: Swap, here: str | None) -> Missing:
    """What is missing to let the truck go: a known battery plugged and locked at every position, making a set.

    `here` is the battery that belongs to the present position, None while nobody knows: then no identity is asked for.
    """
    stock, told = now.snapshot.inventory, every_position(now)
    if not told:
        return missing(truck_link=truck_of(now) is not None, every_position_told=False)
    found: list[Missing] = [missing(battery_set_even=set_accepted(now))]
    for number, each in enumerate(told, start=1):
        locked, mated = each.lock is LockState.LOCKED, each.connector_mated
        found.append(missing(truck_locked=locked, connector_mated=mated))
        if here is not None:
            recorded = stock.at(truck_place(swap.vin, number))
            belongs = stock.battery(here) if number == swap.position else recorded
            found.append(known_on_truck(now, each, belongs))
    return _once(*found)


def set_accepted(now: Situation) -> bool:
    """Whether the batteries on the truck make a set, or a person has agreed to let it go as it is."""
    return now.swap is None or set_is_even(now, now.swap) or bool(now.swap.uneven_accepted_by)


def set_is_even(now: Situation, swap: Swap) -> bool:
    """Whether the truck carries what it came with, or batteries whose SOC lie as near as its model asks for."""
    model = now.truck_model
    if not swap.exchanged:
        return True
    soc_pct = tuple(_soc_pct(now, swap))
    known = [each for each in soc_pct if each is not None]
    return model is not None and len(known) == len(soc_pct) and max(known) - min(known) <= model.max_soc_spread_pct


def _soc_pct(now: Situation, swap: Swap) -> Iterator[float | None]:
    """SOC of the battery at each position as it was when the swap was allocated (%)."""
    yield from (each.fresh_soc_pct for each in swap.exchanged)
    here = now.snapshot.inventory.at(swap.place)
    by_battery = {swap.fresh: swap.fresh_soc_pct, swap.returned: swap.returned_soc_pct}
    yield by_battery.get(here.battery) if here is not None else None
    yield from (each.returned_soc_pct for each in swap.ahead)


def _once(*reasons: Missing) -> Missing:
    return tuple(dict.fromkeys(reason for each in reasons for reason in each))
