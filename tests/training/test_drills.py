"""Every drill names knobs, alarms and requests that exist, and says its words in both languages."""

from __future__ import annotations

import tomllib
from typing import get_args

import pytest

from swapstation.model.request import Payload
from swapstation.simulation.faults import KNOBS, Where
from swapstation.training.drill import BAY, Drill, drills
from swapstation.wire_files import wire_file

KINDS = {payload.__dataclass_fields__["kind"].default for payload in get_args(Payload)}
ALARMS = set(tomllib.loads(wire_file("alarms.toml").read_text(encoding="utf-8")))


@pytest.mark.parametrize("drill", drills().values(), ids=list(drills()))
def test_a_drill_can_be_run_and_done(drill: Drill) -> None:
    assert all(fault.knob in KNOBS for fault in drill.faults)
    assert all((KNOBS[fault.knob] is Where.BAY) == (fault.target == BAY) for fault in drill.faults)
    assert drill.alarms <= ALARMS
    assert drill.right
    assert frozenset().union(*drill.right, drill.wrong) <= KINDS
    assert not drill.wrong & frozenset().union(*drill.right)
    assert 0.0 < drill.full_s < drill.limit_s
    assert drill.alarms or not drill.faults, "a fault that no alarm tells leaves nothing to start the clock"


@pytest.mark.parametrize("drill", drills().values(), ids=list(drills()))
def test_its_words_are_there_in_both_languages(drill: Drill) -> None:
    for text in (drill.title, drill.brief, drill.why):
        assert text.zh
        assert text.en
        assert text.zh != text.en
