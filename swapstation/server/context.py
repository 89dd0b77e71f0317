"""What a route that asks something of the station needs: who acts, and putting a request to the controller."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Header

from swapstation.contract.controller_link import ControllerAway
from swapstation.model.fire_request import ConfirmFire
from swapstation.model.request import Accepted, HoldStation, Payload, Refused, Request
from swapstation.server.actor import Actor, Who
from swapstation.server.parts import Context, Here
from swapstation.server.problems import Problem

__all__ = ["Acting", "By", "Context", "Here", "Who", "ask"]

REFUSALS = {
    "no_such_alarm": HTTPStatus.NOT_FOUND,
    "no_such_booking": HTTPStatus.NOT_FOUND,
    "no_such_bay": HTTPStatus.NOT_FOUND,
    "no_such_dispatch": HTTPStatus.NOT_FOUND,
    "no_such_case": HTTPStatus.NOT_FOUND,
    "unknown_battery": HTTPStatus.NOT_FOUND,
    "bad_input": HTTPStatus.UNPROCESSABLE_ENTITY,
}
TOWARD_SAFETY = (HoldStation, ConfirmFire)
"""Requests that wait for nothing, not even for their row in the audit."""


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts, the key that makes a repeat of the request harmless, and the confirmation that the order brings."""

    key: str
    actor: Actor
    confirmation: str | None = None


async def _acting(
    who: Who,
    idempotency_key: Annotated[
        str | None,
        Header(
            pattern=r"^[!-~]{1,100}$", description="Same key and body: same answer, one effect. Made up when absent."
        ),
    ] = None,
    x_confirmation: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Acting:
    return Acting(idempotency_key or str(uuid.uuid4()), who, x_confirmation)


By = Annotated[Acting, Depends(_acting)]


async def ask(here: Context, by: Acting, payload: Payload) -> Accepted:
    """Record a request, put it to the controller; a refusal becomes a problem, 409 unless its code says otherwise.

    The answer comes into the audit from the station's own events (swapstation/server/station_audit.py).
    """
    actor = by.actor
    if by.confirmation is not None and not isinstance(payload, TOWARD_SAFETY):
        here.confirmations.check(actor.token, by.confirmation, here.snapshot)
    asked = actor.entry("request", payload.kind, {"key": by.key, "payload": asdict(payload)})
    if isinstance(payload, TOWARD_SAFETY):
        here.business.record_soon(asked)
    else:
        await here.business.record(asked)
    try:
        answer = await here.link.request(Request(by.key, by.actor.person, payload))
    except ControllerAway as away:
        here.business.record_soon(by.actor.entry("no_answer", payload.kind, {"key": by.key, "why": str(away)}))
        raise
    if isinstance(answer, Refused):
        status = REFUSALS.get(answer.code, HTTPStatus.CONFLICT)
        raise Problem(status, answer.code, answer.detail, answer.reasons, answer.facts)
    return answer
