"""Rack and truck link on the station CAN segment: what each message becomes, and what leaves when."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.devices.adapter import UNKNOWN_COMMAND, Adapter, Update
from swapstation.devices.can_outbox import FRESH_S
from swapstation.devices.fire_panel import FirePanel
from swapstation.devices.rack import Rack
from swapstation.devices.truck_link import TruckLink
from swapstation.model import command as commands
from swapstation.model import device
from swapstation.model.command import SetModules, ShutModules, TruckOrder
from swapstation.model.device import ModuleState, Presence
from swapstation.protocol.node import CanNode, Frame
from swapstation.protocol.station_can import (
    BayTrip,
    FeederCutOff,
    FirePanelState,
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
SAFE = device.RackIo(Presence.PRESENT, True, False, False, 25.0, 1, True, True)
FEEDBACK = ModuleFeedback(600.5, 200.1, ModuleState.ON, 40.0, 1, 0)


def _without(message: Any, name: str) -> Any:
    """The message of a node that does not know one of its signals."""
    return msgspec.structs.replace(message, **{name: None})


def _received(*messages: tuple[StationMessage, int]) -> Rack:
    rack = Rack()
    for at, (message, node) in enumerate(messages):
        rack.receive(CAN.encode(message, node), float(at))
    return rack


def _io(rack: Rack) -> device.RackIo:
    (update,) = rack.updates(9.0)
    assert isinstance(update.state, device.RackIo)
    return update.state


def _sent(node: CanNode, now_s: float = 0.0) -> list[tuple[int, StationMessage]]:
    received = [CAN.decode(frame) for frame in node.due(now_s)]
    return [(each.node, each.message) for each in received if each is not None and not hasattr(each, "reason")]


@pytest.mark.parametrize("bay", [1, 9, 31])
def test_the_rack_of_each_bay_is_kept_with_its_time(bay: int) -> None:
    assert list(_received((QUIET, bay)).updates(9.0)) == [Update(SAFE, 0.0, bay)]


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
    message = msgspec.structs.replace(QUIET, presence_a=presence_a, presence_b=presence_b)
    io = _io(_received((message, 1)))
    assert (io.presence, io.presence_a, io.presence_b) == (presence, presence_a, presence_b)


@pytest.mark.parametrize(
    ("name", "unsafe"),
    [("connector_mated", False), ("contactor_closed", True), ("smoke", None), ("temperature_c", None)],
)
def test_what_a_rack_node_cannot_say_is_taken_as_unsafe(name: str, unsafe: bool | None) -> None:
    expected: dict[str, Any] = {name: unsafe}
    assert _io(_received((_without(QUIET, name), 1))) == replace(SAFE, **expected)


def test_the_modules_of_a_bay_are_kept() -> None:
    expected = device.ChargingModule(ModuleState.ON, 600.5, 200.1, 40.0)
    assert list(_received((FEEDBACK, 3)).updates(9.0)) == [Update(expected, 0.0, 3)]


@pytest.mark.parametrize("name", ["voltage_v", "current_a"])
def test_modules_that_do_not_know_their_output_are_not_fresh(name: str) -> None:
    (update,) = _received((FEEDBACK, 3), (_without(FEEDBACK, name), 3)).updates(9.0)
    assert update.received_s == 0.0


def test_what_breaks_its_own_limits_is_counted_and_changes_nothing() -> None:
    rack = _received((QUIET, 1))
    rack.receive(Frame(CAN.encode(QUIET, 1).can_id, b"\x00" * 7), 5.0)
    assert (rack.malformed, list(rack.updates(9.0))) == (1, [Update(SAFE, 0.0, 1)])


@given(can_id=st.integers(0, 0x1FFFFFFF), data=st.binary(max_size=8), extended=st.booleans())
def test_no_frame_raises(can_id: int, data: bytes, extended: bool) -> None:
    for node in (Rack(), TruckLink()):
        node.receive(Frame(can_id, data, extended), 0.0)


def test_set_points_leave_only_when_the_cycle_renews_them() -> None:
    rack = Rack()
    assert (_sent(rack), rack.next_deadline()) == ([], inf)
    assert rack.order(SetModules(3, 600.0, 150.5), 0, 0.0) is None
    assert rack.next_deadline() == -inf
    ((node, message),) = _sent(rack)
    assert (node, message) == (3, ModuleSetpoint(True, 600.0, 150.5, 1))
    assert (_sent(rack, 10.0), rack.next_deadline()) == ([], inf)


def test_a_shut_down_disables_and_asks_for_nothing() -> None:
    rack = Rack()
    assert rack.order(ShutModules(3), 0, 0.0) is None
    assert _sent(rack) == [(3, ModuleSetpoint(False, 0.0, 0.0, 1))]


def test_every_set_point_counts_the_alive_counter() -> None:
    rack, counters = Rack(), []
    for _ in range(252):
        assert rack.order(SetModules(1, 600.0, 1.0), 0, 0.0) is None
        ((_, message),) = _sent(rack)
        assert isinstance(message, ModuleSetpoint)
        counters.append(message.alive_counter)
    assert counters == [*range(1, 251), 0, 1]


@pytest.mark.parametrize(
    ("command", "order", "position"),
    [
        (commands.UnlockTruck(), WireOrder.UNLOCK, None),
        (commands.LockTruck(), WireOrder.LOCK, None),
        (commands.UnlockTruck(2), WireOrder.UNLOCK, 2),
        (commands.LockTruck(3), WireOrder.LOCK, 3),
        (commands.ReleaseTruck(), WireOrder.MAY_LEAVE, None),
    ],
)
def test_a_truck_order_carries_its_id_and_position(command: TruckOrder, order: WireOrder, position: int | None) -> None:
    link = TruckLink()
    assert link.order(command, 65_000, 0.0) is None
    assert _sent(link) == [(0, TruckCommand(order, 65_000, 1, position))]


def test_what_could_not_leave_in_time_never_leaves() -> None:
    link, rack = TruckLink(), Rack()
    assert link.order(commands.UnlockTruck(), 1, 0.0) is None
    assert rack.order(SetModules(2, 600.0, 100.0), 0, 0.0) is None
    assert rack.order(SetModules(1, 600.0, 100.0), 0, 0.2) is None
    assert _sent(link, 0.2 + FRESH_S) == []
    assert _sent(rack, 0.2 + FRESH_S) == [(1, ModuleSetpoint(True, 600.0, 100.0, 2))]


def test_a_wire_that_never_takes_anything_does_not_fill_the_outbox() -> None:
    rack = Rack()
    for cycle in range(10_000):
        assert rack.order(SetModules(1, 600.0, 100.0), 0, cycle * 0.1) is None
    assert len(_sent(rack, 999.9)) <= 4


@pytest.mark.parametrize("adapter", [Rack(), TruckLink()])
def test_what_it_does_not_know_is_refused(adapter: Adapter) -> None:
    refusal = adapter.order(commands.HoldRobot(), 1, 0.0)
    assert refusal is not None
    assert refusal.code == UNKNOWN_COMMAND


def test_a_bay_is_tripped_by_its_rack_node() -> None:
    rack = Rack()
    assert rack.order(commands.TripBay(4), 7, 0.0) is None
    assert _sent(rack) == [(4, BayTrip(True, 1))]


PANEL = FirePanelState(
    fire_alarm=False,
    extinguishing_released=False,
    exhaust_running=False,
    cut_off_done=False,
    zones=0,
    protocol_version=1,
    alive_counter=0,
)


def _panel(**changes: Any) -> device.FirePanel:
    panel = FirePanel()
    panel.receive(CAN.encode(msgspec.structs.replace(PANEL, **changes)), 3.0)
    (update,) = panel.updates(9.0)
    assert (update.received_s, update.bay) == (3.0, 0)
    assert isinstance(update.state, device.FirePanel)
    return update.state


def test_the_fire_panel_is_read_with_its_zones() -> None:
    quiet = device.FirePanel(
        alarm=False, zones=(), extinguishing_released=False, exhaust_running=False, cut_off_done=False
    )
    assert _panel() == quiet
    assert _panel(fire_alarm=True, zones=0b101, exhaust_running=True) == replace(
        quiet, alarm=True, zones=(1, 3), exhaust_running=True
    )
    assert list(FirePanel().updates(0.0)) == []


@pytest.mark.parametrize(
    ("name", "unsafe"),
    [("alarm", True), ("extinguishing_released", False), ("exhaust_running", False), ("cut_off_done", False)],
)
def test_what_the_fire_panel_cannot_say_is_taken_as_unsafe(name: str, unsafe: bool) -> None:
    signal = {"alarm": "fire_alarm"}.get(name, name)
    assert getattr(_panel(**{signal: None}), name) is unsafe
    assert _panel(zones=None).zones == ()


def test_the_cut_off_is_asked_for_once_per_order() -> None:
    panel = FirePanel()
    assert panel.order(commands.RequestFeederCutOff(), 7, 0.0) is None
    assert _sent(panel) == [(0, FeederCutOff(True, 1))]
    assert _sent(panel) == []
    refusal = panel.order(commands.TripBay(1), 7, 0.0)
    assert refusal is not None
    assert refusal.code == UNKNOWN_COMMAND


def test_a_panel_message_that_breaks_its_limits_changes_nothing_and_is_counted() -> None:
    panel = FirePanel()
    panel.receive(Frame(0x18FF30D0, bytes.fromhex("0000800109ffffff")), 1.0)
    assert (panel.malformed, list(panel.updates(1.0))) == (1, [])
