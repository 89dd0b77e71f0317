"""Payments of priced orders: how far each is. A fleet's key sees its own fleet's only."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query

from swapstation.business.payments import list_payments
from swapstation.model.payment import Payment, PaymentState
from swapstation.server.context import Here, Who
from swapstation.server.problems import declared

router = APIRouter(tags=["money"])


@router.get("/payments", responses=declared())
async def read_payments(
    here: Here,
    who: Who,
    state: Annotated[list[PaymentState] | None, Query(description="Only these states; all when absent.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[
        str | None, Query(pattern=r"^[!-~]{1,80}$", description="The reference of the last one of the page before.")
    ] = None,
) -> list[Payment]:
    """What became due with the price of an order, newest first: asked for, paid or refused, by whom and why."""
    fleet = None if who.key is None else who.key.fleet
    return await here.business.read(
        partial(list_payments, states=tuple(state or ()), fleet=fleet, limit=limit, before=before)
    )
