"""The door: who I am, logging in and out, one-time codes, own secrets, TOTP."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from swapstation.business import accounts, sessions
from swapstation.business.credentials import csrf_token, new_totp_secret, totp_step, totp_uri
from swapstation.business.database import Connection
from swapstation.model.people import Role, SessionKind
from swapstation.server.access import routes_of
from swapstation.server.actor import COOKIE, Actor
from swapstation.server.context import Context, Here, Who
from swapstation.server.problems import Problem, declared

router = APIRouter(prefix="/session", tags=["people"])

Name = Annotated[str, Field(pattern=r"^[!-~]{1,40}$", examples=["li"])]
Display = Annotated[str, Field(pattern=r"^[^\x00-\x1f]{0,60}$", examples=["李明"])]
Secret = Annotated[str, Field(min_length=1, max_length=200)]
Code = Annotated[str, Field(max_length=40)]


class LogIn(BaseModel):
    """PIN (at the station's own machine) or password; `code` of the authenticator app where the account has one."""

    model_config = ConfigDict(extra="forbid")
    account: Name
    secret: Secret
    code: Code = ""


class Claim(BaseModel):
    """A one-time code and the secrets to set with it. That of the first admin makes the account too."""

    model_config = ConfigDict(extra="forbid")
    code: Code
    account: Name
    display: Display = ""
    pin: Secret | None = None
    password: Secret | None = None


class NewSecrets(BaseModel):
    """One's present PIN or password, and the new ones."""

    model_config = ConfigDict(extra="forbid")
    current: Secret
    pin: Secret | None = None
    password: Secret | None = None


class TotpCode(BaseModel):
    """What the authenticator app shows."""

    model_config = ConfigDict(extra="forbid")
    secret: Annotated[str, Field(pattern=r"^[A-Z2-7]{32}$")]
    code: Code


@dataclass(frozen=True, slots=True)
class SessionView:
    """Who is logged in; `csrf` goes with every request that changes something. `first_admin`: its code waits.

    `may` are the routes that the role may call, as in docs/security.md.
    """

    account: str | None
    role: Role | None
    kind: SessionKind | None
    csrf: str
    in_cabin: bool
    first_admin: bool
    may: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TotpOffer:
    """A new secret, as text and as what a QR code holds; it counts from when a code of it was confirmed."""

    secret: str
    uri: str


@router.get("", responses=declared())
async def read_session(here: Here, who: Who) -> SessionView:
    """Who I am; tells that the person is active."""
    return await _view(here, who.token if who.session else "", who)


@router.post("", status_code=HTTPStatus.CREATED, responses=declared(HTTPStatus.UNAUTHORIZED))
async def log_in(here: Here, who: Who, answer: Response, given: LogIn) -> SessionView:
    """Log in; a session that this browser had ends. Failures make the next try wait, longer each time."""
    token = await here.log_ins.log_in(
        given.account, given.secret, given.code.strip(), who.address, in_cabin=who.in_cabin
    )
    return await _enter(here, who, answer, token)


@router.post("/claim", status_code=HTTPStatus.CREATED, responses=declared())
async def claim_code(here: Here, who: Who, answer: Response, given: Claim) -> SessionView:
    """Use a one-time code: make the first admin, or set new secrets; logs in."""
    token = await here.log_ins.claim(
        given.code, given.account, given.display, given.pin, given.password, who.address, in_cabin=who.in_cabin
    )
    here.config.first_admin_file.unlink(missing_ok=True)
    return await _enter(here, who, answer, token)


@router.delete("", responses=declared())
async def log_out(here: Here, who: Who, answer: Response) -> SessionView:
    """End this session; its live streams end with it."""
    await here.log_ins.log_out(who.token)
    answer.delete_cookie(COOKIE)
    return await _view(here, "", who)


@router.post("/secrets", responses=declared())
async def change_secrets(here: Here, who: Who, answer: Response, given: NewSecrets) -> SessionView:
    """Change one's own PIN or password: every session of the account ends, a new one begins."""
    await here.log_ins.prove(who.person, given.current, who.address)

    def change(connection: Connection) -> None:
        accounts.set_secrets(connection, who.person, given.pin, given.password)
        sessions.end_sessions_of(connection, who.person, datetime.now(UTC))

    await here.business.write(
        change,
        who.entry("secrets_set", who.person, {"pin": given.pin is not None, "password": given.password is not None}),
    )
    here.log_ins.forget(who.person)
    account = await here.business.read(lambda connection: accounts.known(connection, who.person))
    token = await here.log_ins.begin(account, who.address, in_cabin=who.in_cabin)
    return await _enter(here, who, answer, token)


@router.post("/totp", responses=declared())
async def offer_totp(here: Here, who: Who) -> TotpOffer:
    """A secret for an authenticator app; nothing changes before it is confirmed."""
    secret = new_totp_secret()
    return TotpOffer(secret, totp_uri(secret, who.person, here.config.name))


@router.post("/totp/confirm", responses=declared())
async def confirm_totp(here: Here, who: Who, given: TotpCode) -> SessionView:
    """Demand codes of this secret at every remote log-in from now on; an admin's reset ends that."""
    if totp_step(given.secret, given.code.strip(), time.time(), 0) is None:
        raise Problem(HTTPStatus.FORBIDDEN, "totp_refused")
    await here.business.write(
        lambda connection: accounts.set_totp(connection, who.person, given.secret), who.entry("totp_set", who.person)
    )
    return await _view(here, who.token, who)


async def _enter(here: Context, who: Actor, answer: Response, token: str) -> SessionView:
    if who.session is not None:
        await here.log_ins.log_out(who.token)
    secure = here.config.server.certificate is not None
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure, path="/")
    return await _view(here, token, who)


async def _view(here: Context, token: str, who: Actor) -> SessionView:
    session = here.log_ins.session(token) if token else None
    waits = session is None and here.config.first_admin_file.exists()
    if session is None:
        return SessionView(None, None, None, "", who.in_cabin, waits, ())
    may = routes_of(session.role)
    return SessionView(session.account, session.role, session.kind, csrf_token(token), who.in_cabin, False, may)
