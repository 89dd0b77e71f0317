"""Planted bugs are caught by the seed on record, and that seed is clean without them."""

from __future__ import annotations

import pytest

from swapstation.twin.pool import run_seed
from tests.twin.planted import PLANTED, Planted, run_with

SCHEDULES = 2000
"""Within so many a bug has to be caught."""
SAMPLE = (
    "answered_too_early",
    "nobody_confirms",
    "wrong_bay",
    "answers_unseen",
    "resumes_by_itself",
    "hold_without_stop",
    "same_boot_again",
    "ids_from_one",
    "no_neighbours",
    "latch_forgotten",
)
"""Those that gate every change; every one with `python -m tests.twin.planted --known`."""


def test_there_are_enough_and_each_has_its_own_name() -> None:
    caught = {bug.name for bug in PLANTED if bug.seed is not None and bug.seed < SCHEDULES}
    assert len(caught) >= 40
    assert caught >= set(SAMPLE)
    assert len({bug.name for bug in PLANTED}) == len(PLANTED)


@pytest.mark.parametrize("bug", [bug for bug in PLANTED if bug.name in SAMPLE], ids=lambda bug: bug.name)
def test_the_bug_is_caught_and_its_seed_is_clean_without_it(bug: Planted) -> None:
    assert bug.seed is not None
    found = {violation.invariant for violation in run_with(bug, bug.seed).violations}
    assert bug.invariant in found, found
    assert not run_seed(bug.seed).violations
