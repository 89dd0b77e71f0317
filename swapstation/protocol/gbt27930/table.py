"""The message table of GB/T 27930-2015 (table 4), and decoding and encoding by it.

Decoding is lenient (short 2011 forms, 7-byte CCS, reserved bits ignored; what cannot be read is `Malformed`), encoding
is strict (InputError names field, value and range).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_type_hints

from swapstation.errors import InputError
from swapstation.protocol import j1939
from swapstation.protocol.gbt27930.fields import Field, Payload
from swapstation.protocol.gbt27930.messages import (
    Bcl,
    Bcp,
    Bcs,
    Bem,
    Bhm,
    Bmt,
    Bmv,
    Brm,
    Bro,
    Bsd,
    Bsm,
    Bsp,
    Bst,
    Ccs,
    Cem,
    Chm,
    Cml,
    Crm,
    Cro,
    Csd,
    Cst,
    Cts,
    Message,
)
from swapstation.protocol.gbt27930.words import Edition, Party
from swapstation.protocol.node import Malformed


@dataclass(frozen=True)
class MessageType:
    """One row of the standard's message table: class, PGN, priority, sender, period in s, and lengths in bytes.

    The first length is ours; others are accepted too. `length_2011` is what a 2011-edition device sends.
    """

    build: Callable[..., Message]
    name: str
    pgn: int
    priority: int
    sender: Party
    period_s: float
    lengths: Collection[int]
    length_2011: int | None = None

    @cached_property
    def layout(self) -> tuple[tuple[str, Field], ...]:
        """Field names and how each lies in the bytes."""
        hints: dict[str, Any] = get_type_hints(self.build, include_extras=True)
        return tuple((name, hint.__metadata__[0]) for name, hint in hints.items())

    @cached_property
    def can_id(self) -> int:
        return j1939.join(self.priority, self.pgn, self.sender.peer, self.sender)

    @cached_property
    def unused(self) -> int:
        """The bits that are always sent as ones."""
        used = 0
        for _, field in self.layout:
            used |= field.mask
        return ~used

    def decode(self, data: bytes) -> Message | Malformed:
        if len(data) not in self.lengths:
            return Malformed(self.name, f"{len(data)} bytes", data)
        payload = Payload(int.from_bytes(data, "little"), len(data) * 8)
        try:
            return self.build(**{name: field.read(payload) for name, field in self.layout})
        except ValueError as error:
            return Malformed(self.name, str(error), data)

    def encode(self, message: Message, edition: Edition = Edition.GB2015) -> bytes:
        """Bytes of a message; InputError for a value the wire cannot say."""
        value = self.unused
        for name, field in self.layout:
            value |= field.write(f"{self.name}.{name}", getattr(message, name))
        length = self._length(message, edition)
        return (value & ((1 << length * 8) - 1)).to_bytes(length, "little")

    def _length(self, message: Message, edition: Edition) -> int:
        match message:
            case Bmv(voltages_v=voltages, groups=groups):
                if len(groups) != len(voltages):
                    raise InputError("BMV.groups", groups, "one group per cell")
                return 2 * len(voltages)
            case Bmt(temperatures_c=values) | Bsp(values=values):
                return len(values)
        ours = next(iter(self.lengths))
        return self.length_2011 or ours if edition is Edition.GB2011 else ours


TABLE = (
    MessageType(Chm, "CHM", 0x2600, 6, Party.CHARGER, 0.25, (3,)),
    MessageType(Bhm, "BHM", 0x2700, 6, Party.BMS, 0.25, (2,)),
    MessageType(Crm, "CRM", 0x0100, 6, Party.CHARGER, 0.25, (8,)),
    MessageType(Brm, "BRM", 0x0200, 7, Party.BMS, 0.25, (49, 41), 41),
    MessageType(Bcp, "BCP", 0x0600, 7, Party.BMS, 0.5, (13,)),
    MessageType(Cts, "CTS", 0x0700, 6, Party.CHARGER, 0.5, (7,)),
    MessageType(Cml, "CML", 0x0800, 6, Party.CHARGER, 0.25, (8, 6), 6),
    MessageType(Bro, "BRO", 0x0900, 4, Party.BMS, 0.25, (1,)),
    MessageType(Cro, "CRO", 0x0A00, 4, Party.CHARGER, 0.25, (1,)),
    MessageType(Bcl, "BCL", 0x1000, 6, Party.BMS, 0.05, (5,)),
    MessageType(Bcs, "BCS", 0x1100, 7, Party.BMS, 0.25, (9,)),
    MessageType(Ccs, "CCS", 0x1200, 6, Party.CHARGER, 0.05, (8, 7, 6), 6),
    MessageType(Bsm, "BSM", 0x1300, 6, Party.BMS, 0.25, (7,)),
    MessageType(Bmv, "BMV", 0x1500, 7, Party.BMS, 10.0, range(2, 513, 2)),
    MessageType(Bmt, "BMT", 0x1600, 7, Party.BMS, 10.0, range(1, 129)),
    MessageType(Bsp, "BSP", 0x1700, 7, Party.BMS, 10.0, range(1, 17)),
    MessageType(Bst, "BST", 0x1900, 4, Party.BMS, 0.01, (4,)),
    MessageType(Cst, "CST", 0x1A00, 4, Party.CHARGER, 0.01, (4,)),
    MessageType(Bsd, "BSD", 0x1C00, 6, Party.BMS, 0.25, (7,)),
    MessageType(Csd, "CSD", 0x1D00, 6, Party.CHARGER, 0.25, (8, 7, 5), 5),
    MessageType(Bem, "BEM", 0x1E00, 2, Party.BMS, 0.25, (4,)),
    MessageType(Cem, "CEM", 0x1F00, 2, Party.CHARGER, 0.25, (4,)),
)

_BY_CLASS = {row.build: row for row in TABLE}
_BY_ADDRESS: dict[tuple[int, int, int], MessageType] = {(row.pgn, row.sender.peer, row.sender): row for row in TABLE}


def type_of(message: Message | type[Message]) -> MessageType:
    """The table row of a message or of its class."""
    return _BY_CLASS[message if isinstance(message, type) else type(message)]


def type_at(pgn: int, destination: int, source: int) -> MessageType | None:
    """The table row for what goes from one address to another; None when the standard knows no such message."""
    return _BY_ADDRESS.get((pgn, destination, source))


@dataclass(frozen=True, slots=True)
class Heard:
    """A whole message as it was read, and how many bytes it had."""

    message: Message
    length: int


def hear(pgn: int, destination: int, source: int, data: bytes) -> Heard | Malformed | None:
    """Read a whole message between two addresses; None when the standard knows no such message."""
    row = type_at(pgn, destination, source)
    if row is None:
        return None
    message = row.decode(data)
    return message if isinstance(message, Malformed) else Heard(message, len(data))


def encode(message: Message, edition: Edition = Edition.GB2015) -> bytes:
    """Bytes of a message; InputError for a value the wire cannot say."""
    return type_of(message).encode(message, edition)
