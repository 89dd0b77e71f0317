"""Work beside the requests: it ends with its context, and a bug in it is told when it happens."""

from __future__ import annotations

import asyncio

import pytest
import structlog

from swapstation.server.background import background


async def test_work_ends_with_its_context() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(3600.0)
        finally:
            ended.set()

    async with background(work(), "work"):
        await asyncio.sleep(0)
    assert ended.is_set()


async def test_a_bug_is_in_the_log_while_the_server_runs_on() -> None:
    async def work() -> None:
        raise ZeroDivisionError

    async def serve() -> None:
        async with background(work(), "orders"):
            await asyncio.sleep(0.01)
            assert [(log["what"], log["log_level"]) for log in logs] == [("orders", "error")]

    with structlog.testing.capture_logs() as logs, pytest.raises(ZeroDivisionError):
        await serve()
