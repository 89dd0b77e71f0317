"""May a truck be swapped? The lists of station and headquarters, the permits that were given, and the rule offline."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from swapstation.business.headquarters_outbox import queue_record
from swapstation.business.headquarters_tables import access_rules, permits
from swapstation.config.headquarters_settings import Offline
from swapstation.model.headquarters import AccessRule, Keeper, Permit, PermitBasis

PERMIT = "permit"
"""Kind of the record by which a headquarters learns what was decided without it."""
_RULES = access_rules.c


def blocked(rules: Sequence[AccessRule], at: datetime) -> AccessRule | None:
    """The block that counts for a truck: one keeper's block outranks the other's allowance."""
    return next((each for each in rules if not each.allowed and each.counts(at)), None)


def decide_offline(asked: Permit, rules: Sequence[AccessRule], offline: Offline, known: Collection[str]) -> Permit:
    """What counts while the headquarters does not answer. `known`: VINs that it keeps; `asked.offline`: why."""
    block = blocked(rules, asked.at)
    if block is not None:
        return replace(asked, granted=False, basis=PermitBasis.BLOCK_LIST, reason=block.reason)
    allowance = next((each for each in rules if each.allowed and each.counts(asked.at)), None)
    if allowance is not None:
        return replace(asked, granted=True, basis=PermitBasis.ALLOW_LIST, reason=allowance.reason)
    if offline is Offline.ANY:
        return replace(asked, granted=True, basis=PermitBasis.ANY_TRUCK)
    if offline is Offline.KNOWN and asked.vin in known:
        return replace(asked, granted=True, basis=PermitBasis.KNOWN_TRUCK)
    expired = max((each.until for each in rules if each.allowed and each.until is not None), default=None)
    if expired is not None:
        return replace(asked, granted=False, basis=PermitBasis.EXPIRED, reason=expired.isoformat())
    return replace(asked, granted=False, basis=PermitBasis.NOT_KNOWN)


def put_rule(connection: sa.Connection, rule: AccessRule) -> AccessRule:
    """Put a truck on the list of its keeper, in the place of what that said of it before."""
    drop_rule(connection, rule.vin, rule.keeper)
    connection.execute(sa.insert(access_rules), asdict(rule))
    return rule


def drop_rule(connection: sa.Connection, vin: str, keeper: Keeper) -> bool:
    """Take a truck off a list; whether it was on it."""
    mine = sa.delete(access_rules).where(_RULES.vin == vin, _RULES.keeper == keeper)
    return connection.execute(mine).rowcount > 0


def list_rules(connection: sa.Connection, vin: str | None = None) -> list[AccessRule]:
    """Who is on the lists, also what has expired; of one truck or all."""
    wanted = sa.select(access_rules).order_by(_RULES.vin, _RULES.keeper)
    if vin is not None:
        wanted = wanted.where(_RULES.vin == vin)
    return [AccessRule(row.vin, row.allowed, row.reason, row.until, row.keeper) for row in connection.execute(wanted)]


def find_permit(connection: sa.Connection, request_id: str) -> Permit | None:
    """What was decided on a request."""
    row = connection.execute(sa.select(permits).where(permits.c.request_id == request_id)).one_or_none()
    return None if row is None else _permit(row)


def keep_permit(connection: sa.Connection, permit: Permit) -> Permit:
    """Keep a decision, once; one made without the headquarters is a record for it in the same transaction."""
    known = find_permit(connection, permit.request_id)
    if known is not None:
        return known
    connection.execute(sa.insert(permits), asdict(permit))
    if permit.basis is not PermitBasis.HEADQUARTERS:
        body = asdict(permit) | {"at": permit.at.isoformat()}
        queue_record(connection, f"{PERMIT}:{permit.request_id}", PERMIT, permit.at, body)
    return permit


def list_permits(connection: sa.Connection, limit: int, before: datetime | None = None) -> list[Permit]:
    """Decisions, newest first; `before` an instant gives the next page."""
    wanted = sa.select(permits).order_by(permits.c.at.desc(), permits.c.request_id).limit(limit)
    if before is not None:
        wanted = wanted.where(permits.c.at < before)
    return [_permit(row) for row in connection.execute(wanted)]


def _permit(row: sa.Row[Any]) -> Permit:
    return Permit(**row._asdict())
