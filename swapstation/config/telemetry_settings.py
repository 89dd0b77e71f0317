"""Settings of telemetry; `swapstation.config.settings` holds them in the whole."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Time series: whether they are recorded, gigabytes that they may take, how many days before that to tell."""

    enabled: bool = True
    budget_gb: float = 100.0
    early_days: int = 90
