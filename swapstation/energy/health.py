"""The check-up of a battery: what its charges showed, against the thresholds of its model.

Capacity comes from metered windows: the DC energy stored between two SOC values of the BMS, not from one SOC alone. On
the plateau of LFP a SOC is uncertain by several percent, so that only wide windows count, each with its limit of error;
a battery is suspect when it is below the threshold by more than that (own design).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import hypot, sqrt
from statistics import median
from typing import TypeVar

from swapstation.config.energy_settings import Ledger
from swapstation.config.health_settings import HealthLimits
from swapstation.config.settings import BatteryModel
from swapstation.model.health import HealthCard, HealthFinding, HealthGrade, Observation
from swapstation.model.inventory import Battery

Known = TypeVar("Known")

RECENT = 10
"""So many of the last observations speak of now, and of the first ones of when the battery was new here."""
LEAST_CHARGES = 3
"""Fewer values than this say nothing of spreads and resistance."""
_REFERENCE_C = 25.0
_COLDEST_C, _HOTTEST_C = 0.0, 50.0
_INSULATION = "insulation_fault"
_DAYS_PER_YEAR = 365.25
_ORDER = (HealthGrade.SUSPECT, HealthGrade.WORN, HealthGrade.GOOD, HealthGrade.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Window:
    """Capacity by one charge, in % of the model's energy, and its limit of error."""

    capacity_pct: float
    uncertainty_pct: float


def health_card(
    battery: Battery,
    model: BatteryModel,
    observations: Sequence[Observation],
    charged_kwh: float,
    ledger: Ledger,
    at: datetime,
) -> HealthCard:
    """The card of a battery at an instant. `observations` are in the order of time; `charged_kwh` ever charged here."""
    limits, recent = model.health, observations[-RECENT:]
    made = _made_on(observations)
    age_years = (at.date() - made).days / _DAYS_PER_YEAR if made else None
    cells = _unknown("cell_spread", "V", limits.worn_cell_spread_v, limits.suspect_cell_spread_v)
    probes = _unknown("temperature_spread", "K", limits.worn_temperature_spread_c, limits.suspect_temperature_spread_c)
    findings = (
        _capacity(observations, model, ledger),
        _resistance(observations, limits),
        _spread(cells, (seen.cell_spread_v for seen in recent)),
        _spread(probes, (seen.temperature_spread_c for seen in recent)),
        _insulation(recent),
        _wear(_unknown("full_cycles", "", limits.worn_cycles), charged_kwh / model.energy_kwh, len(observations)),
        _wear(_unknown("age", "a", limits.worn_age_years), age_years, 1),
    )
    grades = [finding.grade for finding in findings]
    return HealthCard(
        battery=battery.battery,
        model=battery.model,
        at=at,
        grade=next(grade for grade in _ORDER if grade in grades),
        findings=findings,
        observations=len(observations),
        first_at=observations[0].at if observations else None,
        last_at=observations[-1].at if observations else None,
        codes=battery.codes,
        quarantined=battery.quarantined,
        quarantine_reason=battery.quarantine_reason,
        production_date=made,
        charge_count=_last(seen.charge_count for seen in observations),
        faults=tuple(dict.fromkeys(fault for seen in recent for fault in seen.faults)),
        reasons=tuple(finding.figure for finding in findings if finding.grade is HealthGrade.SUSPECT),
    )


def windows(observations: Iterable[Observation], model: BatteryModel, ledger: Ledger) -> list[Window]:
    """Capacity by every charge that crossed a wide enough window."""
    found: list[Window] = []
    for seen in observations:
        if seen.dc_kwh is None or seen.start_soc_pct is None or seen.end_soc_pct is None:
            continue
        share = (seen.end_soc_pct - seen.start_soc_pct) / 100.0
        if share * 100.0 < model.health.least_window_pct or seen.dc_kwh <= 0.0:
            continue
        capacity_kwh = seen.dc_kwh * ledger.battery_efficiency / share
        soc = sqrt(2.0) * ledger.soc_uncertainty_pct / 100.0 / share
        off = hypot(seen.dc_uncertainty_kwh / seen.dc_kwh, soc)
        pct = 100.0 * capacity_kwh / model.energy_kwh
        found.append(Window(pct, pct * off))
    return found


def resistance_25c(seen: Observation, limits: HealthLimits) -> float | None:
    """The resistance of an observation as it would be at 25 °C, in milliohm."""
    if seen.resistance_mohm is None or seen.resistance_temperature_c is None:
        return None
    warm_k = min(max(seen.resistance_temperature_c, _COLDEST_C), _HOTTEST_C) - _REFERENCE_C
    return seen.resistance_mohm / (1.0 - limits.resistance_pct_per_k / 100.0 * warm_k)


def _capacity(observations: Sequence[Observation], model: BatteryModel, ledger: Ledger) -> HealthFinding:
    """The mean of the last windows, the surer ones more. Errors of SOC do not average out: the surest one's stays."""
    limits, found = model.health, windows(observations, model, ledger)[-RECENT:]
    unknown = _unknown("capacity", "%", limits.worn_capacity_pct, limits.suspect_capacity_pct)
    if not found:
        return unknown
    weights = [1.0 / window.uncertainty_pct**2 for window in found]
    value = sum(weight * window.capacity_pct for weight, window in zip(weights, found, strict=True)) / sum(weights)
    off = min(window.uncertainty_pct for window in found)
    grade = HealthGrade.GOOD
    if value + off < limits.suspect_capacity_pct:
        grade = HealthGrade.SUSPECT
    elif value < limits.worn_capacity_pct:
        grade = HealthGrade.WORN
    return replace(unknown, grade=grade, value=value, uncertainty=off, from_count=len(found))


def _resistance(observations: Sequence[Observation], limits: HealthLimits) -> HealthFinding:
    """How far the resistance rose, over the model's or over that of the first charges."""
    told = [value for seen in observations if (value := resistance_25c(seen, limits)) is not None]
    unknown = _unknown("resistance_rise", "%", limits.worn_resistance_rise_pct, limits.suspect_resistance_rise_pct)
    if len(told) < LEAST_CHARGES:
        return replace(unknown, from_count=len(told))
    new_mohm = limits.resistance_mohm or median(told[:RECENT])
    return _graded(unknown, 100.0 * (median(told[-RECENT:]) / new_mohm - 1.0), len(told))


def _spread(unknown: HealthFinding, values: Iterable[float | None]) -> HealthFinding:
    """The median of a spread over the last charges, so that one bad reading makes no suspect."""
    told = [value for value in values if value is not None]
    if len(told) < LEAST_CHARGES:
        return replace(unknown, from_count=len(told))
    return _graded(unknown, median(told), len(told))


def _insulation(recent: Sequence[Observation]) -> HealthFinding:
    """Charges among the last ones with an insulation fault; one is enough."""
    count = sum(_INSULATION in seen.faults for seen in recent)
    grade = HealthGrade.SUSPECT if count else HealthGrade.GOOD if recent else HealthGrade.UNKNOWN
    value = float(count) if recent else None
    return HealthFinding("insulation_faults", grade, value, suspect=1.0, from_count=len(recent))


def _wear(unknown: HealthFinding, value: float | None, count: int) -> HealthFinding:
    return unknown if value is None or not count else _graded(unknown, value, count)


def _unknown(figure: str, unit: str, worn: float, suspect: float | None = None) -> HealthFinding:
    """A figure with its thresholds, not seen yet; without `suspect` it alone makes no battery suspect."""
    return HealthFinding(figure, HealthGrade.UNKNOWN, unit=unit, worn=worn, suspect=suspect)


def _graded(unknown: HealthFinding, value: float, count: int) -> HealthFinding:
    """A figure of which more is worse."""
    assert unknown.worn is not None
    grade = HealthGrade.WORN if value >= unknown.worn else HealthGrade.GOOD
    if unknown.suspect is not None and value >= unknown.suspect:
        grade = HealthGrade.SUSPECT
    return replace(unknown, grade=grade, value=value, from_count=count)


def _made_on(observations: Sequence[Observation]) -> date | None:
    told = _last(seen.production_date for seen in observations)
    try:
        return date.fromisoformat(told) if told else None
    except ValueError:
        return None


def _last(values: Iterable[Known | None]) -> Known | None:
    return next((value for value in reversed(list(values)) if value is not None), None)
