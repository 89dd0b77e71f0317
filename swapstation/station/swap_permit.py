"""The permit that a swap needs where a headquarters says who may be swapped: the controller takes none on trust."""

from __future__ import annotations

from datetime import timedelta

from swapstation.model.request import RequestSwap
from swapstation.station.draft import Draft
from swapstation.station.outcome import Reasons

PERMIT_COUNTS = timedelta(minutes=5)
"""So long a permit may lie between its question and the swap: a request that was kept and comes later asks again."""


def permit_reasons(draft: Draft, payload: RequestSwap) -> Reasons:
    """Why the permit that a request brings lets no swap begin; it is for this truck, and of now."""
    if draft.rules.config.headquarters is None:
        return ()
    permit = payload.permit
    if permit is None or permit.vin != payload.vin:
        return ("permit_missing",)
    if not permit.granted:
        return (permit.basis.refusal,)
    if abs(draft.snapshot.at - permit.at) > PERMIT_COUNTS:
        return ("permit_old",)
    return ()
