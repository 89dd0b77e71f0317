"""Which readings of the site meter are believed: missing, impossible, standing still, contradicting."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from swapstation.energy.other_load import FALL_S, OtherLoad, sampled
from swapstation.energy.site_meter import FRESH_S, LOW_S, MeterReading, MeterTrack, beside, followed

MOST_KW = 3000.0
DIGIT_KWH = 0.01


def read(track: MeterTrack, *readings: MeterReading) -> MeterTrack:
    for reading in readings:
        track = followed(track, reading, MOST_KW, DIGIT_KWH)
    return track


def steady(power_kw: float, seconds: range, start_kwh: float = 500.0) -> list[MeterReading]:
    return [MeterReading(float(at_s), start_kwh + power_kw * at_s / 3600.0, power_kw) for at_s in seconds]


def test_a_sound_meter_is_believed_and_tells_its_steps() -> None:
    track = read(MeterTrack(), *steady(1200.0, range(200)))
    assert (track.why, track.power_kw) == ("", 1200.0)
    assert track.step_kwh is not None
    assert abs(track.step_kwh - 1200.0 / 3600.0) < 1e-9
    assert track.fresh(199.0 + FRESH_S)
    assert not track.fresh(200.0 + FRESH_S)


def test_missing_readings_lose_no_energy() -> None:
    readings = steady(1200.0, range(300))
    kept = [each for number, each in enumerate(readings) if number % 7]
    track, used_kwh = MeterTrack(), 0.0
    for each in kept:
        track = read(track, each)
        used_kwh += track.step_kwh or 0.0
    assert abs(used_kwh - (kept[-1].energy_kwh - kept[0].energy_kwh)) < 1e-6
    assert track.why == ""


def test_a_counter_that_jumps_is_left_out_and_forgotten_when_it_is_back() -> None:
    good = steady(1000.0, range(100))
    odd = MeterReading(50.5, 9.9e5, 1000.0)
    track = read(MeterTrack(), *good[:51], odd)
    assert track.why == "meter_impossible"
    assert not track.fresh(50.5)
    assert read(track, *good[51:]).why == ""


def test_another_meter_is_gone_on_with_once_its_readings_fit_each_other() -> None:
    track = read(MeterTrack(), *steady(1000.0, range(20)))
    track = read(track, *[replace(each, at_s=each.at_s + 30.0) for each in steady(900.0, range(3), 2.0)])
    assert (track.why, track.step_kwh, track.power_kw) == ("", None, 900.0)


def test_a_power_that_no_site_can_draw_is_left_out() -> None:
    for power_kw in (float("nan"), float("inf"), 1e6, -1e6):
        track = read(MeterTrack(), *steady(100.0, range(10)), MeterReading(10.0, 500.3, power_kw))
        assert track.why == "meter_impossible"


def test_a_meter_that_stands_still_is_found_within_two_minutes() -> None:
    stuck = [MeterReading(float(at_s), 500.0, 800.0) for at_s in range(130)]
    assert read(MeterTrack(), *stuck).why == "meter_contradicts"


def test_a_frozen_power_is_found_by_its_counter() -> None:
    frozen = [replace(each, power_kw=20.0) for each in steady(1500.0, range(130))]
    assert read(MeterTrack(), *frozen).why == "meter_contradicts"


def test_a_meter_that_is_mended_is_believed_again() -> None:
    frozen = [replace(each, power_kw=20.0) for each in steady(1500.0, range(130))]
    track = read(read(MeterTrack(), *frozen), *steady(1500.0, range(130, 330)))
    assert track.why == ""


def test_a_meter_that_shows_less_than_the_bays_take_is_not_believed() -> None:
    track = read(MeterTrack(), *steady(0.0, range(5)))
    for now_s in range(5, 30):
        track = beside(read(track, MeterReading(float(now_s), 500.0, 0.0)), 600.0, float(now_s))
    assert track.why == "meter_shows_less"
    assert LOW_S < 25.0
    assert beside(track, 10.0, 30.0).why == ""


def test_a_site_with_pv_may_show_less_and_feed_back() -> None:
    track = MeterTrack()
    for now_s in range(1000):
        track = read(track, MeterReading(float(now_s), 500.0, -150.0))
        track = beside(track, 300.0, float(now_s), generation_kw=450.0)
    assert track.why == ""


def test_the_same_reading_again_is_no_new_one() -> None:
    track = read(MeterTrack(), *steady(1000.0, range(3)))
    assert read(track, MeterReading(2.0 + 1e-9, 999.0, 7.0)) == track


@given(st.lists(st.tuples(st.floats(0.2, 5.0), st.floats(0.0, 1.0)), min_size=3, max_size=60), st.data())
def test_energy_is_never_told_higher_than_the_site_can_draw(
    steps: list[tuple[float, float]], data: st.DataObject
) -> None:
    """Whatever the registers say, one step of the counter is bounded by what the site could have drawn."""
    track, at_s, energy_kwh = MeterTrack(), 0.0, 100.0
    for step_s, share in steps:
        at_s += step_s
        energy_kwh += share * MOST_KW * step_s / 3600.0
        wrong = data.draw(st.sampled_from([0.0, 0.0, 0.0, -50.0, 70.0, 1e7]))
        before = track.last
        track = read(track, MeterReading(at_s, energy_kwh + wrong, share * MOST_KW))
        if track.last != before and before is not None and track.step_kwh is not None and track.last is not None:
            assert 0.0 <= track.step_kwh <= 1.25 * MOST_KW * (track.last.at_s - before.at_s) / 3600.0 + 2 * DIGIT_KWH


def test_other_load_rises_at_the_second_reading_and_falls_slowly() -> None:
    load = sampled(OtherLoad(), 10.0, 0.0, over=False)
    once = sampled(load, 200.0, 1.0, over=False)
    twice = sampled(once, 200.0, 2.0, over=False)
    assert (load.kw, once.kw, twice.kw) == (10.0, 10.0, 200.0)
    falls = sampled(sampled(twice, 20.0, 3.0, over=False), 20.0, 4.0, over=False)
    assert falls.kw is not None
    assert 150.0 < falls.kw < 200.0
    assert sampled(falls, 20.0, 4.0 + FALL_S, over=False).kw == 20.0


def test_a_site_above_its_limit_is_believed_at_once() -> None:
    assert sampled(sampled(OtherLoad(), 10.0, 0.0, over=False), 200.0, 1.0, over=True).kw == 200.0
