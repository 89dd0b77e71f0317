"""Figures of a period, reckoned by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from swapstation.inventory.queries import Event
from swapstation.inventory.report_queries import KnownPromise
from swapstation.model.alarm import Alarm, AlarmState, Priority
from swapstation.model.alarm_figures import AlarmPeriod
from swapstation.model.energy import ChargeDetail, Settlement
from swapstation.model.inventory import StepTime, Swap, SwapResult
from swapstation.model.power import Quarter
from swapstation.reports.energy_figures import demand_figures, energy_figures
from swapstation.reports.swap_figures import percentile, promise_figures, step_figures, swap_figures
from swapstation.reports.time_figures import device_figures, station_time

FIRST = datetime(2026, 5, 1, tzinfo=UTC)
LAST = FIRST + timedelta(days=1)
ZONE = ZoneInfo("Asia/Shanghai")


def at(minutes: float) -> datetime:
    return FIRST + timedelta(minutes=minutes)


def swap(number: int, begins_min: float, seconds: float, result: SwapResult = SwapResult.COMPLETED) -> Swap:
    ended = None if result is SwapResult.OPEN else at(begins_min) + timedelta(seconds=seconds)
    steps = (StepTime("lift", 30.0 + number, 0.2, 32.0), StepTime("lower", 10.0))
    known = {"result": result, "opened_at": at(begins_min), "closed_at": ended, "step_seconds": steps}
    return Swap(f"S{number}", "V" * 17, "tractor", "top_lift", "hash", "close", **known)  # type: ignore[arg-type]


def test_swaps_at_the_first_try_are_those_that_nobody_had_to_help() -> None:
    swaps = [swap(1, 0, 240), swap(2, 10, 300), swap(3, 20, 360, SwapResult.FAILED), swap(4, 30, 0, SwapResult.OPEN)]
    figures = swap_figures(swaps, [at(11), at(40)], ZONE)
    assert (figures.opened, figures.completed, figures.failed, figures.at_first_try) == (4, 2, 1, 1)
    assert figures.first_try_pct == 33.33
    assert (figures.median_s, figures.longest_s) == (270.0, 300.0)
    assert figures.by_hour[8] == 4, "local time"
    assert figures.by_truck_model == (("tractor", 4),)


def test_steps_are_those_of_completed_swaps_the_longest_in_all_first() -> None:
    lift, lower = step_figures([swap(1, 0, 240), swap(5, 10, 300), swap(9, 20, 360, SwapResult.FAILED)])
    assert (lift.step, lift.count, lift.median_s, lift.over_target) == ("lift", 2, 33.0, 1)
    assert (lower.step, lower.target_s, lower.over_target) == ("lower", None, 0)


@given(st.lists(st.floats(0, 1000), min_size=1), st.floats(0.01, 1.0))
def test_a_percentile_is_one_of_the_values(values: list[float], share: float) -> None:
    told = percentile(sorted(values), share)
    assert told in [round(value, 1) for value in values]


def promise(needed_min: float, swap_min: float | None, end_reason: str | None) -> KnownPromise:
    used = (None, None) if swap_min is None else ("S1", at(swap_min))
    ended = None if end_reason is None else at(needed_min + 30)
    return KnownPromise("B", "V" * 17, FIRST, at(needed_min), ended, end_reason, *used)


def test_a_promise_counts_by_what_became_of_it() -> None:
    told = [
        promise(60, 50, "used"),
        promise(60, 70, "used"),
        promise(60, 90, "used"),
        promise(60, None, "cancelled"),
        promise(60, None, "expired"),
        promise(60, None, "battery quarantined or in doubt"),
        promise(60, None, "waited in vain"),
        promise(60, None, None),
    ]
    figures = promise_figures(told, timedelta(minutes=15))
    assert (figures.promised, figures.kept, figures.late, figures.not_used, figures.broken, figures.open) == (
        *(8, 2, 1),
        *(2, 2, 1),
    )
    assert figures.kept_pct == 40.0, "what was not used or is open says nothing of the station"


def settled(minutes: float, kwh: str | None, period: str, ac_kwh: float | None) -> Settlement:
    energy = None if kwh is None else Decimal(kwh)
    details = (
        ()
        if energy is None
        else (ChargeDetail(at(0), at(1), energy, period, None, None, energy * Decimal("0.5"), energy * Decimal("0.3")),)
    )
    dc_kwh = None if energy is None else float(energy)
    begin, end = at(minutes - 30), at(minutes)
    return Settlement("LFP-1", 1, begin, end, None, energy, ac_kwh, dc_kwh, None, None, details)


def test_energy_is_told_by_tariff_period_with_losses_only_of_what_was_metered_twice() -> None:
    told = [settled(100, "100", "valley", 105.0), settled(200, "50", "peak", None), settled(1000, None, "", None)]
    figures = energy_figures([*told, settled(1100, "20", "valley", 21.0)], ZONE)
    assert (figures.charges, figures.unsettled) == (4, 1)
    assert [(each.period, each.energy_kwh, each.electricity_yuan) for each in figures.periods] == [
        ("peak", Decimal(50), Decimal(25)),
        ("valley", Decimal(120), Decimal(60)),
    ]
    assert (figures.energy_kwh, figures.service_yuan) == (Decimal(170), Decimal(51))
    assert (figures.ac_kwh, figures.dc_kwh, figures.losses_kwh, figures.efficiency_pct) == (126.0, 120.0, 6.0, 95.24)
    assert figures.by_day == (("2026-05-01", 150.0), ("2026-05-02", 20.0)), "local days"


def test_demand_is_that_of_the_quarters_on_record() -> None:
    quarters = [Quarter(at(0), 900.0, False, None), Quarter(at(15), 1100.0, True, None)]
    figures = demand_figures(quarters, 1000.0)
    assert (figures.highest_kw, figures.highest_at, figures.mean_kw) == (1100.0, at(15), 1000.0)
    assert (figures.estimated, figures.over_limit) == (1, 1)
    assert demand_figures([], None).highest_kw is None


def event(sequence: int, minutes: float, kind: str, **body: Any) -> Event:
    return Event(sequence, 1, at(minutes), kind, body)


COURSE = (
    event(1, -600, "BootStarted"),
    event(2, -599, "StateChanged", before="aborted", after="idle"),
    event(3, 60, "StateChanged", before="execute", after="holding"),
    event(4, 70, "StateChanged", before="unholding", after="execute"),
    event(5, 100, "ModeChanged", before="automatic", after="maintenance"),
    event(6, 130, "ModeChanged", before="maintenance", after="automatic"),
    event(8, 220, "BootStarted"),
    event(9, 225, "StateChanged", before="aborted", after="idle"),
)


def test_the_station_s_time_is_told_by_what_it_did() -> None:
    time = station_time(COURSE, FIRST, LAST, LAST, lambda sequence: at(200) if sequence == 8 else None)
    assert (time.held_s, time.maintenance_s, time.off_s, time.unconfirmed_s) == (600.0, 1800.0, 1200.0, 300.0)
    assert time.working_s == 86_400.0 - 600.0 - 1800.0 - 1200.0 - 300.0
    assert (time.stops, time.mean_stop_s) == (2, 1050.0), "a power cut and its confirmation are one stop"
    assert time.availability_pct == round(100.0 * time.working_s / (time.working_s + 2100.0), 2)


def test_of_what_changed_at_one_instant_the_last_counts() -> None:
    """A power cut right after the station's last event of the day before."""
    course = (
        event(1, -600, "BootStarted"),
        event(2, -599, "StateChanged", before="aborted", after="idle"),
        event(3, 480, "BootStarted"),
        event(4, 480, "StateChanged", before="aborted", after="idle"),
    )
    time = station_time(course, FIRST, LAST, LAST, lambda sequence: at(-599) if sequence == 3 else None)
    assert (time.off_s, time.working_s) == (480 * 60.0, 86_400.0 - 480 * 60.0)


def test_what_is_not_known_is_not_called_available() -> None:
    young = station_time(COURSE[2:3], FIRST, LAST, at(80), lambda _: None)
    assert (young.working_s, young.held_s, young.unknown_s) == (0.0, 1200.0, 86_400.0 - 1200.0)
    nothing = station_time((), FIRST, LAST, None, lambda _: None)
    assert (nothing.unknown_s, nothing.availability_pct) == (86_400.0, None)


@given(st.lists(st.tuples(st.floats(-100, 1500), st.sampled_from(["idle", "execute", "held", "aborted"])), max_size=20))
def test_every_second_of_a_period_is_told_once(turns: list[tuple[float, str]]) -> None:
    course = [
        event(number, minutes, "StateChanged", before="idle", after=after)
        for number, (minutes, after) in enumerate(sorted(turns), start=1)
    ]
    time = station_time(course, FIRST, LAST, LAST, lambda _: None)
    told = time.working_s + time.held_s + time.maintenance_s + time.unconfirmed_s + time.off_s + time.unknown_s
    assert abs(told - 86_400.0) < 1.0


def outage(code: str, source: str, begins_min: float, ends_min: float | None) -> AlarmPeriod:
    alarm = Alarm(f"{code}@{source}", code, source, Priority.HIGH, AlarmState.UNACKNOWLEDGED, at(begins_min))
    return AlarmPeriod(alarm, None if ends_min is None else at(ends_min))


def test_alarms_of_a_device_at_the_same_time_are_one_outage() -> None:
    told = [
        outage("ROBOT_FAULT", "robot", 10, 20),
        outage("DEVICE_FAULT", "robot:W1.3", 15, 30),
        outage("ROBOT_LINK_LOST", "robot", 100, 110),
        outage("BAY_LINK_LOST", "bay-3", -60, None),
        outage("BATTERY_HOT", "bay-4", 0, 500),
    ]
    bay, robot = device_figures(told, FIRST, LAST)
    assert (bay.device, bay.outages, bay.availability_pct, bay.mean_repair_s) == ("bay-3", 1, 0.0, None)
    assert (robot.device, robot.outages, robot.out_s, robot.mean_repair_s) == ("robot", 2, 1800.0, 900.0)
    assert robot.mean_up_s == 42_300.0, "a day less half an hour, two outages"
    assert robot.codes == ("DEVICE_FAULT", "ROBOT_FAULT", "ROBOT_LINK_LOST")
