"""Sessions of people and keys of programs, as the database keeps them: by the hash of what the other end carries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from swapstation.business import tables
from swapstation.business.credentials import digest, new_token
from swapstation.errors import InputError
from swapstation.model.people import PROGRAMS, ApiKey, Role, Scope, Session

_SESSIONS, _KEYS = tables.sessions.c, tables.api_keys.c


def open_sessions(connection: sa.Connection) -> dict[str, Session]:
    """Sessions that were begun and not ended, by the hash of their token; none of a locked account."""
    accounts = tables.accounts.c
    rows = connection.execute(
        sa.select(
            _SESSIONS.token_hash,
            _SESSIONS.account,
            accounts.role,
            _SESSIONS.kind,
            _SESSIONS.address,
            _SESSIONS.started_at,
        )
        .join(tables.accounts, accounts.account == _SESSIONS.account)
        .where(_SESSIONS.ended_at.is_(None), accounts.locked_at.is_(None))
    )
    return {token_hash: Session(*session) for token_hash, *session in rows}


def begin_session(connection: sa.Connection, token_hash: str, session: Session) -> None:
    row = {
        "token_hash": token_hash,
        "account": session.account,
        "kind": session.kind,
        "address": session.address,
        "started_at": session.started_at,
    }
    connection.execute(sa.insert(tables.sessions), row)


def end_session(connection: sa.Connection, token_hash: str, at: datetime) -> None:
    ended = sa.update(tables.sessions).where(_SESSIONS.token_hash == token_hash, _SESSIONS.ended_at.is_(None))
    connection.execute(ended.values(ended_at=at))


def end_sessions_of(connection: sa.Connection, account: str, at: datetime) -> None:
    """End every session of an account."""
    ended = sa.update(tables.sessions).where(_SESSIONS.account == account, _SESSIONS.ended_at.is_(None))
    connection.execute(ended.values(ended_at=at))


def list_keys(connection: sa.Connection) -> tuple[ApiKey, ...]:
    """Every key, newest first."""
    rows = connection.execute(sa.select(tables.api_keys).order_by(_KEYS.created_at.desc(), _KEYS.key)).mappings()
    return tuple(map(_key, rows))


def valid_keys(connection: sa.Connection) -> dict[str, ApiKey]:
    """Keys that were not revoked, by the hash of the whole key; whether one has expired is for its user to see."""
    rows = connection.execute(sa.select(tables.api_keys).where(_KEYS.revoked_at.is_(None))).mappings()
    return {row["secret_hash"]: _key(row) for row in rows}


def add_key(
    connection: sa.Connection,
    name: str,
    role: Role,
    fleet: str,
    scopes: tuple[Scope, ...],
    person: str,
    at: datetime,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make a key; the text that is its second part is shown now and never again. Raises InputError."""
    if role not in PROGRAMS:
        raise InputError("role", role, f"one of {', '.join(PROGRAMS)}")
    if role is Role.FLEET and not fleet:
        raise InputError("fleet", fleet, "the fleet whose key it is")
    if not scopes or not name.strip():
        raise InputError("scopes" if name.strip() else "name", list(scopes) or name, "not empty")
    if expires_at is not None and expires_at <= at:
        raise InputError("expires_at", expires_at.isoformat(), "an instant to come")
    token = f"swk_{new_token()}"
    key = digest(token)[:12]
    row = {
        "key": key,
        "secret_hash": digest(token),
        "name": name.strip(),
        "role": role,
        "fleet": fleet,
        "scopes": sorted(scopes),
        "created_at": at,
        "created_by": person,
        "expires_at": expires_at,
    }
    connection.execute(sa.insert(tables.api_keys), row)
    return _known_key(connection, key), token


def revoke_key(connection: sa.Connection, key: str, at: datetime) -> ApiKey:
    """End a key for good. Raises InputError for one that does not exist."""
    _known_key(connection, key)
    revoked = sa.update(tables.api_keys).where(_KEYS.key == key, _KEYS.revoked_at.is_(None)).values(revoked_at=at)
    connection.execute(revoked)
    return _known_key(connection, key)


def _known_key(connection: sa.Connection, key: str) -> ApiKey:
    row = connection.execute(sa.select(tables.api_keys).where(_KEYS.key == key)).mappings().one_or_none()
    if row is None:
        raise InputError("key", key, "the id of a key")
    return _key(row)


def _key(row: Any) -> ApiKey:
    return ApiKey(
        key=row["key"],
        name=row["name"],
        role=row["role"],
        fleet=row["fleet"],
        scopes=tuple(Scope(scope) for scope in row["scopes"]),
        created_at=row["created_at"],
        created_by=row["created_by"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
    )
