"""Webhooks of fleets in the business database. A webhook's cursor into its fleet's events is its durable outbox."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from swapstation.business.fleet_events import last_number
from swapstation.business.fleet_tables import fleet_webhooks
from swapstation.errors import InputError
from swapstation.model.fleet_event import EventKind, Webhook, WebhookSecrets
from swapstation.model.webhook_signature import new_secret

MOST_WEBHOOKS = 10
"""So many a fleet may have."""
BOTH_COUNT = timedelta(hours=24)
"""So long a replaced secret signs beside the new one."""
FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=5), timedelta(hours=1)
_HOOKS = fleet_webhooks.c
_COLUMNS = [_HOOKS[each.name] for each in fields(Webhook)]


def put_webhook(
    connection: sa.Connection,
    fleet: str,
    webhook: str,
    url: str,
    kinds: Sequence[EventKind],
    at: datetime,
    *,
    paused: bool,
) -> tuple[Webhook, str]:
    """Make a webhook, from the present event on, or change it; the secret of a new one is told now and never again.

    Raises InputError for one too many.
    """
    told = {"url": url, "kinds": sorted(set(kinds)), "paused": paused}
    if find_webhook(connection, fleet, webhook) is not None:
        again = told | {"failures": 0, "next_try_at": None, "reason": ""}
        connection.execute(_one(fleet, webhook).values(**again))
        return _known(connection, fleet, webhook), ""
    if len(list_webhooks(connection, fleet)) >= MOST_WEBHOOKS:
        raise InputError("webhook", webhook, f"at most {MOST_WEBHOOKS} for a fleet")
    secret = new_secret()
    row = {"fleet": fleet, "webhook": webhook, "secret": secret, "secret_id": _id(secret), "created_at": at}
    connection.execute(sa.insert(fleet_webhooks), row | told | {"cursor": last_number(connection, fleet)})
    return _known(connection, fleet, webhook), secret


def list_webhooks(connection: sa.Connection, fleet: str) -> tuple[Webhook, ...]:
    """The webhooks of a fleet."""
    return _read(connection, _HOOKS.fleet == fleet)


def find_webhook(connection: sa.Connection, fleet: str, webhook: str) -> Webhook | None:
    """One webhook of a fleet."""
    return next(iter(_read(connection, _HOOKS.fleet == fleet, _HOOKS.webhook == webhook)), None)


def due_webhooks(connection: sa.Connection, now: datetime) -> tuple[Webhook, ...]:
    """Those that may be tried now."""
    may = sa.or_(_HOOKS.next_try_at.is_(None), _HOOKS.next_try_at <= now)
    return _read(connection, ~_HOOKS.paused, may)


def secrets_of(connection: sa.Connection, fleet: str, webhook: str) -> WebhookSecrets | None:
    """What a webhook is signed with; None: it is gone."""
    row = connection.execute(
        sa.select(_HOOKS.secret, _HOOKS.previous, _HOOKS.previous_until).where(
            _HOOKS.fleet == fleet, _HOOKS.webhook == webhook
        )
    ).first()
    return None if row is None else WebhookSecrets(*row)


def rotate_secret(
    connection: sa.Connection, fleet: str, webhook: str, replaces: str, at: datetime
) -> tuple[Webhook, str]:
    """Give a webhook a new secret in the place of the one it has; the old one signs too for a day.

    Raises InputError where `replaces` is not the id of the present one: it was replaced already.
    """
    known = _known(connection, fleet, webhook)
    if known.secret_id != replaces:
        raise InputError("replaces", replaces, "the secret_id that the webhook has now")
    secret = new_secret()
    new = {"secret": secret, "secret_id": _id(secret), "previous": _HOOKS.secret, "previous_until": at + BOTH_COUNT}
    connection.execute(_one(fleet, webhook).values(**new))
    return _known(connection, fleet, webhook), secret


def replay(connection: sa.Connection, fleet: str, webhook: str, after: int) -> Webhook:
    """Tell a webhook again, or skip: everything after an event, at once."""
    again = {"cursor": after, "failures": 0, "next_try_at": None, "reason": ""}
    connection.execute(_one(fleet, webhook).values(**again))
    return _known(connection, fleet, webhook)


def remove_webhook(connection: sa.Connection, fleet: str, webhook: str) -> Webhook:
    """Remove a webhook; returns what it was."""
    known = _known(connection, fleet, webhook)
    connection.execute(sa.delete(fleet_webhooks).where(_HOOKS.fleet == fleet, _HOOKS.webhook == webhook))
    return known


def delivered(connection: sa.Connection, hook: Webhook, number: int, at: datetime) -> bool:
    """An event was taken. Not where the cursor was set elsewhere meanwhile; returns whether it was not."""
    done = {"cursor": number, "failures": 0, "next_try_at": None, "delivered_at": at, "reason": ""}
    mine = _one(hook.fleet, hook.webhook).where(_HOOKS.cursor == hook.cursor)
    return connection.execute(mine.values(**done)).rowcount == 1


def failed(connection: sa.Connection, hook: Webhook, reason: str, at: datetime, *, gone: bool) -> None:
    """An event was not taken: it is tried again after a while, twice as long each time. `gone`: not before a person."""
    failures = hook.failures + 1
    told = {"failures": failures, "next_try_at": at + retry_after(failures), "reason": reason[:200], "paused": gone}
    connection.execute(_one(hook.fleet, hook.webhook).where(_HOOKS.cursor == hook.cursor).values(**told))


def retry_after(failures: int) -> timedelta:
    """The pause after so many failures in a row."""
    return min(FIRST_RETRY * (1 << min(failures - 1, 20)), LONGEST_RETRY)


def _id(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:12]


def _one(fleet: str, webhook: str) -> sa.Update:
    return sa.update(fleet_webhooks).where(_HOOKS.fleet == fleet, _HOOKS.webhook == webhook)


def _known(connection: sa.Connection, fleet: str, webhook: str) -> Webhook:
    found = find_webhook(connection, fleet, webhook)
    if found is None:
        raise InputError("webhook", webhook, "the name of a webhook of the fleet")
    return found


def _read(connection: sa.Connection, *which: sa.ColumnElement[bool]) -> tuple[Webhook, ...]:
    rows = connection.execute(sa.select(*_COLUMNS).where(*which).order_by(_HOOKS.fleet, _HOOKS.webhook))
    return tuple(map(_webhook, rows.mappings()))


def _webhook(row: Any) -> Webhook:
    return Webhook(**{**row, "kinds": tuple(EventKind(kind) for kind in row["kinds"])})
