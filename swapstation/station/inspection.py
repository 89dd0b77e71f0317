"""Inspection of the batteries in the bays, beside the swap: what a BMS says that no battery may have (own design).

A finding that stands quarantines the battery: its charge does not start, or ends, and it is not handed out until people
release it. Heat and smoke are the fire plan's. What a BMS does not say is not judged here; the permit of a charge is.
"""

from __future__ import annotations

from swapstation.config.limits import Limits
from swapstation.model.device import BatteryCharge
from swapstation.model.journal import BatteryQuarantined
from swapstation.model.snapshot import BayState
from swapstation.station.draft import Draft

STANDS_S = 2.0
"""So long a finding must stand: one bad message is none."""
CRITICAL_FAULTS = ("insulation_fault", "connector_fault", "cell_voltage_high")
"""Faults of a BMS (GB/T 27930 BSM) after which a battery needs people; a low SOC or over-current passes."""


def findings(bay: BayState, limits: Limits) -> tuple[str, ...]:
    """What is wrong with the battery in a bay by its own BMS, in words for the record; () while it says nothing new."""
    charge = bay.charge.good
    if charge is None or charge.bms_age_s is None or charge.bms_age_s > limits.bms_age_s:
        return ()
    spread_c, spread_v = _temperature_spread_c(charge), _cell_spread_v(bay, charge)
    found = [fault for fault in charge.faults if fault in CRITICAL_FAULTS]
    if spread_c is not None and spread_c > limits.max_temperature_spread_c:
        found.append(f"temperature spread {spread_c:.0f} degC")
    if spread_v is not None and spread_v > limits.max_cell_spread_v:
        found.append(f"cell spread {spread_v:.3f} V")
    return tuple(found)


def _temperature_spread_c(charge: BatteryCharge) -> float | None:
    highest_c, lowest_c = charge.max_temperature_c, charge.min_temperature_c
    return None if highest_c is None or lowest_c is None else highest_c - lowest_c


def _cell_spread_v(bay: BayState, charge: BatteryCharge) -> float | None:
    """What the BMS says itself, else highest less lowest cell of those that it lists."""
    if charge.cell_spread_v is not None:
        return charge.cell_spread_v
    cells = bay.cells.good
    voltages_v = [each for each in cells.voltages_v if each is not None] if cells else []
    return max(voltages_v) - min(voltages_v) if voltages_v else None


def inspect_batteries(draft: Draft) -> None:
    """Quarantine every battery in a bay whose findings stand; once, with what said so."""
    limits = draft.rules.config.limits
    found = {bay.battery: (bay.place, what) for bay in draft.snapshot.bays if (what := findings(bay, limits))}
    before = dict(draft.memory.inspected)
    since = {battery: before.get(battery, draft.now_s) for battery in found if battery is not None}
    draft.remember(inspected=tuple(since.items()))
    for battery, since_s in since.items():
        known = draft.snapshot.inventory.battery(battery)
        stands = draft.now_s - since_s >= STANDS_S and not draft.snapshot.journal_pending
        if known is not None and not known.quarantined and stands:
            place, what = found[battery]
            draft.record(BatteryQuarantined(battery, f"inspection: {', '.join(what)}", evidence=(f"BMS {place}",)))
