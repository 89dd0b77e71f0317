"""A request that one person has made and that takes two."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WaitingWord:
    """The first person's word: `kind` of the request, `subject` on what, whose it is and why, how long it waits (s)."""

    kind: str
    subject: str
    person: str
    reason: str
    left_s: float
