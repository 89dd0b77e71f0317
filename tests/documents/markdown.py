"""Pieces of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """The lines of a table, with an empty line behind it."""
    lines = [_row(head), _row(["---"] * len(head))]
    return [*lines, *(_row([_cell(each) for each in row]) for row in rows), ""]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")


def head_comment(toml: str) -> list[str]:
    """The comment at the head of a TOML file as preformatted text: rules that no table can say."""
    lines: list[str] = []
    for line in toml.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.removeprefix("#").removeprefix(" "))
    return ["```text", *lines, "```", ""]


def words(values: dict[str, int]) -> str:
    """What numbers mean: `0 NONE, 1 START`."""
    return ", ".join(f"{number} {word}" for word, number in sorted(values.items(), key=lambda each: each[1]))


def number(value: float) -> str:
    """A number without a needless `.0`."""
    return f"{value:.12g}"


def value_rule(scale: float, offset: float, unit: str) -> str:
    """How a raw number becomes a value: `raw x 0.1 - 50 degC`; for a plain number its unit alone."""
    factor = f" x {number(scale)}" if scale != 1 else ""
    shift = f" {'+' if offset > 0 else '-'} {number(abs(offset))}" if offset else ""
    return f"raw{factor}{shift} {unit}".strip() if factor or shift else unit
