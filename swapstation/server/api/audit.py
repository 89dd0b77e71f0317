"""The audit, read only: rows in their order, and the head that proves what was there."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from swapstation.business import audit
from swapstation.business.audit import Head, Row
from swapstation.server.context import Here
from swapstation.server.problems import declared

router = APIRouter(prefix="/audit", tags=["audit"])

Word = Annotated[str | None, Query(max_length=80)]


@router.get("", responses=declared())
async def list_audit(
    here: Here,
    after: Annotated[int, Query(ge=0, le=2**63 - 1, description="Number of the last row you have.")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    kind: Word = None,
    actor: Word = None,
) -> tuple[Row, ...]:
    """Rows after a number, in order; of one kind or one actor only."""
    return await here.business.read(lambda connection: audit.list_rows(connection, after, limit, kind, actor))


@router.get("/head", responses=declared())
async def read_head(here: Here) -> Head:
    """Number and hash of the last row: kept elsewhere, they prove later that nothing was taken away."""
    return await here.business.read(audit.head)
