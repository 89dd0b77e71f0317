"""Work beside the requests: it ends with its context, and a bug in it is told when it happens."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import structlog

from swapstation.inventory.database import migrate
from swapstation.server.app import create_app
from swapstation.server.background import background
from swapstation.server.upkeep import Upkeep
from tests.server import station_sample


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


async def test_a_bug_does_not_keep_the_server_from_writing_to_its_end(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: Upkeep) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Upkeep, "_look", broken)
    config = station_sample.config(data)
    migrate(config.station_database_url)
    app = create_app(config)
    with pytest.raises(ZeroDivisionError):
        async with app.router.lifespan_context(app):
            await asyncio.sleep(0.1)
    assert config.audit_heads_file.read_text(encoding="ascii").count("\n") == 1, "the head was exported at the end"
