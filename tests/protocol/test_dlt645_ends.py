"""DL/T 645 client and meter: long blocks, foreign and wrong answers, silence, broken frames."""

from __future__ import annotations

import pytest
from hypothesis import given

from swapstation.errors import InputError
from swapstation.protocol.dlt645 import (
    ANY_ADDRESS,
    MeterDecoder,
    MeterFrame,
    encode_frame,
)
from swapstation.protocol.dlt645_client import DltClient
from swapstation.protocol.dlt645_items import (
    FORWARD_ENERGY,
    FREQUENCY,
    MAX_DEMAND,
    POWER,
    REVERSE_ENERGY,
    VOLTAGES,
    Demand,
    DemandWithTime,
    Number,
    Value,
    decode_value,
    encode_value,
    formats_of,
)
from swapstation.protocol.dlt645_meter import DltMeter
from swapstation.protocol.node import ByteNode
from tests.protocol.dlt645_frames import ADDRESS, ENERGY, PIECES, READ_ENERGY


def test_more_digits_where_a_maker_has_them() -> None:
    formats = formats_of([(0x0001, 5, 4), (0x0101, 4, 4)])
    assert formats == {0x0001: Number(5, 4, "kWh"), 0x0101: DemandWithTime(Number(4, 4, "kW"))}
    with pytest.raises(InputError, match="0400"):
        formats_of([(0x0400, 4, 0)])
    for identifier, data, value in (
        (FORWARD_ENERGY, "7856341200", 1234.5678),
        (0x0001FF00, "01000000000200000000", (0.0001, 0.0002)),
        (MAX_DEMAND, "000030003012190624", Demand(30.0, "2406191230")),
        (REVERSE_ENERGY, "26000000", 0.26),
    ):
        assert decode_value(identifier, bytes.fromhex(data), formats) == value
        assert encode_value(identifier, value, formats) == bytes.fromhex(data)
    client = DltClient(ADDRESS, [FORWARD_ENERGY, 0x0001FF00], formats=formats)
    joined(client, DltMeter(ADDRESS, {FORWARD_ENERGY: 123_456.7891}, formats), 0.3)
    latest = client.latest(FORWARD_ENERGY)
    assert latest is not None
    assert latest[0] == 123_456.7891
    assert client.counts.malformed == 0


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


TARIFFS: dict[int, Value] = {FORWARD_ENERGY | tariff << 8: tariff / 4 for tariff in range(64)}
DEMANDS: dict[int, Value] = {
    MAX_DEMAND | tariff << 8: Demand(tariff / 8, f"24061912{tariff:02d}") for tariff in range(60)
}


def test_a_long_block_comes_in_several_frames_and_is_whole() -> None:
    client = DltClient(ADDRESS, [0x0001FF00, 0x0101FF00])
    joined(client, DltMeter(ADDRESS, TARIFFS | DEMANDS), 0.9)
    for block, members in ((0x0001FF00, TARIFFS), (0x0101FF00, DEMANDS)):
        latest = client.latest(block)
        assert latest is not None
        assert latest[0] == tuple(members.values())
    assert client.counts.malformed == client.counts.timeouts == 0
    assert client.counts.requests == 2 + 3, "2 frames of tariffs, 3 of demands"


def test_the_frames_of_a_long_block_byte_by_byte() -> None:
    meter = DltMeter(ADDRESS, dict(TARIFFS))
    answers = []
    for control, data in ((0x11, "00FF0100"), (0x12, "00FF010001"), (0x12, "00FF010002")):
        meter.receive(encode_frame(MeterFrame(ADDRESS, control, bytes.fromhex(data))), 0.0)
        answers += [item for wire in meter.due(1.0) for item in MeterDecoder().feed(wire)]
    whole = encode_value(0x0001FF00, tuple(TARIFFS.values()))  # type: ignore[arg-type]
    assert answers == [
        MeterFrame(ADDRESS, 0xB1, bytes.fromhex("00FF0100") + whole[:192]),
        MeterFrame(ADDRESS, 0x92, bytes.fromhex("00FF0100") + whole[192:] + b"\x01"),
        MeterFrame(ADDRESS, 0xD2, b"\x02"),
    ]


@pytest.mark.parametrize(
    ("control", "data"),
    [
        (0x92, "00FF0100 01000000 02"),  # another frame than the next
        (0x92, "00FF0200 01000000 01"),  # of another identifier
        (0x91, "00FF0100 01000000"),  # the first frame again
        (0x92, "00FF0100 0100AA00 01"),  # no number
        (0x92, ""),
    ],
)
def test_only_the_next_frame_of_a_block_continues_it(control: int, data: str) -> None:
    client = DltClient(ADDRESS, [0x0001FF00])
    client.opened(0.0)
    list(client.due(0.0))
    client.receive(encode_frame(MeterFrame(ADDRESS, 0xB1, bytes.fromhex("00FF0100 26000000"))), 0.1)
    (request,) = client.due(0.13)
    assert MeterDecoder().feed(request) == [MeterFrame(ADDRESS, 0x12, bytes.fromhex("00FF010001"))]
    client.receive(encode_frame(MeterFrame(ADDRESS, control, bytes.fromhex(data))), 0.2)
    assert client.latest(0x0001FF00) is None
    assert client.counts.malformed == 1
    client.receive(encode_frame(MeterFrame(ADDRESS, 0x92, bytes.fromhex("00FF0100 01000000 01"))), 0.3)
    assert client.latest(0x0001FF00) == ((0.26, 0.01), 0.3)


def test_a_meter_whose_answer_never_ends_is_given_up() -> None:
    client = DltClient(ADDRESS, [0x0001FF00])
    client.opened(0.0)
    list(client.due(0.0))
    more = bytes.fromhex("00FF0100") + bytes(192)
    client.receive(encode_frame(MeterFrame(ADDRESS, 0xB1, more)), 0.0)
    for number in range(1, 30):
        list(client.due(number * 0.03))
        client.receive(encode_frame(MeterFrame(ADDRESS, 0xB2, more + bytes([number]))), number * 0.03)
    assert client.latest(0x0001FF00) is None
    assert client.counts.rx == 16
    assert len(client._collected) <= 17 * 200


def test_without_an_address_only_the_meter_that_answered_first_counts() -> None:
    client = DltClient(ANY_ADDRESS, [FORWARD_ENERGY], period_s=0.1)
    client.opened(0.0)
    list(client.due(0.0))
    client.receive(bytes.fromhex(ENERGY), 0.1)
    list(client.due(0.2))
    other = MeterFrame("000000000162", 0x91, bytes.fromhex("0000010099000000"))
    client.receive(encode_frame(other), 0.3)
    assert client.latest(FORWARD_ENERGY) == (0.26, 0.1)
    assert client.counts.malformed == 1
    client.closed(1.0)
    client.opened(2.0)  # the meter may have been exchanged
    assert list(client.due(2.79)) == []
    list(client.due(2.8))
    client.receive(encode_frame(other), 2.9)
    assert client.latest(FORWARD_ENERGY) == (0.99, 2.9)


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
        (MeterFrame(ADDRESS, 0x14, bytes(4)), MeterFrame(ADDRESS, 0xD4, b"\x04")),
        (MeterFrame("9" * 12, 0x08, bytes(6)), None),
        (MeterFrame(ADDRESS, 0x12, bytes(5)), MeterFrame(ADDRESS, 0xD2, b"\x02")),
        (MeterFrame(ADDRESS, 0x11, bytes(3)), MeterFrame(ADDRESS, 0xD1, b"\x01")),
        (MeterFrame(ADDRESS, 0x17, b"\x08"), MeterFrame(ADDRESS, 0xD7, b"\x01")),
        (MeterFrame(ADDRESS, 0x15, bytes(6)), None),
        (MeterFrame("9" * 12, 0x16, bytes(4)), None),
        (MeterFrame("000000000162", 0x13), None),
        (MeterFrame("AAAAAAAA0162", 0x11, bytes.fromhex("02008002")), None),
        (MeterFrame(ADDRESS, 0x91, bytes(4)), None),
    ],
)
def test_what_the_meter_answers(request_: MeterFrame, answer: MeterFrame | None) -> None:
    meter = DltMeter(ADDRESS, {})
    meter.receive(encode_frame(request_), 0.0)
    assert list(meter.due(1.0)) == ([] if answer is None else [encode_frame(answer, wake_ups=0)])


def test_a_reply_that_broke_off_does_not_spoil_the_next() -> None:
    client = DltClient(ADDRESS, [FORWARD_ENERGY], timeout_s=2.0)
    client.opened(0.0)
    list(client.due(0.0))
    client.receive(bytes.fromhex(ENERGY)[:12], 0.1)
    client.receive(bytes.fromhex(ENERGY), 0.7)
    assert client.latest(FORWARD_ENERGY) == (0.26, 0.7)


def test_a_frame_that_breaks_off_is_forgotten_after_half_a_second() -> None:
    meter = DltMeter(ADDRESS, {FORWARD_ENERGY: 0.26})
    meter.receive(bytes.fromhex(READ_ENERGY)[:12], 0.0)
    meter.receive(bytes.fromhex(READ_ENERGY), 0.6)
    assert list(meter.due(1.0)) == [bytes.fromhex(ENERGY)]


@given(PIECES)
def test_random_bytes_never_raise_at_either_end(pieces: list[bytes]) -> None:
    nodes: list[ByteNode] = [DltClient(ADDRESS, [FORWARD_ENERGY]), DltMeter(ADDRESS, {FORWARD_ENERGY: 0.26})]
    for node in nodes:
        node.opened(0.0)
        for step, piece in enumerate(pieces):
            node.receive(piece, 0.3 * step)
            list(node.due(0.3 * step))
            node.next_deadline()
