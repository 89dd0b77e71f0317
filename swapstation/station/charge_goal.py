"""What each charge is to reach and with how much power: a person's word before the plan's, the plan's before the rule.

The plan is the snapshot's; without one, or for a battery that it does not know in the bay, the station charges on
arrival to `charge_target_soc_pct`. Only a person goes above the plan; nobody goes above the bay's equipment.
"""

from __future__ import annotations

from swapstation.config.settings import LEAST_CHARGE_KW
from swapstation.model.charge_goal import ChargeGoal
from swapstation.model.charge_plan import PlannedBay
from swapstation.model.snapshot import BayState
from swapstation.station.draft import Draft
from swapstation.station.memory import ChargeMemory


def charge_goal(draft: Draft, bay: BayState, memory: ChargeMemory) -> ChargeGoal:
    """What the charge of a bay is to reach now, and with how much power."""
    return _asked(draft, bay, memory)


def _asked(draft: Draft, bay: BayState, memory: ChargeMemory) -> ChargeGoal:
    """What a person, the plan or the station's rule asks for, before any limit of the battery."""
    config = draft.rules.config
    most_kw = config.bay(bay.number).max_power_kw
    if memory.target_soc_pct is not None:
        return ChargeGoal(bay.number, memory.target_soc_pct, min(most_kw, memory.max_power_kw or most_kw))
    planned = planned_bay(draft, bay)
    if planned is None:
        return ChargeGoal(bay.number, config.limits.charge_target_soc_pct, most_kw)
    planned_kw = 0.0 if planned.power_kw <= 0.0 else max(planned.power_kw, LEAST_CHARGE_KW)
    return ChargeGoal(bay.number, planned.target_soc_pct, min(most_kw, planned_kw), None, planned.reasons)


def planned_bay(draft: Draft, bay: BayState) -> PlannedBay | None:
    """The part of a bay's battery in the plan that counts now; None: charge on arrival."""
    plan = draft.snapshot.plan
    return plan.bay(bay.number, bay.battery) if plan is not None else None
