"""One function per decoder: takes any bytes, raises only when the product is wrong, returns how many items it tried.

Right is: no exception; nothing a node knows changes by input that it counted as malformed or did not count as received.
CAN targets read their bytes as frames (see `frames`), the others as a byte stream in chunks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import count
from math import inf
from typing import Any

from swapstation.devices.rack import Rack
from swapstation.devices.truck_link import TruckLink
from swapstation.protocol import aaf5 as aaf5_frames
from swapstation.protocol import dlt645, j1939, j1939_ends
from swapstation.protocol.aaf5_station import Aaf5Station
from swapstation.protocol.battery_can import BatteryCan
from swapstation.protocol.dlt645_client import DltClient
from swapstation.protocol.dlt645_items import FORWARD_ENERGY, POWER
from swapstation.protocol.dlt645_meter import DltMeter
from swapstation.protocol.gbt27930.bms import BmsSession
from swapstation.protocol.gbt27930.charger import ChargerSession
from swapstation.protocol.gbt27930.decoder import Decoder
from swapstation.protocol.gbt27930.listener import Listener
from swapstation.protocol.modbus_client import ModbusClient, Poll
from swapstation.protocol.modbus_framing import Framing, encode_rtu, encode_tcp
from swapstation.protocol.modbus_server import ModbusRtuServer, ModbusTcpServer
from swapstation.protocol.node import ByteNode, Frame, Malformed
from swapstation.protocol.packed_files import load_packed_layout
from swapstation.protocol.packed_plc import PackedEnd
from swapstation.protocol.register_bank import RegisterBank
from swapstation.protocol.slcan import SlcanDecoder, encode_frame
from swapstation.protocol.slcan_ends import SlcanAdapter
from swapstation.protocol.socketcand_ends import SocketcandClient, SocketcandServer
from tests.fuzz import vectors
from tests.fuzz.vectors import can_ids
from tests.protocol.aaf5_pile import FIRST_ID as CHARGER_ID
from tests.protocol.aaf5_pile import Pile
from tests.protocol.gbt27930.segment import FACTS, SETTINGS, STATUS

Target = Callable[[bytes], int]
Seal = Callable[[bytes], bytes]

_METER = "000000000161"
_TICK_S = 0.01
_RAW_ID = 0xFF


def frames(data: bytes) -> Iterator[Frame]:
    """A frame: a byte that chooses a known identifier (FF: four bytes of any), a length 0 to 8, data bytes."""
    known, position = can_ids(), 0
    while position < len(data):
        choice, position = data[position], position + 1
        if choice == _RAW_ID:
            can_id, position = int.from_bytes(data[position : position + 4]) & 0x1FFFFFFF, position + 4
        else:
            can_id = known[choice % len(known)]
        length = data[position] % 9 if position < len(data) else 0
        yield Frame(can_id, data[position + 1 : position + 1 + length], extended=choice != _RAW_ID or can_id > 0x7FF)
        position += 1 + length


def encoded(can_id: int, data: bytes) -> bytes:
    """The bytes from which `frames` makes this frame."""
    return bytes((can_ids().index(can_id), len(data))) + data


def chunks(data: bytes, seal: Seal = bytes) -> Iterator[bytes]:
    """A stream in pieces: a byte says how long the next one is, up to 64 bytes; from 128 on it is sealed.

    Sealing makes a whole frame of it, with a right length and checksum, that is nonsense only inside.
    """
    position = 0
    while position < len(data):
        length = 1 + data[position] % 64
        piece = data[position + 1 : position + 1 + length]
        yield seal(piece) if data[position] >= 128 and piece else piece
        position += 1 + length


def slcan(data: bytes) -> int:
    """Any chunking gives the same items, and a frame goes out as it came in."""
    whole, cut = SlcanDecoder(), SlcanDecoder()
    stream = b"".join(chunks(data))
    items = whole.feed(stream)
    assert [item for chunk in chunks(data) for item in cut.feed(chunk)] == items
    for item in items:
        if isinstance(item, Frame):
            assert SlcanDecoder().feed(encode_frame(item)) == [item]
    return len(items)


def gbt27930(data: bytes) -> int:
    """The decoder of recordings and of listening bays."""
    decoder, tried = Decoder(), 0
    for frame in frames(data):
        tried += 1
        before, malformed = decoder.messages.total(), decoder.malformed
        heard = decoder.take(frame)
        if isinstance(heard, Malformed):
            assert (decoder.messages.total(), decoder.malformed) == (before, malformed + 1)
        elif heard is not None:
            assert (decoder.messages.total(), decoder.malformed) == (before + 1, malformed)
    return tried


def charger(data: bytes) -> int:
    """Our side of a charging process."""
    session = ChargerSession(SETTINGS)
    session.plugged(True, 0.0)
    session.start(0.0)

    def known(now_s: float) -> Any:
        return session.phase, session.demand, session.battery_charge(now_s), session.battery_cells

    return _can_session(data, session, known)


def bms(data: bytes) -> int:
    """The battery's side of a charging process."""
    session = BmsSession(FACTS, STATUS)
    session.plug(0.0)
    return _can_session(data, session, lambda now_s: (session.phase, session.contactors_wanted, session.timeouts))


def listener(data: bytes) -> int:
    """The ear on a bay whose charger drives; it never sends."""
    node = Listener()
    return _can_session(data, node, lambda now_s: (node.phase, node.battery_charge(now_s), node.battery_cells))


def battery_can(data: bytes) -> int:
    """What a battery says on its own CAN, by its model's DBC."""
    node = BatteryCan(vectors.battery_messages())
    return _can_session(data, node, lambda now_s: (node.battery_charge(now_s), node.battery_cells))


def rack(data: bytes) -> int:
    """Rack nodes and charging modules."""
    node = Rack()
    return _can_session(data, node, lambda now_s: tuple(node.updates(now_s)))


def truck_link(data: bytes) -> int:
    """The on-board swap controller."""
    node = TruckLink()
    return _can_session(data, node, lambda now_s: tuple(node.updates(now_s)))


def _can_session(data: bytes, node: Any, known: Callable[[float], Any]) -> int:
    number = 0
    for number, frame in enumerate(frames(data), start=1):
        now_s = number * _TICK_S
        for sent in node.due(now_s):
            assert len(sent.data) <= 8
        before, malformed = known(now_s), node.malformed
        node.receive(frame, now_s)
        if node.malformed != malformed:
            assert known(now_s) == before
        assert node.next_deadline() is not None
    return number


def transport(data: bytes) -> int:
    """J1939 transport, both ends."""
    receiver, sender = j1939_ends.Receiver(0x56, 0xF4), j1939_ends.Sender(0xF4, 0x56)
    number = 0
    for number, frame in enumerate(frames(data), start=1):
        now_s = number * _TICK_S
        if not sender.busy:
            sender.send(0x1100, bytes(range(49)), now_s)
        packet = frame.data.ljust(8, b"\xff")
        if j1939.split(frame.can_id).pgn == j1939.TP_DT_PGN:
            whole = receiver.packet(packet, now_s)
            assert whole is None or 8 < len(whole.data) <= 1785
        else:
            receiver.control(packet, now_s)
            sender.control(packet, now_s)
        for sent in (*receiver.due(now_s), *sender.due(now_s)):
            assert len(sent.data) == 8
    return number


def slcan_adapter(data: bytes) -> int:
    """The adapter's end of an slcan line."""
    heard = _Ear()
    return _byte_node(data, SlcanAdapter(heard.receive), lambda: len(heard.frames))


def socketcand_client(data: bytes) -> int:
    """Our client of a socketcand server."""
    heard = _Ear()
    return _byte_node(data, SocketcandClient(heard, "can0"), lambda: len(heard.frames))


def socketcand_server(data: bytes) -> int:
    """The simulated socketcand server."""
    heard = _Ear()
    return _byte_node(data, SocketcandServer(heard.receive, "can0"), lambda: len(heard.frames))


class _Ear:
    """A CAN node that keeps what it hears."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []

    def receive(self, frame: Frame, now_s: float) -> None:
        self.frames.append(frame)

    def due(self, now_s: float) -> tuple[Frame, ...]:
        return ()

    def next_deadline(self) -> float:
        return inf


def modbus_tcp(data: bytes) -> int:
    """Our client on TCP."""
    return _modbus_client(data, Framing.TCP, _seal_tcp)


def modbus_rtu(data: bytes) -> int:
    """Our client on a serial line."""
    return _modbus_client(data, Framing.RTU, _seal_rtu)


def _modbus_client(data: bytes, framing: Framing, seal: Seal) -> int:
    polls = [Poll(unit=1, address=100, count=2, period_s=0.02), Poll(unit=1, address=0, count=20, period_s=0.05)]
    client = ModbusClient(framing, polls)
    return _byte_node(data, client, lambda: [client.latest(1, poll.address) for poll in polls], seal)


def modbus_tcp_server(data: bytes) -> int:
    """The simulated PLC on TCP."""
    bank = _bank()
    return _byte_node(data, ModbusTcpServer(bank), bank.take_writes, _seal_tcp, resets=True)


def modbus_rtu_server(data: bytes) -> int:
    """The simulated PLC on a serial line."""
    bank = _bank()
    return _byte_node(data, ModbusRtuServer(bank), bank.take_writes, _seal_rtu, resets=True)


def _seal_rtu(piece: bytes) -> bytes:
    return encode_rtu(1, piece)


def _seal_tcp(piece: bytes) -> bytes:
    return encode_tcp(piece[0], 1, piece[1:])


def _seal_dlt645(piece: bytes) -> bytes:
    return dlt645.encode_frame(dlt645.MeterFrame(_METER, piece[0], piece[1:49]))


def _seal_aaf5(piece: bytes) -> bytes:
    """The charger's id stands where most messages have it."""
    command = 100 + piece[0] if piece[0] < 128 else piece[0] % 16
    charger_id = CHARGER_ID.encode().ljust(32, b"\0")
    return aaf5_frames.encode_frame(aaf5_frames.Aaf5Frame(command, bytes(4) + charger_id + piece[1:]))


def _bank() -> RegisterBank:
    bank = RegisterBank()
    bank.define(1, 0, 20, writable=True)
    bank.define(1, 100, 2)
    return bank


def dlt645_client(data: bytes) -> int:
    """Our client of a meter."""
    client = DltClient(_METER, [FORWARD_ENERGY, POWER], period_s=0.05)
    return _byte_node(data, client, lambda: [client.latest(item) for item in (FORWARD_ENERGY, POWER)], _seal_dlt645)


def dlt645_meter(data: bytes) -> int:
    """The simulated meter."""
    return _byte_node(data, DltMeter(_METER, {FORWARD_ENERGY: 12.34, POWER: 55.5}), lambda: None, _seal_dlt645)


def packed_plc(data: bytes) -> int:
    """The stream of a packed PLC."""
    node, taken = PackedEnd(_packed_layout(), "plc"), count()
    return _byte_node(data, node, lambda: [next(taken) for _ in node.take()], resets=True)


@cache
def _packed_layout() -> Any:
    return load_packed_layout("packed_plc")


def aaf5(data: bytes) -> int:
    """The station's end of AA F5 chargers."""
    station = Aaf5Station([CHARGER_ID])
    return _byte_node(data, station.connection(), lambda: (station.charger(CHARGER_ID), station.records), _seal_aaf5)


def aaf5_charger(data: bytes) -> int:
    """The charger's end of AA F5."""
    pile = Pile(CHARGER_ID)
    return _byte_node(data, pile.end, lambda: len(pile.acts), _seal_aaf5)


def _byte_node(data: bytes, node: ByteNode, known: Callable[[], Any], seal: Seal = bytes, resets: bool = False) -> int:
    """Feed a node; what is `known` may change only with a message counted as received (`resets`: asking empties it)."""
    node.opened(0.0)
    number = 0
    for number, chunk in enumerate(chunks(data, seal), start=1):
        now_s = number * _TICK_S
        for sent in node.due(now_s):
            assert sent
        before, received = known(), node.counts.rx
        node.receive(chunk, now_s)
        if node.counts.rx == received:
            assert not known() if resets else known() == before
        if node.wants_reopen:
            node.closed(now_s)
            node.opened(now_s)
        assert node.next_deadline() is not None
    return number


CAN_TARGETS: Mapping[str, Target] = {
    target.__name__: target for target in (gbt27930, charger, bms, listener, battery_can, rack, truck_link, transport)
}
BYTE_TARGETS: Mapping[str, Target] = {
    target.__name__: target
    for target in (
        slcan, slcan_adapter, socketcand_client, socketcand_server, modbus_tcp, modbus_rtu, modbus_tcp_server,
        modbus_rtu_server, dlt645_client, dlt645_meter, packed_plc, aaf5, aaf5_charger,
    )
}  # fmt: skip
TARGETS: Mapping[str, Target] = {**CAN_TARGETS, **BYTE_TARGETS}
