"""Orders on their way to one AA F5 charger: sent, repeated a bounded number of times, ended by their answer.

A repetition carries the same sequence and, for a start, the same order id, so that the charger acts once. An order
takes the place of the one before it for the same purpose: a stop ends the repetition of a start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf

from swapstation.protocol.aaf5_layout import LinkRules
from swapstation.protocol.aaf5_messages import (
    DONE,
    POWER_LIMIT_ADDRESS,
    STATUS_PERIOD_ADDRESS,
    STOP_ADDRESS,
    ChargerMessage,
    ControlAnswer,
    IntegerParameterAnswer,
    StartAnswer,
    StationMessage,
)


class Purpose(StrEnum):
    """What an order is about; one order per purpose is on its way."""

    START = "start"
    STOP = "stop"
    LIMIT = "limit"
    STATUS_PERIOD = "status_period"


_CONTROLS: Mapping[int, Purpose] = {STOP_ADDRESS: Purpose.STOP, POWER_LIMIT_ADDRESS: Purpose.LIMIT}
_ENDS: Mapping[Purpose, tuple[Purpose, ...]] = {
    Purpose.STOP: (Purpose.START, Purpose.LIMIT),
    Purpose.START: (Purpose.STOP, Purpose.LIMIT),
}
"""Orders that a newer one of another purpose makes void."""


@dataclass(frozen=True, slots=True)
class _Sending:
    message: StationMessage
    sequence: int
    sendings: int
    due_s: float


@dataclass(frozen=True, slots=True)
class Answered:
    """How an order ended; `result` 0 is done, None was never answered."""

    purpose: Purpose
    result: int | None


class Orders:
    """The orders of one connection; lost with it, so that nothing old is done after a reconnect."""

    def __init__(self, rules: LinkRules) -> None:
        self._rules = rules
        self._sequence = 0
        self._waiting: dict[Purpose, _Sending] = {}

    def put(self, purpose: Purpose, message: StationMessage, now_s: float) -> None:
        """Send from `now_s` on."""
        for void in _ENDS.get(purpose, ()):
            self._waiting.pop(void, None)
        self._sequence = (self._sequence + 1) % 0x100
        self._waiting[purpose] = _Sending(message, self._sequence, 0, now_s)

    def due(self, now_s: float) -> Iterator[tuple[StationMessage, int] | Answered]:
        """Messages to send now with their sequence, and orders that were given up."""
        for purpose, waiting in tuple(self._waiting.items()):
            if now_s < waiting.due_s:
                continue
            if waiting.sendings >= self._rules.most_sendings:
                del self._waiting[purpose]
                yield Answered(purpose, None)
            else:
                due_s = now_s + self._rules.answer_s
                self._waiting[purpose] = replace(waiting, sendings=waiting.sendings + 1, due_s=due_s)
                yield waiting.message, waiting.sequence

    def answered(self, message: ChargerMessage, sequence: int) -> Answered | None:
        """End the order that an answer belongs to; None for an answer that comes too late, or to nothing."""
        match message:
            case StartAnswer(result=result):
                purpose: Purpose | None = Purpose.START
            case ControlAnswer(address=address, result=result):
                purpose = _CONTROLS.get(address)
            case IntegerParameterAnswer(address=address, result=result):
                purpose = Purpose.STATUS_PERIOD if address == STATUS_PERIOD_ADDRESS else None
            case _:
                return None
        waiting = self._waiting.get(purpose) if purpose else None
        if purpose is None or waiting is None or not waiting.sendings:
            return None
        if self._rules.echoes_sequence and waiting.sequence != sequence:
            return None
        del self._waiting[purpose]
        return Answered(purpose, result)

    def next_deadline(self) -> float:
        return min((waiting.due_s for waiting in self._waiting.values()), default=inf)


def done(answered: Answered) -> bool:
    """Whether the charger did what it was asked."""
    return answered.result == DONE
