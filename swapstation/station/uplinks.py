"""Links beyond the site: what the server tells of them, so that a long loss becomes an alarm like any other."""

from __future__ import annotations

from collections.abc import Iterator

from swapstation.model.request import Accepted, Request
from swapstation.model.uplink_request import TellUplink
from swapstation.station.draft import Draft
from swapstation.station.outcome import Outcome
from swapstation.station.power_watch import Complaint


def tell_uplink(draft: Draft, request: Request, payload: TellUplink) -> Outcome:
    """Keep the latest word of each link; it counts until the next one or a restart."""
    others = (each for each in draft.memory.lost_uplinks if each.uplink != payload.uplink)
    lost = () if payload.lost_since is None else (payload,)
    draft.remember(lost_uplinks=tuple(sorted((*others, *lost), key=lambda each: each.uplink)))
    return Accepted(request.key), ()


def uplink_complaints(draft: Draft) -> Iterator[Complaint]:
    """What alarms say about links beyond the site."""
    for each in draft.memory.lost_uplinks:
        if each.lost_since is not None:
            yield Complaint("UPLINK_LOST", each.uplink, f"{each.lost_since:%Y-%m-%d %H:%M} UTC: {each.reason[:150]}")
