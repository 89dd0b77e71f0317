"""How a platform misbehaves: by shares of its answers, seeded, and in windows of outage."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Act(StrEnum):
    """What the platform does with one request.

    `lose_answer` takes the message and then answers HTTP 500; `stale_answer` takes nothing and gives the answer before,
    which is signed right; `forget_token` first forgets every token that it gave.
    """

    ANSWER = "answer"
    WRONG_RET = "wrong_ret"
    SERVER_ERROR = "server_error"
    TIMEOUT = "timeout"
    LOSE_ANSWER = "lose_answer"
    STALE_ANSWER = "stale_answer"
    FORGET_TOKEN = "forget_token"
    OUTAGE = "outage"


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    """Shares from 0 to 1 of the requests, seconds, and outages as (from, until) in seconds since the start."""

    seed: int = 1
    wrong_ret: float = 0.0
    ret: int = 500
    server_error: float = 0.0
    timeout: float = 0.0
    lose_answer: float = 0.0
    stale_answer: float = 0.0
    forget_token: float = 0.0
    slow_s: float = 0.0
    token_life_s: int = 7200
    outages: tuple[tuple[float, float], ...] = ()


_SHARES = (
    Act.WRONG_RET,
    Act.SERVER_ERROR,
    Act.TIMEOUT,
    Act.LOSE_ANSWER,
    Act.STALE_ANSWER,
    Act.FORGET_TOKEN,
)


class Mood:
    """Decides request by request; the same seed decides the same."""

    def __init__(self, misbehaviour: Misbehaviour) -> None:
        self.misbehaviour = misbehaviour
        self._random = Random(misbehaviour.seed)

    def act(self, since_start_s: float) -> Act:
        if any(first <= since_start_s < last for first, last in self.misbehaviour.outages):
            return Act.OUTAGE
        drawn = self._random.random()
        for act in _SHARES:
            drawn -= getattr(self.misbehaviour, act.value)
            if drawn < 0.0:
                return act
        return Act.ANSWER
