"""The site's power in the twin: a grid emergency, a silent meter, a restart in the middle of a quarter of an hour."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from swapstation.model.dispatch import DispatchKind, DispatchSource
from swapstation.model.dispatch_request import EndDispatch, PutDispatch
from swapstation.model.request import Accepted, Answer, ConfirmStartUp, Payload
from swapstation.study.demand import keep
from swapstation.study.site import Case, station_of
from swapstation.twin.station import EPOCH, TwinStation

CONTRACT_KW = 500.0
OBEYED_S = 3.0
SHED = PutDispatch(
    "grid-1", DispatchSource.GRID_EMERGENCY, DispatchKind.SHED_LEVEL, 3.0, EPOCH, EPOCH + timedelta(hours=2)
)


@contextmanager
def charging(seconds: float = 120.0, direct: bool = False) -> Iterator[TwinStation]:
    """A small station whose batteries charge."""
    with station_of(Case(3, CONTRACT_KW, direct=direct, contract=True), seed=3) as twin:
        twin.start()
        run(twin, 5.0)
        assert isinstance(ask(twin, ConfirmStartUp()), Accepted)
        run(twin, seconds)
        yield twin


def run(twin: TwinStation, seconds: float) -> float:
    """Let a time pass, a cycle every half second; returns the highest power at the meter of its last quarter."""
    end_s, due_s, highest_kw = twin.now_s + seconds, twin.now_s, 0.0
    while twin.now_s < end_s:
        if twin.now_s >= due_s:
            due_s = twin.now_s + 0.5
            twin.stir()
        twin.step(min(due_s, end_s))
        if twin.now_s > end_s - seconds / 4.0:
            highest_kw = max(highest_kw, twin.world.plant.power_kw)
    return highest_kw


def ask(twin: TwinStation, payload: Payload) -> Answer:
    answers: list[Answer] = []
    twin.submit(payload, "li", answers.append)
    run(twin, 1.0)
    [answer] = answers
    return answer


def charging_kw(twin: TwinStation) -> float:
    return sum(bay.modules.grid_kw for bay in twin.world.plant.bays.values())


@pytest.mark.parametrize("direct", [False, True])
def test_a_grid_emergency_takes_the_charging_away_at_once_and_gives_it_back(direct: bool) -> None:
    with charging(direct=direct) as twin:
        assert charging_kw(twin) > 300.0
        assert isinstance(ask(twin, SHED), Accepted)
        run(twin, OBEYED_S)
        assert charging_kw(twin) < 1.0
        assert twin.memory is not None
        assert "GRID_LIMIT_ORDERED" in [alarm.code for alarm in twin.memory.alarms]
        assert isinstance(ask(twin, EndDispatch("grid-1", "the grid is back")), Accepted)
        run(twin, 180.0)
        assert charging_kw(twin) > 300.0


def test_an_emergency_stands_after_a_restart() -> None:
    with charging() as twin:
        ask(twin, SHED)
        run(twin, OBEYED_S)
        twin.crash()
        run(twin, 2.0)
        twin.start()
        run(twin, 20.0)
        assert charging_kw(twin) < 1.0


def test_a_load_that_comes_by_surprise_is_made_room_for() -> None:
    with charging() as twin:
        twin.world.plant.other_kw = 200.0
        run(twin, 5.0)
        assert run(twin, 20.0) <= CONTRACT_KW


def test_the_limit_holds_without_a_meter() -> None:
    with charging() as twin:
        twin.world.plant.faults.on.add(("meter_silent", ""))
        assert run(twin, 120.0) <= CONTRACT_KW


def test_a_restart_goes_on_with_the_quarter_that_was_running() -> None:
    with charging(1000.0) as twin:
        used = twin.snapshot.power.demand.used_kwh if twin.snapshot and twin.snapshot.power.demand else 0.0
        twin.crash()
        run(twin, 3.0)
        twin.start()
        run(twin, 3.0)
        assert twin.snapshot is not None
        demand = twin.snapshot.power.demand
        assert demand is not None
        assert demand.used_kwh == pytest.approx(used + CONTRACT_KW * 6.0 / 3600.0, abs=2.0)
        assert demand.month_peak_kw > 0.0


def test_the_study_finds_no_demand_above_the_contract() -> None:
    kept = keep(Case(3, CONTRACT_KW, contract=True), 0.025, 2)
    assert (kept.quarters, kept.quarters_over) == (2, 0)
    assert kept.longest_over_s <= 10.0
    assert kept.readings_lost > 0
