"""J1939-21 transport: sender and receiver against each other, lost frames, holds, aborts, nonsense."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import pairwise
from math import inf

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from swapstation.errors import InputError
from swapstation.protocol import j1939
from swapstation.protocol.j1939 import AbortReason, Assembly, Transported
from swapstation.protocol.j1939_ends import Receiver, Sender
from swapstation.protocol.node import Frame, Malformed

BMS, CHARGER = 0xF4, 0x56
PGN = 0x0200
RTS, CTS = bytes.fromhex("10 31 00 07 FF 00 02 00"), bytes.fromhex("11 07 01 FF FF 00 02 00")
HOLD = bytes.fromhex("11 00 FF FF FF 00 02 00")
EOMA = bytes.fromhex("13 31 00 07 FF 00 02 00")
BRM = bytes.fromhex(
    "01010003081144194341544C40E2010026060F38010001FF4C5A5A31434C53423752413030303030310114 05E707FFFFFF"
)


Fate = tuple[float, ...]
"""What becomes of a frame: the delays after which it arrives, each once; () is lost, (0, 0.1) arrives twice."""


def carry(
    sender: Sender, receiver: Receiver, fate: Callable[[int, Frame], Fate] = lambda number, frame: (0.0,)
) -> tuple[list[Frame], list[Transported], float]:
    """Run both in virtual time until nothing more happens: what was sent, what came through, and how long it took."""
    wire: list[Frame] = []
    through: list[Transported] = []
    arriving: list[tuple[float, int, Frame, bool]] = []
    now_s = 0.0
    while now_s < inf:
        for from_sender, frames in ((True, sender.due(now_s)), (False, receiver.due(now_s))):
            for frame in frames:
                wire.append(frame)
                for delay_s in fate(len(wire), frame):
                    heapq.heappush(arriving, (now_s + delay_s, len(wire), frame, from_sender))
        assert len(wire) < 2000, "the two ends never come to an end"
        if arriving and arriving[0][0] <= now_s:
            _, _, frame, from_sender = heapq.heappop(arriving)
            if not from_sender:
                sender.control(frame.data, now_s)
            elif j1939.split(frame.can_id).pgn == j1939.TP_CM_PGN:
                receiver.control(frame.data, now_s)
            elif (whole := receiver.packet(frame.data, now_s)) is not None:
                through.append(whole)
            continue
        ended_s = now_s
        now_s = min([sender.next_deadline(), receiver.next_deadline(), *(each[0] for each in arriving[:1])])
    return wire, through, ended_s


def lose(lost: Callable[[int, Frame], bool]) -> Callable[[int, Frame], Fate]:
    return lambda number, frame: () if lost(number, frame) else (0.0,)


def pair(asked: int = 0xFF, granted: int = 0xFF) -> tuple[Sender, Receiver]:
    return Sender(BMS, CHARGER, window=asked), Receiver(CHARGER, BMS, window=granted)


def test_the_golden_transfer_byte_by_byte() -> None:
    sender, receiver = pair()
    sender.send(PGN, BRM, 0.0)
    wire, through, _ = carry(sender, receiver)
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


windows = st.integers(1, 255)


@given(st.binary(min_size=9, max_size=1785), windows, windows)
def test_any_message_comes_through_any_window(data: bytes, asked: int, granted: int) -> None:
    sender, receiver = pair(asked, granted)
    sender.send(0x1500, data, 0.0)
    wire, through, _ = carry(sender, receiver)
    assert through == [Transported(0x1500, data)]
    assert all(frame.data[1] <= min(asked, granted) for frame in wire if frame.data[0] == 0x11)
    assert (sender.delivered, sender.failed) == (1, 0)


fates = st.lists(
    st.one_of(
        st.just((0.0,)),
        st.just(()),
        st.tuples(st.floats(0, 2.0)),
        st.tuples(st.just(0.0), st.floats(0, 2.0)),
    ),
    max_size=60,
)


@given(st.binary(min_size=9, max_size=120), fates, windows, windows)
@example(bytes(range(49)), [()] * 3, 255, 255)
def test_a_bad_wire_gives_the_exact_bytes_or_a_clean_failure(
    data: bytes, bad: list[Fate], asked: int, granted: int
) -> None:
    """Frames lost, doubled and out of order: what comes through is exact, both ends come to rest within 60 s."""
    sender, receiver = pair(asked, granted)
    sender.send(0x1500, data, 0.0)
    _, through, ended_s = carry(
        sender, receiver, lambda number, frame: bad[number - 1] if number <= len(bad) else (0.0,)
    )
    assert set(through) <= {Transported(0x1500, data)}
    assert (sender.delivered, sender.failed) in ((1, 0), (0, 1))
    assert through or not sender.delivered
    assert ended_s < 60
    assert not sender.busy
    sender.send(0x1500, data, ended_s)
    assert sender.busy


def test_a_lost_packet_is_asked_for_again() -> None:
    sender, receiver = pair()
    sender.send(PGN, BRM, 0.0)
    wire, through, _ = carry(sender, receiver, lose(lambda number, frame: number == 5))
    assert through == [Transported(PGN, BRM)]
    assert "1CECF456 11 01 03 FF FF 00 02 00" in [f"{f.can_id:08X} {f.data.hex(' ').upper()}" for f in wire]


def test_a_packet_lost_for_ever_ends_in_an_abort() -> None:
    sender, receiver = pair()
    sender.send(PGN, BRM, 0.0)
    wire, through, _ = carry(sender, receiver, lose(lambda number, frame: frame.data[0] == 3))
    assert through == []
    assert {frame.data[1] for frame in wire if frame.data[0] == 0xFF} == {AbortReason.TIMEOUT}
    assert (sender.failed, sender.failure) == (1, AbortReason.TIMEOUT)


def test_a_window_whose_packets_are_lost_again_and_again_ends_at_the_limit() -> None:
    sender, receiver = pair()
    receiver.control(RTS, 0.0)
    for number in (7, 1, 2):
        receiver.packet(bytes((number,)) + bytes(7), 0.0)
    assert [frame.data[:3].hex() for frame in receiver.due(0.0)] == ["110701", "110601"]
    sender.send(PGN, BRM, 0.0)
    sender.due(0.0)
    for again in range(3):
        sender.control(CTS, 1.0 + again)
        assert sum(len(sender.due(1.0 + again + step / 90)) for step in range(7)) == 7
    sender.control(CTS, 4.0)
    assert (sender.failed, sender.failure) == (1, AbortReason.RETRANSMIT_LIMIT)
    assert [frame.data[:2].hex() for frame in sender.due(4.0)] == ["ff05"]


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


def test_a_receiver_that_must_hold_says_so_until_it_may_go_on() -> None:
    sender, receiver = pair(granted=3)
    sender.send(PGN, BRM, 0.0)
    receiver.hold()
    receiver.control(sender.due(0.0)[0].data, 0.0)
    holds = [(at_ms, frame.data) for at_ms in range(0, 3000, 10) for frame in receiver.due(at_ms / 1000)]
    assert {data for _, data in holds} == {HOLD}
    assert max(later - earlier for (earlier, _), (later, _) in pairwise(holds)) <= 500, "repeated within Th"
    sender.control(HOLD, 3.0)
    receiver.resume(3.1)
    assert [frame.data.hex() for frame in receiver.due(3.1)] == ["110301ffff000200"]
    for number in (1, 2):
        receiver.packet(bytes((number,)) + bytes(7), 3.2)
    receiver.hold()
    receiver.packet(b"\x03" + bytes(7), 3.3)
    assert [frame.data for frame in receiver.due(3.3)] == [HOLD]
    receiver.resume(3.4)
    assert [frame.data.hex() for frame in receiver.due(3.4)] == ["110304ffff000200"]
    assert receiver.due(4.64) == []
    assert [frame.data[:2].hex() for frame in receiver.due(4.65)] == ["ff03"]


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 0.3)), max_size=8), st.binary(min_size=9, max_size=200))
def test_holds_at_any_time_delay_a_message_and_never_spoil_it(holds: list[tuple[bool, float]], data: bytes) -> None:
    sender, receiver = pair(granted=2)
    sender.send(0x1500, data, 0.0)
    plan = iter(holds)

    def fate(number: int, frame: Frame) -> Fate:
        held, delay_s = next(plan, (False, 0.0))
        if held:
            receiver.hold()
        elif number % 2:
            receiver.resume(0.0)
        return (delay_s,)

    carry_held = carry(sender, receiver, fate)
    assert carry_held[1] in ([], [Transported(0x1500, data)])
    assert sender.delivered + sender.failed == 1


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
