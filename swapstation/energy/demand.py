"""The quarter-hour demand: what a window has used so far, and what may be drawn for the rest of it (own design).

The counter of the meter decides; what it has not told yet counts with the power that the meter shows, or with what may
be drawn while it is silent. So a use is never told too low, and is corrected once the counter speaks again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone

from swapstation.energy.site_meter import MeterTrack
from swapstation.energy.station_clock import TOLERATED_S
from swapstation.model.power import Quarter

WINDOW_S = 900.0
WINDOW = timedelta(seconds=WINDOW_S)
WINDOW_H = WINDOW_S / 3600.0
SPACING_S = 10.0
"""Uses older than the last two are kept so far apart."""
GAP_S = 10.0
"""Between readings so near to each other the use is taken to be even."""
MARGIN = 0.995
"""Our clock and the one of the utility's meter are not the same to the second."""
AHEAD_S = 60.0
"""A sliding window is kept for so long ahead."""
SHORTEST_S = 15.0
BILLING_ZONE = timezone(timedelta(hours=8))
"""China has one zone; months of the bill begin there at midnight."""


@dataclass(frozen=True, slots=True)
class Use:
    """What was used up to monotonic `at_s` (kWh), counted from somewhere."""

    at_s: float
    kwh: float


@dataclass(frozen=True, slots=True)
class DemandTrack:
    """The running window: its start by both clocks, the use counted at its start, and the uses since then or earlier.

    `before_s`: the last use was older than the start when it began, and `started_kwh` is that use until a reading tells
    more. `guessed`: part of the window is not metered. `last`: the newest quarter on record; `anchor`: the one that the
    first reading after a start is compared with.
    """

    window_at: datetime
    started_s: float
    started_kwh: float
    uses: tuple[Use, ...]
    guessed: bool = False
    before_s: float | None = None
    last: Quarter | None = None
    anchor: Quarter | None = None


def floor(at: datetime) -> datetime:
    """The start of the quarter of an hour that an instant is in."""
    return at - timedelta(minutes=at.minute % 15, seconds=at.second, microseconds=at.microsecond)


def begun(at: datetime, now_s: float, guess_kw: float, last: Quarter | None) -> DemandTrack:
    """The window that a start falls into; its unknown part counts with `guess_kw`, what may have been drawn."""
    elapsed_s = (at - floor(at)).total_seconds()
    used = Use(now_s, guess_kw * elapsed_s / 3600.0)
    guessed = elapsed_s > TOLERATED_S
    return DemandTrack(floor(at), now_s - elapsed_s, 0.0, (used,), guessed, last=last, anchor=last)


def counted(track: DemandTrack, meter: MeterTrack, may_kw: float) -> DemandTrack:
    """The track with a new reading; a counter that began anew leaves a gap that counts with what may be drawn."""
    reading, known = meter.last, track.uses[-1]
    if reading is None or reading.at_s <= known.at_s:
        return track
    track = _compared(track, reading.at_s, reading.energy_kwh)
    known = track.uses[-1]
    if reading.at_s <= known.at_s:
        return track
    hours = (reading.at_s - known.at_s) / 3600.0
    metered = meter.step_kwh is not None and meter.step_s <= known.at_s + GAP_S
    step_kwh = meter.step_kwh if metered and meter.step_kwh is not None else may_kw * hours
    use = Use(reading.at_s, known.kwh + step_kwh)
    track = replace(track, guessed=track.guessed or (not metered and hours * 3600.0 > GAP_S))
    return replace(_started_within(track, known, use), uses=_thinned(track.uses, use))


def turned(track: DemandTrack, at: datetime, now_s: float, tail_kw: float, quarter: Quarter | None) -> DemandTrack:
    """The track in the window of `at`; `quarter` is that of the window which is over, None where there is none."""
    window_at = floor(at)
    if window_at == track.window_at and not _jumped(track, at, now_s):
        return replace(track, started_s=now_s - (at - window_at).total_seconds())
    started_s = now_s - (at - window_at).total_seconds()
    known = track.uses[-1]
    late = known.at_s < started_s
    return replace(
        track,
        window_at=window_at,
        started_s=started_s,
        started_kwh=known.kwh if late else _kwh_at(track, started_s, tail_kw),
        before_s=known.at_s if late else None,
        guessed=_jumped(track, at, now_s),
        last=quarter or track.last,
        anchor=None,
    )


def closed(track: DemandTrack, at: datetime, now_s: float, tail_kw: float, meter: MeterTrack) -> Quarter | None:
    """The quarter that is over at `at` with the month's peak; None while it runs, and for one cut by a jump."""
    if floor(at) == track.window_at or _jumped(track, at, now_s) or floor(at) - track.window_at != WINDOW:
        return None
    end_s = track.started_s + WINDOW_S
    mean_kw = max(_kwh_at(track, end_s, tail_kw) - track.started_kwh, 0.0) / WINDOW_H
    guessed = track.guessed or end_s - track.uses[-1].at_s > GAP_S
    counter_kwh = meter.last.energy_kwh if meter.last is not None else None
    peak_kw, peak_at = peak_of(track.last, track.window_at)
    if not guessed and mean_kw > peak_kw:
        peak_kw, peak_at = mean_kw, track.window_at
    return Quarter(track.window_at, mean_kw, guessed, counter_kwh, peak_kw, peak_at)


def peak_of(last: Quarter | None, at: datetime) -> tuple[float, datetime | None]:
    """The highest metered quarter of the month of `at` that is on record (kW AC)."""
    if last is None or last.peak_at is None or _month(last.peak_at) != _month(at):
        return 0.0, None
    return last.peak_kw, last.peak_at


def used_kwh(track: DemandTrack, now_s: float, tail_kw: float) -> float:
    """What the running window has used, never told too low."""
    return max(_kwh_at(track, now_s, tail_kw) - track.started_kwh, 0.0)


def allowed_kw(track: DemandTrack, now_s: float, tail_kw: float, limit_kw: float, sliding: bool) -> float:
    """Most mean power for the rest of the window, so that its mean stays below `limit_kw`."""
    budget_kwh = limit_kw * WINDOW_H * MARGIN
    if sliding:
        since_s = max(now_s - WINDOW_S + AHEAD_S, track.uses[0].at_s)
        lately_kwh = _kwh_at(track, now_s, tail_kw) - _kwh_at(track, since_s, tail_kw)
        return max(budget_kwh - lately_kwh, 0.0) / (AHEAD_S / 3600.0)
    rest_s = max(track.started_s + WINDOW_S - now_s, SHORTEST_S)
    return max(budget_kwh - used_kwh(track, now_s, tail_kw), 0.0) / (rest_s / 3600.0)


def _month(at: datetime) -> tuple[int, int]:
    local = at.astimezone(BILLING_ZONE)
    return local.year, local.month


def _jumped(track: DemandTrack, at: datetime, now_s: float) -> bool:
    expected = track.window_at + timedelta(seconds=now_s - track.started_s)
    return abs((at - expected).total_seconds()) > TOLERATED_S


def _compared(track: DemandTrack, at_s: float, counter_kwh: float) -> DemandTrack:
    """A first reading after a start: the counter on record tells what the window has used meanwhile."""
    last, used, track = track.anchor, track.uses[-1], replace(track, anchor=None)
    if last is None or last.counter_kwh is None or counter_kwh < last.counter_kwh:
        return track
    moved_kwh = counter_kwh - last.counter_kwh
    if last.at + WINDOW == track.window_at:
        return replace(track, uses=(Use(at_s, moved_kwh),), guessed=last.estimated)
    return replace(track, uses=(Use(used.at_s, min(used.kwh, moved_kwh)),))


def _started_within(track: DemandTrack, known: Use, use: Use) -> DemandTrack:
    """The use at the window's start, told by the first reading after it; after a long gap all of it counts here."""
    if track.before_s is None:
        return track
    length_s = use.at_s - known.at_s
    if length_s > GAP_S:
        return replace(track, before_s=None, guessed=True)
    part = (track.started_s - known.at_s) / length_s
    return replace(track, before_s=None, started_kwh=known.kwh + part * (use.kwh - known.kwh))


def _thinned(uses: tuple[Use, ...], use: Use) -> tuple[Use, ...]:
    """The uses with one more: the last 15 min and one before them, not nearer to each other than need be."""
    if len(uses) > 1 and uses[-1].at_s - uses[-2].at_s < SPACING_S:
        uses = uses[:-1]
    first = next((number for number, each in enumerate(uses) if each.at_s >= use.at_s - WINDOW_S - SPACING_S), 0)
    return (*uses[max(first - 1, 0) :], use)


def _kwh_at(track: DemandTrack, at_s: float, tail_kw: float) -> float:
    """The use at an instant: even between two known ones, beyond the last one by `tail_kw`."""
    later = track.uses[-1]
    if at_s >= later.at_s:
        return later.kwh + tail_kw * (at_s - later.at_s) / 3600.0
    for earlier in reversed(track.uses[:-1]):
        if earlier.at_s <= at_s:
            return earlier.kwh + (later.kwh - earlier.kwh) * (at_s - earlier.at_s) / (later.at_s - earlier.at_s)
        later = earlier
    return later.kwh
