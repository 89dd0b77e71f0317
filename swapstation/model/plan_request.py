"""The planner's only request: here is a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from swapstation.model.charge_plan import ChargePlan


@dataclass(frozen=True, slots=True)
class SubmitPlan:
    """Follow this plan for a while. Nothing is written down; the same plan again does not make it younger."""

    plan: ChargePlan
    kind: Literal["submit_plan"] = "submit_plan"
