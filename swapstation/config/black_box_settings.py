"""Settings of the black box; `swapstation.config.settings` holds them in the whole."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BlackBox:
    """How much the black box keeps: events, and megabytes on disk of all of them together."""

    events: int = 20
    limit_mb: int = 2000
