"""`[yard]`: how the devices before the lane are used; `swapstation.config.settings` holds it in the whole."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Yard:
    """How sure a read must be (%), from which mass a vehicle is on the weighbridge (kg), how long a call counts (s).

    `gate_clear_s`: the barrier's loop must be free so long before the barrier is told to close.
    """

    least_confidence_pct: float = 80.0
    weigh_above_kg: float = 3000.0
    admission_s: float = 300.0
    gate_clear_s: float = 3.0
