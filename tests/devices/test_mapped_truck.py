"""A truck link by a maker's DBC and a map: against the reference adapter, and the example with its mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.config.settings import Charging, Exchange
from swapstation.devices.adapter import OUT_OF_RANGE, UNKNOWN_COMMAND
from swapstation.devices.mapped_truck import MappedTruck
from swapstation.devices.truck_link import TruckLink
from swapstation.devices.truck_map_files import load_truck_map
from swapstation.errors import ConfigurationError
from swapstation.model.command import HoldRobot, LockTruck, ReleaseTruck, TruckOrder, UnlockTruck
from swapstation.model.device import LockState, Truck
from swapstation.protocol.node import Frame
from tests.adapters.recording import recorded, simulated

EXAMPLE = Path(__file__).parents[2] / "examples" / "truck_map.toml"
REFERENCE = Path(__file__).parents[1] / "adapters" / "reference_truck_map.toml"
SWAP_STATE, POWER_STATE, IDENTITY, PACK_CODE, SWAP_ORDER = (
    can_id & 0x1FFFFFFF for can_id in (2566857985, 2566858241, 2566858497, 2566858753, 2566914049)
)
VIN, CODE = "LGAX5DEC4N3000001", "999PB0A0000001E6K0000042"
PARKED = (Frame(SWAP_STATE, bytes([0b1001, 0, 7, *[0xFF] * 5])), Frame(POWER_STATE, bytes([0b10100, 200, *[0xFF] * 6])))


def example() -> MappedTruck:
    return MappedTruck(load_truck_map(EXAMPLE))


def texts(can_id: int, text: str) -> list[Frame]:
    pieces = [text[at : at + 6].encode().ljust(6, b"\xff") for at in range(0, len(text), 6)]
    return [Frame(can_id, bytes([at]) + piece + b"\xff") for at, piece in enumerate(pieces)]


def truck(adapter: MappedTruck) -> tuple[Truck, float]:
    (update,) = adapter.updates(0.0)
    assert isinstance(update.state, Truck)
    return update.state, update.received_s


def test_our_own_link_told_as_a_vendor_s_is_read_as_the_reference_reads_it(tmp_path: Path) -> None:
    simulation = simulated(tmp_path, Exchange.PLC, Charging.DIRECT)
    reference, mapped = TruckLink(), MappedTruck(load_truck_map(REFERENCE))
    events = recorded(reference, simulation, simulation.can_nodes["station"], 3.0)
    seen = 0
    for event in events:
        assert isinstance(event.item, Frame)
        mapped.receive(event.item, event.time_s)
        if event.sent:
            continue
        seen += len(list(mapped.updates(event.time_s)))
    assert list(mapped.updates(3.0)) == list(reference.updates(3.0))
    assert seen > 10
    for command in (UnlockTruck(), LockTruck(), ReleaseTruck()):
        assert reference.order(command, 65_000, 3.0) is mapped.order(command, 65_000, 3.0) is None
    assert list(mapped.due(3.0)) == list(reference.due(3.0))


def test_a_truck_of_another_maker_is_read_from_its_own_messages() -> None:
    adapter = example()
    for frame in [*PARKED, *texts(IDENTITY, VIN), *texts(PACK_CODE, CODE)]:
        adapter.receive(frame, 1.0)
    expected = Truck(VIN, (CODE,), LockState.LOCKED, True, True, True, True, True, True, 80.0, 0)
    assert truck(adapter) == (expected, 1.0)


def test_there_is_no_truck_until_every_needed_message_came_and_it_is_as_old_as_the_oldest() -> None:
    adapter = example()
    adapter.receive(PARKED[0], 1.0)
    assert list(adapter.updates(1.0)) == []
    adapter.receive(PARKED[1], 1.2)
    adapter.receive(PARKED[1], 1.7)
    assert truck(adapter)[1] == 1.0


def test_what_the_truck_does_not_know_is_not_safe() -> None:
    adapter = example()
    adapter.receive(Frame(SWAP_STATE, bytes([0b0111_1001, 0xFF, 7, *[0xFF] * 5])), 1.0)
    adapter.receive(Frame(POWER_STATE, b"\xff" * 8), 1.0)
    state, _ = truck(adapter)
    unknown = (state.parking_brake_set, state.key_off, state.gear_neutral, state.hv_powered_down, state.soc_pct)
    assert unknown == (False, False, False, False, None)


@pytest.mark.parametrize(
    "frame",
    [
        Frame(SWAP_STATE, bytes(7)),
        Frame(SWAP_STATE, bytes([0b0000_0111, 0, 7, *[0xFF] * 5])),
        Frame(SWAP_STATE, bytes([0b1001, 9, 7, *[0xFF] * 5])),
        Frame(SWAP_STATE, bytes([0b1001, 0, 251, *[0xFF] * 5])),
        Frame(POWER_STATE, bytes([0b10100, 251, *[0xFF] * 6])),
        Frame(IDENTITY, bytes([9]) + b"LGAX5D\xff"),
        Frame(IDENTITY, bytes([0]) + b"LGA\x015D\xff"),
    ],
)
def test_a_message_that_cannot_be_is_counted_and_changes_nothing(frame: Frame) -> None:
    adapter = example()
    for each in PARKED:
        adapter.receive(each, 1.0)
    before = truck(adapter)
    adapter.receive(frame, 1.5)
    assert (adapter.malformed, truck(adapter)) == (1, before)


@given(can_id=st.integers(0, 0x1FFFFFFF), data=st.binary(max_size=8), extended=st.booleans())
def test_no_frame_raises(can_id: int, data: bytes, extended: bool) -> None:
    adapter = _SHARED
    for each in (can_id, SWAP_STATE, POWER_STATE, IDENTITY, PACK_CODE):
        adapter.receive(Frame(each, data, extended), 0.0)


_SHARED = example()


@pytest.mark.parametrize(("command", "word"), [(UnlockTruck(), 1), (LockTruck(), 2), (ReleaseTruck(), 3)])
def test_an_order_is_the_maker_s_own_message(command: TruckOrder, word: int) -> None:
    adapter = example()
    assert adapter.order(command, 17, 0.0) is None
    assert list(adapter.due(0.0)) == [Frame(SWAP_ORDER, bytes([word, 1, *[0xFF] * 6]))]


def test_what_it_does_not_know_is_refused() -> None:
    adapter = example()
    refusal = adapter.order(HoldRobot(), 1, 0.0)
    assert refusal is not None
    assert refusal.code == UNKNOWN_COMMAND
    assert list(adapter.due(0.0)) == []


def test_a_truck_of_one_battery_has_no_second_position_to_unlock() -> None:
    adapter = example()
    refusal = adapter.order(UnlockTruck(2), 1, 0.0)
    assert refusal is not None
    assert (refusal.code, "position = 2" in refusal.allowed) == (OUT_OF_RANGE, True)
    assert list(adapter.due(0.0)) == []


def test_a_short_number_stands_for_the_command_and_is_never_the_one_shown_already() -> None:
    """A receipt of before a restart must not look like that of the first order after it."""
    adapter = example()

    def show(receipt: int) -> int:
        adapter.receive(Frame(SWAP_STATE, bytes([0b1001, 0, receipt, *[0xFF] * 5])), 1.0)
        adapter.receive(PARKED[1], 1.0)
        return truck(adapter)[0].receipt_id

    assert show(1) == 0
    assert adapter.order(UnlockTruck(), 64_321, 1.0) is None
    ((frame,),) = [list(adapter.due(1.0))]
    assert frame.data[1] == 2
    assert [show(1), show(2), show(3)] == [0, 64_321, 0]
    for command_id in range(1, 300):
        assert adapter.order(LockTruck(), command_id, 1.0) is None
        (frame,) = adapter.due(1.0)
        assert show(frame.data[1]) == command_id


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('dbc = "truck.dbc"', 'dbc = "other.dbc"', "other.dbc"),
        ("gone_s = 2.0", "gone_s = 0", "gone_s = 0, allowed: more than 0"),
        ("fill = 1", "fill = 2", "fill = 2, allowed: 0, 1"),
        ("[vin]", "[vim]", "unknown key 'vim'"),
        ('lock = "SwapState.LockPosition"', "", "signals: lock is missing"),
        (
            '"SwapState.Gear"',
            '"SwapState.Gears"',
            "gear_neutral: 'SwapState.Gears': no such signal, SwapState has",
        ),
        ('"SwapState.Gear"', '"Swap.Gear"', "no such message, the DBC has SwapState"),
        ('soc_pct = "P', 'state_of_charge = "P', "signals.state_of_charge: no field of the truck"),
        ("Jammed = ", "Stuck = ", "words.lock says nothing of Jammed"),
        ('"fault"', '"jammed"', "'jammed' is not a valid LockState"),
        ("Down = true", 'Down = "yes"', "Truck.hv_powered_down = 'yes': not bool"),
        ('gear_neutral = "SwapState.Gear"', 'gear_neutral = "SwapState.LastCommand"', "has no named values"),
        ("parts = 3", "parts = 9", "vin: parts = 9, allowed: 1 to 8"),
        ('part = "Identity.Piece"', 'part = "PackCode.Piece"', "vin: text must be whole bytes"),
        ("[order.LockTruck]", "[order.CloseTruck]", "order.CloseTruck: no order, allowed: UnlockTruck"),
        ('Order = "Close"', 'Order = "Shut"', "Order = 'Shut', allowed: Open, Close, Leave"),
        ('Order = "Close"', "Order = 9", "Order = 9, allowed: 0 to 3"),
        ('Order = "Close"\nNumber = "{command_id}"', 'Order = "Close"', "needs"),
        ('Order = "Close"', "Command = 2", "Command: no such signal, SwapOrder has Order, Number"),
    ],
)
def test_a_mistake_in_a_map_is_told_with_its_line(tmp_path: Path, before: str, after: str, said: str) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert text.count(before) == 1
    (tmp_path / "truck.dbc").write_bytes(EXAMPLE.with_name("truck.dbc").read_bytes())
    copy = tmp_path / "truck_map.toml"
    copy.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_truck_map(copy)
    assert any(said in mistake for mistake in caught.value.mistakes), caught.value.mistakes
