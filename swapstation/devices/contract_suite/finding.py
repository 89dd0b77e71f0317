"""What the contract suite found: one line each, in both languages."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: `code` of texts.toml, whether the contract is kept, and both texts."""

    code: str
    passed: bool
    zh: str
    en: str


def passed(code: str, **words: object) -> Finding:
    """The contract is kept here."""
    return _finding(code, True, words)


def failed(code: str, **words: object) -> Finding:
    """The contract is broken here."""
    return _finding(code, False, words)


def _finding(code: str, kept: bool, words: dict[str, object]) -> Finding:
    texts = _texts()[code]
    return Finding(code, kept, texts["zh"].format(**words), texts["en"].format(**words))


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "texts.toml").read_text(encoding="utf-8"))
