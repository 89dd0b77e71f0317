"""One wire of a byte-level twin: bytes between our end and the device's, with whatever is done to them on the way.

What babbles costs itself, as on a real wire (transport/session.py): more than the budget is thrown away unread, and the
end begins anew.
"""

from __future__ import annotations

from random import Random

from swapstation.model.device import LinkStatus
from swapstation.protocol.node import ByteNode
from swapstation.simulation.faults import Faults
from swapstation.transport.rates import Traffic
from swapstation.transport.read_budget import ReadBudget
from swapstation.twin.disturbance import CUT, DISTURBANCES, FLOODED, breaks_off, disturbed, flood

BYTES_PER_S = 75_000.0
"""What a full CAN bus of 250 kbit/s brings as slcan text (transport/read_budget.py); streams bring far less."""
DEAF_S = 0.1
REOPEN_S = 0.2


class ByteWire:
    """`name` is the target of knobs that disturb it; both ends are told of openings and closings."""

    def __init__(self, name: str, ours: ByteNode, theirs: ByteNode, faults: Faults, chance: Random) -> None:
        self._name = name
        self._ours, self._theirs = ours, theirs
        self._faults = faults
        self._chance = chance
        self._traffic = Traffic()
        self._budget = ReadBudget(BYTES_PER_S, 0.0)
        self._deaf_until_s = 0.0
        self._opens_s: float | None = None
        self._broken = False
        self._moved_s = 0.0
        self._reconnects = 0

    def open(self, now_s: float) -> None:
        """Tell both ends that the wire is there."""
        self._moved_s, self._opens_s, self._broken = now_s, None, False
        self._ours.opened(now_s)
        self._theirs.opened(now_s)

    def close(self, now_s: float) -> None:
        """The wire is lost; it comes back after a while."""
        self._ours.closed(now_s)
        self._theirs.closed(now_s)
        self._reconnects += 1
        self._opens_s = now_s + REOPEN_S

    def move(self, now_s: float) -> bool:
        """Carry everything that is due from end to end; tell whether anything moved."""
        if self._opens_s is not None:
            if now_s < self._opens_s:
                tuple(self._theirs.due(now_s))  # what a device says while nobody listens is lost
                return False
            self.open(now_s)
        elapsed_s, self._moved_s = now_s - self._moved_s, now_s
        outward, inward = self._passed(self._ours, now_s), self._passed(self._theirs, now_s)
        if elapsed_s > 0.0 and self._faults.active(FLOODED, self._name):
            inward.append(flood(elapsed_s))
        for data in outward:
            self._theirs.receive(data, now_s)
        for data in inward:
            self._hear(data, now_s)
        if self._broken or self._ours.wants_reopen or self._theirs.wants_reopen:
            self.close(now_s)
        return bool(outward or inward)

    def _passed(self, sender: ByteNode, now_s: float) -> list[bytes]:
        """What is due at one end and comes through; what follows a break is lost."""
        due = list(sender.due(now_s))
        if not due or not self._faults.on:
            return due
        on = [name for name in DISTURBANCES if self._faults.active(name, self._name)]
        through: list[bytes] = []
        for data in due:
            if self._broken:
                break
            if self._faults.active(CUT, self._name) and breaks_off(data, self._chance):
                self._broken = True
                through.append(data[: len(data) // 2])
            else:
                through.append(disturbed(data, on, self._chance))
        return [data for data in through if data]

    def _hear(self, data: bytes, now_s: float) -> None:
        """Our end reads, within its budget."""
        if now_s < self._deaf_until_s or not self._budget.take(len(data), now_s):
            if now_s >= self._deaf_until_s:
                self._deaf_until_s = now_s + DEAF_S
                self._ours.closed(now_s)
                self._ours.opened(now_s)
            self._traffic.unread.add(len(data), now_s)
            return
        before = self._ours.counts.malformed
        self._ours.receive(data, now_s)
        self._traffic.malformed.add(self._ours.counts.malformed - before, now_s)

    def status(self, now_s: float) -> LinkStatus:
        """The wire's health as the product's links tell it."""
        counts = self._ours.counts
        return LinkStatus(
            name=self._name,
            connected=self._opens_s is None,
            rx=counts.rx,
            tx=counts.tx,
            malformed=counts.malformed,
            reconnects=self._reconnects,
            timeouts=counts.timeouts,
            requests=counts.requests,
            malformed_per_s=self._traffic.malformed.per_s(now_s),
            unread_bytes_per_s=self._traffic.unread.per_s(now_s),
        )
