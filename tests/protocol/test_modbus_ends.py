"""Modbus client and server joined in memory; what a server answers, refuses and ignores."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.errors import InputError
from swapstation.model.reasons import reason
from swapstation.protocol.modbus import ExceptionCode, Refused, Request
from swapstation.protocol.modbus_client import ModbusClient
from swapstation.protocol.modbus_framing import Framing, encode_rtu, encode_tcp
from swapstation.protocol.modbus_server import ModbusRtuServer, ModbusTcpServer
from swapstation.protocol.node import ByteNode
from swapstation.protocol.register_bank import RegisterWrite
from tests.protocol.modbus_bank import POLL, READ_ANSWER, bank, sent


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
