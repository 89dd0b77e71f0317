"""Results of drills at a training station: each is written down once, when its drill ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from pydantic import TypeAdapter

from swapstation.business.database import metadata
from swapstation.database.columns import UtcDateTime
from swapstation.training.score import Score

drill_results = sa.Table(
    "drill_results",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("drill", sa.String, nullable=False),
    sa.Column("instructor", sa.String, nullable=False),
    sa.Column("begun_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime, nullable=False),
    sa.Column("clock_at", UtcDateTime),
    sa.Column("score", sa.JSON, nullable=False),
)
_SCORE: TypeAdapter[Score] = TypeAdapter(Score)


@dataclass(frozen=True, slots=True)
class DrillResult:
    """A drill that has ended. `clock_at`: when its clock started; None: its alarm never came."""

    number: int
    drill: str
    instructor: str
    begun_at: datetime
    ended_at: datetime
    clock_at: datetime | None
    score: Score


def record(connection: sa.Connection, result: DrillResult) -> DrillResult:
    """Write a result down under the next number."""
    columns = drill_results.c
    number = int(connection.scalar(sa.select(sa.func.max(columns.number))) or 0) + 1
    connection.execute(
        sa.insert(drill_results).values(
            number=number,
            drill=result.drill,
            instructor=result.instructor,
            begun_at=result.begun_at,
            ended_at=result.ended_at,
            clock_at=result.clock_at,
            score=_SCORE.dump_python(result.score, mode="json"),
        )
    )
    return _result(connection.execute(sa.select(drill_results).where(columns.number == number)).one())


def find(connection: sa.Connection, number: int) -> DrillResult | None:
    """One result."""
    row = connection.execute(sa.select(drill_results).where(drill_results.c.number == number)).one_or_none()
    return None if row is None else _result(row)


def list_results(connection: sa.Connection, limit: int, before: int | None) -> list[DrillResult]:
    """Results, newest first."""
    wanted = sa.select(drill_results).order_by(drill_results.c.number.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(drill_results.c.number < before)
    return [_result(row) for row in connection.execute(wanted)]


def _result(row: sa.Row[tuple[object, ...]]) -> DrillResult:
    values = row._asdict()
    return DrillResult(**(values | {"score": _SCORE.validate_python(values["score"])}))
