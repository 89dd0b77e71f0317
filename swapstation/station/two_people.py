"""What takes two people: the second says the same as the first within some minutes, each under an own name.

For what has no confirmation of its own (a quarantine's release and a swap's forced end have one each).
"""

from __future__ import annotations

from collections.abc import Iterator

from swapstation.model.person import same_person
from swapstation.model.request import Accepted, Request
from swapstation.model.waiting_word import WaitingWord
from swapstation.station.draft import Draft
from swapstation.station.memory import FirstWord
from swapstation.station.outcome import Outcome, refused

WORD_WAITS_S = 600.0
"""So long the first person's word waits for the second's; not over a restart."""


def two_say(draft: Draft, request: Request, subject: str, reason: str) -> str | Outcome:
    """Both people's names, the first one's first, once the second has said it too; else the answer for now."""
    kind, words = request.payload.kind, tuple(_waiting(draft))
    first = next((word for word in words if (word.kind, word.subject) == (kind, subject)), None)
    if first is None:
        word = FirstWord(kind, subject, request.person, reason, draft.now_s + WORD_WAITS_S)
        draft.remember(first_words=(*words, word))
        return Accepted(request.key, {"waits_for": "a second person", "minutes": f"{WORD_WAITS_S / 60.0:.0f}"}), ()
    if same_person(first.person, request.person):
        return refused(request, ("same_person",), first.person)
    draft.remember(first_words=tuple(word for word in words if word is not first))
    return f"{first.person}, {request.person}"


def waiting_words(draft: Draft) -> tuple[WaitingWord, ...]:
    """What waits for a second person, for people."""
    return tuple(
        WaitingWord(word.kind, word.subject, word.person, word.reason, round(word.until_s - draft.now_s))
        for word in _waiting(draft)
    )


def _waiting(draft: Draft) -> Iterator[FirstWord]:
    return (word for word in draft.memory.first_words if draft.now_s < word.until_s)
