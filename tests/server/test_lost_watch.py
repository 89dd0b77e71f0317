"""A link that is long lost is told to the controller; a short loss is not, nor a link that was not tried."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from swapstation.model.uplink_request import TellUplink, Uplink
from swapstation.server.uplinks.link_state import LinkState
from swapstation.server.uplinks.lost_watch import LONG, Watched

AT = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)


def test_what_there_is_to_tell_of_a_link() -> None:
    records, master = LinkState(), LinkState()
    watched = Watched(Uplink.HEADQUARTERS, (records, master))
    assert watched.word(AT) is None, "nothing was tried: after a restart of the server the alarm stays as it was"
    master.worked(AT)
    assert watched.word(AT) == TellUplink(Uplink.HEADQUARTERS, None)
    records.failed("HTTP 503", AT)
    assert watched.word(AT + LONG - timedelta(seconds=1)) is None, "a loss that is young says nothing"
    records.failed("HTTP 502", AT + timedelta(minutes=20))
    lost = TellUplink(Uplink.HEADQUARTERS, AT, "HTTP 502")
    assert watched.word(AT + LONG) == lost, "since the first failure, with the latest reason"
    records.worked(AT + LONG)
    assert watched.word(AT + LONG) == TellUplink(Uplink.HEADQUARTERS, None)
    records.suspend("wrong secrets", AT)
    assert watched.word(AT + LONG) == TellUplink(Uplink.HEADQUARTERS, AT, "wrong secrets")
