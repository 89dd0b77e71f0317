"""The sans-IO shape of all that talks on a wire: a node takes what arrived, says what is due and when to ask again.

A node reads no clock, opens no socket and never raises on what the wire says. A driver in `transport/` (asyncio, real
wires) or a virtual-time loop (tests, twin) calls it:

    node.receive(item, now_s)      something arrived
    for item in node.due(now_s)    everything that must leave now; also call this after every receive
    node.next_deadline()           monotonic second at which `due` may have something new; inf = only after a receive

A byte node is told when its wire opens and closes, so that partial frames never survive a reconnect.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from msgspec import Struct


class Frame(Struct, frozen=True, gc=False):
    """One classic CAN frame: identifier (11 or 29 bit) and up to 8 data bytes."""

    can_id: int
    data: bytes
    extended: bool = True


@dataclass(frozen=True, slots=True)
class Malformed:
    """Wire input that is not a valid message: counted and shown, never an exception, never half an update."""

    where: str
    reason: str
    data: bytes = b""


@dataclass(slots=True)
class WireCounts:
    """What one end of a wire counted since the process started: whole messages, never bytes."""

    rx: int = 0
    tx: int = 0
    malformed: int = 0
    requests: int = 0
    timeouts: int = 0


class CanNode(Protocol):
    """A participant of one CAN segment."""

    def receive(self, frame: Frame, now_s: float) -> None: ...
    def due(self, now_s: float) -> Iterable[Frame]: ...
    def next_deadline(self) -> float: ...


class ByteNode(Protocol):
    """An end of one byte stream (serial line or TCP connection).

    `wants_reopen` asks the driver to close, drain and reopen the wire (Modbus RTU after a timeout).
    """

    @property
    def counts(self) -> WireCounts: ...
    @property
    def wants_reopen(self) -> bool: ...
    def opened(self, now_s: float) -> None: ...
    def closed(self, now_s: float) -> None: ...
    def receive(self, data: bytes, now_s: float) -> None: ...
    def due(self, now_s: float) -> Iterable[bytes]: ...
    def next_deadline(self) -> float: ...


class ByteServer(ABC):
    """An end that many peers connect to, each with a byte node of its own; `counts` are of all of them together.

    A base class, not a protocol: a byte node that happens to have a `connection` is none.
    """

    def __init__(self) -> None:
        self.counts = WireCounts()

    @abstractmethod
    def connection(self) -> ByteNode:
        """The node of a new connection."""
