"""J1939-21: identifiers and the connection-mode transport of messages longer than 8 bytes (RTS/CTS), sans-IO.

One `Sender` and one `Receiver` serve one pair of addresses, each one direction, one connection at a time. An `Assembly`
alone reassembles what others send to each other. GB/T 27930-2015 uses exactly this, never BAM (clause 6.5).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from math import inf

from swapstation.errors import InputError
from swapstation.protocol.node import Frame, Malformed

TP_CM_PGN = 0xEC00
TP_DT_PGN = 0xEB00
MAX_TRANSPORT_BYTES = 1785
_PACKET_BYTES = 7
_NO_LIMIT = 0xFF


class Control(IntEnum):
    """First byte of a TP.CM frame."""

    RTS = 0x10
    CTS = 0x11
    EOMA = 0x13
    ABORT = 0xFF


class AbortReason(IntEnum):
    """Second byte of a TP.CM abort (J1939-21 5.10.3.5)."""

    BUSY = 1
    NO_RESOURCES = 2
    TIMEOUT = 3
    RETRANSMIT_LIMIT = 5


@dataclass(frozen=True, slots=True)
class Timers:
    """Times of J1939-21 5.10.2.4 in seconds, the packet spacing of GB/T 27930-2015 (10 ms), the retry limit."""

    packet_spacing_s: float = 0.010
    t1_s: float = 0.750  # receiver, between two packets
    t2_s: float = 1.250  # receiver, CTS to first packet
    t3_s: float = 1.250  # sender, RTS or last packet to CTS or EOMA
    t4_s: float = 1.050  # sender, hold to next CTS
    max_retransmissions: int = 2


@dataclass(frozen=True, slots=True)
class Identifier:
    """The parts of a 29-bit identifier. Of a broadcast (PDU2) PGN the destination is 0xFF."""

    priority: int
    pgn: int
    destination: int
    source: int


@dataclass(frozen=True, slots=True)
class Transported:
    """A whole message that came through the transport."""

    pgn: int
    data: bytes


def split(can_id: int) -> Identifier:
    """Take a 29-bit identifier apart (J1939-21 5.2)."""
    pgn = (can_id >> 8) & 0x3FFFF
    destination = 0xFF
    if (pgn >> 8) & 0xFF < 0xF0:
        destination = pgn & 0xFF
        pgn &= 0x3FF00
    return Identifier((can_id >> 26) & 7, pgn, destination, can_id & 0xFF)


def join(priority: int, pgn: int, destination: int, source: int) -> int:
    """Build a 29-bit identifier; the destination of a broadcast (PDU2) PGN is not used."""
    specific = destination if (pgn >> 8) & 0xFF < 0xF0 else 0
    return priority << 26 | pgn << 8 | specific << 8 | source


class Assembly:
    """The packets of one transported message, filled in any order."""

    def __init__(self, pgn: int, size: int, packets: int, window: int = _NO_LIMIT) -> None:
        self.pgn = pgn
        self.packets = packets
        self.window = window
        self._size = size
        self._parts: dict[int, bytes] = {}

    @classmethod
    def opened_by(cls, rts: bytes) -> Assembly | Malformed:
        """Read the 8 bytes of an RTS."""
        size, packets, pgn = int.from_bytes(rts[1:3], "little"), rts[3], _pgn_of(rts)
        if not 9 <= size <= MAX_TRANSPORT_BYTES or packets != _packets_of(size):
            return Malformed("TP.CM", f"RTS of {size} bytes in {packets} packets", rts)
        return cls(pgn, size, packets, rts[4] or _NO_LIMIT)

    def put(self, packet: bytes) -> Transported | None:
        """Take a TP.DT frame's 8 bytes; packets that do not belong here are ignored. Returns the message once whole."""
        if 1 <= packet[0] <= self.packets:
            self._parts[packet[0]] = packet[1:]
        if len(self._parts) < self.packets:
            return None
        whole = b"".join(self._parts[number] for number in range(1, self.packets + 1))
        return Transported(self.pgn, whole[: self._size])

    def missing(self) -> range:
        """The first run of missing packet numbers, not longer than the sender's window; empty when whole."""
        absent = [number for number in range(1, self.packets + 1) if number not in self._parts]
        if not absent:
            return range(0)
        run = next((i for i, number in enumerate(absent) if number != absent[0] + i), len(absent))
        return range(absent[0], absent[0] + min(run, self.window))

    def concerns(self, control: bytes) -> bool:
        """Whether a TP.CM frame's 8 bytes speak of this message."""
        return _pgn_of(control) == self.pgn

    def acknowledgement(self) -> bytes:
        return bytes((Control.EOMA, *self._size.to_bytes(2, "little"), self.packets, 0xFF)) + _pgn_bytes(self.pgn)


class Receiver:
    """Receives transported messages from `peer`, granting what is asked, asking again for what is missing."""

    def __init__(self, own: int, peer: int, priority: int = 7, timers: Timers | None = None) -> None:
        self._control_id = join(priority, TP_CM_PGN, peer, own)
        self._timers = timers or Timers()
        self._assembly: Assembly | None = None
        self._granted = range(0)
        self._retransmissions = 0
        self._deadline_s = inf
        self._queue: list[bytes] = []

    def control(self, data: bytes, now_s: float) -> Malformed | None:
        """Take the data of a TP.CM frame from the peer; only RTS and abort concern a receiver."""
        if data[0] == Control.RTS:
            return self._open(data, now_s)
        if data[0] == Control.ABORT and self._assembly and self._assembly.concerns(data):
            self._close()
        return None

    def packet(self, data: bytes, now_s: float) -> Transported | None:
        """Take the data of a TP.DT frame from the peer; without a connection it is ignored."""
        if self._assembly is None:
            return None
        self._deadline_s = now_s + self._timers.t1_s
        whole = self._assembly.put(data)
        if whole is not None:
            self._queue.append(self._assembly.acknowledgement())
            self._close()
        elif data[0] == self._granted[-1]:
            self._grant_next(now_s)
        return whole

    def due(self, now_s: float) -> list[Frame]:
        if now_s >= self._deadline_s and self._assembly:
            self._queue.append(_abort(AbortReason.TIMEOUT, self._assembly.pgn))
            self._close()
        queue, self._queue = self._queue, []
        return [Frame(self._control_id, data) for data in queue]

    def next_deadline(self) -> float:
        return self._deadline_s

    def _open(self, rts: bytes, now_s: float) -> Malformed | None:
        opened = Assembly.opened_by(rts)
        if isinstance(opened, Malformed):
            self._queue.append(_abort(AbortReason.NO_RESOURCES, _pgn_of(rts)))
            return opened
        if self._assembly and self._assembly.pgn != opened.pgn:
            self._queue.append(_abort(AbortReason.BUSY, opened.pgn))
            return None
        self._assembly, self._retransmissions = opened, 0
        self._grant(opened, now_s)
        return None

    def _grant_next(self, now_s: float) -> None:
        """At the end of a granted window: the next window, or again what was lost in this one."""
        assert self._assembly is not None
        if self._assembly.missing()[0] <= self._granted[-1]:
            self._retransmissions += 1
        if self._retransmissions > self._timers.max_retransmissions:
            self._queue.append(_abort(AbortReason.RETRANSMIT_LIMIT, self._assembly.pgn))
            self._close()
        else:
            self._grant(self._assembly, now_s)

    def _grant(self, assembly: Assembly, now_s: float) -> None:
        self._granted = assembly.missing()
        count, first = len(self._granted), self._granted[0]
        self._queue.append(bytes((Control.CTS, count, first, 0xFF, 0xFF)) + _pgn_bytes(assembly.pgn))
        self._deadline_s = now_s + self._timers.t2_s

    def _close(self) -> None:
        self._assembly, self._deadline_s = None, inf


@dataclass(slots=True)
class _Outgoing:
    pgn: int
    data: bytes
    to_send: list[int] = field(default_factory=list)

    @property
    def packets(self) -> int:
        return _packets_of(len(self.data))

    def packet(self, number: int) -> bytes:
        part = self.data[(number - 1) * _PACKET_BYTES : number * _PACKET_BYTES]
        return bytes((number,)) + part.ljust(_PACKET_BYTES, b"\xff")


class Sender:
    """Sends long messages to `peer`, one at a time; a failed one is dropped and counted, the caller sends again."""

    def __init__(self, own: int, peer: int, priority: int = 7, timers: Timers | None = None) -> None:
        self._control_id = join(priority, TP_CM_PGN, peer, own)
        self._data_id = join(priority, TP_DT_PGN, peer, own)
        self._timers = timers or Timers()
        self._outgoing: _Outgoing | None = None
        self._next_packet_s = inf
        self._deadline_s = inf
        self._queue: list[bytes] = []
        self.delivered = 0
        self.failed = 0

    @property
    def busy(self) -> bool:
        return self._outgoing is not None

    def send(self, pgn: int, data: bytes, now_s: float) -> None:
        """Open a connection for 9 to 1785 bytes; InputError when the size is wrong or another message is under way."""
        if not 9 <= len(data) <= MAX_TRANSPORT_BYTES:
            raise InputError("transport size", len(data), f"9 to {MAX_TRANSPORT_BYTES} bytes")
        if self.busy:
            raise InputError("transport", f"{pgn:04X}", "one connection at a time")
        self._outgoing = outgoing = _Outgoing(pgn, data)
        size = len(data).to_bytes(2, "little")
        self._queue.append(bytes((Control.RTS, *size, outgoing.packets, _NO_LIMIT)) + _pgn_bytes(pgn))
        self._next_packet_s, self._deadline_s = inf, now_s + self._timers.t3_s

    def control(self, data: bytes, now_s: float) -> None:
        """Take the data of a TP.CM frame from the peer; what does not concern the open connection is ignored."""
        outgoing = self._outgoing
        if outgoing is None or _pgn_of(data) != outgoing.pgn:
            return
        if data[0] == Control.CTS:
            self._granted(outgoing, count=data[1], first=data[2], now_s=now_s)
        elif data[0] == Control.EOMA and not outgoing.to_send:
            self.delivered += 1
            self._close()
        elif data[0] == Control.ABORT:
            self.failed += 1
            self._close()

    def due(self, now_s: float) -> list[Frame]:
        frames = [Frame(self._control_id, data) for data in self._queue]
        self._queue = []
        outgoing = self._outgoing
        if outgoing is None:
            return frames
        if now_s >= self._deadline_s:
            frames.append(Frame(self._control_id, _abort(AbortReason.TIMEOUT, outgoing.pgn)))
            self.failed += 1
            self._close()
        elif now_s >= self._next_packet_s:
            frames.append(Frame(self._data_id, outgoing.packet(outgoing.to_send.pop(0))))
            last = not outgoing.to_send
            self._next_packet_s = inf if last else now_s + self._timers.packet_spacing_s
            self._deadline_s = now_s + self._timers.t3_s if last else inf
        return frames

    def next_deadline(self) -> float:
        return min(self._next_packet_s, self._deadline_s)

    def cancel(self) -> None:
        """Forget the message under way without a word; for a partner that has started the process again."""
        self._queue = []
        self._close()

    def _granted(self, outgoing: _Outgoing, count: int, first: int, now_s: float) -> None:
        if outgoing.to_send:
            return
        if count == 0:
            self._deadline_s = now_s + self._timers.t4_s
        elif 1 <= first <= outgoing.packets:
            outgoing.to_send = list(range(first, min(first + count, outgoing.packets + 1)))
            self._next_packet_s, self._deadline_s = now_s, inf

    def _close(self) -> None:
        self._outgoing, self._next_packet_s, self._deadline_s = None, inf, inf


def _packets_of(size: int) -> int:
    return -(-size // _PACKET_BYTES)


def _pgn_of(control: bytes) -> int:
    return int.from_bytes(control[5:8], "little")


def _pgn_bytes(pgn: int) -> bytes:
    return pgn.to_bytes(3, "little")


def _abort(reason: AbortReason, pgn: int) -> bytes:
    return bytes((Control.ABORT, reason, 0xFF, 0xFF, 0xFF)) + _pgn_bytes(pgn)
