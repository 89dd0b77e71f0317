"""Fire: what of each bay is credible evidence of one, when it is confirmed, and what follows (GB/T 51077-2024 12.4).

Pure. Requests and records only: extinguishing, exhaust and power belong to the fire panel and the safety PLC. One
credible sign stops its bay and those beside it; two independent ones in a bay, the panel's own signal or a person
confirm a fire. Every sign is a latching alarm, so what it stopped stays stopped until people have acknowledged it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from swapstation.config.limits import Limits
from swapstation.config.settings import Config
from swapstation.model.alarm import Alarm
from swapstation.model.fire import FireReaction
from swapstation.model.snapshot import BayState, Snapshot
from swapstation.station.fire_memory import Trace
from swapstation.station.fire_traces import fallen_pct, heated_k, told

WITNESSES: Mapping[str, str] = {
    "BAY_SMOKE": "smoke",
    "BATTERY_HOT": "heat",
    "BATTERY_HEATING": "heat",
    "BMS_OVER_TEMPERATURE": "heat",
    "BATTERY_VOLTAGE_COLLAPSED": "voltage",
}
"""What each sign testifies to; two signs of one kind are one witness. There is no gas detector in the wire contract."""
WITNESSES_NEEDED = 2
CONFIRMED = "FIRE_CONFIRMED"
THERMAL_WORDS = frozenset(
    {"over_temperature", "pack_over_temperature", "component_over_temperature", "connector_over_temperature"}
)
"""Words of BSM and BST (GB/T 27930) that tell of heat."""
DRILL_SIGNS = frozenset({"BAY_SMOKE", "BATTERY_HOT"})
"""What a drill pretends to see."""

Signs = Mapping[int, frozenset[str]]
"""Codes of the fire alarms of each bay that has any."""


@dataclass(frozen=True, slots=True)
class Detection:
    """One credible sign of fire in a bay: the code of its alarm, and what was seen."""

    code: str
    bay: BayState
    detail: str = ""


def detections(snapshot: Snapshot, traces: tuple[Trace, ...], limits: Limits) -> Iterator[Detection]:
    """Every sign of fire that the sensors show now. A sensor that says nothing is no sign; it stops charging itself."""
    by_bay = {trace.bay: trace for trace in traces}
    for bay in snapshot.bays:
        io, charge = bay.io.good, told(bay, limits)
        if io is not None and io.smoke:
            yield Detection("BAY_SMOKE", bay)
        hot = [
            f"{value} degC"
            for value, limit in (
                (io.temperature_c if io else None, limits.max_bay_temperature_c),
                (charge.max_temperature_c if charge else None, limits.max_battery_temperature_c),
            )
            if value is not None and value > limit
        ]
        if hot:
            yield Detection("BATTERY_HOT", bay, ", ".join(hot))
        if charge is not None:
            words = THERMAL_WORDS.intersection((*charge.faults, *charge.stop_reasons))
            if words:
                yield Detection("BMS_OVER_TEMPERATURE", bay, ", ".join(sorted(words)))
            yield from _course(bay, by_bay.get(bay.number), limits)


def _course(bay: BayState, trace: Trace | None, limits: Limits) -> Iterator[Detection]:
    if trace is None:
        return
    if heated_k(trace) > limits.max_heating_k_per_min:
        yield Detection("BATTERY_HEATING", bay, f"+{heated_k(trace):.0f} K/min")
    if fallen_pct(trace) > limits.max_voltage_fall_pct_per_min:
        yield Detection("BATTERY_VOLTAGE_COLLAPSED", bay, f"-{fallen_pct(trace):.0f} %/min")


def signs_of(bays: Iterable[BayState], alarms: Iterable[Alarm]) -> Signs:
    """The fire alarms that stand or wait for their acknowledgement, by bay."""
    of_place: dict[str, set[str]] = {}
    for alarm in alarms:
        if alarm.code in WITNESSES:
            of_place.setdefault(alarm.source, set()).add(alarm.code)
    return {bay.number: frozenset(of_place[bay.place]) for bay in bays if bay.place in of_place}


def witnessed(signs: Signs) -> tuple[int, ...]:
    """The bays in which independent signs confirm a fire."""
    return tuple(bay for bay, codes in signs.items() if len({WITNESSES[code] for code in codes}) >= WITNESSES_NEEDED)


def is_confirmed(alarms: Iterable[Alarm]) -> bool:
    """Whether a fire is confirmed: until two people have released it and its alarm is acknowledged."""
    return any(alarm.code == CONFIRMED for alarm in alarms)


def panel_words(snapshot: Snapshot) -> Iterator[str]:
    """What the fire panel says of a fire by itself: over the safety chain, or in its own message."""
    safety, panel = snapshot.safety.good, snapshot.fire_panel.good
    if safety is not None and not safety.fire_ok:
        yield "fire_ok"
    if panel is not None and panel.alarm:
        yield "fire panel zone " + (", ".join(map(str, panel.zones)) or "?")


def reaction(snapshot: Snapshot, config: Config, signs: Signs, confirmed: bool) -> FireReaction:
    """What follows from the signs: their bays and those beside them stop, or after a confirmation all."""
    stopped = {bay.number for bay in snapshot.bays} if confirmed else _with_neighbours(config, signs)
    burning = [bay for bay in snapshot.bays if bay.number in signs]
    return FireReaction(
        causes=tuple(f"{code}@{bay.place}" for bay in burning for code in sorted(signs[bay.number])),
        stopped_bays=tuple(sorted(stopped)),
        confirmed=confirmed,
        quarantined=tuple(bay.battery for bay in burning if bay.battery) if confirmed else (),
    )


def _with_neighbours(config: Config, signs: Signs) -> set[int]:
    return {number for bay in signs for number in (bay, *config.beside(bay))}
