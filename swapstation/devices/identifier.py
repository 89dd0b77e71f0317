"""Plate camera and tag reader over lines (own design, docs/integrator.md): says what it read until we say we have it.

$IDA fault                                          every second; fault code, 0: none
$IDR number passage kind confidence age value       P plate or T tag, percent, seconds since it was read
$IDK number passage                                 ours: we have it
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite

from swapstation.devices.adapter import AdapterKind, AdapterSettings, Refusal, Role, Update, refuse_unknown
from swapstation.model.arriving import Source
from swapstation.model.command import Command
from swapstation.model.yard import Identifier, VehicleRead
from swapstation.protocol.yard_node import LineNode
from swapstation.wire_address import WireProtocol

KEPT_READS = 8
"""So many last reads stand in the snapshot: more vehicles do not pass between two looks at it."""
LONGEST_VALUE = 64
SAME_READ_S = 5.0
"""Ages are told to a tenth of a second, and a read may wait in the wire."""
_KINDS: Mapping[str, Source] = {"P": Source.PLATE, "T": Source.RFID}


class LineIdentifier:
    """Keeps the last reads, each once, however often the device says them."""

    role = Role.IDENTIFIER
    orders: frozenset[type[Command]] = frozenset()
    bays: frozenset[int] = frozenset()

    def __init__(self) -> None:
        self.node = LineNode(self._take)
        self._reads: tuple[VehicleRead, ...] = ()
        self._alive: tuple[int, float] | None = None

    @property
    def malformed(self) -> int:
        return self.node.counts.malformed

    def updates(self, now_s: float) -> Iterator[Update]:
        if self._alive is not None:
            fault_code, heard_s = self._alive
            yield Update(Identifier(self._reads, fault_code), heard_s)

    def order(self, command: Command, command_id: int, now_s: float) -> Refusal | None:
        return refuse_unknown(command, self.orders)

    def cycle(self, now_s: float) -> None:
        """Nothing: it speaks by itself."""

    def _take(self, line: tuple[str, ...], now_s: float) -> str:
        match line:
            case ("IDA", fault) if fault.isdecimal():
                self._alive = int(fault), now_s
            case ("IDR", number, passage, kind, confidence, age, value):
                read = _read(number, passage, kind, confidence, age, value, now_s)
                if read is None:
                    return "a read that is none"
                self._note(read)
                self.node.put("IDK", number, passage)
            case _:
                return "no such line"
        return ""

    def _note(self, read: VehicleRead) -> None:
        if not any(_same(each, read) for each in self._reads):
            self._reads = (*self._reads, read)[-KEPT_READS:]


def _same(known: VehicleRead, read: VehicleRead) -> bool:
    """The same read said again; a device that was switched off may count from the beginning."""
    named = (known.number, known.passage) == (read.number, read.passage)
    return named and abs(known.read_s - read.read_s) < SAME_READ_S


def _read(
    number: str, passage: str, kind: str, confidence: str, age: str, value: str, now_s: float
) -> VehicleRead | None:
    """The read that a line tells; None when it tells none."""
    source, confidence_pct, age_s = _KINDS.get(kind), _number(confidence), _number(age)
    texts = 0 < len(value) <= LONGEST_VALUE and 0 < len(passage) <= LONGEST_VALUE and " " not in value
    if source is None or not texts or not number.isdecimal() or not 0.0 <= confidence_pct <= 100.0 or age_s < 0.0:
        return None
    return VehicleRead(int(number), source, value, passage, confidence_pct, now_s - age_s)


def _number(text: str) -> float:
    """A finite number; -1 for what is none."""
    try:
        number = float(text)
    except ValueError:
        return -1.0
    return number if isfinite(number) else -1.0


def _make(_: AdapterSettings) -> LineIdentifier:
    return LineIdentifier()


ADAPTER = AdapterKind(_make, frozenset({WireProtocol.BYTES}))
