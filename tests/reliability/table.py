"""Writes the failure catalogue with what was measured into docs/reliability.md: `python -m tests.reliability.table`."""

from __future__ import annotations

from collections.abc import Iterator

from swapstation.config.settings import Exchange
from tests.reliability.catalogue import CASES, ROOT_LIMITS_S, STEPS, Case
from tests.reliability.document import write_section
from tests.reliability.rows import ROWS, Row
from tests.reliability.steps import outcome

HEAD = (
    "| row | failure | detected by | reaction | tried so | root alarm | limit / measured (virtual s) | tests |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
)


def section() -> str:
    """The table, and what is tried at every step of a swap."""
    runs = sum(len(case.tried_at(exchange)) for case in CASES for exchange in Exchange)
    steps = " and ".join(f"{len(STEPS[exchange])} (`{exchange.value}`)" for exchange in Exchange)
    count = f"{len(CASES)} failures, each begun at every step of a swap, {steps}: {runs} runs."
    return "\n".join([count, "", *HEAD, *map(_line, ROWS), "", *_failures()])


def _line(row: Row) -> str:
    cases = [case for case in CASES if case.row == row.number]
    cells = (
        str(row.number),
        row.failure,
        row.detected_by,
        row.reaction,
        f"{len(cases)} of them" if cases else "-",
        ", ".join(sorted({root for case in cases for root in _roots(case)})) or "-",
        _measured(cases),
        "<br>".join((*(f"`{test}`" for test in row.tests), *((f"not yet: {row.not_yet}",) if row.not_yet else ()))),
    )
    return f"| {' | '.join(cells)} |"


def _failures() -> Iterator[str]:
    yield "| row | failure | holds when it comes until (`station` / `plc`) | root alarm | limit | measured |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for case in CASES:
        until = " / ".join(step or "never" for step in case.until)
        measured = "-" if (slowest := _slowest(case)) is None else f"{slowest:.1f} s"
        roots = ", ".join(sorted(_roots(case))) or "-"
        yield f"| {case.row} | {case.name} | {until} | {roots} | {_limit(case)} | {measured} |"


def _roots(case: Case) -> set[str]:
    held = (outcome(case, exchange, step) for exchange in Exchange for step in case.tried_at(exchange))
    return {root for came in held if came.held_after_s is not None for root in came.roots}


def _slowest(case: Case) -> float | None:
    """The longest time to the hold (s), where the failure itself has to be noticed; None where only a step can."""
    times = [
        came.held_after_s
        for exchange in Exchange
        for step in case.tried_at(exchange)
        if case.holds_at(exchange, step)
        and (came := outcome(case, exchange, step)).held_after_s is not None
        and (case.limit_s is not None or ROOT_LIMITS_S.keys() & set(came.roots))
    ]
    return max(times, default=None)


def _limit(case: Case) -> str:
    if not any(case.until):
        return "-"
    if case.limit_s is not None:
        return f"{case.limit_s:.1f} s"
    at_once = [f", {root} {limit_s:.1f} s" for root, limit_s in ROOT_LIMITS_S.items() if root in case.roots]
    return "".join(("end of the step", *at_once))


def _measured(cases: list[Case]) -> str:
    """Limits beside the slowest of the cases that have one."""
    limits = dict.fromkeys(_limit(case) for case in cases)
    times = [time for case in cases if (time := _slowest(case)) is not None]
    return f"{'; '.join(limits) or '-'}{f' / {max(times):.1f} s' if times else ''}"


if __name__ == "__main__":
    write_section("catalogue", section())
