"""The table of docs/reliability.md about the nights: the counts that were really run, of which commit and when."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from swapstation.twin.level import Level
from swapstation.twin.observer import ALL_TRANSITIONS
from swapstation.twin.report import reactions_at
from tests.chaos.__main__ import CASES
from tests.nightly.state import Schedules, State
from tests.nightly.wires import KILLS, enough
from tests.nightly.work import ARRANGEMENTS, DAYS, MOST_SEEDS
from tests.twin.planted import PLANTED

SECTION = "nightly"
NOT_RUN = "not run"
GOALS = {"without faults": 99.9, "nominal noise": 99.5}
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
    yield _seen(state.schedules)
    yield _schedules("byte", "0 violations", state.byte_schedules)
    for name in ARRANGEMENTS:
        yield from _crashes(state, name)
    for day in DAYS:
        yield _tries(state, day)
    yield _bugs(state)
    yield _chaos(state, "kill -9 over real wires", KILLS)
    yield _chaos(state, "other attacks over real wires", [name for name in CASES if name not in KILLS])


def _schedules(level: str, goal: str, done: Schedules) -> Row:
    run = f"seeds 0 to {done.next_seed - 1}, {done.swaps} swaps" if done.next_seed else NOT_RUN
    return f"schedules, {level} level", goal, run, _found(done.next_seed, done.violations)


def _seen(done: Schedules) -> Row:
    """Of all that attacks at message level have to bring about, and of all ways between station states."""
    reactions, transitions = len(reactions_at(Level.MESSAGE)), len(ALL_TRANSITIONS)
    run = f"seeds 0 to {done.next_seed - 1}" if done.next_seed else NOT_RUN
    seen = f"{len(done.reactions)} of {reactions}, {len(done.transitions)} of {transitions}" if done.next_seed else "-"
    return "fault reactions and state transitions seen, message level", "all", run, seen


def _crashes(state: State, name: str) -> Iterator[Row]:
    done = state.crashes.get(name)
    singles, pairs = (done.singles, done.pairs_from) if done else (0, 0)
    all_points = f"{done.points} points in {done.classes} classes" if done else NOT_RUN
    run = f"{singles} of the classes: {all_points}" if done and singles else NOT_RUN
    yield f"a crash at each point ({name})", "all", run, _found(singles, done.violations if done else 0)
    run = f"{done.pairs} pairs, after {pairs} of {done.classes} first crashes" if done and pairs else NOT_RUN
    yield f"two crashes ({name})", "all", run, "counted above" if pairs else "-"


def _tries(state: State, day: str) -> Row:
    done = state.tries.get(day)
    run = f"{done.asked} swaps, {done.completed} completed" if done else NOT_RUN
    share = f"{done.at_first_try}: {100.0 * done.at_first_try / done.asked:.2f} %" if done and done.asked else "-"
    return f"swaps at the first attempt, {day}", f">= {GOALS[day]} % of 10,000", run, share


def _bugs(state: State) -> Row:
    known = {bug.name for bug in PLANTED}
    done = {name: bug for name, bug in state.bugs.items() if name in known and (bug.known or bug.tried)}
    caught = [name for name, bug in done.items() if bug.seed is not None]
    survived = [name for name, bug in done.items() if bug.seed is None and bug.tried >= MOST_SEEDS]
    run = f"{len(caught) + len(survived)} of {len(known)} looked for to the end" if done else NOT_RUN
    found = f"{len(caught)} caught" + (f", survived: {', '.join(survived)}" if survived else "") if done else "-"
    return f"planted bugs, each by a seed below {MOST_SEEDS}", "all, at least 40", run, found


def _chaos(state: State, what: str, names: Collection[str]) -> Row:
    cases = {name: state.chaos[name] for name in names if name in state.chaos}
    cycles, skipped = sum(each.cycles for each in cases.values()), [name for name in cases if cases[name].skipped]
    run = f"{cycles} cycles of {sum(each.cycles > 0 for each in cases.values())} cases" if cycles else NOT_RUN
    run += f", skipped: {', '.join(skipped)}" if skipped else ""
    facts, lost, broken = (
        sum(getattr(each, of) for each in cases.values()) for of in ("acknowledged", "lost", "violations")
    )
    found = f"{lost} of {facts} acknowledged facts lost, {broken} violations" if cycles else "-"
    return what, f"{sum(map(enough, names))} cycles, 0 facts lost", run, found


def _found(run: int, violations: int) -> str:
    return f"{violations} with a violation" if run else "-"
