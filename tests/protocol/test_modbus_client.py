"""The Modbus client: order, timeouts, late and foreign replies, broadcast, slow lines."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.errors import InputError
from swapstation.protocol.modbus import Request
from swapstation.protocol.modbus_client import ModbusClient, Poll
from swapstation.protocol.modbus_framing import Framing, encode_rtu, encode_tcp
from tests.protocol.modbus_bank import POLL, READ_ANSWER, rtu_client, sent


def test_writes_go_before_polls() -> None:
    client = rtu_client(POLL)
    client.write(1, 0, [1])
    assert sent(client, 1.0)[1] == 16
    assert sent(client, 1.1) == b""  # one request at a time


def test_a_late_rtu_reply_is_never_taken_for_the_next_answer() -> None:
    client = rtu_client(POLL)
    assert sent(client, 1.0)
    assert sent(client, 1.6) == b""
    assert client.wants_reopen
    client.closed(1.6)
    client.opened(1.8)
    late = encode_rtu(1, bytes.fromhex("03 04 00 6F 00 6F"))
    client.receive(late, 2.0)  # arrives while the client still listens to the line going quiet
    assert sent(client, 2.35) == b""
    assert client.next_deadline() == pytest.approx(2.5)
    assert sent(client, 2.5)
    client.receive(encode_rtu(1, READ_ANSWER), 2.51)
    assert client.latest(1, 100) == ((7, 8), 2.51)
    assert (client.counts.timeouts, client.counts.malformed) == (1, 1)


@pytest.mark.parametrize(
    "reply",
    [
        encode_rtu(2, READ_ANSWER),
        encode_rtu(1, bytes.fromhex("04 04 00 07 00 08")),
        encode_rtu(1, bytes.fromhex("03 02 00 07")) + b"\x00\x00",
        encode_rtu(1, READ_ANSWER)[:-1] + b"\x00",
        encode_rtu(1, READ_ANSWER) * 2,
        b"\x00" + encode_rtu(1, READ_ANSWER),
    ],
)
def test_a_foreign_or_damaged_rtu_reply_is_counted_and_costs_a_fresh_line(reply: bytes) -> None:
    client = rtu_client(POLL)
    sent(client, 1.0)
    client.receive(reply, 1.1)
    assert client.latest(1, 100) is None
    assert client.counts.malformed == 1
    assert client.wants_reopen


def test_bytes_that_nobody_asked_for_cost_a_fresh_line() -> None:
    client = rtu_client(POLL)
    sent(client, 1.0)
    client.receive(encode_rtu(1, READ_ANSWER), 1.01)
    client.receive(encode_rtu(1, READ_ANSWER), 1.05)
    assert client.wants_reopen


def test_an_rtu_reply_may_come_in_pieces() -> None:
    client = rtu_client(POLL)
    sent(client, 1.0)
    for byte in encode_rtu(1, READ_ANSWER):
        client.receive(bytes([byte]), 1.1)
    assert client.latest(1, 100) == ((7, 8), 1.1)


def test_tcp_answers_are_matched_by_transaction_and_unit() -> None:
    polls = [Poll(unit, 100, 2, 1.0) for unit in (1, 2)]
    client = ModbusClient(Framing.TCP, polls)
    client.opened(0.0)
    assert len(list(client.due(0.0))) == 2
    client.receive(encode_tcp(2, 2, READ_ANSWER) + encode_tcp(1, 2, READ_ANSWER) + encode_tcp(99, 1, READ_ANSWER), 0.1)
    assert client.latest(2, 100) == ((7, 8), 0.1)
    assert client.latest(1, 100) is None
    assert client.counts.malformed == 2
    client.receive(encode_tcp(1, 1, READ_ANSWER), 0.2)
    assert client.latest(1, 100) == ((7, 8), 0.2)


def test_a_silent_unit_behind_a_tcp_gateway_does_not_hold_up_another() -> None:
    client = ModbusClient(Framing.TCP, [Poll(1, 100, 2, 0.1), Poll(2, 100, 2, 0.1)], timeout_s=0.5)
    client.opened(0.0)
    for step in range(40):
        now_s = step * 0.05
        for request in client.due(now_s):
            if request[6] == 2:
                client.receive(request[:5] + bytes([7, 2]) + READ_ANSWER, now_s)
    assert client.latest(1, 100) is None
    latest = client.latest(2, 100)
    assert latest is not None
    assert latest[1] > 1.8
    assert client.counts.timeouts == 3
    assert not client.wants_reopen


def test_three_timeouts_in_a_row_ask_for_a_new_tcp_connection() -> None:
    client = ModbusClient(Framing.TCP, [POLL], timeout_s=0.5)
    client.opened(0.0)
    for step in range(20):
        sent(client, step * 0.1)
    assert client.counts.timeouts == 3
    assert client.wants_reopen


def test_a_lost_wire_fails_what_was_queued_and_nothing_leaves_late() -> None:
    client = rtu_client()
    client.write(1, 0, [1])
    client.write(1, 0, [2])
    sent(client, 1.0)
    client.closed(1.1)
    client.write(1, 0, [3])
    assert [outcome.error for outcome in client.take_outcomes()] == [
        "wire_lost",
        "wire_lost",
        "wire_not_connected",
    ]
    client.opened(2.0)
    assert sent(client, 3.0) == b""
    assert client.next_deadline() == inf


def test_the_waiting_queue_is_bounded_and_says_so() -> None:
    client = rtu_client()
    for _ in range(70):
        client.write(1, 0, [1])
    assert len(client.take_outcomes()) == 6


def test_a_broadcast_expects_no_answer_and_leaves_time_to_do_it() -> None:
    client = rtu_client(POLL)
    ticket = client.write(0, 1, [3], function=6)
    assert sent(client, 1.0) == encode_rtu(0, bytes.fromhex("06 00 01 00 03"))
    assert [(outcome.ticket, outcome.error) for outcome in client.take_outcomes()] == [(ticket, None)]
    assert sent(client, 1.09) == b""
    assert sent(client, 1.12)[:2] == b"\x01\x03"
    assert client.counts.timeouts == 0
    with pytest.raises(InputError, match="only writes"):
        client.submit(0, Request(3, address=1, count=1))
    with pytest.raises(InputError, match="nobody answers"):
        ModbusClient(Framing.RTU, [Poll(0, 1, 1, 1.0)])


def test_a_slow_line_is_given_the_time_its_bytes_need() -> None:
    """100 registers at 1200 bit/s are 1.9 s on the line: no timeout of 0.5 s may end that."""
    client = ModbusClient(Framing.RTU, [Poll(1, 0, 100, 10.0)], timeout_s=0.5, baud=1200)
    client.opened(0.0)
    assert sent(client, 1.0)
    client.receive(encode_rtu(1, bytes([3, 200]) + bytes(200)), 3.4)
    assert client.latest(1, 0) == ((0,) * 100, 3.4)
    sent(client, 12.0)
    sent(client, 14.5)
    assert client.counts.timeouts == 1


def test_input_and_holding_registers_of_one_address_are_kept_apart() -> None:
    client = ModbusClient(Framing.TCP, [POLL, Poll(1, 100, 2, 0.1, function=4)])
    client.opened(0.0)
    for now_s, first_register in ((0.0, 7), (0.01, 9)):
        request = sent(client, now_s)
        client.receive(request[:4] + bytes([0, 7, 1, request[7], 4, 0, first_register, 0, 8]), now_s)
    assert client.latest(1, 100) == ((7, 8), 0.0)
    assert client.latest(1, 100, function=4) == ((9, 8), 0.01)


@pytest.mark.parametrize(
    ("registers", "function"), [([], 16), ([0] * 124, 16), ([65536], 16), ([-1], 6), ([1, 2], 6), ([1], 3)]
)
def test_what_no_write_can_carry_is_refused(registers: list[int], function: int) -> None:
    with pytest.raises(InputError, match="FC 16: 1 to 123 numbers"):
        rtu_client().write(1, 0, registers, function)


TIMEOUT_S, DRAIN_S = 0.5, 0.4
_answers = st.lists(
    st.one_of(st.none(), st.floats(0.0, TIMEOUT_S + DRAIN_S - 0.02)),  # lost, or this much later
    min_size=1,
    max_size=12,
)


@given(_answers, st.floats(0.0, 0.3))
def test_whatever_comes_late_an_rtu_answer_is_of_the_request_in_flight(
    delays: list[float | None], reopen_s: float
) -> None:
    """The device answers with the number of the request; what the client takes must be the number it asked last."""
    client = ModbusClient(Framing.RTU, [Poll(1, 100, 1, 0.05)], timeout_s=TIMEOUT_S, drain_s=DRAIN_S)
    client.opened(0.0)
    coming: list[tuple[float, int]] = []
    asked, taken, opens_s = 0, None, inf
    for step in range(1600):  # twelve lost answers with their silence and reopening are 12 x 1.2 s
        now_s = step * 0.01
        for _, number in [each for each in coming if each[0] <= now_s]:
            if opens_s == inf:  # what comes while the line is shut is emptied at its opening
                client.receive(encode_rtu(1, bytes([3, 2, 0, number])), now_s)
        coming = [each for each in coming if each[0] > now_s]
        if (latest := client.latest(1, 100)) != taken:
            assert latest == ((asked,), now_s)
            taken = latest
        if client.wants_reopen and opens_s == inf:
            client.closed(now_s)
            opens_s = now_s + reopen_s
        if now_s >= opens_s:
            opens_s = inf
            client.opened(now_s)
        for _ in client.due(now_s):
            asked += 1
            delay_s = delays[asked - 1] if asked <= len(delays) else 0.0
            coming += [(now_s + delay_s, asked)] if delay_s is not None and asked < 250 else []
    assert taken is not None, "in the end the line works again"
