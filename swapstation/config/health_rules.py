"""What the thresholds of a battery model's check-up may be together."""

from __future__ import annotations

from collections.abc import Iterator

from swapstation.config.health_settings import HealthLimits, limit_pairs
from swapstation.config.reading import Wrong
from swapstation.config.rule_kinds import Allowed
from swapstation.toml_lines import KeyPath


def check_health(path: KeyPath, health: HealthLimits) -> Iterator[Wrong]:
    """A battery is worn before it is suspect: less capacity, more of everything else."""
    for worn, suspect in limit_pairs():
        worn_at, suspect_at = getattr(health, worn), getattr(health, suspect)
        falls = suspect == "suspect_capacity_pct"
        if (suspect_at >= worn_at) if falls else (suspect_at <= worn_at):
            zh, en = ("小于", "below") if falls else ("大于", "above")
            limit = f"{worn} ({worn_at:g})"
            yield Wrong((*path, "health", suspect), suspect_at, Allowed(f"必须{zh} {limit}", f"must be {en} {limit}"))
