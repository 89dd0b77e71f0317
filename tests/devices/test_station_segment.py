"""The station CAN segment: what each message becomes, and what leaves when."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.devices.station_segment import FRESH_S, StationSegment
from swapstation.model import command as commands
from swapstation.model import device
from swapstation.model.command import TruckOrder
from swapstation.model.device import ModuleState, Presence
from swapstation.protocol.node import Frame
from swapstation.protocol.station_can import (
    ModuleFeedback,
    ModuleSetpoint,
    RackIo,
    StationCan,
    StationMessage,
    TruckCommand,
)
from swapstation.protocol.station_can import (
    TruckOrder as WireOrder,
)

CAN = StationCan.load()
QUIET = RackIo(
    presence_a=True,
    presence_b=True,
    connector_mated=True,
    contactor_closed=False,
    smoke=False,
    temperature_c=25.0,
    protocol_version=1,
    alive_counter=0,
)
SAFE = device.RackIo(Presence.PRESENT, True, False, False, 25.0, 1)
FEEDBACK = ModuleFeedback(600.5, 200.1, ModuleState.ON, 40.0, 1, 0)


def _without(message: Any, name: str) -> Any:
    """The message of a node that does not know one of its signals."""
    return replace(message, **{name: None})


def _received(*messages: tuple[StationMessage, int]) -> StationSegment:
    segment = StationSegment()
    for at, (message, node) in enumerate(messages):
        segment.receive(CAN.encode(message, node), float(at))
    return segment


def _sent(segment: StationSegment, now_s: float = 0.0) -> list[tuple[int, StationMessage]]:
    received = [CAN.decode(frame) for frame in segment.due(now_s)]
    return [(each.node, each.message) for each in received if each is not None and not hasattr(each, "reason")]


@pytest.mark.parametrize("bay", [1, 9, 31])
def test_the_rack_of_each_bay_is_kept_with_its_time(bay: int) -> None:
    assert _received((QUIET, bay)).racks == {bay: (SAFE, 0.0)}


@pytest.mark.parametrize(
    ("presence_a", "presence_b", "presence"),
    [
        (True, True, Presence.PRESENT),
        (False, False, Presence.EMPTY),
        (True, False, Presence.CONTRADICTION),
        (False, True, Presence.CONTRADICTION),
        (None, True, Presence.CONTRADICTION),
        (True, None, Presence.CONTRADICTION),
        (False, None, Presence.CONTRADICTION),
        (None, None, Presence.CONTRADICTION),
    ],
)
def test_a_battery_is_there_only_when_both_sensors_say_so(
    presence_a: bool | None, presence_b: bool | None, presence: Presence
) -> None:
    message = replace(QUIET, presence_a=presence_a, presence_b=presence_b)
    assert _received((message, 1)).racks[1][0].presence is presence


@pytest.mark.parametrize(
    ("name", "unsafe"),
    [("connector_mated", False), ("contactor_closed", True), ("smoke", True), ("temperature_c", None)],
)
def test_what_a_rack_node_cannot_say_is_taken_as_unsafe(name: str, unsafe: bool | None) -> None:
    expected: dict[str, Any] = {name: unsafe}
    assert _received((_without(QUIET, name), 1)).racks[1][0] == replace(SAFE, **expected)


def test_the_modules_of_a_bay_are_kept() -> None:
    assert _received((FEEDBACK, 3)).modules == {3: (device.ChargingModule(ModuleState.ON, 600.5, 200.1, 40.0), 0.0)}


@pytest.mark.parametrize("name", ["voltage_v", "current_a"])
def test_modules_that_do_not_know_their_output_are_not_fresh(name: str) -> None:
    segment = _received((FEEDBACK, 3), (_without(FEEDBACK, name), 3))
    assert segment.modules[3][1] == 0.0


def test_what_breaks_its_own_limits_is_counted_and_changes_nothing() -> None:
    segment = _received((QUIET, 1))
    segment.receive(replace(CAN.encode(QUIET, 1), data=b"\x00" * 7), 5.0)
    assert (segment.malformed, segment.racks) == (1, {1: (SAFE, 0.0)})


@given(can_id=st.integers(0, 0x1FFFFFFF), data=st.binary(max_size=8), extended=st.booleans())
def test_no_frame_raises(can_id: int, data: bytes, extended: bool) -> None:
    StationSegment().receive(Frame(can_id, data, extended), 0.0)


def test_set_points_leave_only_when_the_cycle_renews_them() -> None:
    segment = StationSegment()
    assert (_sent(segment), segment.next_deadline()) == ([], inf)
    segment.set_modules(3, 600.0, 150.5, 0.0)
    assert segment.next_deadline() == -inf
    ((node, message),) = _sent(segment)
    assert (node, message) == (3, ModuleSetpoint(True, 600.0, 150.5, 1))
    assert (_sent(segment, 10.0), segment.next_deadline()) == ([], inf)


def test_a_shut_down_disables_and_asks_for_nothing() -> None:
    segment = StationSegment()
    segment.shut_modules(3, 0.0)
    assert _sent(segment) == [(3, ModuleSetpoint(False, 0.0, 0.0, 1))]


def test_every_set_point_counts_the_alive_counter() -> None:
    segment, counters = StationSegment(), []
    for _ in range(252):
        segment.set_modules(1, 600.0, 1.0, 0.0)
        ((_, message),) = _sent(segment)
        assert isinstance(message, ModuleSetpoint)
        counters.append(message.alive_counter)
    assert counters == [*range(1, 251), 0, 1]


@pytest.mark.parametrize(
    ("command", "order"),
    [
        (commands.UnlockTruck(), WireOrder.UNLOCK),
        (commands.LockTruck(), WireOrder.LOCK),
        (commands.ReleaseTruck(), WireOrder.MAY_LEAVE),
    ],
)
def test_a_truck_order_carries_its_id(command: TruckOrder, order: WireOrder) -> None:
    segment = StationSegment()
    segment.order_truck(command, 65_000, 0.0)
    assert _sent(segment) == [(0, TruckCommand(order, 65_000, 1))]


def test_what_could_not_leave_in_time_never_leaves() -> None:
    segment = StationSegment()
    segment.order_truck(commands.UnlockTruck(), 1, 0.0)
    segment.set_modules(1, 600.0, 100.0, 0.2)
    assert _sent(segment, 0.2 + FRESH_S) == [(1, ModuleSetpoint(True, 600.0, 100.0, 1))]


def test_a_wire_that_never_takes_anything_does_not_fill_the_outbox() -> None:
    segment = StationSegment()
    for cycle in range(10_000):
        segment.set_modules(1, 600.0, 100.0, cycle * 0.1)
    assert len(_sent(segment, 999.9)) <= 4
