"""The station's states: every way of the table and no other."""

from __future__ import annotations

from itertools import product

import pytest

from swapstation.model.snapshot import StationState
from swapstation.station.memory import Memory
from swapstation.station.modes import TRANSITIONS, Trigger, transition

WAYS = {(source, trigger): target for trigger, sources, target in TRANSITIONS for source in sources}


@pytest.mark.parametrize(("state", "trigger"), list(product(StationState, Trigger)))
def test_a_trigger_leads_where_the_table_says_and_nowhere_else(state: StationState, trigger: Trigger) -> None:
    assert transition(state, trigger) is WAYS.get((state, trigger), state)


def test_every_trigger_has_a_row() -> None:
    assert {trigger for trigger, _, _ in TRANSITIONS} == set(Trigger)


def test_a_start_is_aborted() -> None:
    assert Memory(next_command_id=1).state is StationState.ABORTED


@pytest.mark.parametrize("trigger", [each for each in Trigger if not each.value.startswith("confirm")])
def test_only_a_confirmation_leaves_aborted(trigger: Trigger) -> None:
    assert transition(StationState.ABORTED, trigger) is StationState.ABORTED
