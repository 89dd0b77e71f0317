"""A peer that babbles: no end of a wire raises, and none keeps more than a few frames of what it said."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swapstation.protocol.dlt645 import MeterFrame
from swapstation.protocol.dlt645 import encode_frame as dlt645_frame
from swapstation.protocol.dlt645_client import DltClient
from swapstation.protocol.dlt645_items import FORWARD_ENERGY
from swapstation.protocol.dlt645_meter import DltMeter
from swapstation.protocol.modbus_client import ModbusClient, Poll
from swapstation.protocol.modbus_framing import Framing, encode_rtu, encode_tcp
from swapstation.protocol.modbus_server import ModbusRtuServer, ModbusTcpServer
from swapstation.protocol.node import ByteNode
from swapstation.protocol.register_bank import RegisterBank
from swapstation.protocol.slcan_ends import SlcanAdapter, SlcanClient
from swapstation.protocol.socketcand_ends import SocketcandClient, SocketcandServer
from tests.transport.support import ListeningNode

MOST_HELD_BYTES = 2_000
METER = "000000000161"
READ = bytes.fromhex("03 00 64 00 02")


class Deaf(ListeningNode):
    def receive(self, *_: object) -> None:
        """What was heard is not kept: only the end itself is weighed."""


def bank() -> RegisterBank:
    registers = RegisterBank()
    registers.define(1, 100, 10)
    return registers


def ignore(*_: object) -> None:
    """A bus that nobody is on."""


ENDS: dict[str, Callable[[], ByteNode]] = {
    "slcan client": lambda: SlcanClient(Deaf()),
    "slcan adapter": lambda: SlcanAdapter(ignore),
    "socketcand client": lambda: SocketcandClient(Deaf(), "can0"),
    "socketcand server": lambda: SocketcandServer(ignore, "can0"),
    "modbus rtu client": lambda: ModbusClient(Framing.RTU, [Poll(1, 100, 2, 0.1)]),
    "modbus tcp client": lambda: ModbusClient(Framing.TCP, [Poll(1, 100, 2, 0.1)]),
    "modbus rtu server": lambda: ModbusRtuServer(bank()),
    "modbus tcp server": lambda: ModbusTcpServer(bank()),
    "meter client": lambda: DltClient(METER, [FORWARD_ENERGY]),
    "meter": lambda: DltMeter(METER, {FORWARD_ENERGY: 1.0}),
}

PIECES = [
    b"O\rT100956F41AA\r",
    b"T100956F48",
    b"< hi >< ok >< ok >",
    b"< open can0 >< rawmode >",
    b"< send ",
    encode_rtu(1, READ),
    encode_rtu(1, READ)[:-1],
    encode_tcp(1, 1, READ),
    encode_tcp(1, 1, READ)[:-1],
    encode_tcp(7, 1, bytes(250))[:-1],
    dlt645_frame(MeterFrame(METER, 0x11, bytes.fromhex("00000100"))),
    dlt645_frame(MeterFrame(METER, 0xB1, bytes.fromhex("00000100") + bytes(190))),
    b"\x68" * 7,
    b"\x68\x61\x01\x00\x00\x00\x00\x68\x91\xc8",
    b"\xfe" * 50,
]


def held(value: object) -> Iterator[int]:
    """The length of every text, byte string and collection below a node."""
    if isinstance(value, bytes | str):
        yield len(value)
    elif isinstance(value, dict):
        yield len(value)
        for each in value.values():
            yield from held(each)
    elif isinstance(value, list | tuple):
        yield len(value)
        for each in value:
            yield from held(each)
    elif hasattr(value, "__dict__") and not isinstance(value, RegisterBank):
        yield from held(vars(value))


@pytest.mark.parametrize("name", ENDS)
@settings(max_examples=25)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=40)), min_size=1, max_size=4), st.booleans())
def test_a_babbling_peer_cannot_grow_an_end(name: str, pieces: list[bytes], reopened: bool) -> None:
    """100 KiB of anything, in lumps of one read; `due` is called after each, as every driver does."""
    end = ENDS[name]()
    end.opened(0.0)
    babble = b"".join(pieces) or b"\0"
    lump = babble * (4096 // len(babble) + 1)
    for number in range(25):
        now_s = number * 0.001
        end.receive(lump[:4096], now_s)
        list(end.due(now_s))
        if end.wants_reopen and reopened:
            end.closed(now_s)
            end.opened(now_s)
        assert sum(held(vars(end))) < MOST_HELD_BYTES
