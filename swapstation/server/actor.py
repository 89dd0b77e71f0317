"""Who is at the other end of a request, and whether the table of access lets them call its route."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, WebSocketException
from starlette.requests import HTTPConnection

from swapstation.business.audit import Entry
from swapstation.business.credentials import csrf_token
from swapstation.config.rule_kinds import is_loopback
from swapstation.model.people import ApiKey, Role, Session
from swapstation.model.request import UNNAMED
from swapstation.server.access import ACCESS, Rule
from swapstation.server.guard import FOREIGN_WEBSOCKET, SAFE_METHODS
from swapstation.server.parts import Context, context_of
from swapstation.server.problems import Problem

COOKIE = "swapstation"
CSRF_HEADER = "x-csrf-token"
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
API = "/api/v1"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person with a session, a program with a key, or nobody known (`role` None).

    `person` is the name that the station's record keeps; `in_cabin`: at the station's own machine.
    """

    person: str
    role: Role | None
    address: str
    in_cabin: bool
    token: str = ""
    session: Session | None = None
    key: ApiKey | None = None

    def entry(self, kind: str, subject: str = "", detail: Mapping[str, object] | None = None) -> Entry:
        """What they did, for the audit."""
        return Entry(kind, self.person, self.role or "", self.address, subject, dict(detail or {}))


async def authorised(connection: HTTPConnection) -> Actor:
    """The actor, if the table lets them call this route. Raises Problem: 401 for nobody known, else 403.

    A WebSocket, which cannot be answered so, is closed before it opens.
    """
    try:
        return _let_in(connection, context_of(connection))
    except Problem as problem:
        if connection.scope["type"] == "websocket":
            raise WebSocketException(FOREIGN_WEBSOCKET) from problem
        raise


def _let_in(connection: HTTPConnection, here: Context) -> Actor:
    method = "WS" if connection.scope["type"] == "websocket" else connection.scope["method"]
    route = f"{method} {connection.scope['route'].path.removeprefix(API)}"
    rule, actor = ACCESS.get(route), _actor(connection, here)
    if rule is not None and (rule.anybody or may(rule, actor)):
        if actor.session is None or method in SAFE_METHODS or rule.anybody or _has_csrf(connection, actor):
            if method not in SAFE_METHODS or route == "GET /session":
                here.log_ins.active(actor.token)
            if actor.session is not None:
                here.control.check(route, actor.token, actor.session)
            return actor
        if not (rule.in_the_cabin and actor.in_cabin):
            raise Problem(HTTPStatus.FORBIDDEN, "csrf_token_wanted", f"header {CSRF_HEADER}")
        return _stranger(actor)
    if actor.role is None:
        code = "key_refused" if "authorization" in connection.headers else "log_in_wanted"
        raise Problem(HTTPStatus.UNAUTHORIZED, code)
    here.log_ins.refused(actor.entry("access_refused", route))
    raise Problem(HTTPStatus.FORBIDDEN, "not_your_role", route)


def may(rule: Rule, actor: Actor) -> bool:
    """Whether a rule lets somebody call its route."""
    if actor.role is None:
        return rule.in_the_cabin and actor.in_cabin
    if actor.key is not None:
        return actor.role in rule.programs and rule.scope in actor.key.scopes
    return actor.role in rule.people


def still_may(here: Context, actor: Actor, route: str) -> bool:
    """Whether somebody who was let in once still may: asked again for every message of a socket."""
    if actor.key is not None:
        return here.log_ins.key(actor.token) is not None
    session = here.log_ins.session(actor.token)
    return session is not None and session.role in ACCESS[route].people


def _actor(connection: HTTPConnection, here: Context) -> Actor:
    address = connection.client.host if connection.client else ""
    # A proxy on this machine would make everybody look as if they stood here: it is known by what it adds.
    in_cabin = is_loopback(address) and not any(name in connection.headers for name in _FORWARDED)
    authorization = connection.headers.get("authorization")
    if authorization is not None:
        token = authorization.partition(" ")[2].strip()
        key = here.log_ins.key(token)
        if key is None:
            here.log_ins.refused(Entry("key_refused", UNNAMED, "", address, connection.url.path))
            return Actor(UNNAMED, None, address, in_cabin)
        return Actor(f"key:{key.name}", key.role, address, in_cabin, token, key=key)
    token = connection.cookies.get(COOKIE, "")
    session = here.log_ins.session(token) if token else None
    if session is None:
        return Actor(UNNAMED, None, address, in_cabin)
    return Actor(session.account, session.role, address, in_cabin, token, session)


def _stranger(actor: Actor) -> Actor:
    return Actor(UNNAMED, None, actor.address, actor.in_cabin)


def _has_csrf(connection: HTTPConnection, actor: Actor) -> bool:
    """Only a page of ours can have read the token; a foreign one sends the cookie at most."""
    sent = connection.headers.get(CSRF_HEADER, "").encode("utf-8", "replace")
    return hmac.compare_digest(sent, csrf_token(actor.token).encode())


Who = Annotated[Actor, Depends(authorised)]
