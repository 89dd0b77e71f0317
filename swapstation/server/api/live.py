"""The live stream of `LiveMessages`, the latest wins.

A client never has more than the one message that is being sent: whatever comes meanwhile is replaced by what comes
after it. Nobody else waits for a slow client. The snapshot's bays come without their cells; who says `{"cells": 3}`
gets those of bay 3 as `cells`, until it says another bay or null.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass

from fastapi import APIRouter, WebSocket

from swapstation.server.actor import Actor, Who, still_may
from swapstation.server.parts import Context, Here
from swapstation.server.streaming import stream

router = APIRouter()

SHORTEST_PERIOD_S = 0.15
"""Shorter than the controller's 0.2 s: with the same, each message would wait a little longer than the one before."""
LONGEST_PERIOD_S = 1.0
LOG_IN_ENDED = 4401


@dataclass(slots=True)
class _Topics:
    """What one client wants beside the snapshot."""

    cells: int | None = None

    def told(self, text: str) -> None:
        """Take a client's wish, `{"cells": 3}`; what is none changes nothing."""
        try:
            wish = json.loads(text)
        except (ValueError, RecursionError):
            return
        if isinstance(wish, dict) and isinstance(wish.get("cells"), int | None):
            self.cells = wish.get("cells")


@router.websocket("/live")
async def live(socket: WebSocket, here: Here, who: Who) -> None:
    """Send up to five messages a second, and one a second while nothing comes, so that the age is seen to grow.

    Whether the client still may is asked for each message: the end of a session or a key ends the stream (code 4401).
    """
    await socket.accept()
    topics = _Topics()
    await stream(socket, _send(socket, here, who, topics), topics.told)


async def _send(socket: WebSocket, here: Context, who: Actor, topics: _Topics) -> None:
    link = here.link
    while still_may(here, who, "WS /live"):
        sent = link.latest
        await socket.send_text(here.live.told(topics.cells, here.control.has(who.token, who.session)))
        await asyncio.sleep(SHORTEST_PERIOD_S)
        if link.latest is sent:
            await link.wait_for_news(LONGEST_PERIOD_S - SHORTEST_PERIOD_S)
    await socket.close(LOG_IN_ENDED)
