"""Power quality as far as the site meter shows it: a row a second, report on change, values hold until the next row.

Deviation after GB/T 12325-2008 (three phases up to 20 kV: 7 % of nominal either way), unbalance against the 2 % of
GB/T 15543-2008. The meter tells magnitudes only: unbalance is the largest deviation of a phase from the mean of three
(IEEE Std 141), no negative sequence; what lasts less than a second, harmonics and flicker are not seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from swapstation.records.telemetry.kinds import DAY_S, METER, day_start
from swapstation.records.telemetry.query import Source, asked, recorded_days

SERIES = "site"
DEVIATION_PCT, UNBALANCE_PCT, LOW_PCT = 7.0, 2.0, 10.0
LEAST_KVA = 1.0
"""Below it a power factor tells of nothing but the meter's own noise."""
_DAYS_AT_ONCE = 7
_PHASES = (1, 2, 3)
_NAMES = ("power_kw", *(f"voltage_l{each}_v" for each in _PHASES), *(f"current_l{each}_a" for each in _PHASES))


@dataclass(frozen=True, slots=True)
class PowerQuality:
    """Voltages between phase and neutral (V) over `known_s`. `within_pct`: of that time all phases were within limits.

    `low_s`: a phase was more than 10 % below nominal; `unbalanced_s`: more than 2 % apart. `power_factor`: active
    energy by apparent energy, from sums of voltage times current. `left_out`: files that could not be read.
    """

    nominal_v: float
    known_s: float
    min_v: float | None = None
    mean_v: float | None = None
    max_v: float | None = None
    within_pct: float | None = None
    low_s: float = 0.0
    mean_unbalance_pct: float | None = None
    unbalanced_s: float = 0.0
    power_factor: float | None = None
    highest_power_kw: float | None = None
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sums of a span, each weighted by time; extremes."""

    known_s: float
    min_v: float | None
    volt_s: float
    max_v: float | None
    within_s: float
    low_s: float
    unbalance_s: float
    unbalanced_s: float
    kw_s: float
    kva_s: float
    highest_kw: float | None


def is_recorded(folder: Path, first: datetime, last: datetime) -> bool:
    """Whether there is anything to reckon from; quick, where the figures themselves take their time."""
    return bool(recorded_days(folder, METER, (int(first.timestamp()), int(last.timestamp()))))


def power_quality(folder: Path, nominal_v: float, first: datetime, last: datetime) -> PowerQuality:
    """The figures from `first` until before `last` (UTC), so many days at a time that they fit into memory."""
    columns = tuple(column for name in _NAMES if (column := METER.find(name)) is not None)
    parts: list[_Sums] = []
    broken: list[str] = []
    for span in _spans(folder, int(first.timestamp()), int(last.timestamp())):
        row, without = asked(folder, METER, columns, span, SERIES, lambda source: _sums(source, nominal_v))
        broken += without
        if row.known_s:
            parts.append(row)
    return _figures(nominal_v, parts, tuple(broken))


def _spans(folder: Path, first_s: int, last_s: int) -> Iterator[tuple[int, int]]:
    days = recorded_days(folder, METER, (first_s, last_s))
    for begin in range(0, len(days), _DAYS_AT_ONCE):
        some = days[begin : begin + _DAYS_AT_ONCE]
        yield max(first_s, day_start(some[0])), min(last_s, day_start(some[-1]) + DAY_S)


def _sums(source: Source, nominal_v: float) -> _Sums:
    volts = [f"voltage_l{each}_v::DOUBLE" for each in _PHASES]
    apparent = " + ".join(f"voltage_l{each}_v::DOUBLE * current_l{each}_a::DOUBLE" for each in _PHASES)
    near, low = nominal_v * DEVIATION_PCT / 100.0, nominal_v * (1.0 - LOW_PCT / 100.0)
    found = source.con.execute(
        f"""WITH held AS (
            SELECT power_kw::DOUBLE AS kw, ({apparent}) / 1e3 AS kva, least({", ".join(volts)}) AS low,
                   greatest({", ".join(volts)}) AS high, ({" + ".join(volts)}) / 3.0 AS mean,
                   least(coalesce(lead(t) OVER (ORDER BY t) - t, {METER.period_s}), {METER.idle_s})::DOUBLE AS w
            FROM rows),
        figured AS (
            SELECT *, 100.0 * greatest(high - mean, mean - low) / nullif(mean, 0.0) AS apart,
                   coalesce(kva >= {LEAST_KVA} AND kw IS NOT NULL, false) AS loaded
            FROM held WHERE mean IS NOT NULL)
        SELECT coalesce(sum(w), 0.0), min(low), coalesce(sum(mean * w), 0.0), max(high),
               coalesce(sum(w) FILTER (low >= {nominal_v - near} AND high <= {nominal_v + near}), 0.0),
               coalesce(sum(w) FILTER (low < {low}), 0.0), coalesce(sum(apart * w), 0.0),
               coalesce(sum(w) FILTER (apart > {UNBALANCE_PCT}), 0.0),
               coalesce(sum(abs(kw) * w) FILTER (loaded), 0.0), coalesce(sum(kva * w) FILTER (loaded), 0.0), max(kw)
        FROM figured"""
    ).fetchone()
    assert found is not None  # an aggregate has one row
    return _Sums(*found)


def _figures(nominal_v: float, parts: list[_Sums], broken: tuple[str, ...]) -> PowerQuality:
    known_s = sum(each.known_s for each in parts)
    if not known_s:
        return PowerQuality(nominal_v, 0.0, left_out=broken)
    kva_s = sum(each.kva_s for each in parts)
    lows = [each.min_v for each in parts if each.min_v is not None]
    highs = [each.max_v for each in parts if each.max_v is not None]
    return PowerQuality(
        nominal_v=nominal_v,
        known_s=known_s,
        min_v=round(min(lows), 1) if lows else None,
        mean_v=round(sum(each.volt_s for each in parts) / known_s, 1),
        max_v=round(max(highs), 1) if highs else None,
        within_pct=round(100.0 * sum(each.within_s for each in parts) / known_s, 3),
        low_s=sum(each.low_s for each in parts),
        mean_unbalance_pct=round(sum(each.unbalance_s for each in parts) / known_s, 2),
        unbalanced_s=sum(each.unbalanced_s for each in parts),
        power_factor=round(sum(each.kw_s for each in parts) / kva_s, 3) if kva_s else None,
        highest_power_kw=max((each.highest_kw for each in parts if each.highest_kw is not None), default=None),
        left_out=broken,
    )
