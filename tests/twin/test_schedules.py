"""Schedules replay exactly, and break no invariant in the model; a fixed set of seeds gates every change."""

from __future__ import annotations

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.twin.crash_points import points_of, run_swap, undisturbed
from swapstation.twin.pool import run_schedule, run_seed, run_seeds, schedule_of
from swapstation.twin.schedule import Planned, Schedule

GATE = range(100, 124)
EVERY = 9
"""Of the crash points each ninth here; all of them, and all pairs, in the nightly run."""


def test_a_seed_replays_exactly() -> None:
    first, again = run_seed(3), run_seed(3)
    assert first.trace == again.trace
    assert first.story == again.story


def test_the_number_of_processes_changes_nothing() -> None:
    assert [each.trace for each in run_seeds(range(4), workers=2)] == [run_seed(seed).trace for seed in range(4)]


def test_seeds_differ() -> None:
    assert len({schedule_of(seed).attacks for seed in range(50)}) > 45
    arrangements = {(schedule_of(seed).exchange, schedule_of(seed).charging) for seed in range(50)}
    assert len(arrangements) == len(Exchange) * len(Charging)


@pytest.mark.parametrize("seed", GATE)
def test_no_invariant_is_broken(seed: int) -> None:
    outcome = run_seed(seed)
    assert not outcome.violations, "\n".join([str(outcome.violations), *outcome.story[-30:]])


@pytest.mark.parametrize("exchange", Exchange)
def test_an_undisturbed_swap_needs_nobody(exchange: Exchange) -> None:
    outcome = run_schedule(undisturbed(exchange, Charging.DIRECT))
    assert outcome.swaps == 2
    assert not outcome.violations
    assert ("execute", "held") not in outcome.transitions


@pytest.mark.parametrize("exchange", Exchange)
def test_a_crash_at_any_point_loses_no_battery(exchange: Exchange) -> None:
    classes = points_of(exchange, Charging.CHARGER).classes[::EVERY]
    assert len(classes) > 5
    for point, *_ in classes:
        outcome = run_swap(undisturbed(exchange, Charging.CHARGER, frozenset({point})))
        assert not outcome.violations, (point, outcome.violations)
        assert outcome.swaps == 1, (point, outcome.story[-20:])


def test_a_hold_meets_the_station_while_it_goes_on_and_a_robot_that_goes_on_alone_is_stopped() -> None:
    """The two ways of the state machine that no fault of a device leads to."""
    seen: set[tuple[str, str]] = set()
    for step, lasts_s in (("pick", 40.0), ("lift", 3.0)):
        pressed = Planned("hold_pressed", swap=1, step=step, delay_s=1.0, target="", lasts_s=lasts_s)
        outcome = run_schedule(Schedule(1, Exchange.STATION, Charging.DIRECT, (pressed,)))
        assert not outcome.violations
        seen |= outcome.transitions
    assert {("held", "holding"), ("unholding", "holding")} <= seen
