"""A WebSocket that tells: one task sends as long as the client is there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress

from fastapi import WebSocket, WebSocketDisconnect

from swapstation.server.background import tell_bug

COME_AGAIN = 1011
"""RFC 6455, 7.4.1: something unexpected here prevented the stream; a client that comes again has it."""


async def stream(socket: WebSocket, sending: Coroutine[None, None, None], heard: Callable[[str], None]) -> None:
    """Send until the client leaves or `sending` ends; one that failed is in the log, and its client is let go.

    Otherwise it would look at a connection that stands and tells nothing.
    """
    sender = asyncio.create_task(_while_there(sending))
    sender.add_done_callback(lambda done: tell_bug(done, "a stream"))
    receiver = asyncio.create_task(_receive(socket, heard))
    try:
        await asyncio.wait((sender, receiver), return_when=asyncio.FIRST_COMPLETED)
        if sender.done() and sender.exception() is not None and not receiver.done():
            with suppress(WebSocketDisconnect):
                await socket.close(COME_AGAIN)
    finally:
        for task in (sender, receiver):
            task.cancel()
        await asyncio.wait((sender, receiver))


async def _while_there(sending: Coroutine[None, None, None]) -> None:
    with suppress(WebSocketDisconnect):
        await sending


async def _receive(socket: WebSocket, heard: Callable[[str], None]) -> None:
    while (message := await socket.receive())["type"] != "websocket.disconnect":
        heard(message.get("text") or "")
