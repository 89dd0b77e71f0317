"""The two ends of a J1939-21 connection-mode transport (RTS/CTS), sans-IO: one `Receiver` and one `Sender` per peer.

Each is one direction, one connection at a time. What is due leaves at the next `due`, so the answer time Tr (200 ms) is
kept by whoever calls it. GB/T 27930-2015 uses exactly this, never BAM (clause 6.5).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

from swapstation.errors import InputError
from swapstation.protocol.j1939 import (
    MAX_TRANSPORT_BYTES,
    NO_LIMIT,
    PACKET_BYTES,
    TP_CM_PGN,
    TP_DT_PGN,
    AbortReason,
    Assembly,
    Control,
    Transported,
    join,
    packets_of,
    pgn_bytes,
    pgn_of,
)
from swapstation.protocol.node import Frame, Malformed


@dataclass(frozen=True, slots=True)
class Timers:
    """Times of J1939-21 5.10.2.4 in seconds, the packet spacing of GB/T 27930-2015 (10 ms), the retry limit."""

    packet_spacing_s: float = 0.010
    t1_s: float = 0.750  # receiver, between two packets
    t2_s: float = 1.250  # receiver, CTS to first packet
    t3_s: float = 1.250  # sender, RTS or last packet to CTS or EOMA
    t4_s: float = 1.050  # sender, hold to next CTS
    hold_repeat_s: float = 0.400  # receiver, hold to next hold; the standard's Th allows 500 ms
    max_retransmissions: int = 2


class Receiver:
    """Receives transported messages from `peer`, up to `window` packets at a time, and again those missing."""

    def __init__(
        self, own: int, peer: int, priority: int = 7, timers: Timers | None = None, window: int = NO_LIMIT
    ) -> None:
        self._control_id = join(priority, TP_CM_PGN, peer, own)
        self._timers = timers or Timers()
        self._window = window
        self._assembly: Assembly | None = None
        self._granted = range(0)
        self._holding = False
        self._retransmissions = 0
        self._deadline_s = inf
        self._queue: list[bytes] = []

    def control(self, data: bytes, now_s: float) -> Malformed | None:
        """Take the data of a TP.CM frame from the peer; CTS and EOMA concern the sender and are left to it."""
        match data[0]:
            case Control.RTS:
                return self._open(data, now_s)
            case Control.ABORT:
                if self._assembly and self._assembly.concerns(data):
                    self._close()
                return None
            case Control.CTS | Control.EOMA:
                return None
        return Malformed("TP.CM", f"control byte {data[0]:02X} opens no connection", data)

    def packet(self, data: bytes, now_s: float) -> Transported | None:
        """Take the data of a TP.DT frame from the peer; one that is not missing changes nothing, nor the deadline."""
        if self._assembly is None or not self._assembly.lacks(data[0]):
            return None
        whole = self._assembly.put(data)
        if whole is not None:
            self._queue.append(self._assembly.acknowledgement())
            self._close()
        elif self._granted and data[0] == self._granted[-1]:
            self._grant_next(now_s)
        elif self._granted:
            self._deadline_s = now_s + self._timers.t1_s
        return whole

    def hold(self) -> None:
        """Grant nothing more until `resume`, keeping a connection open; packets granted before may still come."""
        self._holding = True

    def resume(self, now_s: float) -> None:
        """Grant again; a message that was held goes on."""
        self._holding = False
        if self._assembly and not self._granted:
            self._grant(self._assembly, now_s)

    def due(self, now_s: float) -> list[Frame]:
        if now_s >= self._deadline_s and self._assembly:
            if self._granted:
                self._abort(AbortReason.TIMEOUT, self._assembly.pgn)
            else:
                self._grant(self._assembly, now_s)
        if not self._queue:
            return []
        queue, self._queue = self._queue, []
        return [Frame(self._control_id, data) for data in queue]

    def next_deadline(self) -> float:
        return self._deadline_s

    def _open(self, rts: bytes, now_s: float) -> Malformed | None:
        opened = Assembly.opened_by(rts)
        if isinstance(opened, Malformed):
            self._abort(AbortReason.NO_RESOURCES, pgn_of(rts))
            return opened
        if self._assembly and self._assembly.pgn != opened.pgn:
            self._abort(AbortReason.BUSY, opened.pgn)
            return None
        opened.window = min(opened.window, self._window)
        self._assembly, self._retransmissions = opened, 0
        self._grant(opened, now_s)
        return None

    def _grant_next(self, now_s: float) -> None:
        """At the end of a granted window: the next window, or again what was lost in this one."""
        assert self._assembly is not None
        if self._assembly.missing()[0] <= self._granted[-1]:
            self._retransmissions += 1
        if self._retransmissions > self._timers.max_retransmissions:
            self._abort(AbortReason.RETRANSMIT_LIMIT, self._assembly.pgn)
        else:
            self._grant(self._assembly, now_s)

    def _grant(self, assembly: Assembly, now_s: float) -> None:
        self._granted = range(0) if self._holding else assembly.missing()
        first = self._granted[0] if self._granted else 0xFF
        self._queue.append(bytes((Control.CTS, len(self._granted), first, 0xFF, 0xFF)) + pgn_bytes(assembly.pgn))
        self._deadline_s = now_s + (self._timers.t2_s if self._granted else self._timers.hold_repeat_s)

    def _abort(self, reason: AbortReason, pgn: int) -> None:
        """Refuse a message; when it is the one under way, that is over too."""
        self._queue.append(_abort_bytes(reason, pgn))
        if self._assembly and self._assembly.pgn == pgn:
            self._close()

    def _close(self) -> None:
        self._assembly, self._granted, self._deadline_s = None, range(0), inf


@dataclass(slots=True)
class _Outgoing:
    pgn: int
    data: bytes
    to_send: list[int] = field(default_factory=list)
    highest: int = 0
    retransmissions: int = 0

    @property
    def packets(self) -> int:
        return packets_of(len(self.data))

    def packet(self, number: int) -> bytes:
        part = self.data[(number - 1) * PACKET_BYTES : number * PACKET_BYTES]
        return bytes((number,)) + part.ljust(PACKET_BYTES, b"\xff")


class Sender:
    """Sends long messages to `peer`, one at a time; a failed one is dropped and counted, the caller sends again.

    `failure` is the abort reason of the last failed one, ours or the peer's. `window` is asked for as the most packets
    per CTS.
    """

    def __init__(
        self, own: int, peer: int, priority: int = 7, timers: Timers | None = None, window: int = NO_LIMIT
    ) -> None:
        self._control_id = join(priority, TP_CM_PGN, peer, own)
        self._data_id = join(priority, TP_DT_PGN, peer, own)
        self._timers = timers or Timers()
        self._window = window
        self._outgoing: _Outgoing | None = None
        self._next_packet_s = inf
        self._deadline_s = inf
        self._queue: list[bytes] = []
        self.delivered = 0
        self.failed = 0
        self.failure: int | None = None

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
        self._queue.append(bytes((Control.RTS, *size, outgoing.packets, self._window)) + pgn_bytes(pgn))
        self._next_packet_s, self._deadline_s = inf, now_s + self._timers.t3_s

    def control(self, data: bytes, now_s: float) -> Malformed | None:
        """Take the data of a TP.CM frame from the peer; what does not concern the open connection is ignored."""
        outgoing = self._outgoing
        if outgoing is None or pgn_of(data) != outgoing.pgn:
            return None
        match data[0]:
            case Control.CTS:
                return self._granted(outgoing, data, now_s)
            case Control.EOMA:
                return self._acknowledged(outgoing, data)
            case Control.ABORT:
                self._fail(data[1])
        return None

    def due(self, now_s: float) -> list[Frame]:
        outgoing = self._outgoing
        if outgoing is None and not self._queue:
            return []
        if outgoing is not None and now_s >= self._deadline_s:
            self._abort(AbortReason.TIMEOUT, outgoing.pgn)
        frames = [Frame(self._control_id, data) for data in self._queue]
        self._queue = []
        if outgoing is not None and now_s >= self._next_packet_s:
            frames.append(self._next_packet(outgoing, now_s))
        return frames

    def next_deadline(self) -> float:
        return min(self._next_packet_s, self._deadline_s)

    def cancel(self) -> None:
        """Forget the message under way without a word; for a partner that has started the process again."""
        self._queue = []
        self._close()

    def _next_packet(self, outgoing: _Outgoing, now_s: float) -> Frame:
        number = outgoing.to_send.pop(0)
        outgoing.highest = max(outgoing.highest, number)
        last = not outgoing.to_send
        self._next_packet_s = inf if last else now_s + self._timers.packet_spacing_s
        self._deadline_s = now_s + self._timers.t3_s if last else inf
        return Frame(self._data_id, outgoing.packet(number))

    def _granted(self, outgoing: _Outgoing, cts: bytes, now_s: float) -> Malformed | None:
        """A grant, a hold (count 0) or a request for lost packets; while packets are being sent it is ignored."""
        count, first = cts[1], cts[2]
        if outgoing.to_send:
            return None
        if count == 0:
            self._deadline_s = now_s + self._timers.t4_s
            return None
        if not 1 <= first <= outgoing.highest + 1 or first > outgoing.packets:
            return Malformed("TP.CM", f"CTS for packet {first} of {outgoing.packets}", cts)
        outgoing.retransmissions += first <= outgoing.highest
        if outgoing.retransmissions > self._timers.max_retransmissions:
            self._abort(AbortReason.RETRANSMIT_LIMIT, outgoing.pgn)
        else:
            outgoing.to_send = list(range(first, min(first + count, outgoing.packets + 1)))
            self._next_packet_s, self._deadline_s = now_s, inf
        return None

    def _acknowledged(self, outgoing: _Outgoing, eoma: bytes) -> Malformed | None:
        """Only the acknowledgement of all the bytes, after the last packet has left, is a delivery."""
        if outgoing.highest < outgoing.packets or int.from_bytes(eoma[1:3], "little") != len(outgoing.data):
            return Malformed("TP.CM", f"EOMA after {outgoing.highest} of {outgoing.packets} packets", eoma)
        self.delivered += 1
        self._close()
        return None

    def _abort(self, reason: AbortReason, pgn: int) -> None:
        self._queue.append(_abort_bytes(reason, pgn))
        self._fail(reason)

    def _fail(self, reason: int) -> None:
        self.failed += 1
        self.failure = reason
        self._close()

    def _close(self) -> None:
        self._outgoing, self._next_packet_s, self._deadline_s = None, inf, inf


def _abort_bytes(reason: AbortReason, pgn: int) -> bytes:
    return bytes((Control.ABORT, reason, 0xFF, 0xFF, 0xFF)) + pgn_bytes(pgn)
