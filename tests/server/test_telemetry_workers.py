"""A server that stops does not wait for its questions."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from pathlib import Path

from swapstation.contract.controller_link import ControllerLink
from swapstation.server.telemetry import Telemetry
from tests.server import station_sample


async def test_a_question_that_goes_on_ends_with_the_server(tmp_path: Path) -> None:
    config = station_sample.config(tmp_path)
    telemetry = Telemetry(config, ControllerLink(config.controller_socket))
    before = set(multiprocessing.active_children())
    async with telemetry.running():
        assert await telemetry.ask(len, (1, 2)) == 2
        endless = asyncio.create_task(telemetry.ask(time.sleep, 3600.0))
        await asyncio.sleep(0.2)
        workers = set(multiprocessing.active_children()) - before
    assert workers
    for worker in workers:
        worker.join(30)
        assert not worker.is_alive()
    await asyncio.gather(endless, return_exceptions=True)
    assert endless.done()
