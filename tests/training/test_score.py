"""Points for people: time from the alarm, mistakes, what was left undone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from swapstation.training.drill import Drill, drills
from swapstation.training.score import FULL_POINTS, Action, Judgement, score

START = datetime(2026, 5, 1, 8, tzinfo=UTC)
LOCKS = drills()["lock_not_closed"]


def did(*what: tuple[str, float]) -> list[Action]:
    return [Action(kind, "li", START + timedelta(seconds=at_s)) for kind, at_s in what]


def test_all_points_for_everything_done_in_time() -> None:
    made = score(LOCKS, START, did(("acknowledge_alarm", 8.0), ("divert_swap", 40.0)))
    assert (made.points, made.seconds, made.mistakes) == (FULL_POINTS, 40.0, 0)


def test_fewer_points_the_later_and_none_after_the_limit() -> None:
    halfway_s = (LOCKS.full_s + LOCKS.limit_s) / 2
    assert score(LOCKS, START, did(("acknowledge_alarm", 8.0), ("divert_swap", halfway_s))).points == FULL_POINTS // 2
    late = score(LOCKS, START, did(("acknowledge_alarm", 8.0), ("divert_swap", LOCKS.limit_s + 1.0)))
    assert (late.points, late.done) == (0, False)


def test_a_mistake_costs_points_and_is_shown_as_one() -> None:
    made = score(LOCKS, START, did(("resume", 5.0), ("acknowledge_alarm", 8.0), ("divert_swap", 40.0)))
    assert made.points == 75
    assert [each.judgement for each in made.judged] == [Judgement.WRONG, Judgement.RIGHT, Judgement.RIGHT]


def test_what_was_left_undone_gives_nothing() -> None:
    made = score(LOCKS, START, did(("acknowledge_alarm", 8.0)))
    assert (made.points, made.seconds) == (0, None)


def test_who_acted_before_the_alarm_was_quick_enough() -> None:
    assert score(drills()["smoke"], START, did(("hold", -2.0))).seconds == 0.0


_KINDS = st.sampled_from(["acknowledge_alarm", "divert_swap", "resume", "hold", "swap"])
_ACTIONS = st.lists(st.tuples(_KINDS, st.floats(0.0, 400.0)), max_size=12)


@given(_ACTIONS, st.sampled_from(sorted(drills())))
def test_points_stay_within_bounds_and_only_who_is_done_has_any(what: list[tuple[str, float]], name: str) -> None:
    made = score(drills()[name], START, did(*sorted(what, key=lambda each: each[1])))
    assert 0 <= made.points <= FULL_POINTS
    assert made.done or made.points == 0


@given(_ACTIONS)
def test_one_mistake_more_never_gives_more(what: list[tuple[str, float]]) -> None:
    strict: Drill = replace(LOCKS, wrong=LOCKS.wrong | {"swap"})
    actions = did(*sorted(what, key=lambda each: each[1]))
    assert score(strict, START, actions).points <= score(LOCKS, START, actions).points
