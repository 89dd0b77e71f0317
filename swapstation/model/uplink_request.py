"""What the server tells the controller of its links beyond the site."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal


class Uplink(StrEnum):
    """Whom a station is linked to."""

    HEADQUARTERS = "headquarters"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class TellUplink:
    """A link has been lost since then, and why; `lost_since` None: it works. Not kept over a restart."""

    uplink: Uplink
    lost_since: datetime | None
    reason: str = ""
    kind: Literal["tell_uplink"] = "tell_uplink"
