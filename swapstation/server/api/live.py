"""The live stream: `{"snapshot", "age_s", "connected", "training", "control"}` by WebSocket, the latest wins.

A client never has more than the one message that is being sent: whatever comes meanwhile is replaced by what comes
after it. Nobody else waits for a slow client.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict

from fastapi import APIRouter, WebSocket

from swapstation.server.actor import Actor, Who, still_may
from swapstation.server.parts import Context, Here

router = APIRouter()

SHORTEST_PERIOD_S = 0.2
LONGEST_PERIOD_S = 1.0
LOG_IN_ENDED = 4401


@router.websocket("/live")
async def live(socket: WebSocket, here: Here, who: Who) -> None:
    """Send up to five messages a second, and one a second while nothing comes, so that the age is seen to grow.

    Whether the client still may is asked for each message: the end of a session or a key ends the stream (code 4401).
    """
    await socket.accept()
    sending = asyncio.create_task(_send(socket, here, who))
    try:
        while (await socket.receive())["type"] != "websocket.disconnect":
            pass  # nothing is expected from a client
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def _send(socket: WebSocket, here: Context, who: Actor) -> None:
    link = here.link
    while still_may(here, who, "WS /live"):
        sent = link.latest
        await socket.send_text(_message(here, who))
        await asyncio.sleep(SHORTEST_PERIOD_S)
        if link.latest is sent:
            await link.wait_for_news(LONGEST_PERIOD_S - SHORTEST_PERIOD_S)
    await socket.close(LOG_IN_ENDED)


def _message(here: Context, who: Actor) -> str:
    link, control = here.link, here.control
    snapshot = "null" if link.latest is None else link.latest.json
    rest = {
        "age_s": link.age_s,
        "connected": link.connected,
        "training": here.training is not None,
        "control": {**asdict(control.state), "yours": control.has(who.token, who.session)},
    }
    return f'{{"snapshot": {snapshot}, {json.dumps(rest, default=str)[1:]}'
