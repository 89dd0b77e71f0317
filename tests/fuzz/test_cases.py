"""Every case that was ever found, every golden vector, and some thousand mutated inputs through their targets."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.frames import try_items
from tests.fuzz.corpus import corpus
from tests.fuzz.targets import TARGETS

CASES = sorted((Path(__file__).parent / "cases").glob("*-*"))
ITEMS = 1500


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_found_case_stays_mended(case: Path) -> None:
    TARGETS[case.name.split("-")[0]](case.read_bytes())


@pytest.mark.parametrize("target", TARGETS)
def test_the_golden_vectors_break_nothing(target: str) -> None:
    inputs = list(corpus(target))
    assert len(inputs) > 5
    assert sum(TARGETS[target](each) for each in inputs) > 0


@pytest.mark.parametrize("target", TARGETS)
def test_mutated_input_breaks_nothing(target: str) -> None:
    assert try_items(target, ITEMS, seed=1) >= ITEMS
