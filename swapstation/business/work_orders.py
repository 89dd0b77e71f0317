"""Work orders in the business database: steps are added, never changed; one is open for a thing at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from swapstation.business.database import metadata
from swapstation.database.columns import UtcDateTime, words
from swapstation.errors import InputError
from swapstation.model.maintenance import Wanted, WorkKind, WorkOrder, WorkState, WorkStep

work_orders = sa.Table(
    "work_orders",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("state", words(WorkState, "state"), nullable=False),
    sa.Column("device", sa.String, nullable=False),
    sa.Column("kind", words(WorkKind, "kind"), nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("alarm", sa.String, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("steps", sa.JSON, nullable=False),
    sa.Column("readings", sa.JSON, nullable=False),
    sa.Index(None, "state"),
    sa.Index(None, "opened_at"),
)
NEXT: dict[WorkState, tuple[WorkState, ...]] = {
    WorkState.OPEN: (WorkState.BEGUN, WorkState.CANCELLED),
    WorkState.BEGUN: (WorkState.DONE, WorkState.CANCELLED),
    WorkState.DONE: (),
    WorkState.CANCELLED: (),
}
"""What may follow a state: nothing is done that was not begun, so that the time of the work is known."""
STANDING = (WorkState.OPEN, WorkState.BEGUN)
_STEPS: TypeAdapter[tuple[WorkStep, ...]] = TypeAdapter(tuple[WorkStep, ...])


def open_order(connection: sa.Connection, wanted: Wanted, person: str, at: datetime) -> WorkOrder:
    """Open a work order. Raises InputError where one stands for the same task, budget or alarm of the device."""
    for name in ("subject", "alarm"):
        value = getattr(wanted, name)
        standing = find_standing(connection, wanted.device, name, value) if value else None
        if standing is not None:
            raise InputError(name, value, f"one without an open work order: {standing} is open")
    columns = work_orders.c
    number = int(connection.scalar(sa.select(sa.func.max(columns.number))) or 0) + 1
    made = WorkOrder(number, wanted, (WorkStep(WorkState.OPEN, person, at),))
    connection.execute(sa.insert(work_orders).values(number=number, opened_at=at, **asdict(wanted), **_row(made)))
    return made


def find_standing(connection: sa.Connection, device: str, name: str, value: str) -> int | None:
    """The number of the order of a device that is not done, by its `subject` or `alarm`."""
    columns = work_orders.c
    about = sa.and_(columns.device == device, columns[name] == value, columns.state.in_(STANDING))
    return connection.scalar(sa.select(columns.number).where(about).limit(1))


def add_step(
    connection: sa.Connection, number: int, step: WorkStep, readings: Mapping[str, float] | None = None
) -> WorkOrder:
    """Begin, finish or cancel an order. Raises InputError for an unknown one, and for a state that cannot follow."""
    known = find(connection, number)
    if known is None:
        raise InputError("number", number, "the number of a work order")
    if step.state not in NEXT[known.state]:
        allowed = ", ".join(NEXT[known.state]) or "nothing"
        raise InputError("state", step.state.value, f"{allowed} after {known.state.value}")
    if step.at < known.steps[-1].at:
        raise InputError("at", step.at.isoformat(), f"not before {known.steps[-1].at.isoformat()}, the step before it")
    made = replace(known, steps=(*known.steps, step), readings=dict(readings or known.readings))
    connection.execute(sa.update(work_orders).where(work_orders.c.number == number).values(**_row(made)))
    return made


def find(connection: sa.Connection, number: int) -> WorkOrder | None:
    """One work order."""
    row = connection.execute(sa.select(work_orders).where(work_orders.c.number == number)).one_or_none()
    return None if row is None else _order(row)


def list_orders(
    connection: sa.Connection, limit: int | None = None, before: int | None = None, only_open: bool = False
) -> list[WorkOrder]:
    """Work orders, newest first; all, or those that are not done."""
    columns = work_orders.c
    wanted = sa.select(work_orders).order_by(columns.number.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(columns.number < before)
    if only_open:
        wanted = wanted.where(columns.state.in_(STANDING))
    return [_order(row) for row in connection.execute(wanted)]


def _row(order: WorkOrder) -> dict[str, Any]:
    steps = _STEPS.dump_python(order.steps, mode="json")
    return {"state": order.state, "steps": steps, "readings": dict(order.readings)}


def _order(row: sa.Row[Any]) -> WorkOrder:
    wanted = Wanted(row.device, row.kind, row.text, row.subject, row.alarm)
    return WorkOrder(row.number, wanted, _STEPS.validate_python(row.steps), row.readings)
