"""Accounts of people, for who answers for them: made, locked, given a role, reset by a one-time code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict

from swapstation.business import accounts, sessions
from swapstation.business.database import Connection
from swapstation.model.people import Account, Role
from swapstation.server.api.session import Display, Name
from swapstation.server.context import Here, Who
from swapstation.server.problems import declared

router = APIRouter(prefix="/accounts", tags=["people"])

AccountName = Annotated[str, Path(pattern=r"^[!-~]{1,40}$", examples=["li"])]


class NewAccount(BaseModel):
    """Whose account, and what for: one of the roles of people."""

    model_config = ConfigDict(extra="forbid")
    account: Name
    display: Display = ""
    role: Role


class NewRole(BaseModel):
    """Another role."""

    model_config = ConfigDict(extra="forbid")
    role: Role


@dataclass(frozen=True, slots=True)
class Invitation:
    """A one-time code with which the person sets PIN and password; it is told only now."""

    account: Account
    code: str


@router.get("", responses=declared())
async def list_accounts(here: Here) -> tuple[Account, ...]:
    """Every account; never its secrets."""
    return await here.business.read(accounts.list_accounts)


@router.post("", status_code=HTTPStatus.CREATED, responses=declared())
async def add_account(here: Here, who: Who, new: NewAccount) -> Invitation:
    """Make an account; its person sets the secrets with the code."""
    now = datetime.now(UTC)

    def add(connection: Connection) -> Invitation:
        account = accounts.add_account(connection, new.account, new.display, new.role, now)
        return Invitation(account, accounts.invite(connection, new.account, now))

    return await here.business.write(add, who.entry("account_added", new.account, {"role": new.role}))


@router.put("/{account}/role", responses=declared())
async def change_role(here: Here, who: Who, account: AccountName, new: NewRole) -> Account:
    """Give an account another role: its sessions end."""

    def change(connection: Connection) -> Account:
        accounts.set_role(connection, account, new.role)
        sessions.end_sessions_of(connection, account, datetime.now(UTC))
        return accounts.known(connection, account)

    changed = await here.business.write(change, who.entry("role_changed", account, {"role": new.role}))
    here.log_ins.forget(account)
    return changed


@router.post("/{account}/lock", responses=declared())
async def lock_account(here: Here, who: Who, account: AccountName) -> Account:
    """Lock an account: its sessions end at once, and nobody can log in to it."""

    def lock(connection: Connection) -> Account:
        now = datetime.now(UTC)
        accounts.lock(connection, account, now)
        sessions.end_sessions_of(connection, account, now)
        return accounts.known(connection, account)

    locked = await here.business.write(lock, who.entry("account_locked", account))
    here.log_ins.forget(account)
    return locked


@router.post("/{account}/unlock", responses=declared())
async def unlock_account(here: Here, who: Who, account: AccountName) -> Account:
    """Unlock an account."""

    def unlock(connection: Connection) -> Account:
        accounts.unlock(connection, account)
        return accounts.known(connection, account)

    return await here.business.write(unlock, who.entry("account_unlocked", account))


@router.post("/{account}/reset", responses=declared())
async def reset_account(here: Here, who: Who, account: AccountName) -> Invitation:
    """A new one-time code for somebody who cannot log in any more; the old secrets hold until it is used."""

    def reset(connection: Connection) -> Invitation:
        code = accounts.invite(connection, account, datetime.now(UTC))
        return Invitation(accounts.known(connection, account), code)

    return await here.business.write(reset, who.entry("reset_code_made", account))
