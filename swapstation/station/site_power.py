"""The power of the site and its feeders, shared among the bays that charge: pure figures, no device (own design).

Two rules keep the sum below the limit whatever message is lost. What a bay may take counts until the bay has shown that
it takes less; and nobody gets more than what is left of the limit after everything that may be taken. Fullest first
(the rule that is optimal in heavy traffic, IEEE TSG 14(6) 2023), with a least power for each charge instead of a stop.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

from swapstation.config.settings import LEAST_CHARGE_KW
from swapstation.model.dispatch import SITE

DEAD_BAND_KW = 5.0
"""A smaller change of a bay's share is not told."""
SETTLE_S = 1.0
"""A reading so long after a limit was told shows what came of it: lease of the modules, poll period of a charger."""
REPEAT_S = 2.0
"""A limit that did not show is told again after this time."""
SAME_KW = 0.1
ROUNDING_KW = 1e-6
MOST_OVER_KW = 0.5
"""A budget that has shrunk by less is not worth a message."""
OVERSHOOT = 1.01
"""A bay that takes so much of its limit keeps it; regulation is no better."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one bay was told, and the most it may take until it shows that it takes less (kW DC).

    `since_s` is when it was told this limit first, `told_s` when last, `raised_s` when it last got more.
    """

    limit_kw: float
    most_kw: float
    since_s: float
    told_s: float
    raised_s: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a bay shows: its limit in kW (None: it cannot), the kW that it takes, and when that was true."""

    limit_kw: float | None
    taken_kw: float
    at_s: float


@dataclass(frozen=True, slots=True)
class Claim:
    """One bay in the plan: it would take `wanted_kw` (0: nothing more), was told `limit_kw`, may take `most_kw`.

    A bay that is about to charge, or to go on, has a limit of 0. `least_kw` is what it is guaranteed. `nodes` are
    those of the tree that its power passes.
    """

    bay: int
    soc_pct: float
    wanted_kw: float
    limit_kw: float
    most_kw: float
    least_kw: float = LEAST_CHARGE_KW
    nodes: tuple[str, ...] = (SITE,)


def told(share: Share | None, limit_kw: float, now_s: float) -> Share:
    """The share after `limit_kw` left towards the bay; a repetition changes only when it was told last."""
    if share is None:
        return Share(limit_kw, limit_kw, now_s, now_s, now_s)
    if limit_kw == share.limit_kw:
        return replace(share, told_s=now_s)
    raised_s = now_s if limit_kw > share.limit_kw else share.raised_s
    return Share(limit_kw, max(share.most_kw, limit_kw), now_s, now_s, raised_s)


def shown(share: Share, reading: Reading) -> Share:
    """The share after a reading: what may be taken falls to the limit once the bay shows that it obeys.

    A bay that cannot show its limit must have been told twice, so that one lost message does not count as obeyed.
    """
    wait_s = SETTLE_S if reading.limit_kw is not None else SETTLE_S + REPEAT_S
    overshoot_kw = reading.taken_kw if reading.taken_kw > share.limit_kw * OVERSHOOT else 0.0
    if reading.at_s < share.since_s + wait_s or (reading.limit_kw is None and share.told_s == share.since_s):
        return share
    return replace(share, most_kw=max(share.limit_kw, reading.limit_kw or 0.0, overshoot_kw))


def unheard(share: Share, reading: Reading | None, now_s: float) -> bool:
    """Whether a limit has to be told again: it was told a while ago and does not show, or cannot."""
    if now_s - share.told_s < REPEAT_S:
        return False
    if reading is None or reading.limit_kw is None:
        return share.told_s == share.since_s or share.most_kw > share.limit_kw
    return abs(reading.limit_kw - share.limit_kw) > SAME_KW


def shares(claims: Iterable[Claim], budgets: Mapping[str, float]) -> Mapping[int, float]:
    """What each bay should have: the least power for everyone, charges that run first, the rest to the fullest.

    What a bay does not want goes to the others. The sum at a node is never above its budget (kW DC); one without a
    budget has no limit.
    """
    left, given = {name: max(kw, 0.0) for name, kw in budgets.items()}, {}
    fullest = sorted(claims, key=lambda claim: (claim.limit_kw <= 0.0, -claim.soc_pct, claim.bay))
    for claim in fullest:
        least_kw = min(claim.wanted_kw, claim.least_kw)
        given[claim.bay] = least_kw if least_kw <= _room_kw(left, claim) else 0.0
        _take(left, claim, given[claim.bay])
    for claim in fullest:
        if given[claim.bay] > 0.0:
            more_kw = min(claim.wanted_kw - given[claim.bay], _room_kw(left, claim))
            given[claim.bay] += more_kw
            _take(left, claim, more_kw)
    return given


def new_limits(claims: Sequence[Claim], budgets: Mapping[str, float]) -> Mapping[int, float]:
    """The limits to tell now. Lowered ones may all be told at once; raised ones take only what is left by everyone.

    A charge that is to begin needs its least power whole: for it the others are lowered to the last kW, and so they are
    where a budget has become less than what may be taken.
    """
    unrested, left = dict(budgets), dict(budgets)
    for claim in claims:
        _take(left, claim, claim.most_kw)
        if claim.wanted_kw <= 0.0:
            _take(unrested, claim, claim.most_kw)
    wanting = [claim for claim in claims if claim.wanted_kw > 0.0]
    goal = shares(wanting, unrested)
    exact = any(claim.limit_kw <= 0.0 for claim in wanting) or any(kw < -MOST_OVER_KW for kw in left.values())
    band_kw = 0.0 if exact else DEAD_BAND_KW
    lowered = {each.bay: goal[each.bay] for each in wanting if goal[each.bay] < each.limit_kw - band_kw - ROUNDING_KW}
    raised = {}
    for claim in sorted(wanting, key=lambda claim: (claim.limit_kw > 0.0, -claim.soc_pct, claim.bay)):
        limit_kw = min(goal[claim.bay], claim.most_kw + max(_room_kw(left, claim), 0.0))
        least_kw = claim.limit_kw + DEAD_BAND_KW if claim.limit_kw > 0.0 else claim.least_kw - ROUNDING_KW
        if limit_kw > least_kw:
            raised[claim.bay] = limit_kw
            _take(left, claim, max(limit_kw - claim.most_kw, 0.0))
    return {**lowered, **raised}


def _room_kw(left: Mapping[str, float], claim: Claim) -> float:
    return min((left[name] for name in claim.nodes if name in left), default=inf)


def _take(left: dict[str, float], claim: Claim, kw: float) -> None:
    for name in claim.nodes:
        if name in left:
            left[name] -= kw
