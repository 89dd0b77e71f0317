"""J1939-21: identifiers, the words of the connection-mode transport, and how its packets become a message again.

Messages longer than 8 bytes travel by RTS/CTS; the two ends are in j1939_ends. An `Assembly` alone reassembles what
others send to each other.
"""

from __future__ import annotations

from enum import IntEnum

from msgspec import Struct

from swapstation.protocol.node import Malformed

TP_CM_PGN = 0xEC00
TP_DT_PGN = 0xEB00
MAX_TRANSPORT_BYTES = 1785
PACKET_BYTES = 7
NO_LIMIT = 0xFF


class Control(IntEnum):
    """First byte of a TP.CM frame."""

    RTS = 0x10
    CTS = 0x11
    EOMA = 0x13
    ABORT = 0xFF


class AbortReason(IntEnum):
    """Second byte of a TP.CM abort (J1939-21 5.10.3.5); devices send other numbers too."""

    BUSY = 1
    NO_RESOURCES = 2
    TIMEOUT = 3
    RETRANSMIT_LIMIT = 5
    UNSPECIFIED = 0xFF


class Identifier(Struct, frozen=True, gc=False):
    """The parts of a 29-bit identifier. Of a broadcast (PDU2) PGN the destination is 0xFF."""

    priority: int
    pgn: int
    destination: int
    source: int


class Transported(Struct, frozen=True, gc=False):
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

    def __init__(self, pgn: int, size: int, packets: int, window: int = NO_LIMIT) -> None:
        self.pgn = pgn
        self.packets = packets
        self.window = window
        self._size = size
        self._parts: dict[int, bytes] = {}

    @classmethod
    def opened_by(cls, rts: bytes) -> Assembly | Malformed:
        """Read the 8 bytes of an RTS."""
        size, packets, pgn = int.from_bytes(rts[1:3], "little"), rts[3], pgn_of(rts)
        if not 9 <= size <= MAX_TRANSPORT_BYTES or packets != packets_of(size):
            return Malformed("TP.CM", f"RTS of {size} bytes in {packets} packets", rts)
        return cls(pgn, size, packets, rts[4] or NO_LIMIT)

    def put(self, packet: bytes) -> Transported | None:
        """Take a TP.DT frame's 8 bytes; packets that do not belong here are ignored. Returns the message once whole."""
        if 1 <= packet[0] <= self.packets:
            self._parts[packet[0]] = packet[1:]
        if len(self._parts) < self.packets:
            return None
        whole = b"".join(self._parts[number] for number in range(1, self.packets + 1))
        return Transported(self.pgn, whole[: self._size])

    def lacks(self, number: int) -> bool:
        return 1 <= number <= self.packets and number not in self._parts

    def missing(self) -> range:
        """The first run of missing packet numbers, not longer than the sender's window; empty when whole."""
        absent = [number for number in range(1, self.packets + 1) if number not in self._parts]
        if not absent:
            return range(0)
        run = next((i for i, number in enumerate(absent) if number != absent[0] + i), len(absent))
        return range(absent[0], absent[0] + min(run, self.window))

    def concerns(self, control: bytes) -> bool:
        """Whether a TP.CM frame's 8 bytes speak of this message."""
        return pgn_of(control) == self.pgn

    def acknowledgement(self) -> bytes:
        return bytes((Control.EOMA, *self._size.to_bytes(2, "little"), self.packets, 0xFF)) + pgn_bytes(self.pgn)


def packets_of(size: int) -> int:
    return -(-size // PACKET_BYTES)


def pgn_of(control: bytes) -> int:
    return int.from_bytes(control[5:8], "little")


def pgn_bytes(pgn: int) -> bytes:
    return pgn.to_bytes(3, "little")
