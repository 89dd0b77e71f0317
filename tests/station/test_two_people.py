"""What takes two people: the second says the same, in time, under another name; one alone has no effect."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swapstation.model.bypass_request import SetBypass
from swapstation.model.journal import BypassSet, IdentityAttested, Record
from swapstation.model.mode import Mode
from swapstation.model.request import Accepted, Answer, AttestIdentity, Payload, Refused, Request
from swapstation.model.snapshot import Snapshot
from swapstation.station.draft import Draft
from swapstation.station.people import for_people
from swapstation.station.requests import run_requests
from swapstation.station.two_people import WORD_WAITS_S
from tests.station.situations import draft, snapshot, with_mode
from tests.station.test_stock_requests import SILENT_TRUCK

ASKED: list[tuple[Payload, Snapshot, str]] = [
    (
        SetBypass("presence_a", 30, "cable broken", 3),
        with_mode(snapshot(), Mode.MAINTENANCE),
        "presence_a bay-3 30 min",
    ),
    (
        SetBypass("truck_pose_in_range", 5, "dirty"),
        with_mode(snapshot(), Mode.MAINTENANCE),
        "truck_pose_in_range 5 min",
    ),
    (AttestIdentity("S1", "B3", "plate"), SILENT_TRUCK, "S1 B3"),
]
each = pytest.mark.parametrize(("payload", "now", "subject"), ASKED, ids=[subject for *_, subject in ASKED])


def _says(cycle: Draft, person: str, payload: Payload) -> tuple[Answer, list[Record]]:
    cycle.batches.clear()
    run_requests(cycle, (Request(f"{person}-{payload.kind}", person, payload),))
    (batch,) = cycle.batches
    assert batch.answer is not None
    effects = (BypassSet, IdentityAttested)
    return batch.answer, [record for record in batch.records if isinstance(record, effects)]


@each
def test_the_first_word_has_no_effect_and_is_shown_to_people(payload: Payload, now: Snapshot, subject: str) -> None:
    cycle = draft(now)
    answer, effects = _says(cycle, "li", payload)
    assert isinstance(answer, Accepted)
    assert answer.result == {"waits_for": "a second person", "minutes": "10"}
    assert effects == []
    assert cycle.memory.bypass is None
    (word,) = for_people(cycle).waiting_words
    assert (word.kind, word.subject, word.person, word.left_s) == (payload.kind, subject, "li", WORD_WAITS_S)


@each
@pytest.mark.parametrize("same", ["li", " LI", "os:li"])
def test_one_person_is_not_two(payload: Payload, now: Snapshot, subject: str, same: str) -> None:
    cycle = draft(now)
    _says(cycle, "li", payload)
    answer, effects = _says(cycle, same, payload)
    assert isinstance(answer, Refused)
    assert answer.reasons == ("same_person",)
    assert effects == []


@each
def test_the_second_person_s_word_counts_once_and_names_both(payload: Payload, now: Snapshot, subject: str) -> None:
    cycle = draft(now)
    _says(cycle, "li", payload)
    answer, (effect,) = _says(cycle, "wang", payload)
    assert isinstance(answer, Accepted)
    assert "waits_for" not in answer.result
    person = effect.bypass.person if isinstance(effect, BypassSet) else getattr(effect, "person", "")
    assert person == "li, wang"
    assert cycle.memory.first_words == ()


@each
def test_a_first_word_lapses(payload: Payload, now: Snapshot, subject: str) -> None:
    cycle = draft(now)
    _says(cycle, "li", payload)
    late = Draft(cycle.rules, replace(now, now_s=now.now_s + WORD_WAITS_S), cycle.memory)
    assert for_people(late).waiting_words == ()
    answer, effects = _says(late, "wang", payload)
    assert isinstance(answer, Accepted)
    assert "waits_for" in answer.result
    assert effects == []


@each
@pytest.mark.parametrize("person", ["key:vpp", "console", ""])
def test_a_program_or_nobody_is_no_second_person(payload: Payload, now: Snapshot, subject: str, person: str) -> None:
    cycle = draft(now)
    _says(cycle, "li", payload)
    answer, effects = _says(cycle, person, payload)
    assert isinstance(answer, Refused)
    assert effects == []


def test_another_bypass_is_not_confirmed_by_it() -> None:
    cycle = draft(with_mode(snapshot(), Mode.MAINTENANCE))
    _says(cycle, "li", SetBypass("presence_a", 10, "cable broken", 3))
    for other in (SetBypass("presence_a", 30, "same", 3), SetBypass("presence_a", 10, "same", 2)):
        answer, effects = _says(cycle, "wang", other)
        assert isinstance(answer, Accepted)
        assert effects == []
