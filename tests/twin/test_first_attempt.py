"""A swap that anybody had to help is not a success at the first attempt."""

from __future__ import annotations

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.twin.first_attempt import Attempts, attempts
from swapstation.twin.pool import run_schedule
from swapstation.twin.schedule import Planned, Schedule


@pytest.mark.parametrize("noisy", [False, True])
def test_an_ordinary_day_needs_nobody(noisy: bool) -> None:
    assert attempts(1, noisy) == Attempts(asked=2, completed=2, at_first_try=2)


def test_a_held_swap_is_completed_and_not_at_the_first_attempt() -> None:
    pressed = Planned("hold_pressed", swap=1, step="lift", delay_s=1.0, target="", lasts_s=1.0)
    outcome = run_schedule(Schedule(1, Exchange.STATION, Charging.DIRECT, (pressed,)))
    assert (outcome.swaps, outcome.at_first_try) == (2, 1)
