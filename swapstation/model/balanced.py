"""The record of a full charge with its rest."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BatteryBalanced:
    """A battery was charged full and has rested for so long: its cells are balanced, its BMS knows its SOC."""

    battery: str
    rest_s: float
