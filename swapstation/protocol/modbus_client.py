"""A Modbus client as a byte node: polls register blocks, sends writes before polls, reports every write's outcome.

After any RTU timeout or wrong answer it asks for a fresh line, and on each line after the first it keeps silent for
`drain_s`, because RTU answers carry no transaction id: a late reply would be taken for the answer to the next request
(own design). A reply later than timeout and drain together cannot be told apart on RTU; Modbus TCP
has no such limit.

A device that is busy (exception 6) is asked again a little later, before anything else that waits for its unit. One
that has taken a write and needs long for it (exception 5) has done its part: the write is never sent twice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf

from swapstation.errors import InputError
from swapstation.protocol.modbus import (
    BROADCAST,
    MOST_READ,
    READ_HOLDING,
    READ_INPUT,
    WRITE_MANY,
    Answer,
    ExceptionCode,
    Refused,
    Request,
    read,
    write,
)
from swapstation.protocol.modbus_framing import Framing
from swapstation.protocol.modbus_lines import Pending, line_for
from swapstation.protocol.node import Malformed, WireCounts

_MOST_WAITING = 64
_MOST_TRIES = 4
_BUSY_PAUSE_S = 0.2
_TURNAROUND_S = 0.1
"""Silence after a broadcast, in which the devices do it (MODBUS over serial line 2.4.1: 100 to 200 ms)."""
_TCP_TIMEOUTS_IN_A_ROW = 3
_TRANSACTIONS = 0x10000
_READS = (READ_HOLDING, READ_INPUT)


@dataclass(frozen=True, slots=True)
class Poll:
    """A block of registers read every `period_s`."""

    unit: int
    address: int
    count: int
    period_s: float
    function: int = READ_HOLDING


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a submitted request ended; `registers` are what it read.

    `error` is None when the device did it, else a code of the catalogue of reasons.
    """

    ticket: int
    unit: int
    request: Request
    error: str | None
    registers: tuple[int, ...] = ()


class ModbusClient:
    """Polls and writes on one wire to one or several units. Nothing queued survives the loss of the wire."""

    def __init__(
        self,
        framing: Framing,
        polls: Sequence[Poll],
        timeout_s: float = 0.5,
        drain_s: float | None = None,
        baud: int = 115_200,
    ) -> None:
        for poll in polls:
            if not 1 <= poll.count <= MOST_READ or not poll.period_s > 0 or poll.function not in _READS:
                raise InputError("poll", poll, f"count 1 to {MOST_READ}, a positive period, function 3 or 4")
            if poll.unit == BROADCAST and framing is Framing.RTU:
                raise InputError("poll", poll, "unit 1 to 247: nobody answers a broadcast")
        self.counts = WireCounts()
        self.exceptions = 0
        self.busy = 0
        self.wants_reopen = False
        self._framing = framing
        self._line = line_for(framing, baud)
        self._timeout_s = timeout_s
        self._drain_s = timeout_s if drain_s is None else drain_s
        self._poll_due_s = dict.fromkeys(polls, -inf)
        self._waiting: deque[Pending] = deque()
        self._in_flight: dict[int, Pending] = {}
        self._latest: dict[tuple[int, int, int], tuple[tuple[int, ...], float]] = {}
        self._outcomes: list[Outcome] = []
        self._tickets = 0
        self._transaction = 0
        self._timeouts_in_a_row = 0
        self._silent_until_s = -inf
        self._was_open = self._open = False

    def write(self, unit: int, address: int, registers: Sequence[int], function: int = WRITE_MANY) -> int:
        """Write registers by FC 16 (or one by FC 6) before the next poll; returns the ticket of the outcome."""
        return self.submit(unit, write(address, registers, function))

    def submit(self, unit: int, request: Request) -> int:
        """Send any request before the next poll; on a closed wire or a full queue its outcome is a failure at once.

        Unit 0 on RTU is every device on the line, which may be written and never answers. InputError for a read of it.
        """
        if self._is_broadcast(unit) and request.count:
            raise InputError("unit", unit, "a broadcast only writes")
        self._tickets += 1
        waiting = Pending(0, unit, request, self._tickets)
        if not self._open or self.wants_reopen:
            self._fail(waiting, "wire_not_connected")
        elif len(self._waiting) >= _MOST_WAITING:
            self._fail(waiting, "wire_queue_full")
        else:
            self._waiting.append(waiting)
        return self._tickets

    def latest(self, unit: int, address: int, function: int = READ_HOLDING) -> tuple[tuple[int, ...], float] | None:
        """The last registers of the polled block at `address` and when they came, None before the first answer."""
        return self._latest.get((unit, function, address))

    def take_outcomes(self) -> list[Outcome]:
        """Outcomes since the last call, in order; each submitted request gives exactly one."""
        outcomes, self._outcomes = self._outcomes, []
        return outcomes

    def opened(self, now_s: float) -> None:
        self._line.reset()
        drain_s = self._drain_s if self._was_open and self._framing is Framing.RTU else 0.0
        self._silent_until_s = now_s + max(drain_s, self._line.silence_s)
        self._was_open = True
        self._timeouts_in_a_row = 0
        self.wants_reopen = False
        self._open = True

    def closed(self, now_s: float) -> None:
        self._open = False
        for lost in [*self._in_flight.values(), *self._waiting]:
            self._fail(lost, "wire_lost")
        self._in_flight.clear()
        self._waiting.clear()

    def receive(self, data: bytes, now_s: float) -> None:
        if not data:
            return
        if self._framing is Framing.RTU and not self._in_flight and now_s < self._silent_until_s:
            self._silent_until_s = now_s + max(self._drain_s, self._line.silence_s)
            self.counts.malformed += 1
            return
        for pending, reply in self._line.receive(data, self._in_flight):
            if isinstance(reply, Malformed):
                self.counts.malformed += 1
                self._give_up(pending, "device_answer_wrong")
            elif pending is not None:
                self._timeouts_in_a_row = 0
                self.counts.rx += 1
                self._finish(pending, reply, now_s)
        self.wants_reopen = self.wants_reopen or self._line.spoiled
        self._silent_until_s = max(self._silent_until_s, now_s + self._line.silence_s)

    def due(self, now_s: float) -> Iterable[bytes]:
        for pending in [pending for pending in self._in_flight.values() if pending.deadline_s <= now_s]:
            self._time_out(pending)
        while self._may_send(now_s) and (bytes_ := self._send_next(now_s)):
            yield bytes_

    def next_deadline(self) -> float:
        if not self._open or self.wants_reopen:
            return inf
        deadlines = [pending.deadline_s for pending in self._in_flight.values()]
        if len(self._in_flight) < self._line.most_in_flight:
            busy = self._busy_units()
            sendable = [waiting.ready_s for waiting in self._first_of_each_unit(busy)]
            sendable += [due_s for poll, due_s in self._poll_due_s.items() if poll.unit not in busy]
            deadlines.append(max(min(sendable, default=inf), self._silent_until_s))
        return min(deadlines, default=inf)

    def _may_send(self, now_s: float) -> bool:
        room = len(self._in_flight) < self._line.most_in_flight
        return self._open and room and not self.wants_reopen and now_s >= self._silent_until_s

    def _busy_units(self) -> set[int]:
        return {pending.unit for pending in self._in_flight.values()}

    def _first_of_each_unit(self, busy: set[int]) -> Iterator[Pending]:
        """What waits, but nothing that would overtake another request to the same unit."""
        passed = set(busy)
        for waiting in self._waiting:
            if waiting.unit not in passed:
                passed.add(waiting.unit)
                yield waiting

    def _send_next(self, now_s: float) -> bytes | None:
        busy = self._busy_units()
        for waiting in self._first_of_each_unit(busy):
            if waiting.ready_s <= now_s:
                self._waiting.remove(waiting)
                return self._send(waiting, now_s)
        free = [(due_s, poll) for poll, due_s in self._poll_due_s.items() if poll.unit not in busy and due_s <= now_s]
        if not free:
            return None
        due_s, poll = min(free, key=lambda item: item[0])
        next_s = due_s + poll.period_s
        self._poll_due_s[poll] = next_s if next_s > now_s else now_s + poll.period_s
        return self._send(Pending(0, poll.unit, read(poll.function, poll.address, poll.count), None), now_s)

    def _send(self, waiting: Pending, now_s: float) -> bytes:
        self._transaction = (self._transaction + 1) % _TRANSACTIONS
        travel_s = self._line.travel_s(waiting.request)
        deadline_s = now_s + self._timeout_s + travel_s
        pending = replace(waiting, transaction=self._transaction, deadline_s=deadline_s, tries=waiting.tries + 1)
        self.counts.requests += 1
        self.counts.tx += 1
        if self._is_broadcast(pending.unit):
            self._silent_until_s = now_s + travel_s + _TURNAROUND_S
            self._done(pending)
        else:
            self._in_flight[pending.transaction] = pending
        return self._line.encode(pending)

    def _is_broadcast(self, unit: int) -> bool:
        return unit == BROADCAST and self._framing is Framing.RTU

    def _finish(self, pending: Pending, reply: Answer | Refused, now_s: float) -> None:
        del self._in_flight[pending.transaction]
        if isinstance(reply, Refused):
            self.exceptions += 1
            self._refused(pending, reply, now_s)
        elif pending.ticket is None:
            self._latest[(pending.unit, pending.request.function, pending.request.address)] = (reply.registers, now_s)
        else:
            self._done(pending, reply.registers)

    def _refused(self, pending: Pending, reply: Refused, now_s: float) -> None:
        """Ask a busy device again later; a poll comes round by itself."""
        request, taken = pending.request, reply.code == ExceptionCode.ACKNOWLEDGE
        self.busy += taken or reply.code == ExceptionCode.BUSY
        may_repeat = reply.code == ExceptionCode.BUSY or (taken and not request.registers)
        if taken and not request.count:
            self._done(pending)
        elif may_repeat and pending.ticket is not None and pending.tries < _MOST_TRIES:
            self._waiting.appendleft(replace(pending, ready_s=now_s + _BUSY_PAUSE_S))
        else:
            self._fail(pending, reply.reason)

    def _give_up(self, pending: Pending | None, reason: str) -> None:
        if pending is not None:
            del self._in_flight[pending.transaction]
            self._fail(pending, reason)

    def _time_out(self, pending: Pending) -> None:
        self.counts.timeouts += 1
        self._timeouts_in_a_row += 1
        self._give_up(pending, "device_silent")
        if self._framing is Framing.RTU or self._timeouts_in_a_row >= _TCP_TIMEOUTS_IN_A_ROW:
            self.wants_reopen = True

    def _done(self, pending: Pending, registers: tuple[int, ...] = ()) -> None:
        if pending.ticket is not None:
            self._outcomes.append(Outcome(pending.ticket, pending.unit, pending.request, None, registers))

    def _fail(self, pending: Pending, error: str) -> None:
        if pending.ticket is not None:
            self._outcomes.append(Outcome(pending.ticket, pending.unit, pending.request, error))
