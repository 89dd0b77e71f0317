"""Planted bugs with a known seed are caught by it, and the seed is clean without them."""

from __future__ import annotations

import pytest

from swapstation.twin.pool import run_seed
from tests.twin.planted import PLANTED, Planted, run_with

SHOWN = [bug for bug in PLANTED if bug.seed is not None]


def test_there_are_enough_and_each_has_its_own_name() -> None:
    assert len(PLANTED) >= 40
    assert len({bug.name for bug in PLANTED}) == len(PLANTED)
    assert SHOWN


@pytest.mark.parametrize("bug", SHOWN, ids=lambda bug: bug.name)
def test_the_bug_is_caught_and_its_seed_is_clean_without_it(bug: Planted) -> None:
    assert bug.seed is not None
    found = {violation.invariant for violation in run_with(bug, bug.seed).violations}
    assert bug.invariant in found, found
    assert not run_seed(bug.seed).violations
