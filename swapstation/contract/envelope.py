"""Messages between the processes: newline-delimited JSON over a Unix domain socket.

Controller to client: `{"type": "snapshot", ...}` at 5 Hz, `{"type": "plan", ...}` once for each plan that is followed,
and `{"type": "answer", "id": ..., ...}` or `{"type": "arrivals", "id": ..., ...}` to what was asked.
Client to controller: `{"type": "request", "id": ..., "request": {...}}`, and `{"type": "ask_arrivals", ...}`, which
changes nothing. Only envelopes are defined here; what they carry are the frozen dataclasses of `swapstation.model`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from swapstation.model.arrival import Arrival
from swapstation.model.charge_plan import ChargePlan
from swapstation.model.request import Answer, Request
from swapstation.model.snapshot import Snapshot

MAX_LINE_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class SnapshotMessage:
    """Controller to clients, latest wins."""

    snapshot: Snapshot
    type: Literal["snapshot"] = "snapshot"


@dataclass(frozen=True, slots=True)
class PlanMessage:
    """Controller to clients: the plan that counts from now on with all that it foresees; None: charge on arrival."""

    plan: ChargePlan | None
    type: Literal["plan"] = "plan"


@dataclass(frozen=True, slots=True)
class ArrivalsMessage:
    """Controller to one client: the trucks that it asked for under `id`, oldest first."""

    id: str
    arrivals: tuple[Arrival, ...]
    type: Literal["arrivals"] = "arrivals"


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


@dataclass(frozen=True, slots=True)
class ArrivalsQuestion:
    """Client to controller: which trucks have come since then?"""

    id: str
    since: datetime
    type: Literal["ask_arrivals"] = "ask_arrivals"


FromController = SnapshotMessage | PlanMessage | AnswerMessage | ArrivalsMessage
ToController = RequestMessage | ArrivalsQuestion

FROM_CONTROLLER: TypeAdapter[FromController] = TypeAdapter(Annotated[FromController, Field(discriminator="type")])
TO_CONTROLLER: TypeAdapter[ToController] = TypeAdapter(Annotated[ToController, Field(discriminator="type")])
