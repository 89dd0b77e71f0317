"""Modbus client and server joined in memory: order, timeouts, late and foreign replies, refusals."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.errors import InputError
from swapstation.model.reasons import reason
from swapstation.protocol.modbus import ExceptionCode, Refused, Request
from swapstation.protocol.modbus_client import ModbusClient, Poll
from swapstation.protocol.modbus_framing import Framing, encode_rtu, encode_tcp
from swapstation.protocol.modbus_server import ModbusRtuServer, ModbusTcpServer
from swapstation.protocol.node import ByteNode
from swapstation.protocol.register_bank import RegisterBank, RegisterWrite

POLL = Poll(unit=1, address=100, count=2, period_s=0.1)
READ_ANSWER = bytes.fromhex("03 04 00 07 00 08")


def bank() -> RegisterBank:
    registers = RegisterBank()
    registers.define(1, 0, 10, writable=True)
    registers.define(1, 100, 10)
    registers.set(1, 100, [7, 8])
    return registers


def rtu_client(*polls: Poll) -> ModbusClient:
    client = ModbusClient(Framing.RTU, polls, timeout_s=0.5)
    client.opened(0.0)
    return client


def sent(client: ModbusClient, now_s: float) -> bytes:
    return b"".join(client.due(now_s))


@pytest.mark.parametrize("framing", list(Framing))
def test_polls_and_writes_travel_and_every_write_is_reported(framing: Framing) -> None:
    registers = bank()
    server = ModbusRtuServer(registers) if framing is Framing.RTU else ModbusTcpServer(registers)
    client = ModbusClient(framing, [POLL])
    client.opened(0.0)
    server.opened(0.0)
    good, bad = client.write(1, 2, [5, 6]), client.write(1, 100, [1])
    for step in range(20):
        now_s = 0.01 * (step + 1)
        server.receive(sent(client, now_s), now_s)
        client.receive(b"".join(server.due(now_s)), now_s)
    assert [(outcome.ticket, outcome.error) for outcome in client.take_outcomes()] == [
        (good, None),
        (bad, "modbus_illegal_address"),
    ]
    assert client.take_outcomes() == []
    assert registers.take_writes() == [RegisterWrite(1, 2, (5, 6))]
    latest = client.latest(1, 100)
    assert latest is not None
    assert latest[0] == (7, 8)
    assert client.latest(1, 0) is None
    assert client.exceptions == 1
    assert client.counts.timeouts == client.counts.malformed == 0
    assert client.counts.requests == client.counts.rx == 4


@pytest.mark.parametrize("framing", list(Framing))
def test_a_read_and_write_request_gives_its_registers(framing: Framing) -> None:
    registers = bank()
    server = ModbusRtuServer(registers) if framing is Framing.RTU else ModbusTcpServer(registers)
    client = ModbusClient(framing, [])
    client.opened(0.0)
    client.submit(1, Request(23, address=0, count=2, write_address=0, registers=(3, 4)))
    server.receive(sent(client, 0.01), 0.01)
    client.receive(b"".join(server.due(0.01)), 0.01)
    assert client.take_outcomes()[0].registers == (3, 4)


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


def one_unit(framing: Framing) -> tuple[ModbusClient, Callable[[bytes, bytes], bytes]]:
    """An open client without polls, and how its device answers a request with a PDU."""
    client = ModbusClient(framing, [])
    client.opened(0.0)

    def answer(request: bytes, pdu: bytes) -> bytes:
        return encode_rtu(1, pdu) if framing is Framing.RTU else encode_tcp(int.from_bytes(request[:2], "big"), 1, pdu)

    return client, answer


def pdu_of(framing: Framing, request: bytes) -> bytes:
    return request[1:-2] if framing is Framing.RTU else request[7:]


WRITES_7 = bytes.fromhex("10 00 07 00 01 02 00 07")


@pytest.mark.parametrize("framing", list(Framing))
def test_a_busy_device_is_asked_again_before_what_came_later(framing: Framing) -> None:
    client, answer = one_unit(framing)
    client.write(1, 7, [7])
    client.write(1, 8, [8])
    request = sent(client, 1.0)
    client.receive(answer(request, b"\x90\x06"), 1.01)
    assert sent(client, 1.1) == b""
    assert client.next_deadline() == pytest.approx(1.21)
    request = sent(client, 1.22)
    assert pdu_of(framing, request) == WRITES_7
    client.receive(answer(request, WRITES_7[:5]), 1.23)
    assert pdu_of(framing, sent(client, 1.24))[1:3] == b"\x00\x08"
    assert [outcome.error for outcome in client.take_outcomes()] == [None]
    assert (client.busy, client.exceptions) == (1, 1)


@pytest.mark.parametrize("framing", list(Framing))
def test_a_device_that_stays_busy_is_given_up(framing: Framing) -> None:
    client, answer = one_unit(framing)
    client.write(1, 7, [7])
    for step in range(100):
        if request := sent(client, step * 0.05):
            client.receive(answer(request, b"\x90\x06"), step * 0.05)
    assert [outcome.error for outcome in client.take_outcomes()] == ["modbus_busy"]
    assert client.counts.requests == 4


@pytest.mark.parametrize(
    ("request_", "outcomes", "requests"),
    [
        (Request(16, write_address=7, registers=(7,)), [None], 1),  # taken: sent once, whatever it takes
        (Request(6, write_address=7, registers=(7,)), [None], 1),
        (Request(23, address=0, count=1, write_address=7, registers=(7,)), ["modbus_acknowledge"], 1),
        (Request(3, address=0, count=1), ["modbus_acknowledge"], 4),
    ],
)
def test_an_acknowledged_write_is_never_sent_twice(
    request_: Request, outcomes: list[str | None], requests: int
) -> None:
    client, answer = one_unit(Framing.TCP)
    client.submit(1, request_)
    for step in range(100):
        if request := sent(client, step * 0.05):
            client.receive(answer(request, bytes([0x80 | request_.function, 5])), step * 0.05)
    assert [outcome.error for outcome in client.take_outcomes()] == outcomes
    assert (client.counts.requests, client.busy) == (requests, requests)


def test_a_busy_device_is_polled_on() -> None:
    client = ModbusClient(Framing.TCP, [POLL])
    client.opened(0.0)
    client.receive(encode_tcp(int.from_bytes(sent(client, 0.0)[:2], "big"), 1, b"\x83\x06"), 0.01)
    assert client.latest(1, 100) is None
    client.receive(encode_tcp(int.from_bytes(sent(client, 0.1)[:2], "big"), 1, READ_ANSWER), 0.11)
    assert client.latest(1, 100) == ((7, 8), 0.11)
    assert (client.busy, client.counts.requests) == (1, 2)


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


def test_every_exception_has_its_words_and_an_unknown_one_its_number() -> None:
    for code in ExceptionCode:
        assert reason(Refused(code).reason).zh != code.reason
    assert Refused(99).reason == "modbus_exception_99"


def test_a_server_is_silent_for_other_units_on_rtu_and_refuses_on_tcp() -> None:
    rtu, tcp = ModbusRtuServer(bank()), ModbusTcpServer(bank())
    rtu.receive(encode_rtu(9, bytes.fromhex("03 00 64 00 02")), 0.0)
    tcp.receive(encode_tcp(5, 9, bytes.fromhex("03 00 64 00 02")), 0.0)
    assert list(rtu.due(1.0)) == []
    assert list(tcp.due(0.0)) == [encode_tcp(5, 9, b"\x83\x0b")]


def test_a_broadcast_is_done_and_not_answered() -> None:
    registers = bank()
    server = ModbusRtuServer(registers)
    server.receive(encode_rtu(0, bytes.fromhex("06 00 01 00 03")), 0.0)
    assert list(server.due(1.0)) == []
    assert registers.take_writes() == [RegisterWrite(1, 1, (3,))]


def test_an_unknown_function_is_refused_after_the_silence() -> None:
    server = ModbusRtuServer(bank())
    server.receive(encode_rtu(1, bytes.fromhex("2B 0E 01 00")), 0.0)
    assert list(server.due(0.001)) == []
    assert list(server.due(server.next_deadline())) == [encode_rtu(1, b"\xab\x01")]


def test_a_server_finds_the_next_frame_after_noise_and_silence() -> None:
    server = ModbusRtuServer(bank())
    server.receive(b"\x01\x03noise", 0.0)
    server.receive(encode_rtu(1, bytes.fromhex("03 00 64 00 02")), 0.5)
    assert list(server.due(0.5)) == [encode_rtu(1, READ_ANSWER)]
    assert server.counts.malformed == 1


def test_a_bank_that_nobody_reads_says_busy() -> None:
    registers = bank()
    request = Request(6, write_address=0, registers=(1,))
    answers = [registers.execute(1, request) for _ in range(1001)]
    assert getattr(answers[-1], "code", None) == 6
    assert len(registers.take_writes()) == 1000


def test_setting_registers_outside_the_blocks_is_an_input_error() -> None:
    registers = bank()
    for wrong in (
        lambda: registers.set(1, 9, [1, 2]),
        lambda: registers.get(2, 0, 1),
        lambda: registers.define(1, 65535, 2),
    ):
        with pytest.raises(InputError):
            wrong()


_pieces = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.sampled_from(
            [encode_rtu(1, bytes.fromhex("03 00 64 00 02")), encode_tcp(1, 1, bytes.fromhex("03 00 64 00 02"))]
        ),
    ),
    max_size=20,
)


@given(_pieces, st.sampled_from([0.0, 0.001, 0.05, 0.6]))
def test_random_bytes_never_raise_at_either_end(pieces: list[bytes], gap_s: float) -> None:
    nodes: list[ByteNode] = [
        ModbusRtuServer(bank()),
        ModbusTcpServer(bank()),
        ModbusClient(Framing.RTU, [POLL]),
        ModbusClient(Framing.TCP, [POLL]),
    ]
    for node in nodes:
        now_s = 0.0
        node.opened(now_s)
        for piece in pieces:
            now_s += gap_s
            node.receive(piece, now_s)
            list(node.due(now_s))
            node.next_deadline()
        node.closed(now_s)


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
    for step in range(800):
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
