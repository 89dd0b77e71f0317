"""Tables of people and audit. Secrets are kept as hashes only, except that of TOTP, which must be known to compare."""

from __future__ import annotations

import sqlalchemy as sa

from swapstation.business.database import metadata
from swapstation.database.columns import UtcDateTime, words
from swapstation.model.people import Role, SessionKind

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("account", sa.String, primary_key=True),
    sa.Column("display", sa.String, nullable=False),
    sa.Column("role", words(Role, "role"), nullable=False),
    sa.Column("pin_hash", sa.String),
    sa.Column("password_hash", sa.String),
    sa.Column("totp_secret", sa.String),
    sa.Column("totp_step", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("locked_at", UtcDateTime),
)
"""`totp_step` is the last time step whose code was used: each counts once."""

invitations = sa.Table(
    "invitations",
    metadata,
    sa.Column("code_hash", sa.String, primary_key=True),
    sa.Column("account", sa.ForeignKey(accounts.c.account)),
    sa.Column("expires_at", UtcDateTime),
)
"""One-time codes with which a PIN and a password are set; without an account: with which the first admin is made."""

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", sa.String, primary_key=True),
    sa.Column("account", sa.ForeignKey(accounts.c.account), nullable=False),
    sa.Column("kind", words(SessionKind, "kind"), nullable=False),
    sa.Column("address", sa.String, nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime),
)

api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("secret_hash", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("role", words(Role, "role"), nullable=False),
    sa.Column("fleet", sa.String, nullable=False, server_default=""),
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("created_by", sa.String, nullable=False),
    sa.Column("expires_at", UtcDateTime),
    sa.Column("revoked_at", UtcDateTime),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("role", sa.String, nullable=False),
    sa.Column("address", sa.String, nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)
"""The chained rows: `hash` is over every other column, `previous` is the hash of the row before.

The first migration gives it triggers by which the database itself refuses to change or delete a row.
"""

cursors = sa.Table(
    "cursors",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)
"""Up to which of the station's events something was derived; moved in the transaction that writes what was derived."""
