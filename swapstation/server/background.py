"""Work beside the requests, as long as the server runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress

import structlog

from swapstation.service import Service

_TURN_S = 1.0

_log = structlog.get_logger()


@asynccontextmanager
async def background(work: Coroutine[object, object, None], what: str) -> AsyncIterator[None]:
    """Run work until the context ends. A bug in it ends the work alone, and is in the log at once, not at the end."""
    task = asyncio.create_task(work)
    task.add_done_callback(lambda done: tell_bug(done, what))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def stay_alive() -> None:
    """Tell the system that the loop which answers requests turns."""
    service = Service()
    while True:
        service.alive()
        await asyncio.sleep(_TURN_S)


def tell_bug(done: asyncio.Task[None], what: str) -> None:
    """Log the bug that ended a task, at once."""
    bug = None if done.cancelled() else done.exception()
    if bug is not None:
        _log.error("work of the server has stopped by a bug", what=what, exc_info=bug)
