"""Where the seconds of a swap go: targets, baselines, drift, the bottleneck, and what software costs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from swapstation.config.settings import Exchange
from swapstation.inventory import tables
from swapstation.inventory.journal import open_station_database, start_boot, write
from swapstation.inventory.queries import find_swap, past_swaps
from swapstation.model.inventory import StepTime, Swap, SwapResult
from swapstation.model.journal import InventoryChanged, SwapClosed, SwapOpened, SwapStepped
from swapstation.model.truck_request import RegisterTruck
from swapstation.station.draft import Draft
from swapstation.station.people import for_people
from swapstation.station.takt import BASELINE_SWAPS, LEAST_SWAPS, NO_PAST, bottleneck, past_of, timed
from tests.station.situations import AT, TRUCK_MODEL, VIN, config, swap
from tests.station.walk import CYCLE_S, Answering, entering, finished


def _swaps(*seconds: float, recipe: str = "top_lift") -> list[Swap]:
    return [replace(swap(), recipe=recipe, step_seconds=(StepTime("grip", each),)) for each in seconds]


def test_a_baseline_is_the_median_of_the_last_swaps_of_the_same_recipe() -> None:
    few = past_of(_swaps(*[10.0] * (LEAST_SWAPS - 1)) + _swaps(99.0, recipe="side"))
    assert few.baseline_s("top_lift", "grip") is None
    enough = past_of(_swaps(10.0, 11.0, 12.0, 13.0, 500.0))
    assert enough.baseline_s("top_lift", "grip") == 12.0
    assert enough.baseline_s("side", "grip") is None
    long = past_of(_swaps(*[10.0] * BASELINE_SWAPS, *[20.0] * BASELINE_SWAPS))
    assert long.baseline_s("top_lift", "grip") == 20.0
    assert len(long.swaps) == BASELINE_SWAPS


@pytest.mark.parametrize(("seconds", "slow"), [(10.0, False), (12.4, False), (12.6, True), (60.0, True)])
def test_a_step_drifts_when_it_takes_clearly_longer_than_usual(seconds: float, slow: bool) -> None:
    past = past_of(_swaps(*[10.0] * LEAST_SWAPS))
    assert timed(past, "top_lift", "grip", 12.5, seconds, 0.0).slow is slow
    assert not timed(NO_PAST, "top_lift", "grip", 12.5, seconds, 0.0).slow


def test_a_short_step_does_not_drift_by_a_second() -> None:
    past = past_of(_swaps(*[1.0] * LEAST_SWAPS))
    assert not timed(past, "top_lift", "grip", None, 2.9, 0.0).slow
    assert timed(past, "top_lift", "grip", None, 3.1, 0.0).slow


@given(st.lists(st.tuples(st.floats(0, 100), st.none() | st.floats(0, 100)), max_size=8))
def test_the_bottleneck_is_the_step_that_lost_most(times: list[tuple[float, float | None]]) -> None:
    steps = [StepTime(str(at), seconds, target_s=target) for at, (seconds, target) in enumerate(times)]
    lost = {each.step: each.seconds - each.target_s for each in steps if each.target_s is not None}
    found = bottleneck(steps)
    if found is None:
        assert all(seconds <= 0 for seconds in lost.values())
    else:
        assert lost[found] == max(lost.values()) > 0


def _times(station: Answering) -> dict[str, SwapStepped]:
    steps = (each for cycle in station.past for each in cycle.records if isinstance(each, SwapStepped))
    return {each.before: each for each in steps}


@pytest.mark.parametrize("exchange", Exchange)
def test_every_step_is_written_down_with_its_target(exchange: Exchange) -> None:
    station = finished(exchange)
    targets = {step.name: step.target_s for step in station.rules.recipe.steps if step.name != "close"}
    assert {name: time.target_s for name, time in _times(station).items()} == targets
    ((recipe, times),) = station.memory.past.swaps
    assert (recipe, [time.step for time in times]) == ("top_lift", list(targets))


def test_software_costs_what_the_journal_and_the_cycle_cost_before_an_order() -> None:
    """One cycle for the record of the step, one for the intent: no robot's move is in it."""
    times = _times(finished(Exchange.STATION))
    assert times["grip"].software_s == pytest.approx(2 * CYCLE_S)
    assert times["handshake"].software_s == pytest.approx(CYCLE_S)
    assert times["grip"].seconds > 0.5


def test_a_slow_journal_is_counted_and_a_waiting_robot_is_not() -> None:
    begun = entering(Exchange.STATION)["grip"]
    slow = begun
    for _ in range(10):
        slow = replace(slow, snapshot=replace(slow.snapshot, journal_pending=1)).cycle()
    slow = replace(slow, snapshot=replace(slow.snapshot, journal_pending=0)).until(lambda now: now.step == "unlock")
    assert _times(slow)["grip"].software_s == pytest.approx(12 * CYCLE_S)
    deaf = replace(begun, deaf=True).run(20.0)
    assert deaf.memory.software_s == pytest.approx(2 * CYCLE_S)


def test_what_the_last_swap_cost_is_not_told_of_the_next() -> None:
    after = finished(Exchange.STATION).memory
    begun = entering(Exchange.STATION)["identify"]
    second = replace(begun, memory=replace(begun.memory, software_s=after.software_s + 9.0))
    assert _times(second.until(lambda now: now.step == "allocate"))["identify"].software_s < 1.0


def test_people_see_target_baseline_and_bottleneck() -> None:
    station = entering(Exchange.STATION)["lift"].run(0.3)
    past = past_of(_swaps(*[0.1] * LEAST_SWAPS))
    shown = for_people(Draft(station.rules, station.snapshot, replace(station.memory, past=past))).swap
    assert shown is not None
    steps = {step.name: step for step in shown.steps}
    assert (steps["lift"].state, steps["lift"].target_s) == ("running", 12.5)
    assert steps["put"].target_s == 35
    assert shown.software_s > 0
    assert shown.bottleneck is None
    late = replace(station.memory, step_since_s=station.memory.step_since_s - 20.0)
    shown = for_people(Draft(station.rules, station.snapshot, late)).swap
    assert shown is not None
    assert shown.bottleneck == "lift"


def test_the_database_keeps_the_times_and_reads_those_of_older_swaps(tmp_path: Path) -> None:
    database = open_station_database(replace(config(), data=tmp_path))
    start_boot(database, "0.1.0", "hash", AT)
    write(database, [InventoryChanged(RegisterTruck(VIN, TRUCK_MODEL), "li")], AT, 1)
    write(database, [SwapOpened(swap("grip", allocated=False), ())], AT, 1)
    write(database, [SwapStepped("S1", "grip", "lift", 14.0, 0.2, 12.5, 9.0, slow=True)], AT, 1)
    write(database, [SwapClosed("S1", SwapResult.COMPLETED, "", 300.0)], AT, 1)
    with database.begin() as connection:
        (kept,) = past_swaps(connection, 10)
        assert kept.step_seconds == (StepTime("grip", 14.0, 0.2, 12.5, 9.0, slow=True),)
        connection.execute(sa.update(tables.swaps).values(step_seconds=[["grip", 4.5]]))
        older = find_swap(connection, "S1")
    database.dispose()
    assert older is not None
    assert older.step_seconds == (StepTime("grip", 4.5),)
