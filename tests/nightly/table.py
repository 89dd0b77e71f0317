"""The table of docs/reliability.md about the nights: the counts that were really run, of which commit and when."""

from __future__ import annotations

from collections.abc import Iterator

from tests.nightly.state import Schedules, State
from tests.nightly.work import ARRANGEMENTS, CHAOS_ENOUGH, MOST_SEEDS
from tests.twin.planted import PLANTED

SECTION = "nightly"
NOT_RUN = "not run"
Row = tuple[str, str, str, str]
_HEAD = "| what | goal | run | found |\n| --- | --- | --- | --- |"


def table(state: State | None) -> str:
    """The table of a state; without one it says so."""
    head = NOT_RUN[0].upper() + NOT_RUN[1:] + " on any commit." if state is None else _told(state)
    rows = _rows(State("") if state is None else state)
    return "\n".join([head, "", _HEAD, *(f"| {' | '.join(row)} |" for row in rows)])


def _told(state: State) -> str:
    return f"Commit `{state.commit}`, from {state.begun} to {state.ended}, {state.seconds / 3600.0:.2f} h of work."


def _rows(state: State) -> Iterator[Row]:
    yield _schedules("message", "0 violations in 10,000", state.schedules)
    yield _schedules("byte", "0 violations", state.byte_schedules)
    for name in ARRANGEMENTS:
        yield from _crashes(state, name)
    yield _bugs(state)
    yield _chaos(state)


def _schedules(level: str, goal: str, done: Schedules) -> Row:
    run = f"seeds 0 to {done.next_seed - 1}, {done.swaps} swaps" if done.next_seed else NOT_RUN
    return f"schedules, {level} level", goal, run, _found(done.next_seed, done.violations)


def _crashes(state: State, name: str) -> Iterator[Row]:
    done = state.crashes.get(name)
    singles, pairs = (done.singles, done.pairs_from) if done else (0, 0)
    all_points = f"{done.points} points in {done.classes} classes" if done else NOT_RUN
    run = f"{singles} of the classes: {all_points}" if done and singles else NOT_RUN
    yield f"a crash at each point ({name})", "all", run, _found(singles, done.violations if done else 0)
    run = f"{done.pairs} pairs, after {pairs} of {done.classes} first crashes" if done and pairs else NOT_RUN
    yield f"two crashes ({name})", "all", run, "counted above" if pairs else "-"


def _bugs(state: State) -> Row:
    known = {bug.name for bug in PLANTED}
    done = {name: bug for name, bug in state.bugs.items() if name in known and bug.tried}
    caught = {name: bug.seed for name, bug in done.items() if bug.seed is not None}
    survived = [name for name, bug in done.items() if bug.seed is None and bug.tried >= MOST_SEEDS]
    run = f"{len(caught) + len(survived)} of {len(known)} looked for to the end" if done else NOT_RUN
    found = f"{len(caught)} caught" + (f", survived: {', '.join(survived)}" if survived else "") if done else "-"
    return f"planted bugs, {MOST_SEEDS} schedules each from seed 0", "all, at least 40", run, found


def _chaos(state: State) -> Row:
    done = state.chaos.values()
    cycles, skipped = sum(each.cycles for each in done), [name for name, each in state.chaos.items() if each.skipped]
    run = f"{cycles} cycles of {len(state.chaos)} cases" if cycles else NOT_RUN
    run += f", skipped: {', '.join(skipped)}" if skipped else ""
    facts, lost, broken = (sum(getattr(each, what) for each in done) for what in ("acknowledged", "lost", "violations"))
    found = f"{lost} of {facts} acknowledged facts lost, {broken} violations" if cycles else "-"
    return "real processes over real wires", f"{CHAOS_ENOUGH} cycles of each, 0 facts lost", run, found


def _found(run: int, violations: int) -> str:
    return f"{violations} with a violation" if run else "-"
