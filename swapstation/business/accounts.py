"""Accounts of people: making one, finding it, its secrets, its lock, and the one-time codes that set secrets.

Every function takes a connection of the business database and no clock: `at` is the instant of the change (UTC).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from swapstation.business import tables
from swapstation.business.credentials import (
    check_account_name,
    check_password,
    check_pin,
    code_digest,
    hashed,
    new_code,
)
from swapstation.errors import InputError
from swapstation.model.people import PEOPLE, Account, Role

CODE_VALID = timedelta(hours=24)
"""So long a reset code can be used; that of the first admin until it is."""

_ACCOUNTS = tables.accounts.c


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a log-in is compared with."""

    pin_hash: str | None
    password_hash: str | None
    totp_secret: str | None
    totp_step: int


def list_accounts(connection: sa.Connection) -> tuple[Account, ...]:
    """Every account by its name."""
    return tuple(map(_account, connection.execute(sa.select(tables.accounts).order_by(_ACCOUNTS.account)).mappings()))


def find_account(connection: sa.Connection, name: str) -> Account | None:
    row = connection.execute(sa.select(tables.accounts).where(_ACCOUNTS.account == name)).mappings().one_or_none()
    return None if row is None else _account(row)


def secrets_of(connection: sa.Connection, name: str) -> Secrets:
    """The hashes of an account; none for one that does not exist."""
    columns = (_ACCOUNTS.pin_hash, _ACCOUNTS.password_hash, _ACCOUNTS.totp_secret, _ACCOUNTS.totp_step)
    row = connection.execute(sa.select(*columns).where(_ACCOUNTS.account == name)).one_or_none()
    return Secrets(None, None, None, 0) if row is None else Secrets(*row)


def add_account(connection: sa.Connection, name: str, display: str, role: Role, at: datetime) -> Account:
    """Make an account that nobody can log in to before its secrets are set. Raises InputError."""
    check_account_name(name)
    if role not in PEOPLE:
        raise InputError("role", role, f"one of {', '.join(PEOPLE)}")
    if find_account(connection, name) is not None:
        raise InputError("account", name, "a name that no account has yet")
    row = {"account": name, "display": display.strip() or name, "role": role, "created_at": at}
    connection.execute(sa.insert(tables.accounts), row)
    return known(connection, name)


def set_secrets(connection: sa.Connection, name: str, pin: str | None, password: str | None) -> None:
    """Set the PIN, the password or both. Raises InputError for one that is not allowed; takes a second of work."""
    values: dict[str, str] = {}
    if pin is not None:
        values["pin_hash"] = hashed(check_pin(pin))
    if password is not None:
        values["password_hash"] = hashed(check_password(password, name))
    if not values:
        raise InputError("password", None, "a PIN, a password or both")
    _update(connection, name, **values)


def set_totp(connection: sa.Connection, name: str, secret: str | None) -> None:
    """Demand codes of this secret from now on, or none any more."""
    _update(connection, name, totp_secret=secret, totp_step=0)


def use_totp_step(connection: sa.Connection, name: str, step: int) -> bool:
    """Remember the step whose code was used; False where somebody has used it already."""
    mine = (_ACCOUNTS.account == name, _ACCOUNTS.totp_step < step)
    return connection.execute(sa.update(tables.accounts).where(*mine).values(totp_step=step)).rowcount == 1


def set_role(connection: sa.Connection, name: str, role: Role) -> None:
    """Give an account another role. Raises InputError, also when no admin would be left."""
    if role not in PEOPLE:
        raise InputError("role", role, f"one of {', '.join(PEOPLE)}")
    _keep_an_admin(connection, name, stays=role is Role.ADMIN)
    _update(connection, name, role=role)


def lock(connection: sa.Connection, name: str, at: datetime) -> None:
    """Lock an account. Raises InputError when no admin would be left."""
    _keep_an_admin(connection, name, stays=False)
    _update(connection, name, locked_at=at)


def unlock(connection: sa.Connection, name: str) -> None:
    _update(connection, name, locked_at=None)


def invite(connection: sa.Connection, name: str | None, at: datetime) -> str:
    """A new one-time code that sets the secrets of an account, or, without a name, makes the first admin.

    Earlier codes for the same end with it.
    """
    if name is not None:
        known(connection, name)
    invitations = tables.invitations.c
    connection.execute(sa.delete(tables.invitations).where(invitations.account.is_not_distinct_from(name)))
    code = new_code()
    expires_at = None if name is None else at + CODE_VALID
    row = {"code_hash": code_digest(code), "account": name, "expires_at": expires_at}
    connection.execute(sa.insert(tables.invitations), row)
    return code


def claim(
    connection: sa.Connection, code: str, name: str, display: str, pin: str | None, password: str | None, at: datetime
) -> Account | None:
    """Use a one-time code: make the first admin, or set the secrets of the account it is for; None if it is not valid.

    A reset also takes TOTP away: who lost the phone could not come back otherwise. Raises InputError.
    """
    invitations = tables.invitations.c
    mine = invitations.code_hash == code_digest(code)
    found = connection.execute(sa.select(invitations.account, invitations.expires_at).where(mine)).one_or_none()
    if found is None or found.account not in (None, name) or (found.expires_at and found.expires_at <= at):
        return None
    if found.account is None:
        if list_accounts(connection):
            return None
        add_account(connection, name, display, Role.ADMIN, at)
    set_secrets(connection, name, pin, password)
    set_totp(connection, name, None)
    connection.execute(sa.delete(tables.invitations).where(mine))
    return known(connection, name)


def known(connection: sa.Connection, name: str) -> Account:
    """An account that must exist. Raises InputError."""
    account = find_account(connection, name)
    if account is None:
        raise InputError("account", name, "an account that exists")
    return account


def _update(connection: sa.Connection, name: str, **values: Any) -> None:
    known(connection, name)
    connection.execute(sa.update(tables.accounts).where(_ACCOUNTS.account == name).values(**values))


def _keep_an_admin(connection: sa.Connection, name: str, *, stays: bool) -> None:
    admins = {each.account for each in list_accounts(connection) if each.role is Role.ADMIN and not each.locked_at}
    if not stays and admins == {name}:
        raise InputError("account", name, "another account: this is the only admin that can log in")


def _account(row: Any) -> Account:
    return Account(
        account=row["account"],
        display=row["display"],
        role=row["role"],
        has_pin=row["pin_hash"] is not None,
        has_password=row["password_hash"] is not None,
        has_totp=row["totp_secret"] is not None,
        created_at=row["created_at"],
        locked_at=row["locked_at"],
    )
