"""DL/T 645: published frames, identifiers, any chunking, errors, resynchronisation, client and meter together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.errors import InputError
from swapstation.protocol.dlt645 import ANY_ADDRESS, MeterDecoder, MeterFrame, encode_frame
from swapstation.protocol.dlt645_ends import DltClient, DltMeter
from swapstation.protocol.dlt645_items import (
    COMBINED_ENERGY,
    CURRENTS,
    DATE,
    FORWARD_ENERGY,
    FREQUENCY,
    MAX_DEMAND,
    POWER,
    POWER_FACTOR,
    TIME,
    VOLTAGES,
    Demand,
    Value,
    decode_value,
    encode_value,
    item_of,
)
from swapstation.protocol.node import ByteNode, Malformed

ADDRESS = "000000000161"
READ_ENERGY = "68 61 01 00 00 00 00 68 11 04 33 33 34 33 14 16"
ENERGY = "68 61 01 00 00 00 00 68 91 08 33 33 34 33 59 33 33 33 8A 16"


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
    for unknown in (0x00014000, 0x0001000D, 0x02010400, 0x02010001, 0x01010100, 0x05000000):
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


_pieces = st.lists(
    st.one_of(
        st.binary(max_size=30), st.sampled_from([bytes.fromhex(READ_ENERGY), bytes.fromhex(ENERGY), b"\x68", b"\xfe"])
    ),
    max_size=10,
)


@given(_pieces, st.integers(1, 50))
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


def joined(client: DltClient, meter: DltMeter, seconds: float) -> None:
    client.opened(0.0)
    meter.opened(0.0)
    for step in range(int(seconds / 0.01)):
        now_s = step * 0.01
        for data in client.due(now_s):
            meter.receive(data, now_s)
        for data in meter.due(now_s):
            client.receive(data, now_s)


def test_the_client_reads_the_meter_in_turn() -> None:
    values: dict[int, Value] = {FORWARD_ENERGY: 12.34, POWER: -1.5, 0x02010100: 230.0, 0x02010200: 231.0}
    client = DltClient(ADDRESS, [FORWARD_ENERGY, POWER, VOLTAGES, FREQUENCY], period_s=0.5)
    joined(client, DltMeter(ADDRESS, values), 2.0)
    read = {identifier: client.latest(identifier) for identifier in (FORWARD_ENERGY, POWER, VOLTAGES, FREQUENCY)}
    assert [value and value[0] for value in read.values()] == [12.34, -1.5, (230.0, 231.0), None]
    assert client.meter_address == ADDRESS
    assert client.refusals == 4
    assert client.counts.requests == client.counts.rx == 16
    assert client.counts.timeouts == client.counts.malformed == 0


def test_the_only_meter_on_the_line_may_be_asked_without_its_address() -> None:
    client = DltClient(ANY_ADDRESS, [FORWARD_ENERGY])
    joined(client, DltMeter(ADDRESS, {FORWARD_ENERGY: 1.0}), 0.2)
    assert client.meter_address == ADDRESS


def test_a_silent_meter_times_out_and_asks_for_a_fresh_wire() -> None:
    client = DltClient(ADDRESS, [FORWARD_ENERGY])
    joined(client, DltMeter("000000000162", {FORWARD_ENERGY: 1.0}), 5.0)
    assert client.counts.timeouts == 3
    assert client.wants_reopen
    assert client.latest(FORWARD_ENERGY) is None


@pytest.mark.parametrize(
    "reply",
    [
        MeterFrame("000000000162", 0x91, bytes.fromhex("0000010026000000")),
        MeterFrame(ADDRESS, 0x91, bytes.fromhex("0001010226000000")),
        MeterFrame(ADDRESS, 0x91, bytes.fromhex("000001002600000A")),
        MeterFrame(ADDRESS, 0x93, bytes.fromhex("0000010026000000")),
        MeterFrame(ADDRESS, 0x91),
    ],
)
def test_a_foreign_or_wrong_answer_is_counted_and_not_taken(reply: MeterFrame) -> None:
    client = DltClient(ADDRESS, [FORWARD_ENERGY])
    client.opened(0.0)
    (request,) = client.due(0.0)
    client.receive(request, 0.0)  # the echo of a two-wire adapter is nothing
    client.receive(encode_frame(reply), 0.1)
    assert client.latest(FORWARD_ENERGY) is None
    assert client.counts.malformed == 1
    client.receive(bytes.fromhex("FEFE" + ENERGY), 0.2)
    assert client.latest(FORWARD_ENERGY) == (0.26, 0.2)


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (MeterFrame(ANY_ADDRESS, 0x13), MeterFrame(ADDRESS, 0x93, bytes.fromhex("610100000000"))),
        (MeterFrame("AAAAAAAA0161", 0x11, bytes.fromhex("02008002")), MeterFrame(ADDRESS, 0xD1, b"\x02")),
        (MeterFrame(ADDRESS, 0x14, bytes(4)), MeterFrame(ADDRESS, 0xD4, b"\x01")),
        (MeterFrame("9" * 12, 0x08, bytes(6)), None),
        (MeterFrame("000000000162", 0x13), None),
        (MeterFrame(ADDRESS, 0x91, bytes(4)), None),
    ],
)
def test_what_the_meter_answers(request_: MeterFrame, answer: MeterFrame | None) -> None:
    meter = DltMeter(ADDRESS, {})
    meter.receive(encode_frame(request_), 0.0)
    assert list(meter.due(1.0)) == ([] if answer is None else [encode_frame(answer, wake_ups=0)])


def test_a_frame_that_breaks_off_is_forgotten_after_half_a_second() -> None:
    meter = DltMeter(ADDRESS, {FORWARD_ENERGY: 0.26})
    meter.receive(bytes.fromhex(READ_ENERGY)[:12], 0.0)
    meter.receive(bytes.fromhex(READ_ENERGY), 0.6)
    assert list(meter.due(1.0)) == [bytes.fromhex(ENERGY)]


@given(_pieces)
def test_random_bytes_never_raise_at_either_end(pieces: list[bytes]) -> None:
    nodes: list[ByteNode] = [DltClient(ADDRESS, [FORWARD_ENERGY]), DltMeter(ADDRESS, {FORWARD_ENERGY: 0.26})]
    for node in nodes:
        node.opened(0.0)
        for step, piece in enumerate(pieces):
            node.receive(piece, 0.3 * step)
            list(node.due(0.3 * step))
            node.next_deadline()
