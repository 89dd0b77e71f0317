"""Webhooks of a fleet: where its events are posted, replacing their secret, telling again."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from swapstation.business import webhooks
from swapstation.business.database import Connection
from swapstation.model.fleet_event import EventKind, Webhook
from swapstation.model.fleet_view import ToldWebhook
from swapstation.server.api.fleet import fleet_of
from swapstation.server.api.fleet_events import LAST_NUMBER
from swapstation.server.context import Context, Here, Who
from swapstation.server.problems import Problem, declared
from swapstation.server.webhook_targets import addresses_of, parse_target

router = APIRouter(prefix="/fleet/webhooks", tags=["fleet"])

WebhookName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$", examples=["dispatch"])]
_UNKNOWN = declared(HTTPStatus.NOT_FOUND)


class WebhookAsk(BaseModel):
    """Where to post to, which kinds of events (none: all), and whether it is paused."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"url": "https://dispatch.example.com/hooks/station", "kinds": ["booking.ready", "booking.no_show"]}
            ]
        },
    )
    url: Annotated[str, Field(min_length=8, max_length=500)]
    kinds: Annotated[tuple[EventKind, ...], Field(max_length=len(EventKind))] = ()
    paused: bool = False


class Rotation(BaseModel):
    """The `secret_id` of the secret that is to be replaced: sent twice, it replaces once."""

    model_config = ConfigDict(extra="forbid")
    replaces: Annotated[str, Field(pattern=r"^[0-9a-f]{12}$", examples=["9f86d081884c"])]


class Replay(BaseModel):
    """The number of the event after which everything is told again."""

    model_config = ConfigDict(extra="forbid")
    after: Annotated[int, Field(ge=0, le=LAST_NUMBER)]


@router.get("", responses=declared())
async def list_webhooks(here: Here, who: Who) -> tuple[Webhook, ...]:
    """The fleet's webhooks and how they stand; never their secrets."""
    return await here.business.read(partial(webhooks.list_webhooks, fleet=fleet_of(who)))


@router.get("/{webhook}", responses=_UNKNOWN)
async def read_webhook(here: Here, who: Who, webhook: WebhookName) -> Webhook:
    """One webhook of the fleet."""
    return await _own(here, fleet_of(who), webhook)


@router.put("/{webhook}", responses=declared())
async def put_webhook(here: Here, who: Who, webhook: WebhookName, asked: WebhookAsk) -> ToldWebhook:
    """Make a webhook, which is told what happens from now on, or change it. Repeating it changes nothing."""
    await addresses_of(parse_target(asked.url), here.config.server.webhook_networks)
    now, fleet = datetime.now(UTC), fleet_of(who)

    def put(connection: Connection) -> ToldWebhook:
        told = webhooks.put_webhook(connection, fleet, webhook, asked.url, asked.kinds, now, paused=asked.paused)
        return ToldWebhook(*told)

    told = await here.business.write(put, who.entry("webhook_put", webhook, asked.model_dump(mode="json")))
    here.fleets.bell.ring()
    return told


@router.delete("/{webhook}", responses=_UNKNOWN)
async def remove_webhook(here: Here, who: Who, webhook: WebhookName) -> Webhook:
    """Remove a webhook; answers what it was."""
    fleet = fleet_of(who)
    await _own(here, fleet, webhook)
    work = partial(webhooks.remove_webhook, fleet=fleet, webhook=webhook)
    return await here.business.write(work, who.entry("webhook_removed", webhook))


@router.post("/{webhook}/rotate", responses=_UNKNOWN)
async def rotate_secret(here: Here, who: Who, webhook: WebhookName, rotation: Rotation) -> ToldWebhook:
    """Replace the secret. For 24 h messages are signed with both, so that the receiver can change over at leisure."""
    fleet, now = fleet_of(who), datetime.now(UTC)
    await _own(here, fleet, webhook)

    def rotate(connection: Connection) -> ToldWebhook:
        return ToldWebhook(*webhooks.rotate_secret(connection, fleet, webhook, rotation.replaces, now))

    return await here.business.write(rotate, who.entry("webhook_secret_replaced", webhook))


@router.post("/{webhook}/replay", responses=_UNKNOWN)
async def replay(here: Here, who: Who, webhook: WebhookName, asked: Replay) -> Webhook:
    """Tell everything again after an event, or skip what waits; also what a failure has put off is tried at once."""
    fleet = fleet_of(who)
    await _own(here, fleet, webhook)
    work = partial(webhooks.replay, fleet=fleet, webhook=webhook, after=asked.after)
    told = await here.business.write(work, who.entry("webhook_replayed", webhook, {"after": asked.after}))
    here.fleets.bell.ring()
    return told


async def _own(here: Context, fleet: str, webhook: str) -> Webhook:
    known = await here.business.read(partial(webhooks.find_webhook, fleet=fleet, webhook=webhook))
    if known is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no_such_webhook", webhook)
    return known
