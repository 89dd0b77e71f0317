"""The site meter as far as it can be believed: readings that are missing, impossible, or contradict each other.

The counter is the truth about energy, the power register about now; either may be wrong for a while. Bounds are what
the site could take at all. Own design; docs/power_limits.md has the table of what counts as what.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite

FRESH_S = 5.0
"""A power reading so old still tells of now; an older one is replaced by what may be taken."""
SAME_S = 0.01
SPARE = 1.25
"""A site may draw a little more than the sum of what its equipment is rated for."""
AGREES_S, LONGEST_CHECK_S = 60.0, 900.0
DIFFERS = 0.3
GAP_S = 10.0
"""Over a longer gap the power between two readings is unknown."""
BASE_AGAIN = 3
"""So many counters in a row that fit each other and not what was before: another meter, or its counter was set."""
LOW_S, LOW_KW, LOW_SHARE = 15.0, 20.0, 0.8


@dataclass(frozen=True, slots=True)
class MeterReading:
    """What the meter said, true at monotonic `at_s`; `power_kw` None: it has no such register."""

    at_s: float
    energy_kwh: float
    power_kw: float | None


@dataclass(frozen=True, slots=True)
class MeterTrack:
    """The last reading that was believed, and what is held against the meter.

    `step_kwh`, `step_s`: what the counter moved by with that reading, and since when; None: nobody knows. `why` is a
    reason code while the meter is not believed. `check` is (since, counter, integral of power) of the running
    comparison of the two registers; `odd` are readings in a row that did not fit; `low_since_s`: since when it shows
    less than the bays take.
    """

    last: MeterReading | None = None
    step_kwh: float | None = None
    step_s: float = 0.0
    why: str = ""
    check: tuple[float, float, float] | None = None
    odd: tuple[MeterReading, ...] = ()
    low_since_s: float | None = None

    def fresh(self, now_s: float) -> bool:
        """Whether its power tells of now."""
        return self.last is not None and not self.why and now_s - self.last.at_s <= FRESH_S

    @property
    def power_kw(self) -> float | None:
        return None if self.last is None or self.why else self.last.power_kw


def followed(track: MeterTrack, reading: MeterReading | None, most_kw: float, resolution_kwh: float) -> MeterTrack:
    """The track after a reading; the same one again, and none, change nothing. `most_kw`: what the site could draw."""
    last = track.last
    if reading is None or (last is not None and reading.at_s <= last.at_s + SAME_S):
        return track
    if track.odd and reading.at_s <= track.odd[-1].at_s + SAME_S:
        return track
    if last is None:
        if _sane(reading, most_kw):
            return MeterTrack(reading, check=(reading.at_s, reading.energy_kwh, 0.0))
        return replace(track, odd=(reading,), why="meter_impossible")
    if not (_sane(reading, most_kw) and _follows(last, reading, most_kw, resolution_kwh)):
        return _odd(track, reading, most_kw, resolution_kwh)
    step_kwh = max(reading.energy_kwh - last.energy_kwh, 0.0)
    return _compared(replace(track, last=reading, step_kwh=step_kwh, step_s=last.at_s, odd=()), last, resolution_kwh)


def beside(track: MeterTrack, flows_kw: float, now_s: float, generation_kw: float = 0.0) -> MeterTrack:
    """The track beside what the bays say that they take (kW AC): a meter that shows less for long is not believed.

    `generation_kw`: most that PV and stores behind the same meter give.
    """
    if track.last is None or track.last.power_kw is None or now_s - track.last.at_s > FRESH_S:
        return replace(track, low_since_s=None)
    if track.last.power_kw >= LOW_SHARE * flows_kw - LOW_KW - generation_kw:
        return replace(track, low_since_s=None, why="" if track.why == "meter_shows_less" else track.why)
    since_s = now_s if track.low_since_s is None else track.low_since_s
    why = "meter_shows_less" if now_s - since_s >= LOW_S else track.why
    return replace(track, low_since_s=since_s, why=why)


def _sane(reading: MeterReading, most_kw: float) -> bool:
    power_kw = reading.power_kw
    if not isfinite(reading.energy_kwh) or reading.energy_kwh < 0.0:
        return False
    return power_kw is None or (isfinite(power_kw) and abs(power_kw) <= SPARE * most_kw)


def _follows(last: MeterReading, reading: MeterReading, most_kw: float, resolution_kwh: float) -> bool:
    """Whether a counter can have come from one reading to the other."""
    hours = (reading.at_s - last.at_s) / 3600.0
    moved_kwh = reading.energy_kwh - last.energy_kwh
    return -resolution_kwh <= moved_kwh <= SPARE * most_kw * hours + 2.0 * resolution_kwh


def _odd(track: MeterTrack, reading: MeterReading, most_kw: float, resolution_kwh: float) -> MeterTrack:
    """One odd reading is left out; several that fit each other are another counter, from which it goes on."""
    sane = _sane(reading, most_kw)
    fits = sane and bool(track.odd) and _follows(track.odd[-1], reading, most_kw, resolution_kwh)
    odd = (*track.odd, reading) if fits else (reading,)
    if not sane or len(odd) < BASE_AGAIN:
        return replace(track, odd=odd if sane else (), why="meter_impossible")
    return MeterTrack(reading, check=(reading.at_s, reading.energy_kwh, 0.0))


def _compared(track: MeterTrack, last: MeterReading, resolution_kwh: float) -> MeterTrack:
    """Counter and power tell the same energy, once enough of it has come together."""
    reading = track.last
    assert reading is not None
    impossible = "" if track.why == "meter_impossible" else track.why
    if reading.power_kw is None or last.power_kw is None or track.check is None:
        return replace(track, why=impossible)
    if reading.at_s - last.at_s > GAP_S:
        return replace(track, check=(reading.at_s, reading.energy_kwh, 0.0), why=impossible)
    since_s, since_kwh, power_kwh = track.check
    import_kw = max((reading.power_kw + last.power_kw) / 2.0, 0.0)  # the counter is that of import alone
    power_kwh += import_kw * (reading.at_s - last.at_s) / 3600.0
    counter_kwh, length_s = reading.energy_kwh - since_kwh, reading.at_s - since_s
    enough = max(counter_kwh, power_kwh) >= max(10.0 * resolution_kwh, 0.5)
    if length_s < AGREES_S or not (enough or length_s >= LONGEST_CHECK_S):
        return replace(track, check=(since_s, since_kwh, power_kwh), why=impossible)
    apart_kwh = abs(counter_kwh - power_kwh) - 2.0 * resolution_kwh - 0.2
    differs = apart_kwh > DIFFERS * max(counter_kwh, power_kwh)
    why = "meter_contradicts" if differs else "" if impossible == "meter_contradicts" else impossible
    return replace(track, check=(reading.at_s, reading.energy_kwh, 0.0), why=why)
