"""Facts: what a finished step proves about where a battery is, with the sensors that said so."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from swapstation.model.inventory import ROBOT, Swap, bay_place, truck_place
from swapstation.model.journal import BatteryMoved
from swapstation.station.situation import Situation

Fact = Callable[[Situation, Swap], BatteryMoved | None]


def _place(now: Situation, number: int | None) -> str | None:
    bay = now.bay(number)
    return bay_place(bay.number, bay.isolation) if bay else None


def _moved(
    now: Situation, battery: str | None, origin: str | None, destination: str | None, evidence: tuple[str, ...]
) -> BatteryMoved | None:
    if battery is None or origin is None or destination is None:
        return None
    order = now.robot_order
    return BatteryMoved(battery, origin, destination, evidence, order.command_id if order else None)


def _returned_on_robot(now: Situation, swap: Swap) -> BatteryMoved | None:
    evidence = ("robot load", "weighing", "truck battery sensor")
    return _moved(now, swap.returned, truck_place(swap.vin), ROBOT, evidence)


def _returned_in_bay(now: Situation, swap: Swap) -> BatteryMoved | None:
    evidence = ("bay presence A", "bay presence B", "robot load")
    return _moved(now, swap.returned, ROBOT, _place(now, swap.to_bay), evidence)


def _fresh_on_robot(now: Situation, swap: Swap) -> BatteryMoved | None:
    evidence = ("bay presence A", "bay presence B", "robot load")
    return _moved(now, swap.fresh, _place(now, swap.from_bay), ROBOT, evidence)


def _fresh_on_truck(now: Situation, swap: Swap) -> BatteryMoved | None:
    evidence = ("truck locks", "truck battery sensor", "robot load")
    return _moved(now, swap.fresh, ROBOT, truck_place(swap.vin), evidence)


FACTS: Mapping[str, Fact] = {
    "returned_on_robot": _returned_on_robot,
    "returned_in_bay": _returned_in_bay,
    "fresh_on_robot": _fresh_on_robot,
    "fresh_on_truck": _fresh_on_truck,
}
