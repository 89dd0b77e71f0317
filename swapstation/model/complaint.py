"""What drivers and fleets complain of or ask: recorded, assigned, answered, closed, each with its time (R7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ComplaintKind(StrEnum):
    """Whether somebody complains or asks."""

    COMPLAINT = "complaint"
    INQUIRY = "inquiry"


class ComplaintState(StrEnum):
    """How far it is."""

    RECORDED = "recorded"
    ASSIGNED = "assigned"
    ANSWERED = "answered"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody says of the station; `contact`: how they are reached, `swap`, `fleet`: what it is about."""

    kind: ComplaintKind
    who: str
    contact: str
    text: str
    fleet: str = ""
    swap: str = ""


@dataclass(frozen=True, slots=True)
class ComplaintStep:
    """One thing that was done about it: the state it led to, by whom, when, and the words of it."""

    state: ComplaintState
    person: str
    at: datetime
    text: str = ""
    assigned_to: str = ""


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint or an inquiry with everything that was done about it, oldest first."""

    number: int
    told: Told
    steps: tuple[ComplaintStep, ...]

    @property
    def state(self) -> ComplaintState:
        return self.steps[-1].state

    @property
    def assigned_to(self) -> str:
        """Who has to answer; "": nobody yet."""
        return next((step.assigned_to for step in reversed(self.steps) if step.assigned_to), "")

    def first_s(self, state: ComplaintState) -> float | None:
        """Seconds from its record to when it was first in a state; None: it was not yet."""
        began_at = self.steps[0].at
        return next(((step.at - began_at).total_seconds() for step in self.steps if step.state is state), None)
