"""The least that uvicorn can answer, by the same protocol: `python -m tests.bench.ping PORT`."""

from __future__ import annotations

import sys

import uvicorn
from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope


async def ping(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Answer two bytes to everything."""
    headers = [(b"content-length", b"2"), (b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 200, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": b"ok", "more_body": False})


if __name__ == "__main__":
    uvicorn.run(ping, port=int(sys.argv[1]), log_level="warning", access_log=False, server_header=False, lifespan="off")
