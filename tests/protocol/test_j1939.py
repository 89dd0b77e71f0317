"""J1939-21 transport: sender and receiver against each other, lost frames, holds, aborts, nonsense."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.errors import InputError
from swapstation.protocol import j1939
from swapstation.protocol.j1939 import AbortReason, Assembly, Receiver, Sender, Timers, Transported
from swapstation.protocol.node import Frame, Malformed

BMS, CHARGER = 0xF4, 0x56
PGN = 0x0200
BRM = bytes.fromhex(
    "01010003081144194341544C40E2010026060F38010001FF4C5A5A31434C53423752413030303030310114 05E707FFFFFF"
)


def carry(
    sender: Sender,
    receiver: Receiver,
    lost: Callable[[int, Frame], bool] = lambda number, frame: False,
    until_s: float = 20.0,
) -> tuple[list[Frame], list[Transported]]:
    """Run both in virtual time until nothing more happens; returns what was on the wire and what came through."""
    wire: list[Frame] = []
    through: list[Transported] = []
    now_s = 0.0
    while now_s <= until_s:
        frames = [(frame, True) for frame in sender.due(now_s)] + [(frame, False) for frame in receiver.due(now_s)]
        for frame, from_sender in frames:
            wire.append(frame)
            if lost(len(wire), frame):
                continue
            if not from_sender:
                sender.control(frame.data, now_s)
            elif j1939.split(frame.can_id).pgn == j1939.TP_CM_PGN:
                receiver.control(frame.data, now_s)
            elif (whole := receiver.packet(frame.data, now_s)) is not None:
                through.append(whole)
        if not frames:
            now_s = min(sender.next_deadline(), receiver.next_deadline())
    return wire, through


def pair(timers: Timers | None = None) -> tuple[Sender, Receiver]:
    return Sender(BMS, CHARGER, timers=timers), Receiver(CHARGER, BMS, timers=timers)


def test_the_golden_transfer_byte_by_byte() -> None:
    sender, receiver = pair()
    sender.send(PGN, BRM, 0.0)
    wire, through = carry(sender, receiver)
    assert [f"{frame.can_id:08X} {frame.data.hex(' ').upper()}" for frame in wire] == [
        "1CEC56F4 10 31 00 07 FF 00 02 00",
        "1CECF456 11 07 01 FF FF 00 02 00",
        "1CEB56F4 01 01 01 00 03 08 11 44",
        "1CEB56F4 02 19 43 41 54 4C 40 E2",
        "1CEB56F4 03 01 00 26 06 0F 38 01",
        "1CEB56F4 04 00 01 FF 4C 5A 5A 31",
        "1CEB56F4 05 43 4C 53 42 37 52 41",
        "1CEB56F4 06 30 30 30 30 30 31 01",
        "1CEB56F4 07 14 05 E7 07 FF FF FF",
        "1CECF456 13 31 00 07 FF 00 02 00",
    ]
    assert through == [Transported(PGN, BRM)]
    assert (sender.delivered, sender.failed, sender.busy) == (1, 0, False)


def test_packets_keep_their_spacing_even_when_asked_late() -> None:
    sender, _ = pair()
    sender.send(PGN, BRM, 0.0)
    sender.due(0.0)
    sender.control(bytes.fromhex("11 07 01 FF FF 00 02 00"), 0.0)
    sent = [len(sender.due(at_ms / 1000)) for at_ms in (0, 5, 10, 30, 31, 40)]
    assert sent == [1, 0, 1, 1, 0, 1]


@given(st.binary(min_size=9, max_size=1785))
def test_any_message_comes_through(data: bytes) -> None:
    sender, receiver = pair()
    sender.send(0x1500, data, 0.0)
    assert carry(sender, receiver, until_s=60.0)[1] == [Transported(0x1500, data)]


@given(st.binary(min_size=9, max_size=200), st.sets(st.integers(1, 40), max_size=3))
def test_lost_frames_never_give_a_wrong_message(data: bytes, lost: set[int]) -> None:
    sender, receiver = pair()
    sender.send(0x1500, data, 0.0)
    _, through = carry(sender, receiver, lambda number, frame: number in lost)
    assert through in ([], [Transported(0x1500, data)])
    assert not sender.busy
    assert receiver.next_deadline() == float("inf")
    sender.send(0x1500, data, 30.0)
    assert sender.busy


def test_a_lost_packet_is_asked_for_again() -> None:
    sender, receiver = pair()
    sender.send(PGN, BRM, 0.0)
    wire, through = carry(sender, receiver, lambda number, frame: number == 5)
    assert through == [Transported(PGN, BRM)]
    assert "1CECF456 11 01 03 FF FF 00 02 00" in [f"{f.can_id:08X} {f.data.hex(' ').upper()}" for f in wire]


def test_a_packet_lost_for_ever_ends_in_an_abort() -> None:
    sender, receiver = pair()
    sender.send(PGN, BRM, 0.0)
    wire, through = carry(sender, receiver, lambda number, frame: frame.data[0] == 3)
    assert through == []
    aborts = [frame.data[1] for frame in wire if frame.data[0] == 0xFF]
    assert aborts[0] in (AbortReason.RETRANSMIT_LIMIT, AbortReason.TIMEOUT)
    assert sender.failed == 1


def test_an_unanswered_rts_is_aborted_after_t3() -> None:
    sender, _ = pair()
    sender.send(PGN, BRM, 10.0)
    assert len(sender.due(10.0)) == 1
    assert sender.next_deadline() == pytest.approx(11.25)
    [abort] = sender.due(11.25)
    assert abort.data == bytes.fromhex("FF 03 FF FF FF 00 02 00")
    assert (sender.busy, sender.failed) == (False, 1)


def test_a_receiver_gives_up_when_no_packet_comes() -> None:
    _, receiver = pair()
    receiver.control(bytes.fromhex("10 31 00 07 FF 00 02 00"), 0.0)
    assert receiver.due(0.0)[0].data[0] == 0x11
    assert receiver.next_deadline() == pytest.approx(1.25)
    receiver.packet(b"\x01" + bytes(7), 0.1)
    assert receiver.next_deadline() == pytest.approx(0.85)
    [abort] = receiver.due(0.85)
    assert (abort.can_id, abort.data) == (0x1CECF456, bytes.fromhex("FF 03 FF FF FF 00 02 00"))


def test_a_hold_is_waited_for_up_to_t4() -> None:
    sender, _ = pair()
    sender.send(PGN, BRM, 0.0)
    sender.due(0.0)
    sender.control(bytes.fromhex("11 00 FF FF FF 00 02 00"), 0.1)
    assert sender.due(0.5) == []
    assert sender.next_deadline() == pytest.approx(1.15)
    sender.control(bytes.fromhex("11 07 01 FF FF 00 02 00"), 1.0)
    assert sender.due(1.0)[0].data[0] == 1


def test_a_window_of_two_packets_is_granted_step_by_step() -> None:
    sender, receiver = pair()
    receiver.control(bytes.fromhex("10 31 00 07 02 00 02 00"), 0.0)
    assert receiver.due(0.0)[0].data.hex() == "110201ffff000200"
    for number in (1, 2):
        receiver.packet(bytes((number,)) + bytes(7), 0.1)
    assert receiver.due(0.1)[0].data.hex() == "110203ffff000200"
    sender.send(PGN, BRM, 0.0)
    sender.due(0.0)
    sender.control(bytes.fromhex("11 02 01 FF FF 00 02 00"), 0.0)
    numbers = [frame.data[0] for at_ms in range(0, 50, 10) for frame in sender.due(at_ms / 1000)]
    assert numbers == [1, 2]


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
