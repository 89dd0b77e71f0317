"""The CAN of a charging bay as adapters: what a battery says reaches the station, driven or listened to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from swapstation.devices.bay_can import DirectCharging, ListeningBay
from swapstation.model.command import LimitCharge, PauseCharge, ResumeCharge, StartCharge, StopCharge
from swapstation.model.device import BatteryCells, BatteryCharge, ChargePhase
from swapstation.model.snapshot import ModuleDemand
from swapstation.protocol.gbt27930.bms import BmsSession
from swapstation.protocol.gbt27930.charger import ChargerSession
from tests.protocol.gbt27930.segment import FACTS, SETTINGS, STATUS, Segment

VOLTAGES_V, TEMPERATURES_C = (3.3, 3.31, 3.32), (31.0, 27.0)
CELLS = BatteryCells(VOLTAGES_V, TEMPERATURES_C)
CTS, CCS = 0x1807F456, 0x1812F456


def driven() -> tuple[DirectCharging, Segment]:
    session = ChargerSession(SETTINGS)
    status = replace(STATUS, cell_voltages_v=VOLTAGES_V, temperatures_c=TEMPERATURES_C)
    adapter = DirectCharging(3, session, lambda: datetime(2026, 11, 21, 8, 5, 30, tzinfo=UTC))
    return adapter, Segment(session, BmsSession(FACTS, status), status)


def states(adapter: DirectCharging | ListeningBay, now_s: float) -> dict[type, tuple[object, float, int]]:
    return {type(update.state): (update.state, update.received_s, update.bay) for update in adapter.updates(now_s)}


def test_a_driven_bay_tells_battery_and_cells_each_with_its_time() -> None:
    adapter, wires = driven()
    assert BatteryCells not in states(adapter, wires.now_s)
    adapter.order(StartCharge(3, 95.0, 250.0), 1, wires.now_s)
    wires.run(8)
    told = states(adapter, wires.now_s)
    charge, charged_s, bay = told[BatteryCharge]
    assert isinstance(charge, BatteryCharge)
    assert (charge.phase, charge.edition, charged_s, bay) == (ChargePhase.CHARGING, "2015", wires.now_s, 3)
    cells, cells_s, bay = told[BatteryCells]
    assert (cells, bay) == (CELLS, 3)
    assert 5.0 < wires.now_s - cells_s < 8.0, "cells keep the time at which they were told"


def test_the_demand_of_a_driven_bay_follows_its_power_limit() -> None:
    adapter, wires = driven()
    adapter.order(StartCharge(3, 95.0, 250.0), 1, wires.now_s)
    wires.run(8)
    full = states(adapter, wires.now_s)[ModuleDemand][0]
    adapter.order(LimitCharge(3, 30.0), 0, wires.now_s)
    limited = states(adapter, wires.now_s)[ModuleDemand][0]
    assert isinstance(full, ModuleDemand)
    assert isinstance(limited, ModuleDemand)
    charge = wires.charger.battery_charge(wires.now_s)
    assert charge.voltage_v is not None
    assert limited.current_a == pytest.approx(30_000.0 / charge.voltage_v)
    assert limited.current_a < full.current_a


def test_a_paused_bay_asks_for_no_current_and_tells_the_battery_so() -> None:
    """Contactors stay closed, the process stays open: CCS says pause (b7.1-2 = 00)."""
    adapter, wires = driven()
    adapter.order(StartCharge(3, 95.0, 250.0), 1, wires.now_s)
    wires.run(8)
    adapter.order(PauseCharge(3), 0, wires.now_s)
    wires.run(2)
    assert states(adapter, wires.now_s)[ModuleDemand][0] == ModuleDemand(True, 733.0, 0.0, 0.0)
    assert wires.sent(CCS)[-1][1][6] & 3 == 0
    assert wires.charger.phase is ChargePhase.CHARGING
    adapter.order(ResumeCharge(3, 100.0), 0, wires.now_s)
    wires.run(2)
    told = states(adapter, wires.now_s)[ModuleDemand][0]
    assert isinstance(told, ModuleDemand)
    assert (told.power_limit_kw, told.current_a > 0.0) == (100.0, True)
    assert wires.sent(CCS)[-1][1][6] & 3 == 1


def test_a_driven_bay_tells_the_battery_the_local_time() -> None:
    adapter, wires = driven()
    adapter.order(StartCharge(3, 95.0, 250.0), 1, wires.now_s)
    wires.run(3)
    assert wires.sent(CTS)[0][1].hex() == "31050821112620"


def test_a_target_reached_is_told_as_such() -> None:
    adapter, wires = driven()
    adapter.order(StartCharge(3, 95.0, 250.0), 1, wires.now_s)
    wires.run(3)
    adapter.order(StopCharge(3, reached=True), 2, wires.now_s)
    assert wires.charger.battery_charge(wires.now_s).stop_reasons == ("condition_reached",)


def test_a_listening_bay_tells_the_same_and_sends_nothing() -> None:
    adapter, wires = driven()
    listening = ListeningBay(3)
    adapter.order(StartCharge(3, 95.0, 250.0), 1, wires.now_s)
    wires.run(8)
    for at_s, frame in wires.log:
        listening.node.receive(frame, at_s)
        assert tuple(listening.node.due(at_s)) == ()
    ours, theirs = states(adapter, wires.now_s), states(listening, wires.now_s)
    assert theirs[BatteryCells] == ours[BatteryCells]
    driven_charge, heard_charge = ours[BatteryCharge][0], theirs[BatteryCharge][0]
    assert isinstance(driven_charge, BatteryCharge)
    assert heard_charge == replace(driven_charge, session_energy_kwh=None)
