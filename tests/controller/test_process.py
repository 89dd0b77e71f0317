"""The controller process around the core: a bug in a link ends it, a signal ends it cleanly."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from swapstation.controller import process
from swapstation.inventory.journal import open_station_database, start_boot
from swapstation.model.device import LinkStatus
from tests.controller.test_core import WIRES
from tests.station.situations import AT, config


class BrokenLink:
    """A link whose node has a bug."""

    status = LinkStatus("broken", connected=False)

    def wake(self) -> None:
        """Nothing waits."""

    async def run(self) -> None:
        raise ZeroDivisionError


async def test_a_bug_in_a_link_ends_the_controller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(config(data=tmp_path), links=WIRES)
    engine = open_station_database(settings)
    monkeypatch.setattr(process, "_links", lambda *_: [BrokenLink()])
    try:
        controller = process.Controller(settings, engine, start_boot(engine, "test", "test", AT))
        with pytest.raises(ExceptionGroup) as ended:
            await asyncio.wait_for(controller.run(asyncio.Event()), 10)
        assert isinstance(ended.value.exceptions[0], ZeroDivisionError)
        assert not settings.controller_socket.exists()
    finally:
        engine.dispose()


async def test_a_stop_ends_the_controller_and_its_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(config(data=tmp_path), links=WIRES)
    engine = open_station_database(settings)
    monkeypatch.setattr(process, "_links", lambda *_: [])
    try:
        controller = process.Controller(settings, engine, start_boot(engine, "test", "test", AT))
        stop = asyncio.Event()
        running = asyncio.create_task(controller.run(stop))
        await asyncio.sleep(0.3)
        assert settings.controller_socket.exists()
        stop.set()
        await asyncio.wait_for(running, 10)
        assert not settings.controller_socket.exists()
    finally:
        engine.dispose()
