"""What every route needs: settings, the link to the controller, the history; who acts; a fresh snapshot."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Header
from starlette.requests import HTTPConnection

from swapstation.config.settings import Config
from swapstation.contract.controller_link import ControllerAway, ControllerLink
from swapstation.energy.tariff import Tariff
from swapstation.energy.tariff_watch import TariffWatch
from swapstation.model.request import UNNAMED, Accepted, Payload, Refused, Request
from swapstation.model.snapshot import Snapshot
from swapstation.server.history import History
from swapstation.server.problems import Problem
from swapstation.server.uplinks.platform_link import Known, PlatformLink

FRESH_SNAPSHOT_AGE_S = 5.0
REFUSALS = {
    "no_such_alarm": HTTPStatus.NOT_FOUND,
    "no_such_booking": HTTPStatus.NOT_FOUND,
    "no_such_bay": HTTPStatus.NOT_FOUND,
    "no_such_dispatch": HTTPStatus.NOT_FOUND,
    "no_such_case": HTTPStatus.NOT_FOUND,
    "unknown_battery": HTTPStatus.NOT_FOUND,
    "bad_input": HTTPStatus.UNPROCESSABLE_ENTITY,
}


@dataclass(frozen=True, slots=True)
class Context:
    """The parts of the running server."""

    config: Config
    link: ControllerLink
    history: History
    tariff: TariffWatch
    platform: PlatformLink | None = None

    @property
    def snapshot(self) -> Snapshot:
        """The latest snapshot, if it is fresh enough to answer from; raises ControllerAway."""
        return fresh_snapshot(self.link)


def fresh_snapshot(link: ControllerLink) -> Snapshot:
    """The latest snapshot of a link, if it is fresh enough; raises ControllerAway."""
    latest, age_s = link.latest, link.age_s
    if latest is None or age_s is None:
        raise ControllerAway("nothing was received from the controller yet")
    if age_s > FRESH_SNAPSHOT_AGE_S:
        raise ControllerAway(f"the last snapshot is {age_s:.0f} s old")
    return latest.snapshot


def known_to_platform(link: ControllerLink, tariff: TariffWatch) -> Known:
    """What the link to the supervision platform reads of the running station."""

    def snapshot() -> Snapshot | None:
        try:
            return fresh_snapshot(link)
        except ControllerAway:
            return None

    def prices() -> Tariff | None:
        tariff.look()
        return tariff.tariff

    return Known(snapshot, prices)


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts, and the key that makes a repeat of the request harmless."""

    key: str
    person: str


def _context(connection: HTTPConnection) -> Context:
    context = connection.app.state.context
    assert isinstance(context, Context)
    return context


def _acting(
    idempotency_key: Annotated[
        str | None,
        Header(
            pattern=r"^[!-~]{1,100}$", description="Same key and body: same answer, one effect. Made up when absent."
        ),
    ] = None,
    x_person: Annotated[str, Header(pattern=r"^[ -~]{1,60}$", description="Who acts.")] = UNNAMED,
) -> Acting:
    return Acting(idempotency_key or str(uuid.uuid4()), x_person)


Here = Annotated[Context, Depends(_context)]
By = Annotated[Acting, Depends(_acting)]


async def ask(here: Context, by: Acting, payload: Payload) -> Accepted:
    """Put a request to the controller; a refusal becomes a problem, 409 unless its code says otherwise."""
    answer = await here.link.request(Request(by.key, by.person, payload))
    if isinstance(answer, Refused):
        status = REFUSALS.get(answer.code, HTTPStatus.CONFLICT)
        raise Problem(status, answer.code, answer.detail, answer.reasons, answer.facts)
    return answer
