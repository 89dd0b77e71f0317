"""What a measurement gives: figures, each with the goal it is held against."""

from __future__ import annotations

from dataclasses import dataclass

FRAMES_PER_S = 760.0
"""CAN frames of ten charging bays in a second: 20 BCL, 20 CCS, 4 BSM, 20 for BCS and 12 for BMV and BMT in each bay."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a run. `goal` is for people; `met` None where there is none."""

    name: str
    value: float
    unit: str = ""
    goal: str = ""
    met: bool | None = None


def at_least(name: str, value: float, goal: float, unit: str = "") -> Figure:
    return Figure(name, value, unit, f">= {goal:g} {unit}".rstrip(), value >= goal)


def at_most(name: str, value: float, goal: float, unit: str = "") -> Figure:
    return Figure(name, value, unit, f"<= {goal:g} {unit}".rstrip(), value <= goal)
