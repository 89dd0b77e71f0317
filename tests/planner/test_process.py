"""The planner process against a controller at the other end of the socket: when it plans, what it does when refused."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from swapstation.config.energy_settings import Pv
from swapstation.config.settings import Config, Planner
from swapstation.contract.controller_link import ControllerLink
from swapstation.energy.day_series import write_day
from swapstation.energy.pv import pv_value
from swapstation.errors import ConfigurationError
from swapstation.model.arrival import Arrival
from swapstation.model.plan_request import SubmitPlan
from swapstation.model.request import Refused, Request
from swapstation.model.snapshot import Snapshot
from swapstation.planner import process
from swapstation.planner.process import run_planner
from tests.planner.test_planning import AT, CONFIG, MODEL, PROMISE, station
from tests.server.controller_peer import ControllerPeer

PATIENCE_S = 30.0


@pytest.fixture
def config() -> Iterator[Config]:
    with tempfile.TemporaryDirectory(prefix="swapstation-") as folder:
        yield replace(CONFIG, data=Path(folder), planner=Planner(enabled=True, interval_s=5.0))


def quiet(sequence: int) -> Snapshot:
    return replace(station(), sequence=sequence)


async def plans(peer: ControllerPeer, config: Config, count: int) -> process.Planner:
    """Run a planner until it has handed in so many plans."""
    planner = process.Planner(config, ControllerLink(config.controller_socket))
    stop = asyncio.Event()
    running = asyncio.create_task(planner.run(stop))
    async with asyncio.timeout(PATIENCE_S):
        while len(peer.requests) < count:
            await asyncio.sleep(0.05)
    stop.set()
    await running
    return planner


async def test_it_learns_plans_at_once_and_again_after_its_interval(config: Config) -> None:
    with ControllerPeer(config.controller_socket, quiet) as peer:
        peer.arrivals = tuple(Arrival(AT - timedelta(hours=hour), MODEL, 25.0) for hour in range(48))
        planner = await plans(peer, config, 2)
    submitted = [request.payload for request in peer.requests]
    assert all(isinstance(each, SubmitPlan) for each in submitted)
    assert len({request.key for request in peer.requests}) == 2
    assert {request.person for request in peer.requests} == {"planner"}
    assert planner.around.trucks[MODEL].return_soc_pct == 25.0


async def test_a_new_promise_calls_for_a_new_plan_before_the_interval_is_over(config: Config) -> None:
    patient = replace(config, planner=replace(config.planner, interval_s=90.0))
    with ControllerPeer(config.controller_socket, quiet) as peer:
        peer.snapshot = lambda sequence: replace(station(PROMISE) if peer.requests else station(), sequence=sequence)
        await plans(peer, patient, 2)
    needs = [request.payload.plan.plan for request in peer.requests if isinstance(request.payload, SubmitPlan)]
    assert len(set(needs)) == 2


async def test_set_points_that_are_over_call_for_a_new_plan_before_the_interval_is_over(config: Config) -> None:
    patient = replace(config, planner=replace(config.planner, interval_s=90.0))
    with ControllerPeer(config.controller_socket, quiet) as peer:
        later = station(PROMISE, at=AT + timedelta(hours=12))
        peer.snapshot = lambda sequence: replace(later if peer.requests else station(PROMISE), sequence=sequence)
        await plans(peer, patient, 2)
    first, second = (request.payload.plan for request in peer.requests if isinstance(request.payload, SubmitPlan))
    assert first.holds_until is not None
    assert first.holds_until <= second.made_at


async def test_it_reads_pv_anew_and_keeps_what_it_knows_when_a_file_becomes_wrong(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    sunny = replace(config, pv=Pv(300.0))
    told = write_day(pv_value(sunny), sunny.pv_forecast_folder, AT.date(), [Decimal(20)] * 24)
    monkeypatch.setattr(process, "LEARN_S", 0.0)

    def planned(request: Request) -> Refused:
        text = "start,kw\n" if len(peer.requests) > 1 else told.read_text(encoding="utf-8").replace(",20", ",30")
        told.write_text(text, encoding="utf-8")
        return Refused(request.key, "bad_input")

    with ControllerPeer(sunny.controller_socket, quiet) as peer:
        peer.answer = planned
        planner = await plans(peer, sunny, 3)
    assert planner.around.pv is not None
    assert planner.around.pv.at(AT).kw == 30.0


async def test_a_refused_plan_is_counted_and_the_next_one_comes(config: Config) -> None:
    with ControllerPeer(config.controller_socket, quiet) as peer:
        peer.answer = lambda request: Refused(request.key, "bad_input", "bays[3].power_kw = nan")
        planner = await plans(peer, config, 2)
    assert planner.refused >= 1


async def test_it_waits_for_a_controller_that_is_away_and_finds_the_next_one(config: Config) -> None:
    planner = process.Planner(config, ControllerLink(config.controller_socket))
    stop = asyncio.Event()
    running = asyncio.create_task(planner.run(stop))
    await asyncio.sleep(0.5)
    with ControllerPeer(config.controller_socket, quiet) as peer:
        async with asyncio.timeout(PATIENCE_S):
            while not peer.requests:
                await asyncio.sleep(0.05)
    stop.set()
    with suppress(asyncio.CancelledError):
        await running


async def test_a_station_that_uses_no_planner_does_not_start_one(config: Config) -> None:
    with pytest.raises(ConfigurationError, match="enabled = false"):
        await run_planner(replace(config, planner=Planner()))
