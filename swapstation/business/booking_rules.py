"""Which bookings are asked of the station when batteries are short: nearly empty trucks first, a share for each fleet.

Own design. Whether a battery can be promised at all is for the station to say; these rules only hold back what others
have a better claim to. They bind for trucks that come later than `share_until_minutes`: a battery that nobody has
claimed by then goes to whoever asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from swapstation.config.booking_settings import Bookings

WINDOW = timedelta(hours=1)
"""Promises so near to the asked time compete with it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A promise that stands: of which fleet, for when."""

    fleet: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked: by which fleet, for when, and whether its truck comes nearly empty."""

    fleet: str
    at: datetime
    nearly_empty: bool


@dataclass(frozen=True, slots=True)
class Shortage:
    """How many batteries can still be promised for that time, the standing claims on their model, trucks by fleet."""

    free: int
    claims: Sequence[Claim]
    trucks: Mapping[str, int]


def nearly_empty(soc_on_arrival_pct: float | None, rules: Bookings) -> bool:
    """Whether a truck has priority by what it expects to have left."""
    return soc_on_arrival_pct is not None and soc_on_arrival_pct <= rules.nearly_empty_soc_pct


def held_back(wish: Wish, short: Shortage, rules: Bookings, now: datetime) -> str | None:
    """The code of the reason why this booking has to wait for others; None: it may be asked of the station."""
    if wish.nearly_empty or wish.at - now <= timedelta(minutes=rules.share_until_minutes) or short.free <= 0:
        return None
    if short.free <= rules.kept_for_nearly_empty:
        return "kept_for_nearly_empty"
    near = [claim.fleet for claim in short.claims if abs(claim.at - wish.at) <= WINDOW]
    shares = fair_shares(len(near) + short.free, short.trucks)
    owed = sum(max(share - near.count(fleet), 0) for fleet, share in shares.items() if fleet != wish.fleet)
    if near.count(wish.fleet) >= shares.get(wish.fleet, 0) and owed >= short.free:
        return "fair_share"
    return None


def fair_shares(batteries: int, trucks: Mapping[str, int]) -> dict[str, int]:
    """How many of so many batteries each fleet may count on: by its trucks, rounded down, at least one."""
    every = sum(trucks.values())
    return {fleet: max(batteries * own // every, 1) for fleet, own in trucks.items() if own > 0}


def confidence(kept: int, known: int) -> float:
    """The chance that a promise is kept, by those of its kind that came due; as if 20 had been before, 19 of them kept.

    Returns 0 to 1.
    """
    return round((kept + 19) / (known + 20), 3)
