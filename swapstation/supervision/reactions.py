"""What a sender does about the result code of an answer (interop.md 1.2)."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from swapstation.supervision.envelope import Ret


class Reaction(StrEnum):
    """`pause` and `suspend` are about the whole link, the others about the one message."""

    DONE = "done"
    PAUSE = "pause"
    RETRY = "retry"
    SUSPEND = "suspend"
    RENEW_TOKEN = "renew_token"
    PARK = "park"


_REACTIONS: dict[int, Reaction] = {
    Ret.SUCCESS: Reaction.DONE,
    Ret.BUSY: Reaction.PAUSE,
    Ret.ERROR: Reaction.RETRY,
    Ret.SIGNATURE: Reaction.SUSPEND,
    Ret.TOKEN: Reaction.RENEW_TOKEN,
    Ret.MEMBER: Reaction.PARK,
    Ret.PARAMETERS: Reaction.PARK,
}
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(minutes=5)
SUSPENDED = timedelta(minutes=30)
"""So long nothing is sent after a signature was refused: the secrets differ, and only people can mend that."""


def reaction(ret: int) -> Reaction:
    """The reaction to a result code. A message refused with a code that nobody knows waits for a person."""
    return _REACTIONS.get(ret, Reaction.PARK)


def wait(attempt: int) -> timedelta:
    """How long to wait after so many failed attempts in a row: doubled each time, up to the longest."""
    doubled: int = 2 ** min(attempt - 1, 10)
    return min(FIRST_WAIT * doubled, LONGEST_WAIT)
