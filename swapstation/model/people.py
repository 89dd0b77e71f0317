"""The words for people and programs that act: roles, accounts, keys."""

from __future__ import annotations

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


class SessionKind(StrEnum):
    """Where a session was begun: with a PIN at the station's own machine, or with a password."""

    CABIN = "cabin"
    REMOTE = "remote"
