"""Facts: what a finished step proves about where a battery is, with the sensors that said so.

The origin is where the record has the battery; a battery that is recorded at the destination already has not moved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from swapstation.model.device import Presence
from swapstation.model.inventory import ROBOT, Swap, bay_place
from swapstation.model.journal import BatteryMoved
from swapstation.station.sensing import presence_in
from swapstation.station.situation import Situation

Fact = Callable[[Situation, Swap], BatteryMoved | None]
Place = Callable[[Situation, Swap], str | None]

_IN_BAY = ("bay presence A", "bay presence B", "robot load")
_OFF_TRUCK = ("robot load", "weighing", "truck battery sensor")
_GRIPPED = ("bay presence A", "bay presence B", "robot grip")
_ON_TRUCK = ("truck locks", "truck battery sensor", "robot load")


def _returned(place: Place, evidence: tuple[str, ...]) -> Fact:
    return lambda now, swap: _moved(now, swap.returned, place(now, swap), evidence)


def _fresh(place: Place, evidence: tuple[str, ...]) -> Fact:
    return lambda now, swap: _moved(now, swap.fresh, place(now, swap), evidence)


def _moved(
    now: Situation, asset: str | None, destination: str | None, evidence: tuple[str, ...]
) -> BatteryMoved | None:
    battery = now.snapshot.inventory.battery(asset) if asset else None
    if battery is None or destination is None or battery.place == destination:
        return None
    order = now.robot_order
    return BatteryMoved(battery.battery, battery.place, destination, evidence, order.command_id if order else None)


def _robot(_: Situation, __: Swap) -> str:
    return ROBOT


def _truck(_: Situation, swap: Swap) -> str:
    return swap.place


def _from_bay(now: Situation, swap: Swap) -> str | None:
    return _place(now, swap.from_bay)


def _to_bay(now: Situation, swap: Swap) -> str | None:
    return _place(now, swap.to_bay)


def _place(now: Situation, number: int | None) -> str | None:
    bay = now.bay(number)
    return bay.place if bay else None


def _isolation(_: Situation, __: Swap) -> str:
    return bay_place(0, isolation=True)


def _isolation_full(now: Situation) -> bool:
    isolation = next((bay.number for bay in now.snapshot.bays if bay.isolation), None)
    return presence_in(now, isolation) is Presence.PRESENT


def _where_returned(now: Situation, swap: Swap) -> str | None:
    """Its bay where that is occupied, else the isolation place."""
    if presence_in(now, swap.to_bay) is Presence.PRESENT:
        return _to_bay(now, swap)
    return _isolation(now, swap) if _isolation_full(now) else None


def _where_fresh(now: Situation, swap: Swap) -> str | None:
    """Its bay where that is occupied, else the isolation place while the returned battery is in its own bay."""
    if presence_in(now, swap.from_bay) is Presence.PRESENT:
        return _from_bay(now, swap)
    apart = presence_in(now, swap.to_bay) is Presence.PRESENT and _to_bay(now, swap) != _isolation(now, swap)
    return _isolation(now, swap) if apart and _isolation_full(now) else None


def _gripped_fresh(now: Situation, swap: Swap) -> str:
    """Gripped and standing on the truck it is on either; the record keeps what it has of the two."""
    battery = now.snapshot.inventory.battery(swap.fresh) if swap.fresh else None
    return swap.place if battery is not None and battery.place == swap.place else ROBOT


FACTS: Mapping[str, Fact] = {
    "returned_on_robot": _returned(_robot, _OFF_TRUCK),
    "returned_in_bay": _returned(_to_bay, _IN_BAY),
    "fresh_on_robot": _fresh(_robot, _IN_BAY),
    "fresh_on_truck": _fresh(_truck, _ON_TRUCK),
    "returned_fetched": _returned(_robot, _IN_BAY),
    "returned_on_truck": _returned(_truck, _ON_TRUCK),
    "returned_isolated": _returned(_isolation, _IN_BAY),
    "fresh_in_bay": _fresh(_from_bay, _IN_BAY),
    "fresh_lifted": _fresh(_robot, _OFF_TRUCK),
    "fresh_isolated": _fresh(_isolation, _IN_BAY),
    "returned_stored": _returned(_where_returned, _IN_BAY),
    "fresh_stored": _fresh(_where_fresh, _IN_BAY),
    "fresh_gripped": _fresh(_gripped_fresh, _GRIPPED),
}
