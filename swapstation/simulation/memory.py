"""The memory face: couples nodes wire by wire under a virtual clock, deterministic and as fast as the processor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from swapstation.protocol.node import ByteNode, CanNode

LOOP_LIMIT = 200
SHORTEST_S = 0.001


class Wire(Protocol):
    """One coupled pair of nodes."""

    def open(self, now_s: float) -> None:
        """Tell both ends that the wire is there."""

    def move(self, now_s: float) -> bool:
        """Carry everything that is due from end to end; tell whether anything moved."""

    def next_deadline(self) -> float:
        """When either end may have something new."""


class CanWire:
    """A CAN segment with one node at each end."""

    def __init__(self, one: CanNode, other: CanNode) -> None:
        self._ends = ((one, other), (other, one))

    def open(self, now_s: float) -> None:
        """A segment is always there."""

    def move(self, now_s: float) -> bool:
        moved = False
        for sender, receiver in self._ends:
            for frame in tuple(sender.due(now_s)):
                receiver.receive(frame, now_s)
                moved = True
        return moved

    def next_deadline(self) -> float:
        return min(sender.next_deadline() for sender, _ in self._ends)


class ByteWire:
    """A byte stream between two nodes, reopened when one of them wants it."""

    def __init__(self, one: ByteNode, other: ByteNode) -> None:
        self._ends = ((one, other), (other, one))

    def open(self, now_s: float) -> None:
        for node, _ in self._ends:
            node.opened(now_s)

    def move(self, now_s: float) -> bool:
        moved = False
        for sender, receiver in self._ends:
            for data in tuple(sender.due(now_s)):
                receiver.receive(data, now_s)
                moved = True
        if any(node.wants_reopen for node, _ in self._ends):
            for node, _ in self._ends:
                node.closed(now_s)
            self.open(now_s)
        return moved

    def next_deadline(self) -> float:
        return min(sender.next_deadline() for sender, _ in self._ends)


@dataclass(slots=True)
class _Periodic:
    call: Callable[[float], None]
    period_s: float
    next_s: float


class VirtualTime:
    """Advances a clock to the next deadline of any wire or periodic callback; nothing ever waits."""

    def __init__(self, start_s: float = 0.0) -> None:
        self.now_s = start_s
        self._wires: list[Wire] = []
        self._periodic: list[_Periodic] = []

    def join(self, wire: Wire) -> None:
        """Add a wire and open it."""
        self._wires.append(wire)
        wire.open(self.now_s)

    def every(self, period_s: float, call: Callable[[float], None]) -> None:
        """Call `call(now_s)` every `period_s` seconds, the first time at once, in the order of registration."""
        self._periodic.append(_Periodic(call, period_s, self.now_s))

    def run(self, limit_s: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Run until the predicate holds (True) or `limit_s` virtual seconds have passed (False)."""
        end_s = self.now_s + limit_s
        asked = True
        while not until():
            if self.now_s >= end_s:
                return False
            self._step(asked)
            asked = False
            self.now_s = min(max(self._next_s(), self.now_s + SHORTEST_S), end_s)
        return True

    def _step(self, asked: bool) -> None:
        """Anybody may have something to say after a callback, or what was done to a node between two runs (`asked`).

        Otherwise those whose time has come; then who was told.
        """
        called = self._call_due() or asked
        talking = [wire for wire in self._wires if called or wire.next_deadline() <= self.now_s]
        for _ in range(LOOP_LIMIT):
            talking = [wire for wire in talking if wire.move(self.now_s)]
            if not talking:
                return
        raise RuntimeError(f"nodes talk without end at {self.now_s} s")

    def _call_due(self) -> bool:
        due = [periodic for periodic in self._periodic if self.now_s >= periodic.next_s]
        for periodic in due:
            periodic.next_s += periodic.period_s
            periodic.call(self.now_s)
        return bool(due)

    def _next_s(self) -> float:
        deadlines = [wire.next_deadline() for wire in self._wires]
        return min(deadlines + [periodic.next_s for periodic in self._periodic])
