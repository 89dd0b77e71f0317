"""How fast a battery heats and how far its voltage falls, over the last minute. Only what is told now counts."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from swapstation.config.limits import Limits
from swapstation.model.device import BatteryCharge
from swapstation.model.snapshot import BayState, Snapshot
from swapstation.station.charge_state import charge_is_active
from swapstation.station.fire_memory import Samples, Trace

WINDOW_S = 60.0
SAMPLE_S = 1.0
"""Changes within this time of the last one kept are not kept, so that a trace stays small."""


def told(bay: BayState, limits: Limits) -> BatteryCharge | None:
    """What the BMS of a bay says now; what it said before it fell silent is no news."""
    charge = bay.charge.good
    fresh = charge is not None and charge.bms_age_s is not None and charge.bms_age_s <= limits.bms_age_s
    return charge if fresh else None


def traced(snapshot: Snapshot, traces: tuple[Trace, ...], limits: Limits) -> tuple[Trace, ...]:
    """The traces with what this snapshot adds; another battery, silence or a charge begins them anew."""
    known = {trace.bay: trace for trace in traces}
    return tuple(_followed(snapshot.now_s, bay, known.get(bay.number), limits) for bay in snapshot.bays)


def _followed(now_s: float, bay: BayState, trace: Trace | None, limits: Limits) -> Trace:
    if trace is None or trace.battery != bay.battery:
        trace = Trace(bay.number, bay.battery)
    charge = told(bay, limits)
    temperature_c = charge.max_temperature_c if charge else None
    voltage_v = charge.voltage_v if charge and not charge_is_active(bay) else None
    temperatures = _with(trace.temperatures, now_s, temperature_c)
    voltages = _with(trace.voltages, now_s, voltage_v)
    if (temperatures, voltages) == (trace.temperatures, trace.voltages):
        return trace
    return replace(trace, temperatures=temperatures, voltages=voltages)


def _with(samples: Samples, now_s: float, value: float | None) -> Samples:
    if value is None:
        return ()
    while len(samples) > 1 and samples[1][0] <= now_s - WINDOW_S:
        samples = samples[1:]
    if samples and (samples[-1][1] == value or now_s - samples[-1][0] < SAMPLE_S):
        return samples
    return (*samples, (now_s, value))


def heated_k(trace: Trace) -> float:
    """Rise over the last minute, without its greatest single step: a probe that comes back jumps, a fire climbs."""
    values = [value for _, value in trace.temperatures]
    if len(values) < 2:
        return 0.0
    steps = [after - before for before, after in pairwise(values)]
    return values[-1] - min(values) - max((0.0, *steps))


def fallen_pct(trace: Trace) -> float:
    """Fall of the voltage over the last minute, percent of the highest."""
    values = [value for _, value in trace.voltages]
    highest_v = max(values, default=0.0)
    return 100.0 * (highest_v - values[-1]) / highest_v if highest_v > 0.0 else 0.0
