"""The live stream: `{"snapshot": ..., "age_s": ..., "connected": ...}` by WebSocket, the latest wins.

A client never has more than the one message that is being sent: whatever comes meanwhile is replaced by what comes
after it. Nobody else waits for a slow client.
"""

from __future__ import annotations

import asyncio
import json

from fastapi import APIRouter, WebSocket

from swapstation.contract.controller_link import ControllerLink
from swapstation.server.context import Here

router = APIRouter()

SHORTEST_PERIOD_S = 0.2
LONGEST_PERIOD_S = 1.0


@router.websocket("/live")
async def live(socket: WebSocket, here: Here) -> None:
    """Send up to five messages a second, and one a second while nothing comes, so that the age is seen to grow."""
    await socket.accept()
    sending = asyncio.create_task(_send(socket, here.link))
    try:
        while (await socket.receive())["type"] != "websocket.disconnect":
            pass  # nothing is expected from a client
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def _send(socket: WebSocket, link: ControllerLink) -> None:
    while True:
        sent = link.latest
        await socket.send_text(_message(link))
        await asyncio.sleep(SHORTEST_PERIOD_S)
        if link.latest is sent:
            await link.wait_for_news(LONGEST_PERIOD_S - SHORTEST_PERIOD_S)


def _message(link: ControllerLink) -> str:
    snapshot = "null" if link.latest is None else link.latest.json
    age, connected = json.dumps(link.age_s), json.dumps(link.connected)
    return f'{{"snapshot": {snapshot}, "age_s": {age}, "connected": {connected}}}'
