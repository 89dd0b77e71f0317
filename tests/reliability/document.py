"""The generated sections of docs/reliability.md: what stands between a pair of markers is written by a command."""

from __future__ import annotations

from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENT = DOCS / "reliability.md"


def section_of(name: str, document: Path = DOCUMENT) -> str:
    """What stands between the markers of a section now."""
    begin, end = _markers(name)
    text = document.read_text(encoding="utf-8")
    return text[text.index(begin) + len(begin) : text.index(end)].strip()


def write_section(name: str, text: str, document: Path = DOCUMENT) -> None:
    """Put a text between the markers of a section, and leave all else as it is."""
    begin, end = _markers(name)
    before = document.read_text(encoding="utf-8")
    head, tail = before[: before.index(begin)], before[before.index(end) :]
    document.write_text(f"{head}{begin}\n{text}\n{tail}", encoding="utf-8")


def _markers(name: str) -> tuple[str, str]:
    return f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
