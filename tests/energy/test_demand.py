"""The quarter-hour demand: never told too low, kept whatever the meter leaves out, right again after a restart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swapstation.energy.demand import (
    MARGIN,
    WINDOW_H,
    WINDOW_S,
    DemandTrack,
    allowed_kw,
    begun,
    closed,
    counted,
    peak_of,
    turned,
    used_kwh,
)
from swapstation.energy.site_meter import MeterReading, MeterTrack, followed
from swapstation.model.power import Quarter

NOON = datetime(2026, 5, 1, 4, 0, tzinfo=UTC)
MOST_KW, DIGIT_KWH, LIMIT_KW = 3000.0, 0.01, 1600.0


class Site:
    """A site that is metered each second, unless a reading is lost; keeps what it truly used."""

    def __init__(self, start_s: float = 0.0, counter_kwh: float = 1000.0, last: Quarter | None = None) -> None:
        self.now_s, self.start_at, self.counter_kwh = start_s, NOON + timedelta(seconds=start_s), counter_kwh
        self.meter = MeterTrack()
        self.track = begun(self.start_at, start_s, LIMIT_KW, last)
        self.quarters: list[Quarter] = []
        self.jump_s = 0.0

    @property
    def at(self) -> datetime:
        return NOON + timedelta(seconds=self.now_s + self.jump_s)

    def run(self, seconds: int, power_kw: float, heard: bool = True) -> None:
        for _ in range(seconds):
            self.second(power_kw, heard)

    def second(self, power_kw: float, heard: bool = True) -> None:
        self.now_s += 1.0
        self.counter_kwh += power_kw / 3600.0
        if heard:
            reading = MeterReading(self.now_s, self.counter_kwh, power_kw)
            self.meter = followed(self.meter, reading, MOST_KW, DIGIT_KWH)
        self.track = counted(self.track, self.meter, MOST_KW)
        quarter = closed(self.track, self.at, self.now_s, self.tail_kw, self.meter)
        self.quarters += [quarter] if quarter else []
        self.track = turned(self.track, self.at, self.now_s, self.tail_kw, quarter)

    @property
    def tail_kw(self) -> float:
        fresh = self.meter.fresh(self.now_s)
        return self.meter.power_kw if fresh and self.meter.power_kw is not None else MOST_KW

    def used(self) -> float:
        return used_kwh(self.track, self.now_s, self.tail_kw)

    def allowed(self, sliding: bool = False) -> float:
        return allowed_kw(self.track, self.now_s, self.tail_kw, LIMIT_KW, sliding)


def test_a_quarter_is_the_mean_of_its_fifteen_minutes() -> None:
    site = Site()
    site.run(600, 1200.0)
    site.run(300, 600.0)
    site.run(5, 100.0)
    [quarter] = site.quarters
    assert (quarter.at, quarter.estimated) == (NOON, False)
    assert quarter.demand_kw == pytest.approx(1000.0, abs=3.0)
    assert (quarter.peak_kw, quarter.peak_at) == (quarter.demand_kw, NOON)
    assert site.used() == pytest.approx(5 * 100.0 / 3600.0, abs=0.5)


def test_what_is_left_shrinks_as_the_window_fills() -> None:
    site = Site()
    site.run(450, 2000.0)
    assert site.allowed() == pytest.approx((LIMIT_KW * MARGIN * 2 - 2000.0), abs=8.0)
    site.run(400, 2000.0)
    assert site.allowed() == 0.0


def test_the_highest_metered_quarter_of_the_month_is_kept() -> None:
    site = Site()
    for power_kw in (1000.0, 1500.0, 700.0):
        site.run(900, power_kw)
    assert peak_of(site.quarters[-1], NOON)[0] == pytest.approx(1500.0, abs=2.0)
    assert site.quarters[-1].peak_at == NOON + timedelta(minutes=15)
    assert peak_of(site.quarters[-1], NOON + timedelta(days=31)) == (0.0, None)


def test_the_month_of_the_bill_begins_at_midnight_in_china() -> None:
    last = Quarter(NOON, 900.0, False, 1.0, 900.0, datetime(2026, 5, 31, 15, 45, tzinfo=UTC))
    assert peak_of(last, datetime(2026, 5, 31, 15, 59, tzinfo=UTC))[0] == 900.0
    assert peak_of(last, datetime(2026, 5, 31, 16, 0, tzinfo=UTC))[0] == 0.0


def test_a_silent_meter_counts_with_what_may_be_drawn_and_is_corrected_after() -> None:
    site = Site()
    site.run(300, 600.0)
    site.run(300, 600.0, heard=False)
    assert site.used() == pytest.approx(50.0 + MOST_KW / 12.0, abs=1.0)
    site.run(1, 600.0)
    assert site.used() == pytest.approx(100.0, abs=1.0)


def test_a_restart_within_a_window_goes_on_from_the_counter_on_record() -> None:
    first = Site()
    first.run(901, 1200.0)
    [quarter] = first.quarters
    first.run(299, 1200.0)
    again = Site(first.now_s, first.counter_kwh, quarter)
    assert again.used() == pytest.approx(LIMIT_KW / 12.0, abs=1.0)
    again.run(60, 1200.0)
    assert again.used() == pytest.approx(1200.0 * 0.1, abs=1.5)


def test_a_restart_without_a_counter_counts_what_may_have_been_drawn() -> None:
    site = Site(600.0)
    site.run(10, 0.0)
    assert site.used() >= LIMIT_KW / 6.0
    assert site.track.guessed
    assert site.allowed() == pytest.approx(LIMIT_KW, rel=0.06)


def test_a_restart_long_after_the_last_quarter_counts_no_more_than_the_counter_moved() -> None:
    old = Quarter(NOON - timedelta(hours=9), 500.0, False, 990.0)
    site = Site(600.0, 1000.0, old)
    site.run(5, 0.0)
    assert site.used() == pytest.approx(10.0, abs=3.0)


def test_a_clock_that_jumps_keeps_the_energy_of_the_window_it_lands_in() -> None:
    site = Site()
    site.run(500, 1800.0)
    site.jump_s = 700.0
    site.second(1800.0)
    assert site.quarters == []
    assert site.track.guessed
    elapsed_s = (site.at - site.track.window_at).total_seconds()
    assert site.used() == pytest.approx(1800.0 * elapsed_s / 3600.0, abs=2.0)


def drawn(site: Site, allowed: float, wish_kw: float) -> float:
    return min(wish_kw, allowed, 2.0 * LIMIT_KW)


@settings(max_examples=15)
@given(
    wishes=st.lists(st.tuples(st.integers(20, 200), st.floats(0.0, 3000.0)), min_size=6, max_size=10),
    lost=st.sets(st.integers(0, 2000), max_size=300),
    sliding=st.booleans(),
)
def test_who_follows_what_is_allowed_never_exceeds_the_demand(
    wishes: list[tuple[int, float]], lost: set[int], sliding: bool
) -> None:
    """Whatever is wished for and whichever readings are lost; also over any fifteen minutes with the sliding window."""
    site, used = Site(), [0.0]
    for seconds, wish_kw in wishes:
        for _ in range(seconds):
            power_kw = drawn(site, site.allowed(sliding), wish_kw)
            site.second(power_kw, heard=len(used) not in lost)
            used.append(used[-1] + power_kw / 3600.0)
    starts = range(len(used)) if sliding else range(0, len(used), int(WINDOW_S))
    for start in starts:
        end = min(start + int(WINDOW_S), len(used) - 1)
        assert used[end] - used[start] <= LIMIT_KW * WINDOW_H + 0.5


def test_a_track_of_another_day_is_no_quarter() -> None:
    track: DemandTrack = begun(NOON, 0.0, 100.0, None)
    assert closed(track, NOON + timedelta(days=1), 86_400.0, 0.0, MeterTrack()) is None
