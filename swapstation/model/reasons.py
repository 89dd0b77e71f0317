"""Reason codes: why a request was refused or what a step waits for, with texts in zh and en (reasons.toml)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason code with its texts."""

    code: str
    zh: str
    en: str


@cache
def reason_catalogue() -> dict[str, Reason]:
    """Every known reason by its code."""
    rows = tomllib.loads((files("swapstation.model") / "reasons.toml").read_text(encoding="utf-8"))
    return {code: Reason(code, row["zh"], row["en"]) for code, row in rows.items()}


def reason(code: str) -> Reason:
    """The reason of a code; an unknown code is its own text."""
    return reason_catalogue().get(code, Reason(code, code, code))
