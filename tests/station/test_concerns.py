"""Word of the server's records: the latest of each counts, stands as an alarm of the lowest priority, is not kept."""

from __future__ import annotations

import pytest

from swapstation.contract.alarm_catalogue import alarm_catalogue
from swapstation.model.concern_request import Concern, TellConcern
from swapstation.model.request import Accepted, Request
from swapstation.station.alarms import run_alarms
from swapstation.station.concerns import COMPLAINTS
from swapstation.station.draft import Draft
from swapstation.station.requests import run_requests
from tests.station.situations import draft, snapshot


def told(cycle: Draft, *words: TellConcern) -> dict[str, str]:
    """The alarms of the server's records that stand once these words have come, with their detail."""
    run_requests(cycle, tuple(Request(f"key-{at}", "server", word) for at, word in enumerate(words)))
    assert all(isinstance(batch.answer, Accepted) and batch.records == () for batch in cycle.batches)
    run_alarms(cycle)
    return {each.alarm: each.detail for each in cycle.memory.alarms if each.state == "unacknowledged"}


@pytest.mark.parametrize("concern", Concern)
def test_a_concern_is_an_alarm_until_there_is_nothing_any_more(concern: Concern) -> None:
    cycle = draft(snapshot())
    alarm = f"{COMPLAINTS[concern].code}@station"
    before = told(cycle)
    assert told(cycle, TellConcern(concern, "1: robot oil")) == {**before, alarm: "1: robot oil"}
    assert told(cycle, TellConcern(concern, "")) == before
    assert cycle.memory.concerns == ()


def test_all_of_them_stand_beside_each_other_and_hold_nothing() -> None:
    cycle = draft(snapshot())
    found = told(cycle, *(TellConcern(each, "x" * 500) for each in Concern))
    assert {f"{each.code}@station" for each in COMPLAINTS.values()} <= set(found)
    kinds = [alarm_catalogue()[each.code] for each in COMPLAINTS.values()]
    assert all(kind.priority == 4 and kind.reaction == "none" for kind in kinds)
    assert cycle.memory.hold_reasons == ()
