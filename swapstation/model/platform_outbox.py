"""Words of the outbox to the supervision platform: what waits, what was told, what the platform said (own design)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class MessageState(StrEnum):
    """How far a message is. `discarded`: the platform threw it away; `disputed`: it has it differently.

    `superseded`: a newer state of the same connector took its place before it was sent. `dead` waits for a person.
    """

    PENDING = "pending"
    DELIVERED = "delivered"
    SUPERSEDED = "superseded"
    DISCARDED = "discarded"
    DISPUTED = "disputed"
    DEAD = "dead"


FOR_PEOPLE = (MessageState.DEAD, MessageState.DISPUTED, MessageState.DISCARDED)
"""States in which a message waits for a person, who may send it again."""


class Lane(StrEnum):
    """What goes first: the newest states; records that wait behind them are the backfill."""

    STATE = "a_state"
    RECORD = "b_record"


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be queued. `body` is the message under its canonical names; messages of one `key` keep their order.

    A record's key is its number, and it is told once; of a connector's states only the newest is. `wrong`: why it can
    not be sent as it is.
    """

    interface: str
    lane: Lane
    key: str
    body: dict[str, Any]
    happened_at: datetime
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """A message on record. `next_try_at` None: at once; `reason`: what the last attempt met, or why it is dead."""

    number: int
    interface: str
    lane: Lane
    key: str
    body: dict[str, Any]
    happened_at: datetime
    queued_at: datetime
    state: MessageState
    attempts: int = 0
    next_try_at: datetime | None = None
    reason: str = ""
    done_at: datetime | None = None


class Direction(StrEnum):
    """Who asked: `out` we told the platform, `in` the platform asked us."""

    OUT = "out"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What went over the wire and was answered. `body` and `answer` as they were signed; of what we answered a digest.

    `message` is the number of the outbox's message, None for what is none.
    """

    direction: Direction
    interface: str
    time_stamp: str
    seq: str
    body: dict[str, Any]
    sent_at: datetime
    answered_at: datetime
    ret: int
    msg: str
    answer: dict[str, Any] = field(default_factory=dict)
    message: int | None = None


@dataclass(frozen=True, slots=True)
class OutboxFigures:
    """How many messages are in each state, and since when the oldest one waits."""

    counts: dict[str, int]
    oldest_pending_at: datetime | None
    last_delivered_at: datetime | None
    cursor: int
