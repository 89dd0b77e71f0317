"""What the server finds in its own records, so that it stands among the alarms like any other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from swapstation.model.concern_request import Concern, TellConcern
from swapstation.model.request import Accepted, Request
from swapstation.station.draft import Draft
from swapstation.station.outcome import Outcome
from swapstation.station.power_watch import Complaint

COMPLAINTS: Mapping[Concern, Complaint] = {
    Concern.MAINTENANCE: Complaint("MAINTENANCE_OVERDUE", "station"),
    Concern.CALIBRATION: Complaint("CALIBRATION_EXPIRED", "station"),
    Concern.TELEMETRY: Complaint("TELEMETRY_ROOM_LOW", "station"),
}
MOST_TOLD = 200


def tell_concern(draft: Draft, request: Request, payload: TellConcern) -> Outcome:
    """Keep the latest word of each; it counts until the next one or a restart."""
    others = (each for each in draft.memory.concerns if each.concern != payload.concern)
    standing = (payload,) if payload.detail else ()
    draft.remember(concerns=tuple(sorted((*others, *standing), key=lambda each: each.concern)))
    return Accepted(request.key), ()


def concern_complaints(draft: Draft) -> Iterator[Complaint]:
    """What alarms say about the server's records."""
    for each in draft.memory.concerns:
        yield replace(COMPLAINTS[each.concern], detail=each.detail[:MOST_TOLD])
