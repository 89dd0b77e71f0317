"""A night keeps what it did, goes on from there on the same commit alone, and writes down nothing that was not run."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from swapstation.twin.pool import run_seed
from tests.nightly import wires, work
from tests.nightly.__main__ import begin
from tests.nightly.commit_seed import seed_of, told
from tests.nightly.state import CHANGED, Bug, Chaos, State, Tries, commit_of, latest, load
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
    assert {"aborted -> idle", "idle -> execute"} <= set(again.schedules.transitions)


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


def test_a_planted_bug_is_looked_for_at_its_known_seed_then_from_seed_0_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seed 3 does not show this one, seed 0 does."""
    wrong_bay = replace(work._BUGS["wrong_bay"], seed=3)
    shows = {3: False, 0: True}
    monkeypatch.setattr(work, "SEEDS", 1)
    monkeypatch.setattr(work, "PLANTED", (wrong_bay,))
    monkeypatch.setattr(work, "_shows", lambda given: shows[given[1]])
    state = State(ONE)
    assert work.bugs(state, _alone)
    assert state.bugs == {"wrong_bay": Bug(known=True)}
    assert work.bugs(state, _alone)
    assert state.bugs == {"wrong_bay": Bug(known=True, tried=1, seed=0)}
    assert not work.bugs(state, _alone)
    assert f"1 of {len(PLANTED)} looked for to the end | 1 caught" in table(state)


def test_a_known_seed_shows_its_bug() -> None:
    bug = work._BUGS["wrong_bay"]
    assert bug.seed is not None
    assert work._shows((bug.name, bug.seed))


def test_swaps_at_the_first_attempt_are_counted_until_there_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "SEEDS", 1)
    monkeypatch.setattr(work, "SWAPS_ENOUGH", 2)
    state = State(ONE)
    assert not work.tries(state, _alone)
    assert state.tries == dict.fromkeys(work.DAYS, Tries(next_seed=1, asked=2, completed=2, at_first_try=2))
    assert "2 swaps, 2 completed | 2: 100.00 %" in table(state)


def test_chaos_runs_beside_the_other_work_and_ends_with_the_night(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"cases": {"cut_wires": {"cycles": 4, "acknowledged": 9, "lost": ["x"], "violations": [], "skipped": ""}}}
    monkeypatch.setattr(wires, "CASES", ["cut_wires"])
    monkeypatch.setattr(wires, "OTHERS_ENOUGH", 4)
    monkeypatch.setattr(wires, "_command", lambda words: [sys.executable, "-c", f"print({json.dumps(told)!r})"])
    state = State(ONE)
    with wires.none_left():
        assert wires.chaos(state, _alone)
        wires._under_way[0].process.wait(60.0)
        assert not wires.chaos(state, _alone)
    assert state.chaos == {"cut_wires": Chaos(cycles=4, acknowledged=9, lost=1)}
    assert [each["text"] for each in state.violations] == ["x"]


def test_a_case_without_a_result_is_a_violation_and_is_not_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wires, "CASES", ["cut_wires"])
    monkeypatch.setattr(wires, "_command", lambda words: [sys.executable, "-c", "raise SystemExit(1)"])
    state = State(ONE)
    with wires.none_left():
        assert wires.chaos(state, _alone)
        wires._under_way[0].process.wait(60.0)
        assert not wires.chaos(state, _alone)
    assert state.chaos == {"cut_wires": Chaos(violations=1, skipped="no result")}


def test_the_table_says_what_was_not_run() -> None:
    rows = table(None).splitlines()[4:]
    assert len(rows) == 6 + len(work.DAYS) + 2 * len(work.ARRANGEMENTS)
    assert all(NOT_RUN in row for row in rows)
    told_of_one = table(State(ONE, chaos={"cut_wires": Chaos(cycles=4, acknowledged=30, lost=1)}))
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
