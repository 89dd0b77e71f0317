"""Requests about fire: confirm one, declare it over, run a drill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ConfirmFire:
    """A person sees a fire: everything stops, the feeders of the chargers are to be cut off, people leave."""

    reason: str = ""
    kind: Literal["confirm_fire"] = "confirm_fire"


@dataclass(frozen=True, slots=True)
class ReleaseFire:
    """A person declares a confirmed fire over; it takes two different people, and no sign of fire left."""

    reason: str
    kind: Literal["release_fire"] = "release_fire"


@dataclass(frozen=True, slots=True)
class StartFireDrill:
    """Walk through the fire plan as if a bay burnt; nothing is driven."""

    bay: int
    kind: Literal["start_fire_drill"] = "start_fire_drill"


@dataclass(frozen=True, slots=True)
class EndFireDrill:
    """End a fire drill."""

    kind: Literal["end_fire_drill"] = "end_fire_drill"
