"""The dlt645 package, a foreign peer: its client against our meter, our client against its server.

The package puts an address on the wire as it is written, so it is given reversed (dependencies: the standard sends the
low pair first).
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from dlt645 import MeterClientService, MeterServerService
from dlt645.model.types.dlt645_type import Demand as ForeignDemand

from swapstation.protocol.dlt645_client import DltClient
from swapstation.protocol.dlt645_items import (
    APPARENT_POWER,
    COMBINED_ENERGY,
    CURRENTS,
    DATE,
    FORWARD_ENERGY,
    FREQUENCY,
    MAX_DEMAND,
    POWER,
    POWER_FACTOR,
    REACTIVE_POWER,
    REVERSE_ENERGY,
    TIME,
    Demand,
    Value,
)
from swapstation.protocol.dlt645_meter import DltMeter
from swapstation.transport.links import byte_link
from swapstation.transport.listener import TcpListener
from swapstation.wire_address import parse_wire
from tests.transport.support import eventually, running

ADDRESS = "000000000161"
REVERSED = "610100000000"
VOLTAGE_A, CURRENT_A = 0x02010100, CURRENTS & 0xFFFF00FF | 0x0100


async def test_the_dlt645_client_reads_our_meter() -> None:
    told: list[str] = []
    energies: dict[int, Value] = {FORWARD_ENERGY: 123456.78, FORWARD_ENERGY | 0x3F0C: 0.5, REVERSE_ENERGY: 7.0}
    values: dict[int, Value] = {
        VOLTAGE_A: 220.5,
        CURRENT_A: -12.345,
        POWER: 2.7201,
        POWER | 0x0300: -0.5,
        REACTIVE_POWER: 1.25,
        APPARENT_POWER: 3.0,
        POWER_FACTOR: 0.95,
        FREQUENCY: 49.98,
    }

    def read(port: int) -> list[float | None]:
        client = MeterClientService.new_tcp_client("127.0.0.1", port, timeout=5.0)
        with client:
            address = client.read_address()
            assert address is not None
            assert address.value == REVERSED
            assert client.set_address(REVERSED)
            answers = [*(client.read_00(di) for di in energies), *(client.read_02(di) for di in values)]
            assert client.read_02(VOLTAGE_A + 0x0100) is None, "our meter does not have it and says so"
            date, time = client.read_04(DATE), client.read_04(TIME)
            assert date is not None
            assert time is not None
            assert (date.value, time.value) == ("26021500", "235859")
            assert client.broadcast_time_sync(datetime(2026, 2, 15, 23, 59, tzinfo=UTC))
        return [answer and answer.value for answer in answers]

    clock: dict[int, Value] = {DATE: "26021500", TIME: "235859"}
    listener = TcpListener("127.0.0.1", 0, lambda: DltMeter(ADDRESS, energies | values | clock, set_clock=told.append))
    async with running(listener.run()):
        read_values = await asyncio.to_thread(read, listener.port)
        await eventually(lambda: told)
    assert read_values == pytest.approx([*energies.values(), *values.values()])
    assert told == ["005923150226"], "the package sends the year first, the standard the second"


async def test_our_client_reads_the_dlt645_server() -> None:
    service = MeterServerService.new_tcp_server("127.0.0.1", 0, timeout=5.0)
    assert service.set_address(REVERSED)
    values = {
        FORWARD_ENERGY: 50.5,
        COMBINED_ENERGY: 51.25,
        FORWARD_ENERGY | 0x0400: 12.0,
        FORWARD_ENERGY | 0x01: 40.0,
        VOLTAGE_A: 66.6,
        CURRENT_A: -7.125,
        POWER: -12.5,
        POWER_FACTOR: -0.5,
        FREQUENCY: 50.02,
    }
    for identifier, value in values.items():
        assert (service.set_00 if identifier >> 24 == 0 else service.set_02)(identifier, value)
    assert service.set_01(MAX_DEMAND, ForeignDemand(10.5, datetime(2026, 2, 15, 23, 59, tzinfo=UTC)))
    with service:
        client = DltClient(ADDRESS, [*values, MAX_DEMAND], period_s=0.1)
        url = f"dlt645+tcp://127.0.0.1:{service.server.port}?address={ADDRESS}"
        link = byte_link("meter", parse_wire("meter", url), client)
        async with running(link.run()):
            await eventually(lambda: client.latest(MAX_DEMAND))
        stranger = DltClient("000000000162", [FORWARD_ENERGY], period_s=0.1)
        async with running(byte_link("meter", parse_wire("meter", url), stranger).run()):
            await eventually(lambda: stranger.refusals)  # it refuses in the name of the other
    read = {identifier: client.latest(identifier) for identifier in values}
    assert {identifier: latest and latest[0] for identifier, latest in read.items()} == values
    demand = client.latest(MAX_DEMAND)
    assert demand is not None
    assert demand[0] == Demand(10.5, "2602152359")
    assert link.status.malformed == 0
    assert stranger.latest(FORWARD_ENERGY) is None
