"""Requests about the energy ledger."""

from __future__ import annotations

from swapstation.model.energy import EnergyCaseClosed
from swapstation.model.energy_request import CloseEnergyCase
from swapstation.model.request import Accepted, Request
from swapstation.station.draft import Draft
from swapstation.station.outcome import Outcome, refused


def close_case(draft: Draft, request: Request, payload: CloseEnergyCase) -> Outcome:
    """A case is closed once, by a person who says what became of it."""
    if payload.case not in draft.snapshot.energy.open_cases:
        return refused(request, ("no_such_case",), payload.case)
    return Accepted(request.key), (EnergyCaseClosed(payload.case, request.person, payload.reason),)
