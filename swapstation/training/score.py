"""How a person's answer to a drill is scored: by time, less what was wrong. Own design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from swapstation.training.drill import Drill

FULL_POINTS = 100
PER_MISTAKE = 25


class Judgement(StrEnum):
    """What an action meant for its drill. Whatever is neither right nor wrong is `other` and costs nothing."""

    RIGHT = "right"
    WRONG = "wrong"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Action:
    """A request that the station accepted from a person."""

    kind: str
    person: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """An action with its judgement, and how long after the drill's clock had started (s)."""

    action: Action
    judgement: Judgement
    seconds: float


@dataclass(frozen=True, slots=True)
class Score:
    """`seconds`: from the clock's start to the last thing that had to be done; None: not everything was done."""

    judged: tuple[Judged, ...]
    seconds: float | None
    mistakes: int
    points: int

    @property
    def done(self) -> bool:
        return self.seconds is not None


def score(drill: Drill, started_at: datetime, actions: Sequence[Action]) -> Score:
    """Score what people did, in its order. An action before the clock started counts as done at once.

    The same right action a second time is `other`.
    """
    left = list(drill.right)
    judged, last_s, mistakes = [], 0.0, 0
    for action in actions:
        seconds = max((action.at - started_at).total_seconds(), 0.0)
        group = next((each for each in left if action.kind in each), None)
        judgement = Judgement.OTHER
        if group is not None:
            left.remove(group)
            judgement, last_s = Judgement.RIGHT, max(last_s, seconds)
        elif action.kind in drill.wrong:
            judgement, mistakes = Judgement.WRONG, mistakes + 1
        judged.append(Judged(action, judgement, round(seconds, 1)))
        if not left:
            break
    done = not left and last_s <= drill.limit_s
    points = _for_time(drill, last_s) - PER_MISTAKE * mistakes if done else 0
    return Score(tuple(judged), round(last_s, 1) if done else None, mistakes, max(points, 0))


def _for_time(drill: Drill, seconds: float) -> int:
    """All points within `full_s`, then fewer in a straight line down to none at `limit_s`."""
    if seconds <= drill.full_s:
        return FULL_POINTS
    return round(FULL_POINTS * (drill.limit_s - seconds) / (drill.limit_s - drill.full_s))
