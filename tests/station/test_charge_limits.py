"""Charging bays within the site limit: what a cycle sends to bays that charge, begin, hold back, or were found so."""

from __future__ import annotations

from dataclasses import replace

from swapstation.config.settings import Config, Site
from swapstation.model.command import Command, LimitCharge, StartCharge
from swapstation.model.device import ChargerState
from swapstation.model.seen import Quality, Seen
from swapstation.model.snapshot import Snapshot
from swapstation.station.charging import run_charging
from swapstation.station.draft import Draft
from swapstation.station.memory import ChargeMemory
from swapstation.station.power import run_power
from swapstation.station.site_power import told
from tests.station.situations import CHARGER_BAY, config, draft, rules, snapshot, with_battery, with_bay, with_value


def limited(site_kw: float) -> Config:
    return replace(config(), site=Site(site_kw, 1.0))


def charging(limit_kw: float, current_a: float) -> Snapshot:
    """Bay 2 while its charger charges at 600 V."""
    now = with_battery(snapshot(), "B2", soc_pct=50.0)
    now = with_value(now, "2.io", lambda io: replace(io, contactor_closed=True))
    return with_value(
        now,
        "2.charger",
        lambda charger: replace(
            charger, state=ChargerState.CHARGING, voltage_v=600.0, current_a=current_a, power_limit_kw=limit_kw
        ),
    )


def decided(now: Snapshot, site_kw: float, *charges: ChargeMemory) -> Draft:
    cycle = replace(draft(now, charges=charges), rules=replace(rules(), config=limited(site_kw)))
    run_power(cycle)
    run_charging(cycle)
    return cycle


def running(limit_kw: float, since_s: float = 0.0) -> ChargeMemory:
    return ChargeMemory(CHARGER_BAY, running=True, battery="B2", share=told(None, limit_kw, since_s))


def sent(cycle: Draft) -> list[Command]:
    return [each.command for each in cycle.sendings if isinstance(each.command, LimitCharge | StartCharge)]


def test_a_charge_that_takes_its_limit_gets_what_is_left() -> None:
    assert sent(decided(charging(100.0, 165.0), 180.0, running(100.0))) == [LimitCharge(CHARGER_BAY, 180.0)]


def test_a_slow_charger_keeps_what_it_takes_and_a_little_more() -> None:
    """It has had time to ramp up; what it leaves goes to the others."""
    assert sent(decided(charging(200.0, 100.0), 200.0, running(200.0))) == [
        LimitCharge(CHARGER_BAY, 80.0, raises=False)
    ]


def test_a_charge_that_begins_waits_until_the_other_has_shown_that_it_takes_less() -> None:
    both = with_battery(charging(200.0, 330.0), "B1", soc_pct=50.0)
    lowers = decided(both, 200.0, running(200.0))
    assert sent(lowers) == [LimitCharge(CHARGER_BAY, 185.0, raises=False)]
    assert lowers.memory.charge(1).order is None
    obeyed = with_battery(charging(185.0, 305.0), "B1", soc_pct=50.0)
    later = decided(replace(obeyed, now_s=obeyed.now_s + 2.0), 200.0, *lowers.memory.charges)
    order = later.memory.charge(1).order
    assert order is not None
    assert order.command == StartCharge(1, 95.0, 15.0)


def test_a_charger_found_charging_counts_with_the_limit_that_it_shows() -> None:
    share = decided(charging(120.0, 150.0), 200.0).memory.charge(CHARGER_BAY).share
    assert share is not None
    assert share.most_kw >= 120.0


def test_a_silent_charger_may_take_all_that_it_can() -> None:
    now = with_bay(charging(120.0, 150.0), CHARGER_BAY, charger=Seen(None, None, Quality.NEVER))
    share = decided(now, 400.0).memory.charge(CHARGER_BAY).share
    assert share is not None
    assert share.most_kw == 250.0


def test_without_a_site_limit_nobody_is_told() -> None:
    cycle = draft(charging(120.0, 150.0), charges=(ChargeMemory(CHARGER_BAY, running=True, battery="B2"),))
    run_power(cycle)
    run_charging(cycle)
    assert sent(cycle) == []
    assert cycle.memory.charge(CHARGER_BAY).share is None
