"""What can be promised while no plan counts: ready batteries at once, others when careful charging has them ready."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from swapstation.config.settings import Planner, Site
from swapstation.energy.without_plan import free_without_plan
from swapstation.model.dispatch import Dispatch, DispatchKind, DispatchSource
from swapstation.model.snapshot import Snapshot
from swapstation.planner.planning import plan_of
from tests.planner.test_planning import AT, CONFIG, MODEL, PROMISE, around, station
from tests.server.station_sample import SOC_PCT

NO_RESERVE = replace(CONFIG, planner=Planner(reserve_batteries=0))
READY = sum(soc_pct >= 90.0 for soc_pct in SOC_PCT.values())


def free(now: Snapshot, site: Site = NO_RESERVE.site, soc_pct: float = 90.0, reserve: int = 0) -> list[int]:
    config = replace(NO_RESERVE, site=site, planner=Planner(reserve_batteries=reserve))
    return [row.free for row in free_without_plan(now, config, MODEL, soc_pct)]


def test_what_is_ready_is_free_at_once_and_the_others_are_later() -> None:
    rows = free_without_plan(station(), NO_RESERVE, MODEL, 90.0)
    assert (rows[0].at, rows[0].free) == (AT, READY)
    assert (rows[-1].at - AT, rows[-1].free) == (timedelta(hours=8), len(SOC_PCT))
    assert free(station()) == sorted(free(station())), "nothing is lost by waiting"


def test_promises_and_the_reserve_are_left_out() -> None:
    assert free(station(replace(PROMISE, needed_at=AT, soc_pct=90.0)))[0] == READY - 1
    assert free(station(), reserve=1)[0] == READY - 1


def test_caps_that_come_count_from_when_they_come() -> None:
    starts_at = AT + timedelta(minutes=5)
    shed = Dispatch(
        "D1", DispatchSource.VPP, DispatchKind.IMPORT_CAP, 0.0, starts_at, starts_at + timedelta(hours=24), AT
    )
    now = station()
    capped = free(replace(now, inventory=replace(now.inventory, dispatches=(shed,))))
    assert capped[0] == READY
    assert capped[-1] < free(now)[-1]


@pytest.mark.parametrize("soc_pct", [70.0, 90.0])
@pytest.mark.parametrize("site_kw", [150.0, 400.0, 1200.0])
def test_it_tells_no_more_than_the_plan_does(site_kw: float, soc_pct: float) -> None:
    """The plan's own table is reckoned at full power."""
    config = replace(CONFIG, site=Site(power_kw=site_kw))
    told = plan_of(station(), config, around(None)).available(MODEL, soc_pct)
    careful = {row.at: row.free for row in free_without_plan(station(), config, MODEL, soc_pct)}
    assert told
    assert all(careful[row.at] <= row.free for row in told)
