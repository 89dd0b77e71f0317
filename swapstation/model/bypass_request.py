"""Requests about bypasses: set one, end the one that is set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class SetBypass:
    """A named person takes one input out of force for some minutes, once another one has asked for the same.

    `bay` where it is a sensor of a bay. Any input may be named; those that are never bypassed are refused.
    """

    input: str
    minutes: int
    reason: str
    bay: int | None = None
    kind: Literal["set_bypass"] = "set_bypass"


@dataclass(frozen=True, slots=True)
class EndBypass:
    """The bypass is not needed any more: its input counts again."""

    kind: Literal["end_bypass"] = "end_bypass"
