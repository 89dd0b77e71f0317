"""The dlt645 package, a foreign peer: its client against our meter, our client against its server.

The package puts an address on the wire as it is written, so it is given reversed (dependencies: the standard sends the
low pair first).
"""

from __future__ import annotations

import asyncio

import pytest
from dlt645 import MeterClientService, MeterServerService

from swapstation.protocol.dlt645_ends import DltClient, DltMeter
from swapstation.protocol.dlt645_items import CURRENTS, FORWARD_ENERGY, POWER, Value
from swapstation.transport.links import byte_link
from swapstation.transport.listener import TcpListener
from swapstation.wire_address import parse_wire
from tests.transport.support import eventually, running

ADDRESS = "000000000161"
REVERSED = "610100000000"
VOLTAGE_A, CURRENT_A = 0x02010100, CURRENTS & 0xFFFF00FF | 0x0100


async def test_the_dlt645_client_reads_our_meter() -> None:
    values: dict[int, Value] = {FORWARD_ENERGY: 123456.78, VOLTAGE_A: 220.5, CURRENT_A: -12.345, POWER: 2.7201}

    def read(port: int) -> list[float | None]:
        client = MeterClientService.new_tcp_client("127.0.0.1", port, timeout=5.0)
        assert client.set_address(REVERSED)
        with client:
            answers = [client.read_00(FORWARD_ENERGY), *(client.read_02(di) for di in (VOLTAGE_A, CURRENT_A, POWER))]
        return [answer and answer.value for answer in answers]

    listener = TcpListener("127.0.0.1", 0, lambda: DltMeter(ADDRESS, values))
    async with running(listener.run()):
        assert await asyncio.to_thread(read, listener.port) == pytest.approx([123456.78, 220.5, -12.345, 2.7201])


async def test_our_client_reads_the_dlt645_server() -> None:
    service = MeterServerService.new_tcp_server("127.0.0.1", 0, timeout=5.0)
    assert service.set_address(REVERSED)
    assert service.set_00(FORWARD_ENERGY, 50.5)
    assert service.set_02(VOLTAGE_A, 66.6)
    with service:
        client = DltClient(ADDRESS, [FORWARD_ENERGY, VOLTAGE_A], period_s=0.1)
        url = f"dlt645+tcp://127.0.0.1:{service.server.port}?address={ADDRESS}"
        link = byte_link("meter", parse_wire("meter", url), client)
        async with running(link.run()):
            await eventually(lambda: client.latest(VOLTAGE_A))
    energy, voltage = client.latest(FORWARD_ENERGY), client.latest(VOLTAGE_A)
    assert energy is not None
    assert voltage is not None
    assert (energy[0], voltage[0]) == (50.5, 66.6)
    assert link.status.malformed == 0
