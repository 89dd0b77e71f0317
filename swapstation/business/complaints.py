"""Complaints and inquiries in the business database: steps are added, never changed; a closed one may open again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from swapstation.business.database import metadata
from swapstation.database.columns import UtcDateTime, words
from swapstation.errors import InputError
from swapstation.model.complaint import Complaint, ComplaintState, ComplaintStep, Told

complaints = sa.Table(
    "complaints",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("recorded_at", UtcDateTime, nullable=False),
    sa.Column("state", words(ComplaintState, "state"), nullable=False),
    sa.Column("assigned_to", sa.String, nullable=False),
    sa.Column("told", sa.JSON, nullable=False),
    sa.Column("steps", sa.JSON, nullable=False),
    sa.Index(None, "state"),
)
NEXT: dict[ComplaintState, tuple[ComplaintState, ...]] = {
    ComplaintState.RECORDED: (ComplaintState.ASSIGNED,),
    ComplaintState.ASSIGNED: (ComplaintState.ASSIGNED, ComplaintState.ANSWERED),
    ComplaintState.ANSWERED: (ComplaintState.ASSIGNED, ComplaintState.ANSWERED, ComplaintState.CLOSED),
    ComplaintState.CLOSED: (ComplaintState.ASSIGNED,),
}
"""What may follow a state: nothing is closed unanswered."""
_TOLD: TypeAdapter[Told] = TypeAdapter(Told)
_STEPS: TypeAdapter[tuple[ComplaintStep, ...]] = TypeAdapter(tuple[ComplaintStep, ...])


def record(connection: sa.Connection, told: Told, first: ComplaintStep) -> Complaint:
    """Record what somebody says; `first` is the step of its record."""
    number = int(connection.scalar(sa.select(sa.func.max(complaints.c.number))) or 0) + 1
    made = Complaint(number, told, (first,))
    connection.execute(
        sa.insert(complaints).values(
            number=number,
            recorded_at=first.at,
            told=_TOLD.dump_python(told, mode="json"),
            **_row(made),
        )
    )
    return made


def add_step(connection: sa.Connection, number: int, step: ComplaintStep) -> Complaint:
    """Assign, answer or close a complaint. Raises InputError for an unknown one and for a state that cannot follow."""
    known = find(connection, number)
    if known is None:
        raise InputError("complaint", number, "the number of a complaint")
    if step.state not in NEXT[known.state]:
        raise InputError("state", step.state.value, f"one of {', '.join(NEXT[known.state])} after {known.state.value}")
    wanted = step.assigned_to if step.state is ComplaintState.ASSIGNED else step.text
    if step.state is not ComplaintState.CLOSED and not wanted:
        name = "assigned_to" if step.state is ComplaintState.ASSIGNED else "text"
        raise InputError(name, "", "not empty")
    made = replace(known, steps=(*known.steps, step))
    connection.execute(sa.update(complaints).where(complaints.c.number == number).values(**_row(made)))
    return made


def find(connection: sa.Connection, number: int) -> Complaint | None:
    """One complaint with its steps."""
    row = connection.execute(sa.select(complaints).where(complaints.c.number == number)).first()
    return None if row is None else _complaint(row)


def list_complaints(
    connection: sa.Connection, limit: int = 200, before: int | None = None, only_open: bool = False
) -> list[Complaint]:
    """Complaints, newest first; all, or those that are not closed."""
    wanted = sa.select(complaints).order_by(complaints.c.number.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(complaints.c.number < before)
    if only_open:
        wanted = wanted.where(complaints.c.state != ComplaintState.CLOSED)
    return [_complaint(row) for row in connection.execute(wanted)]


def _row(complaint: Complaint) -> dict[str, Any]:
    steps = _STEPS.dump_python(complaint.steps, mode="json")
    return {"state": complaint.state, "assigned_to": complaint.assigned_to, "steps": steps}


def _complaint(row: sa.Row[Any]) -> Complaint:
    return Complaint(row.number, _TOLD.validate_python(row.told), _STEPS.validate_python(row.steps))
