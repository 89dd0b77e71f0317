"""A value together with how old it is: unknown or stale is unsafe, never zero or false.

Device states arrive whole (one CAN message, one register block), so age and quality belong to the state, not to each
field.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from swapstation.model.device import PROTOCOL_VERSION

T = TypeVar("T")


class Quality(StrEnum):
    """How far a value may be trusted (own design, after OPC UA quality)."""

    GOOD = "good"
    STALE = "stale"
    REFUSED = "refused"  # fresh, but its device speaks another version of the wire contract
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Seen(Generic[T]):
    """A device state as the snapshot holds it: the last value, its age and whether it may be used.

    `age_s` is None when nothing was ever received. Decisions read `good`; only displays may show another `value`.
    """

    value: T | None = None
    age_s: float | None = None
    quality: Quality = Quality.NEVER

    @property
    def good(self) -> T | None:
        """The value if it is fresh and its device speaks our version, else None."""
        return self.value if self.quality is Quality.GOOD else None


_NEVER: Seen[Any] = Seen()


def seen(value: T | None, received_s: float | None, now_s: float, limit_s: float) -> Seen[T]:
    """Judge a value received at `received_s` by its age limit (both monotonic seconds) and its device's version."""
    if value is None or received_s is None:
        return _NEVER
    age_s = now_s - received_s
    if not 0.0 <= age_s <= limit_s:
        return Seen(value, age_s, Quality.STALE)
    version = getattr(value, "protocol_version", PROTOCOL_VERSION)
    return Seen(value, age_s, Quality.GOOD if version == PROTOCOL_VERSION else Quality.REFUSED)
