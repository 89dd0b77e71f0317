"""Refuses requests that come from a foreign page, and sets the security headers. Pure ASGI, HTTP and WebSocket alike.

A page of another site can make a browser call this server. It is told apart by `Host` (a foreign name rebound to this
machine) and by `Origin`, which a browser always sends with a WebSocket and with every request that changes something.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
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
FOREIGN_WEBSOCKET = 1008
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif not is_own(Headers(scope=scope), checks_origin=scope.get("method") not in _SAFE_METHODS):
            await _refuse(scope, receive, send)
        else:
            await self.app(scope, receive, _with_headers(send))


def is_own(headers: Headers, *, checks_origin: bool) -> bool:
    """Whether `Host` names this machine and `Origin`, where a browser sent one, is the same place."""
    host = headers.get("host", "")
    try:
        if not is_loopback(urlsplit(f"//{host}").hostname or ""):
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


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return send_with_headers
