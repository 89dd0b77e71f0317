"""The site's store: what it is told and why, what it is not told, what it leaves to the bays, its alarms."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.config.settings import Config, Site
from swapstation.energy.site_meter import MeterReading, MeterTrack
from swapstation.errors import InputError
from swapstation.model.charge_plan import ChargePlan
from swapstation.model.command import Command, SetStorePower, StopStore
from swapstation.model.fire import FireReaction, FireState
from swapstation.model.power import PowerLimit
from swapstation.model.seen import Seen
from swapstation.model.snapshot import Snapshot
from swapstation.model.store import StoreState
from swapstation.station.alarms import run_alarms
from swapstation.station.draft import Draft
from swapstation.station.memory import StoreMemory
from swapstation.station.plan_check import check_plan
from swapstation.station.power_memory import PowerMemory
from swapstation.station.store import RENEW_S, REPEAT_S, run_store
from swapstation.station.store_state import LEASE_S, store_kw, store_may_take_kw
from tests.station.situations import AT, config, draft, rules, snapshot, with_device, with_value

NOW_S = snapshot().now_s
SETTLED = StoreMemory(since_s=0.0, told_s=0.0, led_s=0.0)


def planned(store_kw: float | None, **told: Any) -> Snapshot:
    """A safe station that takes 200 kW, whose plan wants this of the store; `told` is what the store says."""
    now = replace(snapshot(), plan=ChargePlan("P1", AT, (), store_kw=store_kw))
    now = with_value(now, "meter", lambda meter: replace(meter, power_kw=200.0))
    return with_value(now, "store", lambda store: replace(store, **told))


def power(site_kw: float | None = 200.0, **changes: Any) -> PowerMemory:
    meter = MeterTrack(MeterReading(NOW_S - 0.1, 0.0, site_kw))
    return replace(PowerMemory(site_kw=site_kw, meter=meter), **changes)


def decided(now: Snapshot, memory: StoreMemory = SETTLED, of_site: PowerMemory | None = None) -> Draft:
    cycle = draft(now, store=memory, power=of_site or power())
    run_store(cycle)
    return cycle


def sent(cycle: Draft) -> list[Command]:
    return [each.command for each in cycle.sendings]


def reasons(cycle: Draft) -> list[str]:
    assert cycle.memory.store is not None
    return [reason.code for reason in cycle.memory.store.goal.reasons]


@pytest.mark.parametrize("store_kw", [80.0, -80.0])
def test_it_follows_the_plan(store_kw: float) -> None:
    cycle = decided(planned(store_kw))
    assert sent(cycle) == [SetStorePower(store_kw)]
    assert reasons(cycle) == ["store_follows_plan"]


@pytest.mark.parametrize(
    ("now", "of_site", "told", "why"),
    [
        (planned(None), power(), None, "store_no_plan"),
        (planned(0.2), power(), None, "store_plan_rests"),
        (planned(80.0, soc_pct=94.5), power(), None, "store_full"),
        (planned(-80.0, soc_pct=10.5), power(), None, "store_empty"),
        (planned(80.0, charge_limit_kw=30.0), power(), SetStorePower(30.0), "store_takes_less"),
        (planned(80.0), power(room_kw=50.0), SetStorePower(50.0), "store_import_short"),
        (planned(80.0), power(room_kw=-20.0), None, "store_import_short"),
        (planned(80.0), power(limit=PowerLimit(shed_level=3)), None, "store_shed"),
        (planned(-80.0), power(60.0), SetStorePower(-55.0), "store_export_short"),
        (planned(-80.0), power(None), None, "store_export_kept"),
        (planned(80.0, state=StoreState.FAULT), power(), None, "store_ready"),
        (planned(80.0, fault_code=2), power(), None, "store_ready"),
        (with_device(planned(80.0), "store", Seen()), power(), None, "store_ready"),
        (replace(planned(80.0), fire=FireState(FireReaction(("A@b",)))), power(), None, "no_fire_alarm"),
    ],
)
def test_what_bounds_it_is_its_reason(now: Snapshot, of_site: PowerMemory, told: Command | None, why: str) -> None:
    cycle = decided(now, of_site=of_site)
    assert [each for each in sent(cycle) if each != StopStore()] == ([told] if told else [])
    assert reasons(cycle) == [why]


@given(
    asked_kw=st.floats(-100.0, 100.0),
    told_kw=st.floats(-100.0, 100.0),
    site_kw=st.floats(-50.0, 500.0),
    shown_kw=st.floats(-100.0, 100.0),
    room_kw=st.floats(-50.0, 200.0),
    soc_pct=st.floats(0.0, 100.0),
    since_s=st.floats(0.0, 10.0),
)
def test_no_order_is_beyond_its_bounds(
    asked_kw: float, told_kw: float, site_kw: float, shown_kw: float, room_kw: float, soc_pct: float, since_s: float
) -> None:
    """Whatever is asked and seen: a rise is within the room, what is given within what the site takes."""
    memory = replace(SETTLED, told_kw=told_kw, since_s=NOW_S - since_s)
    now = planned(asked_kw, power_kw=shown_kw, soc_pct=soc_pct)
    for command in sent(decided(now, memory, power(site_kw, room_kw=room_kw))):
        if isinstance(command, SetStorePower):
            assert command.power_kw * asked_kw > 0.0
            assert abs(command.power_kw) <= abs(asked_kw) + 1e-9
            assert command.power_kw <= max(room_kw, 0.0) + 1e-9
            assert soc_pct > 10.0 if command.power_kw < 0.0 else soc_pct < 95.0
            rises = abs(command.power_kw) > abs(told_kw)
            assert not rises or command.power_kw > 0.0 or -command.power_kw <= site_kw - shown_kw + 1e-9


def test_it_turns_through_rest() -> None:
    cycle = decided(planned(-80.0, power_kw=80.0, setpoint_kw=80.0), replace(SETTLED, told_kw=80.0))
    assert sent(cycle) == [StopStore()]


def test_a_set_point_is_renewed_and_repeated_while_it_does_not_show() -> None:
    shown = planned(80.0, power_kw=80.0, setpoint_kw=80.0)
    for now, wait_s in ((shown, RENEW_S), (planned(80.0), REPEAT_S)):
        for ago_s, told in ((wait_s - 0.1, []), (wait_s, [SetStorePower(80.0)])):
            assert sent(decided(now, replace(SETTLED, told_kw=80.0, told_s=NOW_S - ago_s))) == told


def test_a_store_that_rests_as_it_should_is_left_alone_and_one_that_does_not_is_stopped() -> None:
    assert sent(decided(planned(None))) == []
    assert sent(decided(planned(None, power_kw=80.0, setpoint_kw=80.0))) == [StopStore()]


def test_what_it_may_take_counts_until_it_shows_less() -> None:
    told = replace(SETTLED, told_kw=20.0, most_kw=80.0, since_s=NOW_S - 0.5)
    early = draft(planned(20.0, power_kw=80.0, setpoint_kw=80.0), store=told)
    assert store_may_take_kw(early) == 80.0
    later = decided(planned(20.0, power_kw=20.0, setpoint_kw=20.0), replace(told, since_s=0.0))
    assert store_may_take_kw(later) == 20.0
    stuck = decided(planned(20.0, power_kw=90.0, setpoint_kw=20.0), replace(told, since_s=0.0))
    assert store_may_take_kw(stuck) == 90.0


def test_a_silent_store_counts_with_what_it_did_last_until_its_lease_ends() -> None:
    now = planned(80.0, power_kw=80.0)
    told = replace(SETTLED, told_kw=0.0, most_kw=80.0, led_s=NOW_S - 30.0)
    for age_s, kw in ((30.0, 80.0), (LEASE_S + 1.0, 0.0)):
        silent = with_device(now, "store", replace(now.store, age_s=age_s, quality=Seen().quality))
        assert store_kw(draft(silent, store=told)) == kw
        after = decided(silent, replace(told, led_s=NOW_S - age_s))
        assert store_may_take_kw(after) == kw


def test_a_store_that_was_never_heard_may_take_all_it_can_after_a_start() -> None:
    assert store_may_take_kw(draft(with_device(planned(80.0), "store", Seen()))) == 100.0


@pytest.mark.parametrize(
    ("now", "alarm", "after_s"),
    [
        (with_device(planned(None), "store", Seen()), "STORE_LINK_LOST@store", 3.0),
        (planned(None, fault_code=2), "STORE_FAULT@store", 1.0),
        (planned(None, power_kw=30.0), "STORE_FAULT@store", 10.0),
    ],
)
def test_a_store_that_cannot_be_used_is_an_alarm(now: Snapshot, alarm: str, after_s: float) -> None:
    cycle = draft(now, store=SETTLED)
    run_alarms(cycle)
    assert alarm not in {each.alarm for each in cycle.memory.alarms}
    later = replace(draft(replace(now, now_s=now.now_s + after_s)), memory=cycle.memory)
    run_alarms(later)
    assert alarm in {each.alarm for each in later.memory.alarms}


def without_store() -> Config:
    return replace(config(), store=None, site=Site())


@pytest.mark.parametrize(("of", "store_kw"), [(config(), 100.1), (config(), float("nan")), (without_store(), 1.0)])
def test_a_plan_for_a_store_that_cannot_do_it_is_refused(of: Config, store_kw: float) -> None:
    with pytest.raises(InputError, match="store_kw"):
        check_plan(ChargePlan("P1", AT, (), store_kw=store_kw), of, snapshot().inventory)


def test_a_site_without_a_store_tells_nobody_anything() -> None:
    cycle = replace(draft(planned(80.0)), rules=replace(rules(), config=without_store()))
    run_store(cycle)
    run_alarms(cycle)
    assert sent(cycle) == []
    assert cycle.memory.store is None
