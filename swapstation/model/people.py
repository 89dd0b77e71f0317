"""The words for people and programs that act: roles, accounts, sessions, keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What an account or a key is there for; swapstation/server/access.py says what each may do."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    SHIFT_LEAD = "shift_lead"
    MAINTENANCE = "maintenance"
    ADMIN = "admin"
    FLEET = "fleet"
    PLATFORM = "platform"


PROGRAMS = (Role.FLEET, Role.PLATFORM)
"""Roles of keys; the others are those of people."""
PEOPLE = tuple(role for role in Role if role not in PROGRAMS)


class SessionKind(StrEnum):
    """Where a session was begun: with a PIN at the station's own machine, or with a password."""

    CABIN = "cabin"
    REMOTE = "remote"


class Scope(StrEnum):
    """What a key may be used for, within its role."""

    READ = "read"
    BOOK = "book"
    DISPATCH = "dispatch"
    UPLINK = "uplink"


@dataclass(frozen=True, slots=True)
class Account:
    """A person's account without its secrets. A locked one can neither log in nor act."""

    account: str
    display: str
    role: Role
    has_pin: bool
    has_password: bool
    has_totp: bool
    created_at: datetime
    locked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """One log-in of a person; `address` is where from."""

    account: str
    role: Role
    kind: SessionKind
    address: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of a program without its secret. `fleet` is whose trucks it may see and book for."""

    key: str
    name: str
    role: Role
    fleet: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
