"""Every failure of the catalogue at every step of a swap: hold, say why once, never go on alone."""

from __future__ import annotations

from functools import cache

import pytest

from swapstation.config.settings import Exchange
from tests.reliability.catalogue import CASES, ROOT_LIMITS_S, STEPS, Case
from tests.reliability.invariants import one_root
from tests.reliability.steps import LONGEST_S, PATIENCE_S, Outcome, clock_free_commands, outcome
from tests.station.situations import rules

SLACK_S = 2.0
"""From the end of a step's patience, its tries included, to the hold (row 3)."""


def _name(value: object) -> str:
    return f"{value.row} {value.name}" if isinstance(value, Case) else str(value)


@cache
def _tries(exchange: Exchange, step: str | None) -> int:
    return 1 + (rules(exchange).recipe.step(step).retries if step else 0)


def _as_required(case: Case, exchange: Exchange, step: str, came: Outcome) -> None:
    assert not came.broken, came.broken[0]
    if came.held_after_s is None:
        assert case.may_hold(step) or not case.holds_at(exchange, step), "not held"
        assert came.ended, f"neither held nor ended, at {came.step}"
        return
    assert case.may_hold(step) or case.holds_at(exchange, step), f"held at {came.step}: {came.roots}"
    assert came.stayed, "went on by itself once the failure was gone"
    assert not one_root(came.roots), came.roots
    if not case.may_hold(step):
        assert came.roots[0] in case.roots
        if case.limit_s is not None:
            assert came.held_after_s <= case.limit_s
        assert came.held_after_s <= ROOT_LIMITS_S.get(came.roots[0], LONGEST_S)
    if case.limit_s is None and came.step_held_after_s is not None:
        assert came.step_held_after_s <= PATIENCE_S * _tries(exchange, came.step) + SLACK_S


@pytest.mark.parametrize("exchange", Exchange, ids=_name)
@pytest.mark.parametrize("case", CASES, ids=_name)
def test_a_failure_at_any_step_holds_the_swap_or_does_no_harm(case: Case, exchange: Exchange) -> None:
    for step in case.tried_at(exchange):
        came = outcome(case, exchange, step)
        try:
            _as_required(case, exchange, step, came)
        except AssertionError as error:
            raise AssertionError(f"at {step}: {error}") from error


def test_the_steps_are_those_of_the_recipes() -> None:
    for exchange, steps in STEPS.items():
        assert (*steps, "close") == tuple(step.name for step in rules(exchange).recipe.steps)


@pytest.mark.parametrize("exchange", Exchange)
def test_a_clock_that_jumps_changes_no_command(exchange: Exchange) -> None:
    """Invariant 24: the wall clock is a label."""
    plain, *jumped = clock_free_commands(exchange)
    assert len(plain) > 5
    assert all(each == plain for each in jumped)
