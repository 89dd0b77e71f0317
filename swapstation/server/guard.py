"""Refuses requests that come from a foreign page, and sets the security headers. Pure ASGI, HTTP and WebSocket alike.

A page of another site can make a browser call this server. It is told apart by `Host` (a foreign name rebound to this
machine) and by `Origin`, which a browser always sends with a WebSocket and with every request that changes something.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from swapstation.config.rule_kinds import is_loopback

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
ENCRYPTED_HEADERS = {"Strict-Transport-Security": "max-age=31536000"}
FOREIGN_WEBSOCKET = 1008
SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "WS")
"""Methods that change nothing. A WebSocket carries nothing but what the server says."""

_Raw = list[tuple[bytes, bytes]]


class Guard:
    """ASGI middleware around the whole application, which is reached by loopback names and by `names`."""

    def __init__(self, app: ASGIApp, names: frozenset[str] = frozenset(), *, encrypted: bool = False) -> None:
        self.app = app
        self._names = names
        self._headers = _raw(HEADERS | (ENCRYPTED_HEADERS if encrypted else {}))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif not is_own(Headers(scope=scope), self._names, checks_origin=scope.get("method") not in SAFE_METHODS):
            await _refuse(scope, receive, send)
        else:
            await self.app(scope, receive, _with_headers(send, self._headers))


def is_own(headers: Headers, names: frozenset[str], *, checks_origin: bool) -> bool:
    """Whether `Host` names this machine and `Origin`, where a browser sent one, is the same place."""
    host = headers.get("host", "")
    try:
        name = urlsplit(f"//{host}").hostname or ""
        if not is_loopback(name) and name not in names:
            return False
        origin = headers.get("origin")
        return not checks_origin or origin is None or urlsplit(origin).netloc == host
    except ValueError:
        return False


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": FOREIGN_WEBSOCKET})
        return
    await PlainTextResponse("refused: the request comes from a foreign page\n", 403, HEADERS)(scope, receive, send)


def _raw(headers: dict[str, str]) -> _Raw:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def _with_headers(send: Send, added: _Raw) -> Send:
    """Add the headers that an answer has not got; as raw bytes, because every answer passes here."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = list(message.get("headers", ()))
            names = {name for name, _ in own}
            message["headers"] = own + [header for header in added if header[0] not in names]
        await send(message)

    return send_with_headers
