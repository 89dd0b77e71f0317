"""The C transport's sending side against the product's receiver, over wires that lose frames."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from swapstation.protocol import j1939
from swapstation.protocol.j1939_ends import Receiver
from swapstation.protocol.node import Frame
from tests.firmware.bench import Bench

PGN = 0x1500
LONGEST_S = 20.0
STEP_S = 0.005


def carried(
    bench: Bench, data: bytes, window: int = 0xFF, loss: float = 0.0, seed: int = 1
) -> tuple[bytes | None, list[Frame]]:
    """What the receiver got, and all the frames the sender said."""
    bench.reset(50.0)
    chance, receiver, now_s = random.Random(seed), Receiver(0x56, 0xF4, window=window), 100.0
    whole: bytes | None = None
    said = bench.tp_send(PGN, data, now_s)
    assert said is not None
    waiting = list(said)
    while bench.tp_busy and now_s < 100.0 + LONGEST_S:
        for frame in waiting:
            if chance.random() < loss:
                continue
            if j1939.split(frame.can_id).pgn == j1939.TP_CM_PGN:
                receiver.control(frame.data, now_s)
            elif (got := receiver.packet(frame.data, now_s)) is not None:
                whole = got.data
        for answer in receiver.due(now_s):
            if chance.random() >= loss:
                bench.tp_control(answer, now_s)
        now_s += STEP_S
        waiting = bench.tp_due(now_s)
        said += waiting
    assert not bench.tp_busy, "a message that never ends"
    return whole, said


@pytest.mark.parametrize("window", [1, 3, 16, 255])
@pytest.mark.parametrize("size", [9, 14, 15, 49, 402, 1785])
def test_every_size_arrives_whole_in_every_window(bench: Bench, size: int, window: int) -> None:
    data = bytes(number % 251 for number in range(size))
    whole, _ = carried(bench, data, window)
    assert whole == data
    assert bench.tp_counts == (1, 0)


@given(st.integers(9, 300), st.floats(0.0, 0.3), st.integers(0, 1000))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_over_a_lossy_wire_a_message_arrives_whole_or_not_at_all(
    bench: Bench, size: int, loss: float, seed: int
) -> None:
    data = random.Random(seed).randbytes(size)
    whole, _ = carried(bench, data, loss=loss, seed=seed)
    delivered, failed = bench.tp_counts
    assert delivered + failed == 1
    assert whole in (data, None)
    assert whole == data or not delivered


def test_a_receiver_that_never_answers_ends_in_an_abort(bench: Bench) -> None:
    whole, said = carried(bench, bytes(20), loss=1.0)
    assert whole is None
    assert said[-1].data.hex(" ").upper() == "FF 03 FF FF FF 00 15 00"
    assert bench.tp_counts == (0, 1)


def control(data: str) -> Frame:
    return Frame(0x1CECF456, bytes.fromhex(data))


def test_an_acknowledgement_of_what_was_not_sent_is_no_delivery(bench: Bench) -> None:
    bench.tp_send(PGN, bytes(20), 100.0)
    bench.tp_control(control("13 14 00 03 FF 00 15 00"), 100.0)
    assert bench.tp_busy
    bench.tp_control(control("11 02 02 FF FF 00 15 00"), 100.0)  # the second packet before the first
    assert bench.tp_due(100.01) == []


def test_the_third_repetition_is_refused(bench: Bench) -> None:
    bench.tp_send(PGN, bytes(20), 100.0)
    now_s = 100.0
    said: list[Frame] = []
    for _ in range(4):
        bench.tp_control(control("11 03 01 FF FF 00 15 00"), now_s)
        for _ in range(5):
            now_s += 0.01
            said += bench.tp_due(now_s)
    assert said[-1].data[:2] == b"\xff\x05"
    assert len(said) == 3 * 3 + 1
    assert bench.tp_counts == (0, 1)


def test_a_hold_keeps_the_connection_and_a_size_beyond_the_limit_opens_none(bench: Bench) -> None:
    bench.tp_send(PGN, bytes(20), 100.0)
    for number in range(1, 6):
        bench.tp_control(control("11 00 FF FF FF 00 15 00"), 100.0 + number)
        assert bench.tp_due(100.0 + number) == []
        assert bench.tp_busy
    for size in (8, 1786):
        bench.reset(50.0)
        assert bench.tp_send(PGN, bytes(size), 100.0) is None
