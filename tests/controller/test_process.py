"""The controller process around the core: a bug in a link ends it, a signal ends it cleanly."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@given(jitter=st.lists(st.floats(-0.02, 0.02), min_size=100, max_size=100))
def test_every_second_cycle_is_shown_whether_it_begins_a_little_early_or_late(jitter: list[float]) -> None:
    shown, published_s = 0, 0.0
    for cycle, off_s in enumerate(jitter, start=1):
        now_s = cycle * process.CYCLE_S + off_s
        if process.is_due_to_publish(published_s, now_s):
            shown, published_s = shown + 1, now_s
    assert shown == len(jitter) / 2
