"""Discharge of spares: only where charger and model declare it, only as planned, and over at the first reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from swapstation.model.charge_plan import ChargePlan, PlannedBay
from swapstation.model.command import Command, DischargeBattery, StopCharge
from swapstation.model.device import ChargerState
from swapstation.model.discharged import BatteryDischarged
from swapstation.model.inventory import Hold, HoldKind
from swapstation.model.journal import BatteryMeasured, IntentRecorded, IntentResolved, Outcome, Record
from swapstation.model.power import PowerLimit
from swapstation.model.seen import Quality, Seen
from swapstation.model.snapshot import ChargerAbilities, Snapshot
from swapstation.station.charging import run_charging
from swapstation.station.discharge import PATIENCE_S, RENEW_S, REST_S, run_discharge
from swapstation.station.draft import Draft
from swapstation.station.memory import ChargeMemory, DischargeMemory
from swapstation.station.permit import permit
from swapstation.station.power_memory import PowerMemory
from swapstation.station.situation import Order, OrderPhase
from tests.station.situations import (
    AT,
    FRESH_BAY,
    discharging,
    draft,
    swapping,
    with_battery,
    with_bay,
    with_value,
)

ORDER = Order(5, DischargeBattery(FRESH_BAY, 50.0, 40.0), "discharge", OrderPhase.SENT, 99.0)
SENT = DischargeMemory(FRESH_BAY, ORDER, told_s=99.0)


def asked(power_kw: float = -50.0, soc_pct: float = 90.0) -> Snapshot:
    """The plan wants bay 1's battery to give power."""
    now = with_value(discharging(), "1.charger", lambda each: replace(each, state=ChargerState.IDLE, current_a=0.0))
    now = with_battery(now, "B1", soc_pct=soc_pct)
    now = with_value(now, "1.charge", lambda each: replace(each, soc_pct=soc_pct))
    return replace(now, plan=ChargePlan("P1", AT, (PlannedBay(FRESH_BAY, "B1", power_kw, soc_pct),)))


def running(now: Snapshot) -> Snapshot:
    return with_value(
        now,
        "1.charger",
        lambda each: replace(each, state=ChargerState.DISCHARGING, voltage_v=600.0, current_a=-80.0),
    )


def decided(now: Snapshot, *discharges: DischargeMemory, **memory: Any) -> Draft:
    cycle = draft(now, discharges=discharges, **memory)
    run_charging(cycle)
    run_discharge(cycle)
    return cycle


def exporting(now: Snapshot, cap_kw: float, *discharges: DischargeMemory) -> Draft:
    """The site may feed back 300 kW by its settings and takes 20 kW; a dispatch record caps the export."""
    feeding = with_value(now, "meter", lambda meter: replace(meter, power_kw=20.0))
    power = PowerMemory(limit=PowerLimit(export_kw=cap_kw))
    cycle = draft(feeding, discharges=discharges, power=power)
    site = replace(cycle.rules.config.site, export_kw=300.0)
    cycle.rules = replace(cycle.rules, config=replace(cycle.rules.config, site=site))
    run_charging(cycle)
    run_discharge(cycle)
    return cycle


def sent(cycle: Draft) -> list[Command]:
    return [each.command for each in cycle.sendings if isinstance(each.command, DischargeBattery | StopCharge)]


def test_a_discharge_is_written_down_before_it_is_ordered() -> None:
    cycle = decided(asked())
    assert sent(cycle) == []
    (intent,) = (record for record in cycle.records if isinstance(record, IntentRecorded))
    assert intent.command == "DischargeBattery"
    durable = replace(asked(), inventory=replace(asked().inventory, next_command_id=intent.command_id + 1))
    assert sent(decided(durable, *cycle.memory.discharges)) == [DischargeBattery(FRESH_BAY, 50.0, 40.0)]


def test_no_more_is_asked_of_a_battery_than_its_model_may_give() -> None:
    now = asked(-240.0)
    durable = replace(now, inventory=replace(now.inventory, next_command_id=9))
    cycle = decided(durable, *decided(now).memory.discharges)
    assert sent(cycle) == [DischargeBattery(FRESH_BAY, 100.0, 40.0)]
    assert permit(DischargeBattery(FRESH_BAY, 100.0, 40.0), cycle.now) == ()
    assert permit(DischargeBattery(FRESH_BAY, 101.0, 40.0), cycle.now) != ()


def test_its_lease_is_renewed() -> None:
    assert sent(decided(running(asked()), SENT)) == []
    due = replace(running(asked()), now_s=SENT.told_s + RENEW_S)
    assert sent(decided(due, SENT)) == [DischargeBattery(FRESH_BAY, 50.0, 40.0)]


def _booked(now: Snapshot) -> Snapshot:
    hold = Hold("BK1", HoldKind.BOOKING, battery="B1", vin="X")
    return replace(now, inventory=replace(now.inventory, holds=(hold,)))


@pytest.mark.parametrize(
    "over",
    [
        lambda now: replace(now, plan=None),
        lambda now: asked(0.0),
        lambda now: asked(soc_pct=40.0),
        lambda now: with_value(now, "1.io", lambda io: replace(io, smoke=True)),
        lambda now: with_value(now, "1.charge", lambda each: replace(each, faults=("insulation",))),
        lambda now: with_value(now, "1.charge", lambda each: replace(each, bms_age_s=1.0)),
        lambda now: with_value(now, "meter", lambda meter: replace(meter, power_kw=None)),
        lambda now: with_battery(now, "B2", soc_pct=50.0),
        lambda now: replace(now, inventory=swapping().inventory),
        _booked,
    ],
    ids=[
        "no plan",
        "plan waits",
        "least SOC",
        "smoke",
        "BMS fault",
        "BMS silent",
        "meter",
        "reserve",
        "swap",
        "booked",
    ],
)
def test_the_first_reason_ends_it_at_once(over: Any) -> None:
    cycle = decided(running(over(asked())), SENT)
    assert StopCharge(FRESH_BAY) in sent(cycle)
    assert cycle.memory.discharge(FRESH_BAY).order is None
    assert IntentResolved(5, Outcome.DONE) in cycle.records


def test_a_discharge_that_nobody_here_began_is_ended() -> None:
    """After a restart, or by somebody else's hand."""
    assert sent(decided(running(asked()))) == [StopCharge(FRESH_BAY)]
    assert sent(decided(running(replace(asked(), plan=None)))) == [StopCharge(FRESH_BAY)]


@pytest.mark.parametrize(
    "unable",
    [
        lambda now: with_bay(now, FRESH_BAY, abilities=ChargerAbilities()),
        lambda now: with_bay(now, FRESH_BAY, charging="direct"),
        lambda now: with_battery(now, "B1", soc_pct=41.0),
        lambda now: with_value(now, "1.charger", lambda each: replace(each, state=ChargerState.CHARGING)),
    ],
    ids=["charger cannot", "direct", "little left", "charges"],
)
def test_nothing_begins_where_it_cannot_or_should_not(unable: Any) -> None:
    now = unable(asked())
    if now.inventory.battery("B1").soc_pct == 41.0:
        now = with_value(now, "1.charge", lambda each: replace(each, soc_pct=41.0))
    cycle = decided(now)
    assert not any(isinstance(record, IntentRecorded) for record in cycle.records)
    assert not any(isinstance(each, DischargeBattery) for each in sent(cycle))


def test_nothing_begins_beside_a_charge_that_is_under_way() -> None:
    charge = ChargeMemory(FRESH_BAY, battery="B1", order=replace(ORDER, phase=OrderPhase.SENT))
    cycle = draft(asked(), charges=(charge,))
    run_discharge(cycle)
    assert cycle.records == []


def test_a_charger_that_only_starts_up_for_it_is_left_alone() -> None:
    now = with_value(asked(), "1.charger", lambda each: replace(each, state=ChargerState.STARTING))
    cycle = decided(now, SENT)
    assert sent(cycle) == []
    assert not cycle.memory.charge(FRESH_BAY).running


def test_the_next_one_begins_after_a_rest_only() -> None:
    for ago_s, begins in ((REST_S - 1.0, False), (REST_S, True)):
        cycle = decided(asked(), DischargeMemory(FRESH_BAY, stopped_s=100.0 - ago_s))
        assert any(isinstance(record, IntentRecorded) for record in cycle.records) is begins


def test_no_charge_begins_while_it_discharges() -> None:
    now = replace(running(asked(soc_pct=60.0)), plan=None)
    assert not any(isinstance(record, IntentRecorded) for record in decided(now, SENT).records)


def test_one_that_does_not_come_about_is_not_tried_again_until_the_plan_asks_anew() -> None:
    late = replace(asked(), now_s=ORDER.since_s + PATIENCE_S)
    cycle = decided(late, SENT)
    assert sent(cycle) == [StopCharge(FRESH_BAY)]
    failed = cycle.memory.discharge(FRESH_BAY)
    assert failed.failed
    assert not any(isinstance(record, IntentRecorded) for record in decided(late, failed).records)
    assert not decided(asked(0.0), failed).memory.discharge(FRESH_BAY).failed


@pytest.mark.parametrize(("cap_kw", "begins"), [(300.0, True), (30.0, True), (29.0, False), (0.0, False)])
def test_an_export_cap_of_a_dispatch_record_is_kept(cap_kw: float, begins: bool) -> None:
    cycle = exporting(asked(), cap_kw)
    assert any(isinstance(record, IntentRecorded) for record in cycle.records) is begins


def test_a_discharge_ends_when_its_export_is_forbidden() -> None:
    """The meter shows 20 kW of import with 48 kW given; the plan's 50 kW would still not feed back, 80 would."""
    assert StopCharge(FRESH_BAY) not in sent(exporting(running(asked()), 0.0, SENT))
    assert StopCharge(FRESH_BAY) in sent(exporting(running(asked(-80.0)), 0.0, SENT))


def _at(now: Snapshot, soc_pct: float, kwh: float) -> Snapshot:
    """The charger has counted so much, the BMS says so much."""
    now = with_value(now, "1.charger", lambda each: replace(each, energy_kwh=kwh))
    return with_value(now, "1.charge", lambda each: replace(each, soc_pct=soc_pct, bms_age_s=0.1))


def _written(cycle: Draft) -> list[Record]:
    return [each for each in cycle.records if isinstance(each, BatteryMeasured | BatteryDischarged)]


def test_what_is_given_back_is_on_record_and_the_soc_with_it() -> None:
    first = decided(_at(running(asked()), 90.0, 0.0), SENT)
    assert _written(first) == [BatteryMeasured("B1", 90.0)]
    second = decided(_at(running(asked()), 89.5, 1.5), *first.memory.discharges)
    assert _written(second) == [], "less than one percent"
    third = decided(_at(running(asked()), 80.0, 28.0), *second.memory.discharges)
    assert _written(third) == [BatteryMeasured("B1", 80.0)]
    over = decided(_at(asked(), 79.5, 0.0), *third.memory.discharges)
    assert _written(over) == [BatteryMeasured("B1", 79.5), BatteryDischarged("B1", FRESH_BAY, 90.0, 79.5, 28.0)]
    assert _written(decided(_at(asked(), 79.5, 0.0), *over.memory.discharges)) == []


def test_a_silent_charger_or_a_full_disk_ends_no_record_too_early() -> None:
    began = decided(_at(running(asked()), 90.0, 5.0), SENT).memory.discharges
    silent = with_bay(running(asked()), FRESH_BAY, charger=Seen(None, None, Quality.STALE))
    assert _written(decided(silent, *began)) == []
    full = replace(_at(asked(), 85.0, 0.0), journal_error="full")
    kept = decided(full, *began).memory.discharges
    assert [each.battery for each in kept] == ["B1"]
    assert _written(decided(_at(asked(), 85.0, 0.0), *kept))[-1] == BatteryDischarged("B1", FRESH_BAY, 90.0, 85.0, 5.0)
