"""DL/T 645 frames and items: published frames, identifiers, any chunking, errors, resynchronisation."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.errors import InputError
from swapstation.model.reasons import reason
from swapstation.protocol.dlt645 import (
    ANY_ADDRESS,
    Function,
    MeterDecoder,
    MeterError,
    MeterFrame,
    MeterWrite,
    encode_frame,
    time_broadcast,
)
from swapstation.protocol.dlt645_items import (
    APPARENT_POWER,
    COMBINED_ENERGY,
    CURRENTS,
    DATE,
    FORWARD_ENERGY,
    FREQUENCY,
    MAX_DEMAND,
    POWER,
    POWER_FACTOR,
    REACTIVE_POWER,
    REVERSE_ENERGY,
    TIME,
    VOLTAGES,
    Demand,
    Value,
    decode_value,
    encode_value,
    item_of,
)
from swapstation.protocol.dlt645_meter import DltMeter
from swapstation.protocol.node import Malformed
from tests.protocol.dlt645_frames import ADDRESS, ENERGY, PIECES, READ_ENERGY


@pytest.mark.parametrize(
    ("wire", "frame"),
    [
        ("FE FE FE FE " + READ_ENERGY, MeterFrame(ADDRESS, 0x11, bytes.fromhex("00000100"))),
        (ENERGY, MeterFrame(ADDRESS, 0x91, bytes.fromhex("0000010026000000"))),
        ("68 61 01 00 00 00 00 68 11 04 33 34 34 35 17 16", MeterFrame(ADDRESS, 0x11, bytes.fromhex("00010102"))),
        (
            "68 61 01 00 00 00 00 68 91 06 33 34 34 35 34 43 10 16",
            MeterFrame(ADDRESS, 0x91, bytes.fromhex("000101020110")),
        ),
        ("68 61 01 00 00 00 00 68 11 04 33 34 35 35 18 16", MeterFrame(ADDRESS, 0x11, bytes.fromhex("00010202"))),
        ("68 AA AA AA AA AA AA 68 13 00 DF 16", MeterFrame(ANY_ADDRESS, 0x13)),
        (
            "68 62 01 76 00 00 81 68 93 06 95 34 A9 33 33 B4 4F 16",
            MeterFrame("810000760162", 0x93, bytes.fromhex("620176000081")),
        ),
    ],
)
def test_published_frames(wire: str, frame: MeterFrame) -> None:
    data = bytes.fromhex(wire)
    assert MeterDecoder().feed(data) == [frame]
    assert encode_frame(frame, wake_ups=data.count(0xFE)) == data


@pytest.mark.parametrize(
    ("identifier", "data", "value"),
    [
        (FORWARD_ENERGY, "26000000", 0.26),
        (0x00010400, "78563412", 123456.78),
        (0x0001000C, "00000000", 0.0),
        (COMBINED_ENERGY, "01000080", -0.01),
        (0x0001FF00, "0100000002000000", (0.01, 0.02)),
        (0x02010100, "0110", 100.1),
        (VOLTAGES, "0022FFFF3022", (220.0, None, 223.0)),
        (0x02020100, "000580", -0.5),
        (CURRENTS, "000100000200000300", (0.1, 0.2, 0.3)),
        (POWER, "345612", 12.5634),
        (POWER, "000085", -5.0),
        (POWER_FACTOR, "0010", 1.0),
        (FREQUENCY, "9849", 49.98),
        (COMBINED_ENERGY | 0x3F0C, "01000080", -0.01),
        (REVERSE_ENERGY | 0xFF01, "01000000FFFFFFFF", (0.01, None)),
        (0x02030300, "000005", 5.0),
        (0x0203FF00, "000003000001FFFFFF000001", (3.0, 1.0, None, 1.0)),
        (REACTIVE_POWER, "345692", -12.5634),
        (APPARENT_POWER | 0x0100, "345612", 12.5634),
        (POWER_FACTOR | 0x0300, "5089", -0.95),
        (MAX_DEMAND | 0x0101, "0000103012190624", Demand(10.0, "2406191230")),
        (0x0102FF00, "0000103012190624FFFFFFFFFFFFFFFF", (Demand(10.0, "2406191230"), None)),
        (MAX_DEMAND, "0000103012190624", Demand(10.0, "2406191230")),
        (DATE, "05200926", "26092005"),
        (TIME, "595823", "235859"),
    ],
)
def test_identifiers(identifier: int, data: str, value: Value) -> None:
    assert decode_value(identifier, bytes.fromhex(data)) == value
    assert encode_value(identifier, value) == bytes.fromhex(data)


def test_bytes_that_are_no_value_and_unknown_identifiers() -> None:
    for identifier, data in (
        (FORWARD_ENERGY, "2A000000"),
        (FORWARD_ENERGY, "2600"),
        (FORWARD_ENERGY, ""),
        (VOLTAGES, "0022AA"),
    ):
        assert decode_value(identifier, bytes.fromhex(data)) is None
    for unknown in (
        0x00014000,
        0x0001000D,
        0x02010000,
        0x02010400,
        0x02010001,
        0x02030400,
        0x01030000,
        0x01014000,
        0x05000000,
    ):
        assert item_of(unknown) is None
        assert decode_value(unknown, bytes(4)) is None


@pytest.mark.parametrize(
    ("identifier", "value"),
    [
        (FORWARD_ENERGY, -1.0),
        (FORWARD_ENERGY, 1e6),
        (POWER, 80.0),
        (DATE, "1"),
        (MAX_DEMAND, 1.0),
        (VOLTAGES, 1.0),
        (0x05000000, 1.0),
    ],
)
def test_a_value_that_does_not_fit_is_refused(identifier: int, value: Value) -> None:
    with pytest.raises(InputError):
        encode_value(identifier, value)


def test_what_a_refusal_says_has_its_words() -> None:
    assert MeterFrame(ADDRESS, 0xD1, b"\x02").error == MeterError.NO_SUCH_DATA
    assert MeterFrame(ADDRESS, 0xD4, b"\x84").error == MeterError.NOT_ALLOWED
    assert MeterFrame(ADDRESS, 0xD1).error == MeterError.OTHER_ERROR
    assert MeterFrame(ADDRESS, 0x91, b"\x02").error is None
    assert MeterError(0x42).reasons == ("dlt645_no_such_data", "dlt645_too_many_tariffs")
    for error in MeterError:
        assert [reason(code).zh != code for code in error.reasons] == [True]


def test_the_time_of_a_broadcast_begins_with_the_second() -> None:
    """A published frame: 2017-06-05 10:22:51."""
    wire = bytes.fromhex("68 99 99 99 99 99 99 68 08 06 84 55 43 38 39 4A 4B 16")
    assert encode_frame(time_broadcast("170605102251"), wake_ups=0) == wire
    told: list[str] = []
    meter = DltMeter(ADDRESS, {}, set_clock=told.append)
    meter.receive(wire, 0.0)
    meter.receive(encode_frame(MeterFrame("9" * 12, 0x08, b"\xaa" * 6)), 0.1)
    meter.receive(encode_frame(MeterFrame("9" * 12, 0x08, b"\x12" * 5)), 0.2)
    assert told == ["170605102251"]
    assert list(meter.due(1.0)) == []
    with pytest.raises(InputError):
        time_broadcast("2017-06-05")


def test_a_write_carries_password_and_operator_and_is_short() -> None:
    write = MeterWrite(DATE, 4, "123456", "00000007", bytes.fromhex("05200926"))
    data = bytes.fromhex("01010004 04563412 07000000 05200926")
    assert write.encode() == data
    assert MeterWrite.decode(data) == write
    for wrong in (data[:11], data[:5] + b"\xaa" + data[6:]):
        assert MeterWrite.decode(wrong) is None
    for changed in ({"password": "12345"}, {"operator": "x" * 8}, {"level": 10}):
        with pytest.raises(InputError):
            replace(write, **changed).encode()
    encode_frame(MeterFrame(ADDRESS, Function.WRITE, replace(write, value=bytes(38)).encode()))
    with pytest.raises(InputError, match="up to 50 bytes"):
        encode_frame(MeterFrame(ADDRESS, Function.WRITE, replace(write, value=bytes(39)).encode()))


frames = st.builds(
    MeterFrame,
    st.text("0123456789", min_size=12, max_size=12),
    st.integers(0, 255),
    st.binary(max_size=200),
)


@given(st.lists(st.tuples(frames, st.integers(0, 4)), max_size=3), st.integers(1, 50))
def test_round_trip_in_any_chunking(sent: list[tuple[MeterFrame, int]], size: int) -> None:
    data = b"".join(encode_frame(frame, wake_ups) for frame, wake_ups in sent)
    decoder = MeterDecoder()
    items = [item for start in range(0, len(data), size) for item in decoder.feed(data[start : start + size])]
    assert items == [frame for frame, _ in sent]


@given(PIECES, st.integers(1, 50))
def test_random_bytes_give_the_same_items_in_any_chunking(pieces: list[bytes], size: int) -> None:
    data = b"".join(pieces)
    decoder = MeterDecoder()
    items = [item for start in range(0, len(data), size) for item in decoder.feed(data[start : start + size])]
    assert items == MeterDecoder().feed(data)


def test_a_damaged_frame_is_reported_once_and_the_next_is_read() -> None:
    good = bytes.fromhex(ENERGY)
    for at in (0, 7, len(good) - 2, len(good) - 1):
        damaged = bytearray(good)
        damaged[at] ^= 0x01
        items = MeterDecoder().feed(bytes(damaged) + good)
        assert [type(item) for item in items] == [Malformed, MeterFrame]
