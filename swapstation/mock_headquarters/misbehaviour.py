"""How a headquarters misbehaves: by seeded shares of its answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Act(StrEnum):
    """What is done with one request.

    `lose_answer` takes it and then answers HTTP 500; `wrong_answer` takes it and answers for something else.
    """

    ANSWER = "answer"
    SERVER_ERROR = "server_error"
    TIMEOUT = "timeout"
    LOSE_ANSWER = "lose_answer"
    WRONG_ANSWER = "wrong_answer"
    GARBAGE = "garbage"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    """Shares from 0 to 1 of the requests, seconds before every answer; `away`: nothing is answered but 503."""

    seed: int = 1
    server_error: float = 0.0
    timeout: float = 0.0
    lose_answer: float = 0.0
    wrong_answer: float = 0.0
    garbage: float = 0.0
    slow_s: float = 0.0
    away: bool = False


_SHARES = (Act.SERVER_ERROR, Act.TIMEOUT, Act.LOSE_ANSWER, Act.WRONG_ANSWER, Act.GARBAGE)


class Mood:
    """Decides request by request; the same seed decides the same."""

    def __init__(self, misbehaviour: Misbehaviour) -> None:
        self.misbehaviour = misbehaviour
        self._random = Random(misbehaviour.seed)

    def act(self) -> Act:
        if self.misbehaviour.away:
            return Act.AWAY
        drawn = self._random.random()
        for act in _SHARES:
            drawn -= getattr(self.misbehaviour, act.value)
            if drawn < 0.0:
                return act
        return Act.ANSWER
