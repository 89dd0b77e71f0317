"""The careful course of caps never allows more than the exact limit of an instant does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import accumulate
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.energy.power_ahead import PowerAhead, power_ahead
from swapstation.energy.power_limits import SiteLimits, charging_limit_kw, limit_at
from swapstation.model.dispatch import SITE, Dispatch, DispatchKind, DispatchSource

AT = datetime(2026, 11, 30, 8, tzinfo=UTC)
OTHER_KW = 45.0
LIMITS = SiteLimits(2000.0, 1600.0, OTHER_KW, 2500.0, feeders=(("A", 700.0),))
KINDS = {
    DispatchKind.IMPORT_CAP: st.floats(0.0, 2500.0),
    DispatchKind.SETPOINT: st.floats(-100.0, 2500.0),
    DispatchKind.SHED_LEVEL: st.sampled_from([0.0, 1.0, 2.0, 3.0]),
    DispatchKind.EXPORT_CAP: st.floats(0.0, 500.0),
}


@st.composite
def dispatches(draw: st.DrawFn) -> tuple[Dispatch, ...]:
    found = []
    for number in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(list(KINDS)))
        starts_at = AT + timedelta(minutes=draw(st.integers(-120, 300)))
        node = draw(st.sampled_from([SITE, "A"])) if kind is DispatchKind.IMPORT_CAP else SITE
        found.append(
            Dispatch(
                f"D{number}",
                draw(st.sampled_from(list(DispatchSource))),
                kind,
                draw(KINDS[kind]),
                starts_at,
                starts_at + timedelta(minutes=draw(st.integers(1, 300))),
                AT,
                ramp_kw_per_min=draw(st.none() | st.floats(5.0, 500.0)) if node == SITE else None,
                fallback_kw=draw(st.none() | st.floats(0.0, 2500.0)),
                node=node,
            )
        )
    return tuple(found)


def allowed_kw(ahead: PowerAhead | None, after_s: float) -> float:
    return inf if ahead is None else next(kw for until_s, kw in ahead.stretches if after_s < until_s)


@given(dispatches(), st.integers(0, 40_000), st.booleans())
def test_at_no_instant_it_allows_more_than_the_limit_then(
    known: tuple[Dispatch, ...], after_s: int, quiet: bool
) -> None:
    silent = frozenset({"D0"}) if quiet else frozenset()
    ahead = power_ahead(LIMITS, known, silent, AT, {SITE: OTHER_KW})
    exact = limit_at(LIMITS, known, (AT + timedelta(seconds=after_s),), silent)
    site_kw, feeder = charging_limit_kw(exact, OTHER_KW), exact.node("A")
    assert site_kw is not None
    assert feeder is not None
    assert allowed_kw(ahead.get(SITE), after_s) <= site_kw + 1e-6
    assert allowed_kw(ahead.get("A"), after_s) <= feeder.kw + 1e-6


def test_how_long_a_charge_takes_is_counted_over_the_stretches() -> None:
    ahead = PowerAhead(((3600.0, 100.0), (7200.0, 0.0), (inf, 200.0)))
    assert [ahead.needs_s(kwh) for kwh in (0.0, 50.0, 100.0)] == [0.0, 1800.0, 3600.0]
    assert ahead.needs_s(200.0) == pytest.approx(7200.0 + 1800.0)
    assert PowerAhead(((inf, 0.0),)).needs_s(1.0) == inf


COURSES = st.lists(st.tuples(st.floats(60.0, 7200.0), st.sampled_from([0.0, 50.0, 300.0])), max_size=4)


@given(COURSES, st.floats(0.0, 800.0), st.floats(0.0, 40_000.0))
def test_what_waits_so_long_is_just_done_in_time(found: list[tuple[float, float]], kwh: float, due_s: float) -> None:
    ends_s = list(accumulate(length_s for length_s, _ in found))
    ahead = PowerAhead((*((until_s, kw) for until_s, (_, kw) in zip(ends_s, found, strict=True)), (inf, 100.0)))
    spare_s = ahead.spare_s(kwh, due_s)
    assert (spare_s >= 0.0) == (ahead.needs_s(kwh) <= due_s)
    if spare_s < 0.0:
        return
    begins_s = [0.0, *ends_s]
    left_kwh = sum(
        kw * max(min(until_s, due_s) - max(begin_s, spare_s), 0.0) / 3600.0
        for begin_s, (until_s, kw) in zip(begins_s, ahead.stretches, strict=True)
    )
    assert left_kwh == pytest.approx(kwh, abs=1e-6) if kwh > 0.0 else spare_s == due_s


def test_a_site_without_any_cap_has_no_course() -> None:
    assert power_ahead(SiteLimits(None, None, OTHER_KW, 2500.0), (), frozenset(), AT, {}) == {}
