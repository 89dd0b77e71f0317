"""Messages between the processes: newline-delimited JSON over a Unix domain socket.

Controller to client: `{"type": "snapshot", ...}` at 5 Hz and `{"type": "answer", "id": ..., ...}`.
Client to controller: `{"type": "request", "id": ..., "request": {...}}`. Only envelopes are defined here; what they
carry are the frozen dataclasses of `swapstation.model`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from swapstation.model.request import Answer, Request
from swapstation.model.snapshot import Snapshot

MAX_LINE_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class SnapshotMessage:
    """Controller to clients, latest wins."""

    snapshot: Snapshot
    type: Literal["snapshot"] = "snapshot"


@dataclass(frozen=True, slots=True)
class AnswerMessage:
    """Controller to one client: the answer to its request `id`."""

    id: str
    answer: Answer
    type: Literal["answer"] = "answer"


@dataclass(frozen=True, slots=True)
class RequestMessage:
    """Client to controller; `id` pairs it with its answer on this connection."""

    id: str
    request: Request
    type: Literal["request"] = "request"


FromController = Annotated[SnapshotMessage | AnswerMessage, Field(discriminator="type")]

FROM_CONTROLLER: TypeAdapter[SnapshotMessage | AnswerMessage] = TypeAdapter(FromController)
TO_CONTROLLER: TypeAdapter[RequestMessage] = TypeAdapter(RequestMessage)
