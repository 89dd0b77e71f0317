"""Where a headquarters says who may be swapped, no swap begins without its permit for this truck, of now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from swapstation.config.headquarters_settings import Headquarters
from swapstation.model.headquarters import Permit, PermitBasis
from swapstation.model.reasons import reason_catalogue
from swapstation.model.request import Accepted, Answer, Refused, Request, RequestSwap
from swapstation.station.requests import run_requests
from tests.station.situations import AT, OTHER_VIN, VIN, draft, snapshot

GRANTED = Permit("key-1", VIN, AT, granted=True, basis=PermitBasis.HEADQUARTERS)
LINK = Headquarters("https://hq.example", "S1", Path("token"))


def answer_to(permit: Permit | None, link: Headquarters | None = LINK) -> Answer:
    """The station's answer to a swap that brings this permit."""
    cycle = draft(snapshot())
    cycle.rules = replace(cycle.rules, config=replace(cycle.rules.config, headquarters=link))
    run_requests(cycle, (Request("key-1", "li", RequestSwap(VIN, permit=permit)),))
    (batch,) = cycle.batches
    assert batch.answer is not None
    return batch.answer


@pytest.mark.parametrize(
    "permit", [GRANTED, replace(GRANTED, basis=PermitBasis.KNOWN_TRUCK), replace(GRANTED, at=AT - timedelta(minutes=5))]
)
def test_a_swap_begins_with_a_permit(permit: Permit) -> None:
    assert isinstance(answer_to(permit), Accepted)


def test_without_a_headquarters_no_permit_is_wanted() -> None:
    assert isinstance(answer_to(None, link=None), Accepted)


@pytest.mark.parametrize(
    ("permit", "code"),
    [
        (None, "permit_missing"),
        (replace(GRANTED, vin=OTHER_VIN), "permit_missing"),
        (replace(GRANTED, at=AT - timedelta(minutes=5, seconds=1)), "permit_old"),
        (replace(GRANTED, at=AT + timedelta(minutes=6)), "permit_old"),
        *((replace(GRANTED, granted=False, basis=basis), basis.refusal) for basis in PermitBasis),
    ],
)
def test_a_swap_does_not_begin_without_one(permit: Permit | None, code: str) -> None:
    answer = answer_to(permit)
    assert isinstance(answer, Refused)
    assert answer.reasons == (code,)
    texts = reason_catalogue()[code]
    assert texts.zh
    assert texts.en
