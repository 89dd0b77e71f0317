"""The delays after failed log-ins, and the damping of what is told about refusals."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from swapstation.server import lockout
from swapstation.server.damper import MOST_REMEMBERED, PER_MINUTE, Damper
from swapstation.server.lockout import FIRST_DELAY_S, FORGOTTEN_AFTER_S, FREE_FAILURES, LONGEST_DELAY_S, Lockout

LI, WANG = ("li", "10.0.0.1"), ("wang", "10.0.0.1")


def test_the_delay_grows_from_the_fifth_failure_on_to_its_longest() -> None:
    known = Lockout()
    delays = [known.failed(*LI, 0.0) for _ in range(16)]
    assert delays[:FREE_FAILURES] == [0.0] * FREE_FAILURES
    assert delays[FREE_FAILURES : FREE_FAILURES + 3] == [FIRST_DELAY_S, 2 * FIRST_DELAY_S, 4 * FIRST_DELAY_S]
    assert delays == sorted(delays)
    assert delays[-1] == LONGEST_DELAY_S


def test_another_account_and_another_address_do_not_wait() -> None:
    known = Lockout()
    for _ in range(10):
        known.failed(*LI, 0.0)
    assert known.wait_s(*LI, 1.0) > 0.0
    assert known.wait_s(*WANG, 1.0) == 0.0
    assert known.wait_s("li", "10.0.0.2", 1.0) == 0.0


def test_a_success_and_a_day_without_failures_forget() -> None:
    known = Lockout()
    for pair in (LI, WANG):
        for _ in range(10):
            known.failed(*pair, 0.0)
    known.succeeded(*LI)
    assert known.failed(*LI, 1.0) == 0.0
    assert known.wait_s(*WANG, FORGOTTEN_AFTER_S) == 0.0
    assert known.failed(*WANG, FORGOTTEN_AFTER_S) == 0.0


@given(st.lists(st.tuples(st.sampled_from(["li", "wang"]), st.floats(0.0, 2000.0)), max_size=40))
def test_nobody_ever_waits_longer_than_the_longest_delay(steps: list[tuple[str, float]]) -> None:
    known, now_s = Lockout(), 0.0
    for name, pause_s in steps:
        now_s += pause_s
        delay_s = known.failed(name, "", now_s)
        assert known.wait_s(name, "", now_s) == delay_s <= LONGEST_DELAY_S
        assert known.wait_s(name, "", now_s + delay_s) == 0.0


def test_guessing_under_ever_new_names_takes_no_endless_memory() -> None:
    known = Lockout()
    for number in range(lockout.MOST_REMEMBERED + 50):
        known.failed(f"name {number}", "10.0.0.1", float(number))
    assert len(known.failures) == lockout.MOST_REMEMBERED


def test_a_flood_is_told_at_first_and_counted_then() -> None:
    damper = Damper()
    told = [damper.missed("10.0.0.1", 0.0) for _ in range(100)]
    assert told == [0] * PER_MINUTE + [None] * (100 - PER_MINUTE)
    assert damper.missed("10.0.0.2", 0.0) == 0
    assert damper.missed("10.0.0.1", 60.0) == 100 - PER_MINUTE
    for number in range(2 * MOST_REMEMBERED):
        damper.missed(number, 61.0)
    assert len(damper.minutes) == MOST_REMEMBERED
