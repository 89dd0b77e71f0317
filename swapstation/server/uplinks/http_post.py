"""HTTP to a platform: one connection kept open, a bound on time and on the size of an answer."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2

from swapstation.server.uplinks.platform_client import NoAnswer, Post
from swapstation.supervision.caller import Call

MAX_ANSWER_BYTES = 4_000_000


@asynccontextmanager
async def http_post(url: str, timeout_s: float, ca_file: Path | None = None) -> AsyncIterator[Post]:
    """Post calls under a URL. `ca_file`: certificates of the platform's own authority, beside the usual ones."""
    trusted = ssl.create_default_context()
    if ca_file is not None:
        trusted.load_verify_locations(ca_file)
    async with httpx2.AsyncClient(verify=trusted, timeout=timeout_s, follow_redirects=False, trust_env=False) as client:

        async def post(call: Call) -> tuple[int, bytes]:
            try:
                async with asyncio.timeout(timeout_s):
                    return await _answer(client, f"{url}/{call.path}", call)
            except TimeoutError:
                raise NoAnswer(f"no answer within {timeout_s:g} s") from None
            except httpx2.HTTPError as error:
                raise NoAnswer(f"{type(error).__name__}: {error}") from None

        yield post


async def _answer(client: httpx2.AsyncClient, url: str, call: Call) -> tuple[int, bytes]:
    async with client.stream("POST", url, content=call.body, headers=call.headers) as response:
        text = b""
        async for part in response.aiter_bytes():
            text += part
            if len(text) > MAX_ANSWER_BYTES:
                raise NoAnswer(f"the answer is longer than {MAX_ANSWER_BYTES} bytes")
        return response.status_code, text
