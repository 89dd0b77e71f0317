"""Settings of bookings; `swapstation.config.settings` holds them in the whole."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bookings:
    """How promises are kept: a truck so late loses its own, its battery is set aside at most so long before.

    Fleets may change a booking until `change_until_minutes` before it, and cancel it in time until
    `cancel_until_minutes`. Until `share_until_minutes` before it the last `kept_for_nearly_empty` batteries are for
    trucks that come with `nearly_empty_soc_pct` or less, and each fleet's share is kept for it.
    """

    late_minutes: int = 15
    bind_minutes: int = 30
    change_until_minutes: int = 15
    cancel_until_minutes: int = 15
    share_until_minutes: int = 30
    kept_for_nearly_empty: int = 1
    nearly_empty_soc_pct: float = 15.0
