"""Station CAN: parity of DBC, tables and cantools; limits, absence, addressing; random bytes are values."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cantools
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple

from swapstation.errors import ConfigurationError, InputError
from swapstation.model.device import LockState, ModuleState
from swapstation.protocol import station_can
from swapstation.protocol.dbc import load_dbc
from swapstation.protocol.node import Frame, Malformed
from swapstation.protocol.station_can import (
    BayTrip,
    FeederCutOff,
    FirePanelState,
    ModuleFeedback,
    ModuleSetpoint,
    RackIo,
    Received,
    StationCan,
    StationMessage,
    TruckBatteryCode,
    TruckCommand,
    TruckOrder,
    TruckPosition,
    TruckState,
    TruckVin,
)
from swapstation.wire_files import wire_file

DBC = wire_file("dbc", "station.dbc")
CODEC = StationCan.load()
FOREIGN: cantools.database.can.Database = cantools.database.load_file(str(DBC))  # type: ignore[assignment]

flag = st.sampled_from([True, False, None])
celsius = st.one_of(st.none(), st.integers(-50, 200).map(float))
version = st.integers(1, 250)
alive = st.integers(0, 250)
ascii_text: Callable[[int], st.SearchStrategy[str]] = lambda size: st.text(  # noqa: E731
    st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=size
)


def tenths(most: int) -> st.SearchStrategy[float]:
    return st.integers(0, most * 10).map(lambda raw: raw / 10)


position = st.one_of(st.none(), st.integers(1, 3))
messages: st.SearchStrategy[StationMessage] = st.one_of(
    st.builds(RackIo, flag, flag, flag, flag, flag, celsius, version, alive),
    st.builds(
        ModuleFeedback,
        st.one_of(st.none(), tenths(1500)),
        st.one_of(st.none(), tenths(1000)),
        st.sampled_from(ModuleState),
        celsius,
        version,
        alive,
    ),
    st.builds(ModuleSetpoint, st.booleans(), tenths(1500), tenths(1000), alive),
    st.builds(
        TruckState,
        st.sampled_from(LockState),
        *[flag] * 6,
        st.one_of(st.none(), tenths(100)),
        st.integers(0, 65000),
        version,
        alive,
    ),
    st.builds(TruckVin, st.integers(1, 3), ascii_text(7)),
    st.builds(
        TruckPosition,
        st.integers(2, 3),
        st.sampled_from(LockState),
        flag,
        flag,
        st.one_of(st.none(), tenths(100)),
        alive,
    ),
    st.builds(TruckBatteryCode, st.integers(1, 3), st.integers(1, 4), ascii_text(6), position),
    st.builds(TruckCommand, st.sampled_from(TruckOrder), st.integers(1, 65000), version, position),
    st.builds(BayTrip, st.booleans(), alive),
    st.builds(FeederCutOff, st.booleans(), alive),
    st.builds(FirePanelState, flag, flag, flag, flag, st.one_of(st.none(), st.integers(0, 32767)), version, alive),
)
bays = st.integers(1, 31)


def node_for(message: StationMessage, bay: int) -> int:
    return bay if isinstance(message, RackIo | ModuleFeedback | ModuleSetpoint | BayTrip) else 0


@given(messages, bays)
def test_round_trip(message: StationMessage, bay: int) -> None:
    node = node_for(message, bay)
    assert CODEC.decode(CODEC.encode(message, node)) == Received(node, message)


@given(messages)
def test_bytes_equal_those_of_cantools(message: StationMessage) -> None:
    foreign = FOREIGN.get_message_by_name(type(message).__name__)
    data = CODEC.encode(message, node_for(message, 1)).data
    raw = foreign.decode(data, decode_choices=False, scaling=False)
    assert foreign.encode(raw, scaling=False, padding=True, strict=False) == data
    physical = foreign.decode(data, decode_choices=False)
    for signal, value in zip(foreign.signals, astuple(message), strict=True):
        if type(value) in {int, float}:
            assert physical[signal.name] == pytest.approx(value)  # type: ignore[call-overload]


@given(messages, st.lists(st.integers(0, 63)))
def test_no_bytes_raise_and_what_is_accepted_is_within_limits(message: StationMessage, flips: list[int]) -> None:
    frame = CODEC.encode(message, node_for(message, 3))
    word = int.from_bytes(frame.data, "little")
    for bit in flips:
        word ^= 1 << bit
    decoded = CODEC.decode(Frame(frame.can_id, word.to_bytes(8, "little")))
    assert isinstance(decoded, Malformed | Received)
    if isinstance(decoded, Received):
        CODEC.encode(decoded.message, decoded.node)


@given(st.integers(0, 0x1FFFFFFF), st.binary(max_size=8), st.booleans())
def test_any_frame_is_a_value(can_id: int, data: bytes, extended: bool) -> None:
    assert isinstance(CODEC.decode(Frame(can_id, data, extended)), Malformed | Received | None)


def test_the_node_is_in_the_address_and_the_priority_does_not_matter() -> None:
    rack = RackIo(True, True, True, False, False, 25.0, 1, 0)
    setpoint = ModuleSetpoint(True, 650.5, 120.0, 7)
    assert CODEC.encode(rack, 5).can_id == 0x18FF1085
    assert CODEC.encode(setpoint, 5).can_id == 0x1821A527
    assert CODEC.decode(Frame(0x0CFF1085, CODEC.encode(rack, 5).data)) == Received(5, rack)
    assert CODEC.decode(Frame(0x18FF1080, CODEC.encode(rack, 5).data)) is None
    assert CODEC.decode(Frame(0x18FF1085, bytes(8), extended=False)) is None


def test_golden_bytes() -> None:
    assert CODEC.encode(RackIo(True, True, False, True, None, None, 1, 9), 1).data.hex() == "45ffff0109ffffff"
    assert CODEC.encode(ModuleSetpoint(True, 650.5, 120.0, 7), 1).data.hex() == "fd6919b00407ffff"
    assert CODEC.encode(TruckVin(3, "001")).data.hex() == "03303031ffffffff"
    assert CODEC.encode(TruckCommand(TruckOrder.LOCK, 258, 1)).data.hex() == "f2020101ffffffff"
    assert CODEC.encode(BayTrip(True, 7), 5) == Frame(0x08228527, bytes.fromhex("fd07ffffffffffff"))
    assert CODEC.encode(FeederCutOff(True, 7)) == Frame(0x0824D027, bytes.fromhex("fd07ffffffffffff"))
    state = FirePanelState(True, False, True, None, 5, 1, 9)
    assert CODEC.encode(state) == Frame(0x18FF30D0, bytes.fromhex("d105000109ffffff"))


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        (Frame(0x18FF1081, b"\x00" * 7), "7 bytes"),
        (Frame(0x18FF1081, bytes.fromhex("55fd4b0001000000")), "protocol_version = 0"),
        (Frame(0x18FF11A1, bytes.fromhex("99990000000019 01".replace(" ", ""))), "voltage_v = 3932.1"),
        (Frame(0x18FF11A1, bytes.fromhex("0000000004190100")), "state = 4"),
        (Frame(0x18FF11A1, bytes.fromhex("000000000f190100")), "state: not available"),
        (Frame(0x18FF21C0, b"\x01\x80AAAAAA"), "text: not ASCII"),
        (Frame(0x18FF21C0, b"\x04AAAAAAA"), "part = 4"),
    ],
)
def test_a_field_outside_its_limits_makes_the_frame_malformed(frame: Frame, told: str) -> None:
    malformed = CODEC.decode(frame)
    assert isinstance(malformed, Malformed)
    assert told in malformed.reason


@pytest.mark.parametrize(
    ("message", "node", "field"),
    [
        (ModuleSetpoint(True, 1500.1, 0.0, 0), 1, "voltage_v"),
        (ModuleSetpoint(True, 0.0, float("nan"), 0), 1, "current_a"),
        (ModuleSetpoint(True, 0.0, 0.0, 0), 32, "node"),
        (TruckVin(1, "12345678"), 0, "text"),
        (TruckVin(0, "1"), 0, "part"),
        (TruckVin(1, "1"), 1, "node"),
    ],
)
def test_sending_out_of_range_is_refused(message: StationMessage, node: int, field: str) -> None:
    with pytest.raises(InputError, match=field):
        CODEC.encode(message, node)


def test_the_dbc_and_the_software_know_the_same_messages_limits_and_cycle_times() -> None:
    table = {message.name: message for message in load_dbc(DBC)}
    assert set(table) == {message.name for message in FOREIGN.messages} == set(station_can._MESSAGES)
    for foreign in FOREIGN.messages:
        ours = table[foreign.name]
        assert (ours.can_id, ours.length, ours.cycle_s) == (
            foreign.frame_id,
            foreign.length,
            (foreign.cycle_time or 0) / 1000,
        )
        for signal, theirs in zip(ours.signals, foreign.signals, strict=True):
            for property_ in ("name", "start", "length", "scale", "offset", "minimum", "maximum"):
                assert getattr(signal, property_) == getattr(theirs, property_)
            assert dict(signal.choices) == {raw: str(text) for raw, text in (theirs.choices or {}).items()}
            largest = round((signal.maximum - signal.offset) / signal.scale)
            assert largest >> max(signal.length - 8, 0) < 0xFE or signal.name == "Text"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("AliveCounter", "LifeCounter", "alive_counter has no signal"),
        ("SG_ CommandId", 'SG_ Spare : 40|8@1+ (1,0) [0|1] "" TruckLink\n SG_ CommandId', "Spare has no field"),
        ('"degC"', '"K"', "unit 'K'"),
        ('3 "Watchdog"', '3 "Sleeping"', "State"),
        ("BO_ 2552479783 TruckCommand", "BO_ 2552479783 TruckOrder", "in only one of"),
    ],
)
def test_a_dbc_that_does_not_fit_is_refused(tmp_path: Path, old: str, new: str, told: str) -> None:
    changed = tmp_path / "changed.dbc"
    changed.write_text(DBC.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigurationError) as error:
        StationCan(str(changed), load_dbc(changed))
    assert told in str(error.value)


def test_a_broken_dbc_names_its_file(tmp_path: Path) -> None:
    broken = tmp_path / "broken.dbc"
    broken.write_text('VERSION ""\nBO_ what\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"broken\.dbc"):
        load_dbc(broken)
