"""Word of links beyond the site: the latest of each counts, a loss is an alarm, and nothing of it is written down."""

from __future__ import annotations

from swapstation.model.request import Accepted, Request
from swapstation.model.uplink_request import TellUplink, Uplink
from swapstation.station.alarms import run_alarms
from swapstation.station.draft import Draft
from swapstation.station.requests import run_requests
from tests.station.situations import AT, draft, snapshot

LOST = "UPLINK_LOST@headquarters"


def told(cycle: Draft, *words: TellUplink) -> list[str]:
    """The alarms of lost links once these words have come."""
    run_requests(cycle, tuple(Request(f"key-{at}", "server", word) for at, word in enumerate(words)))
    assert all(isinstance(batch.answer, Accepted) and batch.records == () for batch in cycle.batches)
    run_alarms(cycle)
    return [f"{each.alarm} {each.state}: {each.detail}" for each in cycle.memory.alarms if each.code == "UPLINK_LOST"]


def test_a_lost_link_is_an_alarm_until_it_works_again() -> None:
    cycle = draft(snapshot())
    lost = TellUplink(Uplink.HEADQUARTERS, AT, "HTTP 503")
    assert told(cycle, lost, TellUplink(Uplink.PLATFORM, None)) == [
        f"{LOST} unacknowledged: 2026-03-01 08:30 UTC: HTTP 503"
    ]
    assert told(cycle, lost) == [f"{LOST} unacknowledged: 2026-03-01 08:30 UTC: HTTP 503"], "told again, one alarm"
    (returned,) = told(cycle, TellUplink(Uplink.HEADQUARTERS, None))
    assert "returned_unacknowledged" in returned
    assert cycle.memory.lost_uplinks == ()
