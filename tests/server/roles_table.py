"""Writes the table of roles into docs/security.md: `python -m tests.server.roles_table`."""

from __future__ import annotations

from pathlib import Path

from swapstation.model.people import Role
from swapstation.server.access import ACCESS, Rule

DOCUMENT = Path(__file__).parents[2] / "docs" / "security.md"
BEGIN, END = "<!-- roles: begin -->\n", "<!-- roles: end -->"


def section() -> str:
    """One line per route: who may call it."""
    head = ("method and path", "no log-in", *Role)
    lines = [f"| {' | '.join(head)} |", f"| {' | '.join('---' for _ in head)} |"]
    lines += [_line(route, rule) for route, rule in ACCESS.items()]
    return "\n".join(lines) + "\n"


def _line(route: str, rule: Rule) -> str:
    without = "anybody" if rule.anybody else "in the cabin" if rule.in_the_cabin else ""
    cells = ["x" if role in rule.people else rule.scope or "" if role in rule.programs else "" for role in Role]
    return f"| {' | '.join((f'`{route}`', without, *cells))} |"


def written() -> str:
    """The document with the table as the code has it."""
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    return f"{before}{BEGIN}{section()}{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    DOCUMENT.write_text(written(), encoding="utf-8")
