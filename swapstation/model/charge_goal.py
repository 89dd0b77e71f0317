"""The goal of a bay's charge: what its battery is to reach, with how much power now, and why (own design)."""

from __future__ import annotations

from dataclasses import dataclass

from swapstation.model.charge_plan import PlanReason


@dataclass(frozen=True, slots=True)
class ChargeGoal:
    """What the charge of a bay is to reach now, its most power (kW DC; 0: wait) and current, and why.

    `reasons` are codes of the reasons catalogue with the values of their texts; () is the station's own rule.
    `at_once`: a limit of the battery itself, which takes effect without delay. `discharge_kw`: that it is to give.
    """

    bay: int
    target_soc_pct: float
    max_kw: float
    max_a: float | None = None
    reasons: tuple[PlanReason, ...] = ()
    at_once: bool = False
    discharge_kw: float = 0.0

    @property
    def waits(self) -> bool:
        """No current may flow now."""
        return self.max_kw <= 0.0
