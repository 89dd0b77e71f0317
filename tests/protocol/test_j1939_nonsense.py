"""J1939-21 transport against what contradicts itself, comes late or concerns no connection; identifiers."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.errors import InputError
from swapstation.protocol import j1939
from swapstation.protocol.j1939 import AbortReason, Assembly, Transported
from swapstation.protocol.node import Malformed
from tests.protocol.j1939_pair import BRM, CTS, EOMA, PGN, RTS, pair


def test_one_connection_at_a_time() -> None:
    sender, receiver = pair()
    sender.send(PGN, BRM, 0.0)
    with pytest.raises(InputError):
        sender.send(0x0600, BRM, 0.0)
    receiver.control(bytes.fromhex("10 31 00 07 FF 00 02 00"), 0.0)
    receiver.due(0.0)
    receiver.control(bytes.fromhex("10 0D 00 02 FF 00 06 00"), 0.1)
    assert receiver.due(0.1)[0].data == bytes.fromhex("FF 01 FF FF FF 00 06 00")
    receiver.control(bytes.fromhex("10 31 00 07 FF 00 02 00"), 0.2)
    assert receiver.due(0.2)[0].data[0] == 0x11


@pytest.mark.parametrize("size", [0, 8, 1786])
def test_sizes_outside_the_transport_are_refused(size: int) -> None:
    with pytest.raises(InputError):
        pair()[0].send(PGN, bytes(size), 0.0)


@pytest.mark.parametrize(
    "rts", ["10 31 00 06 FF 00 02 00", "10 08 00 02 FF 00 02 00", "10 FF FF FF FF 00 02 00", "10 00 00 00 FF 00 02 00"]
)
def test_an_rts_that_contradicts_itself_is_malformed_and_refused(rts: str) -> None:
    _, receiver = pair()
    assert isinstance(receiver.control(bytes.fromhex(rts), 0.0), Malformed)
    assert receiver.due(0.0)[0].data[:2] == bytes((0xFF, AbortReason.NO_RESOURCES))
    assert receiver.packet(b"\x01" + bytes(7), 0.1) is None


@pytest.mark.parametrize("reason", [1, 2, 3, 4, 250, AbortReason.UNSPECIFIED])
def test_an_abort_ends_a_message_whatever_its_reason(reason: int) -> None:
    sender, receiver = pair()
    sender.send(PGN, BRM, 0.0)
    receiver.control(sender.due(0.0)[0].data, 0.0)
    abort = bytes((0xFF, reason, 0xFF, 0xFF, 0xFF, 0x00, 0x02, 0x00))
    sender.control(abort, 0.1)
    receiver.control(abort, 0.1)
    assert (sender.busy, sender.failed, sender.failure) == (False, 1, reason)
    assert sender.next_deadline() == receiver.next_deadline() == inf


def test_only_an_acknowledgement_of_everything_is_a_delivery() -> None:
    sender, _ = pair()
    sender.send(PGN, BRM, 0.0)
    sender.due(0.0)
    assert isinstance(sender.control(EOMA, 0.0), Malformed), "before the first grant"
    sender.control(bytes.fromhex("11 03 01 FF FF 00 02 00"), 0.0)
    for at_ms in (0, 10, 20):
        sender.due(at_ms / 1000)
    assert isinstance(sender.control(EOMA, 0.1), Malformed), "before the last window"
    sender.control(bytes.fromhex("11 04 04 FF FF 00 02 00"), 0.1)
    for at_ms in (100, 110, 120, 130):
        sender.due(at_ms / 1000)
    assert isinstance(sender.control(bytes.fromhex("13 30 00 07 FF 00 02 00"), 0.2), Malformed), "of another size"
    assert sender.busy
    assert sender.control(EOMA, 0.2) is None
    assert (sender.delivered, sender.busy) == (1, False)
    assert sender.control(EOMA, 0.3) is None, "a late one is nothing"
    assert sender.delivered == 1


def test_a_second_grant_while_packets_leave_is_ignored() -> None:
    sender, _ = pair()
    sender.send(PGN, BRM, 0.0)
    sender.due(0.0)
    numbers = []
    for at_ms in range(0, 77, 11):
        sender.control(CTS, at_ms / 1000)
        numbers += [frame.data[0] for frame in sender.due(at_ms / 1000)]
    assert numbers == [1, 2, 3, 4, 5, 6, 7]


def test_a_second_rts_of_the_same_message_starts_it_anew() -> None:
    _, receiver = pair()
    for _ in range(2):
        receiver.control(RTS, 0.0)
        assert receiver.due(0.0)[0].data == CTS
        assert receiver.packet(b"\x01" + bytes(7), 0.1) is None
    assert receiver.control(bytes.fromhex("10 31 00 08 FF 00 02 00"), 0.2) is not None
    assert [frame.data[:2].hex() for frame in receiver.due(0.2)] == ["ff02"], "a wrong one ends it"
    assert receiver.next_deadline() == inf


def test_packets_that_are_not_missing_keep_no_connection_alive() -> None:
    _, receiver = pair()
    receiver.control(RTS, 0.0)
    receiver.due(0.0)
    for number, at_s in ((1, 0.0), (1, 0.3), (0, 0.5), (99, 0.6), (1, 0.7)):
        receiver.packet(bytes((number,)) + bytes(7), at_s)
    assert receiver.next_deadline() == pytest.approx(0.75)


@pytest.mark.parametrize("control", ["20 31 00 07 FF 00 02 00", "00 31 00 07 FF 00 02 00", "12 00 00 00 00 00 00 00"])
def test_a_broadcast_announcement_or_an_unknown_word_is_malformed_and_opens_nothing(control: str) -> None:
    _, receiver = pair()
    assert isinstance(receiver.control(bytes.fromhex(control), 0.0), Malformed)
    assert receiver.packet(b"\x01" + bytes(7), 0.0) is None
    assert receiver.due(1.0) == []


def test_what_concerns_no_connection_is_ignored() -> None:
    sender, receiver = pair()
    for control in (
        "11 07 01 FF FF 00 02 00",
        "13 31 00 07 FF 00 02 00",
        "FF 01 FF FF FF 00 02 00",
        "20 00 00 00 00 00 00 00",
    ):
        sender.control(bytes.fromhex(control), 0.0)
        receiver.control(bytes.fromhex(control), 0.0)
    assert receiver.packet(bytes(8), 0.0) is None
    assert sender.due(0.0) + receiver.due(0.0) == []
    sender.send(PGN, BRM, 0.0)
    sender.due(0.0)
    sender.control(bytes.fromhex("11 07 01 FF FF 00 06 00"), 0.0)
    sender.control(bytes.fromhex("11 07 08 FF FF 00 02 00"), 0.0)
    assert sender.due(0.0) == []
    sender.control(bytes.fromhex("FF 01 FF FF FF 00 02 00"), 0.0)
    assert not sender.busy


def test_packets_fill_an_assembly_in_any_order() -> None:
    assembly = Assembly.opened_by(bytes.fromhex("10 0D 00 02 FF 00 06 00"))
    assert isinstance(assembly, Assembly)
    assert assembly.put(b"\x02" + b"B" * 7) is None
    assert assembly.put(b"\x09" + b"C" * 7) is None
    assert assembly.put(b"\x00" + b"C" * 7) is None
    assert assembly.put(b"\x01" + b"A" * 7) == Transported(0x0600, b"AAAAAAABBBBBB")


@given(st.lists(st.tuples(st.booleans(), st.binary(min_size=8, max_size=8), st.floats(0, 2))))
def test_random_frames_never_raise(steps: list[tuple[bool, bytes, float]]) -> None:
    sender, receiver = pair()
    sender.send(PGN, BRM, 0.0)
    now_s = 0.0
    for control, data, wait_s in steps:
        now_s += wait_s
        if control:
            sender.control(data, now_s)
            receiver.control(data, now_s)
        else:
            receiver.packet(data, now_s)
        sender.due(now_s)
        receiver.due(now_s)


@given(st.integers(0, 0x1FFFFFFF))
def test_identifiers_come_apart_and_together(can_id: int) -> None:
    parts = j1939.split(can_id)
    assert j1939.join(parts.priority, parts.pgn, parts.destination, parts.source) == can_id


def test_identifiers_of_both_kinds() -> None:
    assert j1939.split(0x1826F456) == j1939.Identifier(6, 0x2600, 0xF4, 0x56)
    assert j1939.split(0x18FECA80) == j1939.Identifier(6, 0xFECA, 0xFF, 0x80)
    assert j1939.join(7, j1939.TP_CM_PGN, 0x56, 0xF4) == 0x1CEC56F4
