"""Crash points: what counts as one crash is one, and a forked run comes out as its replay does."""

from __future__ import annotations

from swapstation.config.settings import Charging, Exchange
from swapstation.twin.crash_points import Points, crashes_from, points_of, run_swap, undisturbed

ARRANGEMENT = Exchange.STATION, Charging.CHARGER
LATE = 3
"""So many classes before the end a first crash leaves few second ones."""


def test_every_commit_and_every_sending_has_a_point_before_and_after_it() -> None:
    points = points_of(*ARRANGEMENT)
    assert sorted(point for each in points.classes for point in each) == list(range(1, points.points + 1))
    assert points.points % 2 == 0
    assert 60 < len(points.classes) < points.points


def test_points_of_one_class_are_one_crash() -> None:
    several = [each for each in points_of(*ARRANGEMENT).classes if len(each) > 1]
    assert several
    for points in several[::9]:
        assert len({run_swap(undisturbed(*ARRANGEMENT, frozenset({point}))).story for point in points}) == 1


def test_a_forked_run_comes_out_as_its_replay() -> None:
    first = _late(points_of(*ARRANGEMENT))
    single, *pairs = crashes_from(*ARRANGEMENT, first)
    assert single.schedule.crash_points == {first}
    assert len(pairs) > LATE
    assert len({outcome.schedule.crash_points for outcome in pairs}) == len(pairs)
    for outcome in (single, *pairs[::LATE]):
        assert run_swap(outcome.schedule) == outcome
    assert [outcome.violations for outcome in pairs if outcome.violations] == []


def _late(points: Points) -> int:
    return points.classes[-LATE][0]
