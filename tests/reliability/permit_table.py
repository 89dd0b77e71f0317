"""Writes the counts of the permit's cases into docs/reliability.md: `python -m tests.reliability.permit_table`."""

from __future__ import annotations

from collections.abc import Iterable

from swapstation.station.permit import PERMIT
from tests.reliability.document import write_section
from tests.reliability.permit_cases import pairs, row_inputs, singles

HEAD = "| command | interlocks | inputs | cases of one input | cases of two inputs |"


def section() -> str:
    """The text between the markers."""
    lines = [HEAD, "| --- | ---: | ---: | ---: | ---: |"]
    rows = {
        kind.__name__: (len(row), len(row_inputs(kind)), _count(singles(kind)), _count(pairs(kind)))
        for kind, row in PERMIT.items()
    }
    lines += [_line(name, counts) for name, counts in rows.items()]
    totals = tuple(sum(column) for column in zip(*rows.values(), strict=True))
    return "\n".join([*lines, _line(f"all {len(rows)} commands", totals)])


def _count(cases: Iterable[object]) -> int:
    return sum(1 for _ in cases)


def _line(name: str, counts: tuple[int, ...]) -> str:
    return f"| {name} | {' | '.join(str(count) for count in counts)} |"


if __name__ == "__main__":
    write_section("permit", section())
