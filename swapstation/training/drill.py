"""What a drill is, and the drills that ship."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from pydantic import TypeAdapter

BAY = "BAY"
"""A target that the instructor says: the number of a bay."""


class Needs(StrEnum):
    """What the station has to be doing when a drill begins."""

    IDLE = "idle"
    SWAP = "swap"


@dataclass(frozen=True, slots=True)
class Text:
    """Words for people in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A knob of the simulator, and how long after the drill's begin it is turned on (s)."""

    after_s: float
    knob: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Drill:
    """What goes wrong and what is right to do about it (drills.toml says what each field means)."""

    needs: Needs
    alarms: frozenset[str]
    right: tuple[frozenset[str], ...]
    full_s: float
    limit_s: float
    title: Text
    brief: Text
    why: Text
    wrong: frozenset[str] = frozenset()
    faults: tuple[Fault, ...] = ()

    @property
    def needs_bay(self) -> bool:
        """Whether the instructor has to name a bay."""
        return any(fault.target == BAY for fault in self.faults)


@cache
def drills() -> Mapping[str, Drill]:
    """Every drill by its name."""
    text = (files("swapstation.training") / "drills.toml").read_text(encoding="utf-8")
    return TypeAdapter(dict[str, Drill]).validate_python(tomllib.loads(text))
