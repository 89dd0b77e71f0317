"""Arbitration of the site's power limits: never above a cap in force, whatever records there are and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.config.file import load_config
from swapstation.energy.power_limits import SiteLimits, charging_limit_kw, limit_at, limit_course, over_at, site_limits
from swapstation.errors import InputError
from swapstation.model.dispatch import Dispatch, DispatchKind, DispatchSource, check_dispatch
from swapstation.model.power import PowerLimit

EXAMPLES = Path(__file__).parents[2] / "examples"
NOON = datetime(2026, 5, 1, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SITE = SiteLimits(import_kw=2000.0, charging_kw=1600.0, other_kw=45.0, most_kw=3000.0)
CAP = Dispatch("d1", DispatchSource.VPP, DispatchKind.IMPORT_CAP, 800.0, NOON, NOON + HOUR, NOON)
UNLIMITED = replace(SITE, import_kw=None, charging_kw=None)

_ids = st.integers(0, 5).map(lambda number: f"d{number}")
_times = st.integers(-7200, 7200).map(lambda seconds: NOON + timedelta(seconds=seconds))
_kinds = st.sampled_from([DispatchKind.IMPORT_CAP, DispatchKind.SETPOINT, DispatchKind.SHED_LEVEL])


@st.composite
def records(draw: st.DrawFn) -> Dispatch:
    kind = draw(_kinds)
    value = float(draw(st.integers(0, 3) if kind is DispatchKind.SHED_LEVEL else st.integers(0, 3000)))
    starts_at = draw(_times)
    fallback_kw = draw(st.none() | st.floats(0.0, 3000.0))
    return Dispatch(
        draw(_ids),
        draw(st.sampled_from(DispatchSource)),
        kind,
        value,
        starts_at,
        starts_at + timedelta(seconds=draw(st.integers(1, 7200))),
        NOON,
        ramp_kw_per_min=draw(st.none() | st.floats(1.0, 500.0)),
        fallback_kw=fallback_kw,
        renew_s=None if fallback_kw is None else 60.0,
    )


def test_the_contract_counts_without_any_record() -> None:
    limit = limit_at(SITE, [], (NOON,))
    assert (limit.import_kw, limit.charging_kw) == (2000.0, 1600.0)
    assert [cause.code for cause in limit.causes] == ["limit_contract", "limit_charging"]
    assert charging_limit_kw(limit, 45.0) == 1600.0
    assert charging_limit_kw(limit, 500.0) == 1500.0


def test_a_site_without_caps_and_records_has_no_limit() -> None:
    assert limit_at(UNLIMITED, [], (NOON,)) == PowerLimit()


def test_a_site_may_feed_back_what_its_settings_and_its_records_both_allow() -> None:
    config = load_config(EXAMPLES / "station.toml")
    site = site_limits(replace(config, site=replace(config.site, export_kw=200.0)))
    export = replace(CAP, kind=DispatchKind.EXPORT_CAP, value=50.0)
    assert limit_at(site, [], (NOON,)).export_kw == 200.0
    assert limit_at(site, [export], (NOON,)).export_kw == 50.0
    assert limit_at(site, [replace(export, value=900.0)], (NOON,)).export_kw == 200.0


def test_a_cap_counts_from_its_start_until_before_its_end() -> None:
    course = [limit_at(SITE, [CAP], (at,)).import_kw for at in (NOON - HOUR / 60, NOON, NOON + HOUR - HOUR / 60)]
    assert course == [2000.0, 800.0, 800.0]
    assert limit_at(SITE, [CAP], (NOON + HOUR,)).import_kw == 2000.0


def test_a_silent_channel_leads_to_the_fallback_until_the_end() -> None:
    record = replace(CAP, value=200.0, renew_s=60.0, fallback_kw=900.0)
    silent = limit_at(SITE, [record], (NOON,), frozenset({"d1"}))
    assert (silent.import_kw, silent.causes[0].code) == (900.0, "limit_fallback")
    assert limit_at(SITE, [record], (NOON + HOUR,), frozenset({"d1"})).import_kw == 2000.0


def test_a_ramp_moves_the_limit_down_and_up_again() -> None:
    record = replace(CAP, ramp_kw_per_min=100.0)
    minutes = [limit_at(SITE, [record], (NOON + timedelta(minutes=each),)).import_kw for each in (0, 2, 20, 60, 65, 90)]
    base_kw = SITE.base_kw
    assert minutes == [base_kw, base_kw - 200.0, 800.0, 800.0, 1300.0, 2000.0]
    assert over_at(SITE, record) == NOON + HOUR + timedelta(minutes=(base_kw - 800.0) / 100.0)


def test_of_equal_caps_people_are_told_the_one_of_the_highest_rank() -> None:
    caps = [replace(CAP, dispatch=source, source=source, value=2000.0) for source in DispatchSource]
    causes = [cause.dispatch for cause in limit_at(SITE, caps, (NOON,)).causes]
    assert causes == ["safety", "grid_emergency", "", "operator", "vpp", "openadr", "ocpp", ""]


def test_the_set_point_of_the_highest_rank_counts_and_no_other() -> None:
    low = replace(CAP, dispatch="low", source=DispatchSource.OCPP, kind=DispatchKind.SETPOINT, value=100.0)
    high = replace(low, dispatch="high", source=DispatchSource.OPERATOR, value=900.0)
    limit = limit_at(SITE, [low, high], (NOON,))
    assert (limit.setpoint_kw, limit.import_kw) == (900.0, 900.0)


def test_a_set_point_to_feed_back_leaves_no_import_and_is_told() -> None:
    record = replace(CAP, kind=DispatchKind.SETPOINT, value=-300.0)
    limit = limit_at(SITE, [record], (NOON,))
    assert (limit.setpoint_kw, limit.import_kw) == (-300.0, 0.0)


@pytest.mark.parametrize(("level", "left_kw"), [(0, 2000.0), (1, 1151.5), (2, 658.0), (3, 0.0)])
def test_levels_of_shedding_leave_a_share_of_the_own_cap(level: int, left_kw: float) -> None:
    record = replace(CAP, kind=DispatchKind.SHED_LEVEL, value=float(level))
    limit = limit_at(SITE, [record], (NOON,))
    assert limit.import_kw == pytest.approx(left_kw)
    assert limit.shed_level == level


def test_a_feeders_cap_and_its_record_combine_by_minimum() -> None:
    site = replace(SITE, feeders=(("east", 600.0), ("west", 500.0)))
    limit = limit_at(site, [replace(CAP, node="west", value=300.0)], (NOON,))
    assert [(node.node, node.kw, node.cause.dispatch) for node in limit.nodes] == [
        ("east", 600.0, ""),
        ("west", 300.0, "d1"),
    ]
    assert limit.import_kw == 2000.0


@given(st.lists(records(), max_size=6), _times, st.sets(_ids))
def test_the_limit_is_never_above_a_cap_in_force(dispatches: list[Dispatch], at: datetime, silent: set[str]) -> None:
    limit = limit_at(SITE, dispatches, (at,), frozenset(silent))
    assert limit.import_kw is not None
    assert limit.import_kw <= 2000.0
    for record in dispatches:
        alone = limit_at(SITE, [record], (at,), frozenset(silent)).import_kw
        if record.kind is not DispatchKind.SETPOINT:
            assert alone is not None
            assert limit.import_kw <= alone
        unramped = record.ramp_kw_per_min is None and record.dispatch not in silent
        if unramped and record.kind is DispatchKind.IMPORT_CAP and record.starts_at <= at < record.ends_at:
            assert limit.import_kw <= record.value
    assert limit.setpoint_kw is None or limit.setpoint_kw <= limit.import_kw


@given(st.lists(records(), max_size=6), st.permutations(range(6)), _times)
def test_the_order_of_the_records_does_not_matter(dispatches: list[Dispatch], order: list[int], at: datetime) -> None:
    apart = [replace(each, dispatch=f"d{number}") for number, each in enumerate(dispatches)]
    shuffled = [apart[number] for number in order if number < len(apart)]
    assert limit_at(SITE, apart, (at,)) == limit_at(SITE, shuffled, (at,))


@given(records(), st.booleans())
def test_nothing_of_a_record_is_left_once_it_is_over(record: Dispatch, silent: bool) -> None:
    names = frozenset({record.dispatch} if silent else ())
    assert limit_at(SITE, [record], (over_at(SITE, record),), names) == limit_at(SITE, [], (NOON,))
    assert limit_at(SITE, [record], (record.starts_at - timedelta(seconds=1),), names) == limit_at(SITE, [], (NOON,))


@given(records(), st.integers(0, 7200), st.floats(0.1, 120.0))
def test_a_ramped_limit_moves_no_faster_than_its_ramp(record: Dispatch, at_s: int, step_s: float) -> None:
    ramped = replace(record, ramp_kw_per_min=record.ramp_kw_per_min or 60.0)
    at = record.starts_at + timedelta(seconds=at_s)
    one, other = (limit_at(UNLIMITED, [ramped], (at + timedelta(seconds=each),)).import_kw for each in (0.0, step_s))
    assert ramped.ramp_kw_per_min is not None
    moved_kw = abs((UNLIMITED.base_kw if one is None else one) - (UNLIMITED.base_kw if other is None else other))
    inside = record.kind is DispatchKind.SHED_LEVEL or record.value <= UNLIMITED.base_kw
    assert not inside or moved_kw <= ramped.ramp_kw_per_min * step_s / 60.0 + 1e-3


@given(st.lists(records(), max_size=4), st.lists(st.sampled_from([300.0, 900.0, 41.5]), min_size=1, max_size=12))
def test_no_instant_of_a_step_allows_less_than_the_course_says(dispatches: list[Dispatch], steps: list[float]) -> None:
    begins_at = NOON - timedelta(minutes=40)
    for length_s, step in zip(steps, limit_course(SITE, dispatches, begins_at, steps), strict=True):
        for part in (0.0, 0.31, 0.77, 0.999):
            limit = limit_at(SITE, dispatches, (begins_at + timedelta(seconds=length_s * part),))
            assert step.import_kw is not None
            assert limit.import_kw is not None
            assert step.import_kw <= limit.import_kw + 1e-9
        begins_at += timedelta(seconds=length_s)


def test_the_course_tells_what_is_left_for_charging() -> None:
    course = limit_course(SITE, [CAP], NOON - HOUR, (3600.0, 1800.0, 1800.0, 900.0), other_kw=100.0)
    assert [(each.import_kw, each.charging_kw) for each in course] == [
        (2000.0, 1600.0),
        (800.0, 700.0),
        (800.0, 700.0),
        (2000.0, 1600.0),
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"dispatch": "-x"}, "dispatch"),
        ({"value": float("nan")}, "value"),
        ({"value": -1.0}, "value"),
        ({"kind": DispatchKind.SHED_LEVEL, "value": 1.5}, "value"),
        ({"ends_at": NOON}, "ends_at"),
        ({"ends_at": NOON + timedelta(days=400)}, "ends_at"),
        ({"starts_at": datetime(2026, 5, 1)}, "starts_at"),  # noqa: DTZ001
        ({"ramp_kw_per_min": 0.0}, "ramp_kw_per_min"),
        ({"renew_s": 60.0}, "fallback_kw"),
        ({"fallback_kw": 5.0}, "fallback_kw"),
        ({"renew_s": 1.0, "fallback_kw": 5.0}, "renew_s"),
        ({"node": "east", "kind": DispatchKind.EXPORT_CAP}, "node"),
        ({"signature": "x" * 4097}, "signature"),
    ],
)
def test_a_record_that_makes_no_sense_is_refused_by_the_name_of_its_field(
    changes: dict[str, object], field: str
) -> None:
    with pytest.raises(InputError) as refusal:
        check_dispatch(replace(CAP, **changes))  # type: ignore[arg-type]
    assert refusal.value.field == field
