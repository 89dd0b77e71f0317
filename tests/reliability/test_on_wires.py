"""Rows of the catalogue that live on the wires, and a few whole swaps with the plant as judge."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.station.interlocks import bay_is_dead
from tests.reliability.on_wires import SETTLED_S, charging, current_a, fault, held, roots, swapping, until

BAY = 6
BMS_LIMITS_S = {"BCL": 1.0, "BCS": 5.0, "BSM": 5.0}
"""Longest time with current after the last message of a kind (GB/T 27930; BSM before 2023: own design)."""


@pytest.mark.parametrize("message", BMS_LIMITS_S)
def test_a_battery_that_leaves_one_kind_of_message_out_is_not_charged_on(tmp_path: Path, message: str) -> None:
    """Row 6, each message by itself: what the others say does not stand in for it."""
    with charging(tmp_path, Charging.DIRECT) as station:
        fault(station, "bms_message_silent", f"{BAY}:{message}")
        took_s = until(station, lambda: current_a(station, BAY) < 5.0, 10.0)
        assert took_s <= BMS_LIMITS_S[message] + 1.0
        station.time.run(8.0)
        assert current_a(station, BAY) < 5.0
        assert current_a(station, 5) > 50.0, "only its own bay"


def test_a_temperature_that_is_told_no_more_was_charged_by_for_ever(tmp_path: Path) -> None:
    """Found here: before the edition of 2023 the standard has no timeout for BSM."""
    with charging(tmp_path, Charging.DIRECT) as station:
        fault(station, "bms_message_silent", f"{BAY}:BSM")
        until(station, lambda: "BMS_SILENT" in roots(station), 9.0)
        assert roots(station) == {"BMS_SILENT"}


def test_a_charger_that_lies_about_its_current_gives_no_battery_away(tmp_path: Path) -> None:
    """Row 8: it says idle and 0 A; the rack's contactor and the battery's own messages say otherwise."""
    with charging(tmp_path, Charging.CHARGER) as station:
        fault(station, "charger_lies", BAY)
        station.time.run(SETTLED_S)
        bay = station.snapshot.bay(BAY)
        charger = bay.charger.good
        assert charger is not None
        assert (charger.current_a, charger.contactor_closed) == (0.0, False)
        assert current_a(station, BAY) > 50.0
        assert not bay_is_dead(bay)


@pytest.mark.parametrize("exchange", Exchange)
def test_a_heartbeat_that_stands_still_holds_the_station_and_nothing_is_ordered(
    tmp_path: Path, exchange: Exchange
) -> None:
    with swapping(tmp_path, exchange, "put") as (station, watch):
        station.time.run(1.0)
        fault(station, "plc_heartbeat_frozen")
        assert until(station, lambda: held(station), 5.0) <= 3.7
        station.time.run(2.0)
        assert roots(station) == {"ROBOT_LINK_LOST"}
        assert not watch.broken


@pytest.mark.parametrize("exchange", Exchange)
def test_a_drive_fault_with_a_battery_on_the_way_keeps_the_battery_on_the_robot(
    tmp_path: Path, exchange: Exchange
) -> None:
    with swapping(tmp_path, exchange, "put") as (station, watch):
        until(station, lambda: station.simulation.plant.hanging is not None, 60.0)
        station.time.run(1.0)
        fault(station, "robot_fault")
        assert until(station, lambda: held(station), 5.0) <= 0.5
        station.time.run(2.0)
        hanging = station.simulation.plant.hanging
        on_robot = station.snapshot.inventory.at("robot")
        assert hanging is not None
        assert on_robot is not None
        assert on_robot.battery == hanging.battery
        assert roots(station) == {"ROBOT_FAULT"}
        assert not watch.broken


@pytest.mark.parametrize(("knob", "target"), [("presence_on", 8), ("presence_off", 8)])
def test_sensors_of_a_bay_that_stick_leave_the_battery_where_the_record_has_it(
    tmp_path: Path, knob: str, target: int
) -> None:
    with swapping(tmp_path, Exchange.STATION, "lift") as (station, watch):
        fault(station, knob, target)
        station.time.run(25.0)
        assert station.snapshot.swap is not None
        assert station.snapshot.swap.step in ("lift", "put")
        assert not watch.broken
        recorded = {battery.battery: battery.place for battery in station.snapshot.inventory.batteries}
        plant = {battery.battery: battery.place for battery in station.simulation.plant.batteries.values()}
        moved = {name for name in plant if plant[name] != recorded[name]}
        assert moved <= {"LFP-008"}, "at most the battery of the step that could not be proven"
