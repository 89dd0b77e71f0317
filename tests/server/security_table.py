"""Writes the table of security tests into docs/security.md: `python -m tests.server.security_table`."""

from __future__ import annotations

from tests.reliability.document import DOCS, write_section
from tests.server.security_items import ITEMS, Item

DOCUMENT, SECTION = DOCS / "security.md", "tried"


def section() -> str:
    """One line per item: what is tried, by which tests, what is missing."""
    head = ["| # | what | tests | missing, or elsewhere |", "| --- | --- | --- | --- |"]
    return "\n".join([*head, *(_line(number, item) for number, item in enumerate(ITEMS, 1))])


def _line(number: int, item: Item) -> str:
    tests = "<br>".join(f"`{test.removeprefix('tests/')}`" for test in item.tests)
    return f"| {number} | {item.what} | {tests} | {item.missing} |"


if __name__ == "__main__":
    write_section(SECTION, section(), DOCUMENT)
