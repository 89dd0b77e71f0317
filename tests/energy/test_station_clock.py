"""A wall clock that jumps: both times count for a while, durations never jump."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from swapstation.energy.station_clock import DOUBT_S, TOLERATED_S, StationClock, looked

START = datetime(2026, 5, 1, 4, 0, tzinfo=UTC)


def seen(*looks: tuple[float, float]) -> StationClock:
    """The clock after looks at (monotonic s, what the wall clock is off by then)."""
    clock = None
    for now_s, off_s in looks:
        clock = looked(clock, START + timedelta(seconds=now_s + off_s), now_s)
    assert clock is not None
    return clock


def test_a_clock_that_goes_right_is_one_instant() -> None:
    clock = seen((0.0, 0.0), (0.1, 0.0), (50.0, 1.0))
    assert clock.instants == (START + timedelta(seconds=51.0),)
    assert not clock.doubted


def test_a_jump_leaves_two_instants_for_a_while() -> None:
    clock = seen((0.0, 0.0), (1.0, 3600.0), (10.0, 3600.0))
    assert clock.instants == (START + timedelta(seconds=3610.0), START + timedelta(seconds=10.0))
    assert seen((0.0, 0.0), (1.0, 3600.0), (1.0 + DOUBT_S, 3600.0)).instants == (
        START + timedelta(seconds=3601.0 + DOUBT_S),
    )


def test_a_clock_that_jumps_back_to_where_it_was_is_believed_at_once() -> None:
    assert not seen((0.0, 0.0), (1.0, -500.0), (2.0, 0.0)).doubted


@given(st.lists(st.tuples(st.floats(0.1, 300.0), st.floats(-1e5, 1e5)), min_size=1, max_size=12))
def test_the_time_without_a_jump_is_always_among_the_instants(steps: list[tuple[float, float]]) -> None:
    """Whatever it did, while it is doubted the time it would be without its jumps counts too."""
    now_s, clock, base_s = 0.0, looked(None, START, 0.0), 0.0
    for step_s, off_s in steps:
        now_s += step_s
        was_doubted = clock.doubted and now_s < clock.until_s
        clock = looked(clock, START + timedelta(seconds=now_s + off_s), now_s)
        assert clock.at == START + timedelta(seconds=now_s + off_s)
        if not was_doubted and not clock.doubted:
            base_s = off_s
        elif clock.doubted and was_doubted:
            true_at = START + timedelta(seconds=now_s + base_s)
            slack = timedelta(seconds=2 * TOLERATED_S * len(steps))
            assert any(abs(at - true_at) <= slack for at in clock.instants) or abs(off_s - base_s) < TOLERATED_S
        else:
            base_s = off_s - clock.jump_s if clock.doubted else off_s
