"""The Modbus client and a device that is busy or acknowledges: asked again, given up, never written twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from swapstation.protocol.modbus import Request
from swapstation.protocol.modbus_client import ModbusClient
from swapstation.protocol.modbus_framing import Framing, encode_rtu, encode_tcp
from tests.protocol.modbus_bank import POLL, READ_ANSWER, sent


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
