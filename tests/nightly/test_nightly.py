"""A night keeps what it did, goes on from there on the same commit alone, and writes down nothing that was not run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from swapstation.twin.pool import run_seed
from tests.nightly import work
from tests.nightly.__main__ import begin
from tests.nightly.commit_seed import seed_of, told
from tests.nightly.state import CHANGED, Chaos, State, commit_of, latest, load
from tests.nightly.table import NOT_RUN, SECTION, table
from tests.reliability.document import section_of
from tests.twin.planted import PLANTED

ONE, OTHER = "1a2b3c4d" * 5, "9" * 40


def _alone(do: Callable[[Any], Any], given: Iterable[Any]) -> Iterable[Any]:
    return map(do, given)


def test_a_second_night_goes_on_where_the_first_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "SEEDS", 1)
    state = State(ONE)
    assert work.schedules(state, _alone)
    state.save(tmp_path)
    again = begin(tmp_path, ONE)
    assert again == state
    work.schedules(again, _alone)
    assert (again.schedules.next_seed, again.schedules.violations) == (2, 0)
    assert again.schedules.swaps >= state.schedules.swaps


def test_another_commit_begins_anew_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    State(ONE, seconds=9.0).save(tmp_path)
    assert begin(tmp_path, OTHER) == State(OTHER)
    assert f"begins anew with {OTHER}: what is kept is of {ONE}" in capsys.readouterr().out
    assert load(tmp_path, ONE) is not None


def test_a_changed_tree_is_never_taken_for_the_one_before(tmp_path: Path) -> None:
    State(ONE + CHANGED, seconds=9.0).save(tmp_path)
    assert begin(tmp_path, ONE + CHANGED).seconds == 0.0


def test_a_half_written_file_replaces_nothing(tmp_path: Path) -> None:
    State(ONE, seconds=9.0).save(tmp_path)
    (tmp_path / f"{ONE}.new").write_text('{"commit": ', encoding="utf-8")
    kept = load(tmp_path, ONE)
    assert kept is not None
    assert kept.seconds == 9.0
    assert latest(tmp_path) == kept


def test_a_planted_bug_is_looked_for_from_seed_0_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "SEEDS", 1)
    monkeypatch.setattr(work, "_BUGS", {"wrong_bay": work._BUGS["wrong_bay"]})
    state = State(ONE)
    assert work.bugs(state, _alone)
    assert (state.bugs["wrong_bay"].tried, state.bugs["wrong_bay"].seed) == (1, 0)
    assert not work.bugs(state, _alone)
    assert f"1 of {len(PLANTED)} looked for to the end | 1 caught" in table(state)


def test_the_table_says_what_was_not_run() -> None:
    rows = table(None).splitlines()[4:]
    assert len(rows) == 4 + 2 * len(work.ARRANGEMENTS)
    assert all(NOT_RUN in row for row in rows)
    told_of_one = table(State(ONE, chaos={"cut": Chaos(cycles=4, acknowledged=30, lost=1)}))
    assert "4 cycles of 1 cases" in told_of_one
    assert "1 of 30 acknowledged facts lost" in told_of_one
    assert told_of_one.count(NOT_RUN) == len(rows) - 1


def test_the_document_has_the_section() -> None:
    assert section_of(SECTION).splitlines()[2:4] == table(None).splitlines()[2:4]


def test_the_commit_says_the_seed_and_violations_gate_nothing() -> None:
    assert seed_of(ONE) == 0x1A2B3C
    assert seed_of(commit_of()) >= 0
    outcome = run_seed(3)
    line = told(3, [outcome])
    assert line.startswith("schedules of this commit: seed 3, 1 schedules, 0 with a violation")
