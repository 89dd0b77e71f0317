"""Inputs of the interlocks of the devices before the lane, around a truck that was called into a free lane."""

from __future__ import annotations

from dataclasses import replace

from swapstation.model.inventory import Inventory
from swapstation.model.seen import Quality, Seen
from swapstation.model.snapshot import Snapshot
from swapstation.model.yard import Gate, GateState, Guide
from tests.station.input_kinds import DeviceInput, RecordInput, field_input, record_input
from tests.station.situations import OTHER_VIN, VIN, fresh, robot, snapshot, swapping, truck

CLOSED = Gate(GateState.CLOSED, loop_occupied=False, fault_code=0)


def called(**changes: object) -> Snapshot:
    """A free lane, a closed barrier, and a truck that was called in."""
    free = {
        "truck": Seen(),
        "robot": fresh(robot(truck_in_position=False)),
        "gate": fresh(CLOSED),
        "guide": fresh(Guide("lane_free", 0)),
        "admitted": VIN,
    }
    return snapshot(**(free | changes))


def _with_swap(now: Snapshot) -> Snapshot:
    return replace(now, inventory=swapping().inventory)


def _heard_just_now(now: Snapshot) -> Snapshot:
    """A truck whose radio fails for a moment is still there."""
    return replace(now, truck=Seen(None, 29.0, Quality.STALE))


def _without_trucks(now: Snapshot) -> Snapshot:
    return replace(now, inventory=Inventory())


YARD_INPUTS: dict[str, tuple[DeviceInput | RecordInput, ...]] = {
    "lane_free": (
        field_input("robot", truck_in_position=True),
        record_input("a truck speaks", lambda now: replace(now, truck=fresh(truck()))),
        record_input("a truck spoke just now", _heard_just_now),
        record_input("a swap is open", _with_swap),
    ),
    "truck_admitted": (
        record_input("nobody was called", lambda now: replace(now, admitted="")),
        record_input("another truck was called", lambda now: replace(now, admitted=OTHER_VIN)),
        record_input("a truck that nobody knows", _without_trucks),
    ),
    "gate_ready": (field_input("gate", fault_code=1),),
    "gate_loop_free": (field_input("gate", loop_occupied=True),),
    "guide_heard": (record_input("silent", lambda now: replace(now, guide=Seen())),),
}
