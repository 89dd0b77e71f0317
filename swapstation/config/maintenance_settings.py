"""Settings of maintenance; `swapstation.config.settings` holds them in the whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Maintenance:
    """`plan`: file of devices, tasks, budgets and parts (docs/maintenance.md); None: a register without tasks."""

    plan: Path | None = None
