"""J1939-21 transport, sender and receiver against each other: windows, lost frames, timeouts, holds."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from swapstation.protocol.j1939 import AbortReason, Transported
from swapstation.protocol.node import Frame
from tests.protocol.j1939_pair import BRM, CTS, HOLD, PGN, RTS, Fate, carry, lose, pair


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
