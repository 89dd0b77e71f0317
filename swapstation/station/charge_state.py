"""Whether a charging process runs in a bay, as its devices say."""

from __future__ import annotations

from swapstation.model.device import ChargePhase, ChargerState
from swapstation.model.snapshot import BayState

START_PATIENCE_S = 8.0
"""Time a started charge may take to show up in the device's state."""
_RESTING_PHASES = (ChargePhase.IDLE, ChargePhase.END, ChargePhase.ERROR)
_ACTIVE_CHARGER = (ChargerState.STARTING, ChargerState.CHARGING, ChargerState.PAUSED, ChargerState.STOPPING)


def charge_is_active(bay: BayState) -> bool:
    """Whether a charging process runs in a bay, as its devices say."""
    if bay.charging == "charger":
        charger = bay.charger.good
        return charger is not None and charger.state in _ACTIVE_CHARGER
    charge = bay.charge.good
    return charge is not None and charge.phase not in _RESTING_PHASES


def discharges(bay: BayState) -> bool:
    """Whether the battery of a bay gives power back, as its charger says."""
    charger = bay.charger.good
    return bay.charging == "charger" and charger is not None and charger.state is ChargerState.DISCHARGING


def charger_silent(bay: BayState) -> bool:
    """A charger controller that says nothing: whatever it did last, it may still be doing."""
    return bay.charging == "charger" and bay.charger.good is None


def flows_kw(bay: BayState) -> float:
    """What flows into the battery of a bay by what its equipment says (kW DC); negative out of one that gives back."""
    source = bay.charger.good if bay.charging == "charger" else bay.modules.good
    flow_kw = 0.0 if source is None else abs(source.voltage_v * source.current_a) / 1000.0
    return -flow_kw if discharges(bay) else flow_kw


def charge_stops(bay: BayState) -> bool:
    """Whether the process of a bay is at its end: its current goes to zero by itself."""
    if bay.charging == "charger":
        return bay.charger.good is not None and bay.charger.good.state is ChargerState.STOPPING
    return bay.charge.good is not None and bay.charge.good.phase is ChargePhase.STOP
