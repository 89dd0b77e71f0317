"""A device's registers and a client of it, for the Modbus tests."""

from __future__ import annotations

from swapstation.protocol.modbus_client import ModbusClient, Poll
from swapstation.protocol.modbus_framing import Framing
from swapstation.protocol.register_bank import RegisterBank

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
