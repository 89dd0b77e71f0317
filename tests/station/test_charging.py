"""Charging: begins when a sound battery is low, ends at its target or the first doubt, and tries again in measure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.model.command import Command, SetModules, ShutModules, StartCharge, StopCharge
from swapstation.model.device import ChargePhase, ChargerState
from swapstation.model.journal import ChargeEnded, ChargeStarted, IntentRecorded, IntentResolved, Outcome
from swapstation.model.seen import Seen
from swapstation.model.snapshot import ModuleDemand, Snapshot
from swapstation.station.alarms import run_alarms
from swapstation.station.charge_state import START_PATIENCE_S
from swapstation.station.charging import MAX_FAILURES, RETRY_S, run_charging
from swapstation.station.draft import Draft
from swapstation.station.memory import ChargeMemory
from swapstation.station.situation import Order, OrderPhase
from tests.station.situations import (
    CHARGER_BAY,
    FRESH_BAY,
    charging,
    config,
    device,
    draft,
    low,
    snapshot,
    stale,
    swapping,
    with_battery,
    with_bay,
    with_device,
    with_value,
)

TARGET_PCT = config().limits.charge_target_soc_pct
Unsafe = Callable[[Snapshot], Snapshot]


def _charger_charging() -> Snapshot:
    """Bay 2 while its charger charges."""
    now = with_value(snapshot(), "2.charger", lambda charger: replace(charger, state=ChargerState.CHARGING))
    return with_battery(now, "B2", soc_pct=50.0)


def _decided(now: Snapshot, **memory: Any) -> Draft:
    cycle = draft(now, **memory)
    run_charging(cycle)
    return cycle


def _sent(cycle: Draft) -> list[Command]:
    return [sending.command for sending in cycle.sendings]


def _intended(cycle: Draft) -> list[str]:
    return [record.command for record in cycle.records if isinstance(record, IntentRecorded)]


@pytest.mark.parametrize(
    ("soc_pct", "starts"), [(50.0, True), (TARGET_PCT - 3.1, True), (TARGET_PCT - 3.0, False), (100.0, False)]
)
def test_a_charge_begins_only_well_below_the_target(soc_pct: float, starts: bool) -> None:
    assert (_intended(_decided(low(snapshot(), soc_pct))) == ["StartCharge"]) is starts


def test_a_battery_of_unknown_soc_is_charged() -> None:
    assert _intended(_decided(with_battery(snapshot(), "B1", soc_pct=None))) == ["StartCharge"]


def test_a_start_leaves_once_its_intent_is_durable_and_is_recorded() -> None:
    first = _decided(low(snapshot()))
    order = first.memory.charge(FRESH_BAY).order
    assert order is not None
    now = low(snapshot())
    waiting = _decided(now, charges=first.memory.charges)
    assert _sent(waiting) == []
    now = replace(now, inventory=replace(now.inventory, next_command_id=order.command_id + 1))
    sent = _decided(now, charges=first.memory.charges)
    assert [(each.command, each.command_id) for each in sent.sendings] == [
        (StartCharge(FRESH_BAY, TARGET_PCT, 250.0), order.command_id)
    ]
    assert any(isinstance(record, ChargeStarted) for record in sent.records)


@pytest.mark.parametrize(
    "unsafe",
    [
        lambda now: with_value(now, "1.io", lambda io: replace(io, smoke=True)),
        lambda now: with_value(now, "1.io", lambda io: replace(io, temperature_c=61.0)),
        lambda now: with_value(now, "1.io", lambda io: replace(io, connector_mated=False)),
        lambda now: with_value(now, "safety", lambda safety: replace(safety, fire_ok=False)),
        lambda now: with_battery(now, "B1", quarantined=True),
        lambda now: with_battery(now, "B1", doubtful=True),
        lambda now: with_bay(now, 1, battery=None),
        lambda now: with_device(now, "1.io", stale(device(now, "1.io"))),
        lambda now: with_device(now, "1.io", Seen()),
        lambda now: with_value(now, "1.charge", lambda charge: replace(charge, max_temperature_c=56.0)),
        lambda now: with_value(now, "1.charge", lambda charge: replace(charge, serial=77)),
        lambda now: with_value(now, "1.charge", lambda charge: replace(charge, bms_age_s=1.5)),
    ],
    ids=[
        "smoke",
        "hot bay",
        "unplugged",
        "fire chain",
        "quarantined",
        "doubtful",
        "not on record",
        "rack I/O stale",
        "rack I/O never seen",
        "hot battery",
        "another battery",
        "BMS silent",
    ],
)
def test_any_doubt_ends_a_charge_within_one_cycle(unsafe: Unsafe) -> None:
    sent = _sent(_decided(unsafe(charging())))
    assert StopCharge(FRESH_BAY) in sent
    assert ShutModules(FRESH_BAY) in sent
    assert not any(isinstance(command, SetModules) for command in sent)


def test_a_sound_charge_renews_the_lease_of_its_modules() -> None:
    assert _sent(_decided(charging())) == [SetModules(FRESH_BAY, 600.0, 200.0)]


def test_a_charge_ends_at_its_target() -> None:
    assert StopCharge(FRESH_BAY, reached=True) in _sent(_decided(charging(TARGET_PCT)))


def test_a_stop_is_repeated_every_second_not_every_cycle() -> None:
    charges = (ChargeMemory(FRESH_BAY, running=True, battery="B1", last_stop_s=99.5),)
    assert StopCharge(FRESH_BAY, reached=True) not in _sent(_decided(charging(TARGET_PCT), charges=charges))
    charges = (ChargeMemory(FRESH_BAY, running=True, battery="B1", last_stop_s=98.9),)
    assert StopCharge(FRESH_BAY, reached=True) in _sent(_decided(charging(TARGET_PCT), charges=charges))


def test_the_battery_that_a_swap_needs_is_not_charged_and_its_charge_ends() -> None:
    needed = swapping().inventory
    assert _intended(_decided(low(swapping()))) == []
    assert StopCharge(FRESH_BAY) in _sent(_decided(replace(charging(), inventory=needed)))


@pytest.mark.parametrize(("phase", "sent"), [(OrderPhase.JOURNALLING, []), (OrderPhase.SENT, [StopCharge(FRESH_BAY)])])
def test_a_start_under_way_is_called_off_when_a_swap_needs_the_battery(phase: OrderPhase, sent: list[Command]) -> None:
    """A start that was sent may still come up, so a stop follows it."""
    order = Order(5, StartCharge(FRESH_BAY, TARGET_PCT, 250.0), "charge", phase, 99.9)
    now = low(swapping())
    now = replace(now, inventory=replace(now.inventory, next_command_id=6))
    cycle = _decided(now, charges=(ChargeMemory(FRESH_BAY, order=order, battery="B1"),))
    assert _sent(cycle) == sent
    assert IntentResolved(5, Outcome.DROPPED, "needed by a swap") in cycle.records
    assert cycle.memory.charge(FRESH_BAY).order is None


def _sent_start(now_s: float) -> Order:
    return Order(5, StartCharge(FRESH_BAY, TARGET_PCT, 250.0), "charge", OrderPhase.SENT, now_s)


def test_failed_starts_wait_longer_each_time_and_end_in_an_alarm() -> None:
    now, charge = low(snapshot()), ChargeMemory(FRESH_BAY, battery="B1")
    for failures in range(1, MAX_FAILURES + 1):
        charge = replace(charge, order=_sent_start(now.now_s))
        now = replace(now, now_s=now.now_s + START_PATIENCE_S)
        charge = _decided(now, charges=(charge,)).memory.charge(FRESH_BAY)
        assert (charge.failures, charge.order) == (failures, None)
        assert charge.retry_at_s == now.now_s + RETRY_S * failures
        early = replace(now, now_s=charge.retry_at_s - 0.1)
        assert _intended(_decided(early, charges=(charge,))) == []
    later = replace(now, now_s=now.now_s + 3600.0)
    given_up = _decided(later, charges=(charge,))
    assert _intended(given_up) == []
    run_alarms(given_up)
    assert "CHARGE_FAILED@bay-1" in {alarm.alarm for alarm in given_up.memory.alarms}


def test_plugging_a_battery_anew_gives_it_new_tries() -> None:
    """As the text of CHARGE_FAILED tells people to do."""
    failed = ChargeMemory(FRESH_BAY, battery="B1", failures=MAX_FAILURES, retry_at_s=1e9)
    unplugged = with_value(low(snapshot()), "1.io", lambda io: replace(io, connector_mated=False))
    charge = _decided(unplugged, charges=(failed,)).memory.charge(FRESH_BAY)
    assert _intended(_decided(low(snapshot()), charges=(charge,))) == ["StartCharge"]


@pytest.mark.parametrize(
    ("device_path", "ended"),
    [("1.charge", {"phase": ChargePhase.ERROR}), ("1.charge", {"phase": ChargePhase.END, "timeouts": ("BCS",)})],
    ids=["error", "timeout"],
)
def test_a_charge_that_ends_in_an_error_counts_as_a_failure(device_path: str, ended: dict[str, Any]) -> None:
    now = with_value(low(snapshot()), device_path, lambda value: replace(value, **ended))
    charges = (ChargeMemory(FRESH_BAY, running=True, battery="B1"),)
    cycle = _decided(now, charges=charges)
    assert cycle.memory.charge(FRESH_BAY).failures == 1
    assert any(isinstance(record, ChargeEnded) for record in cycle.records)


def test_a_charger_that_ends_in_a_fault_counts_as_a_failure() -> None:
    now = with_value(_charger_charging(), "2.charger", lambda charger: replace(charger, state=ChargerState.FAULT))
    cycle = _decided(now, charges=(ChargeMemory(CHARGER_BAY, running=True, battery="B2"),))
    assert cycle.memory.charge(CHARGER_BAY).failures == 1


def test_a_charge_that_ends_well_clears_the_failures() -> None:
    now = with_value(low(snapshot(), 95.0), "1.charge", lambda charge: replace(charge, phase=ChargePhase.END))
    cycle = _decided(now, charges=(ChargeMemory(FRESH_BAY, running=True, battery="B1", failures=2),))
    charge = cycle.memory.charge(FRESH_BAY)
    assert replace(charge, goal=None) == ChargeMemory(FRESH_BAY, battery="B1")


@pytest.mark.parametrize("lost", [stale, lambda seen: Seen()], ids=["stale", "never"])
def test_a_charger_that_is_silent_is_taken_as_still_charging(lost: Callable[[Seen[Any]], Seen[Any]]) -> None:
    """Assume the current still flows until the charger says otherwise; order nothing new meanwhile."""
    now = _charger_charging()
    silent = with_device(now, "2.charger", lost(device(now, "2.charger")))
    cycle = _decided(silent, charges=(ChargeMemory(CHARGER_BAY, running=True, battery="B2"),))
    assert cycle.memory.charge(CHARGER_BAY).running
    assert cycle.records == []
    assert _intended(_decided(silent)) == []


def test_smoke_stops_a_charger_that_is_silent() -> None:
    now = with_device(_charger_charging(), "2.charger", Seen())
    smoking = with_value(now, "2.io", lambda io: replace(io, smoke=True))
    cycle = _decided(smoking, charges=(ChargeMemory(CHARGER_BAY, running=True, battery="B2"),))
    assert StopCharge(CHARGER_BAY) in _sent(cycle)


def test_a_quarantined_battery_is_never_charged() -> None:
    assert _intended(_decided(with_battery(low(snapshot()), "B1", quarantined=True))) == []


def test_nothing_begins_while_the_database_cannot_be_written() -> None:
    assert _intended(_decided(replace(low(snapshot()), journal_error="disk full"))) == []


def test_the_isolation_place_is_never_charged() -> None:
    now = with_bay(low(snapshot()), 9, battery="B1", io=device(snapshot(), "1.io"))
    assert {record.parameters for record in _decided(now).records if isinstance(record, IntentRecorded)} == {
        '{"bay": 1, "power_limit_kw": 250.0, "target_soc_pct": 95.0}'
    }


@given(
    voltage_v=st.floats(0.0, 2000.0),
    current_a=st.floats(0.0, 1000.0),
)
def test_a_set_point_never_exceeds_the_bay(voltage_v: float, current_a: float) -> None:
    bay = config().bay(FRESH_BAY)
    now = with_bay(charging(), FRESH_BAY, demand=ModuleDemand(True, voltage_v, current_a))
    (command,) = _sent(_decided(now))
    assert isinstance(command, SetModules)
    assert command.voltage_v <= bay.max_voltage_v
    assert command.current_a <= min(bay.max_current_a, current_a)
    assert command.voltage_v * command.current_a <= bay.max_power_kw * 1000.0 * (1 + 1e-9)


def test_without_demand_modules_that_are_not_off_are_shut() -> None:
    idle = with_bay(charging(), FRESH_BAY, demand=ModuleDemand())
    assert ShutModules(FRESH_BAY) in _sent(_decided(idle))
    assert ShutModules(FRESH_BAY) in _sent(_decided(with_device(snapshot(), "1.modules", Seen())))
    assert ShutModules(FRESH_BAY) not in _sent(_decided(snapshot()))


def test_no_current_flows_before_the_battery_has_told_its_temperature() -> None:
    silent = with_value(charging(), "1.charge", lambda charge: replace(charge, max_temperature_c=None))
    (set_point,) = [each for each in _sent(_decided(silent)) if isinstance(each, SetModules) and each.bay == FRESH_BAY]
    assert set_point.current_a == 0.0
