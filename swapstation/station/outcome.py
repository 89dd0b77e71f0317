"""What comes of a request: the answer, and the records that become durable with it."""

from __future__ import annotations

from swapstation.model.journal import Record
from swapstation.model.request import Answer, Refused, Request

Reasons = tuple[str, ...]
Outcome = tuple[Answer, tuple[Record, ...]]


def refused(request: Request, reasons: Reasons, detail: str = "") -> Outcome:
    return Refused(request.key, reasons[0], detail, reasons), ()
