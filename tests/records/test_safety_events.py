"""Which records of a cycle the black box keeps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swapstation.model.alarm import AlarmState
from swapstation.model.inventory import ROBOT
from swapstation.model.journal import AlarmChanged, BatteryDoubted, BatteryQuarantined, IntentRecorded, Record
from swapstation.records.safety_events import safety_events
from tests.records.moments import ALARMS, CALM, moment, raised
from tests.station.situations import with_battery, with_value

LOADED = with_value(CALM, "robot", lambda robot: replace(robot, payload=True, gripped=True))
ON_ROBOT = with_battery(CALM, "B1", place=ROBOT)


def test_people_fire_trucks_and_the_safety_chain_are_always_safety_events() -> None:
    expected = {"SAFETY_CHAIN_OPEN", "TRUCK_MOVED", "BAY_SMOKE", "BATTERY_HOT", "FIRE_CONFIRMED", "FEEDER_NOT_CUT_OFF"}
    assert expected <= ALARMS
    assert not {"FIRE_DRILL_RUNNING", "METER_SILENT", "CHARGE_FAILED"} & ALARMS


@pytest.mark.parametrize("code", sorted(ALARMS))
def test_an_alarm_of_personal_safety_counts_when_it_comes_not_when_people_see_it(code: str) -> None:
    (event,) = safety_events(moment(1.0, raised(code)), ALARMS)
    assert (event.code, event.source) == (code, "bay-1")
    for state in (AlarmState.ACKNOWLEDGED, AlarmState.RETURNED_UNACKNOWLEDGED):
        assert safety_events(moment(1.0, raised(code, state=state)), ALARMS) == ()
    gone = AlarmChanged(raised(code).alarm, gone=True)
    assert safety_events(moment(1.0, gone), ALARMS) == ()


@pytest.mark.parametrize("code", ["ROBOT_FAULT", "ROBOT_LINK_LOST"])
def test_a_robot_in_trouble_counts_while_a_battery_hangs(code: str) -> None:
    assert safety_events(moment(1.0, raised(code, "robot")), ALARMS) == ()
    (event,) = safety_events(moment(1.0, raised(code, "robot"), now=LOADED), ALARMS)
    assert event.source == "robot"


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (IntentRecorded(1, 1, "TripBay", '{"bay": 3}', None), "TripBay"),
        (IntentRecorded(1, 1, "RequestFeederCutOff", "{}", None), "RequestFeederCutOff"),
        (BatteryQuarantined("B1", "fire"), "BatteryQuarantined"),
        (BatteryDoubted("B1", "mass", ()), "BatteryDoubted"),
        (raised("LOCK_NOT_CLOSED", "truck"), "LOCK_NOT_CLOSED"),
    ],
)
def test_what_else_counts(record: Record, code: str) -> None:
    assert [event.code for event in safety_events(moment(1.0, record, now=ON_ROBOT), ALARMS)] == [code]


@pytest.mark.parametrize(
    "record",
    [
        IntentRecorded(1, 1, "StartCharge", "{}", None),
        BatteryQuarantined("B1", "dented", person="wang"),
        BatteryDoubted("B1", "counted elsewhere", ()),
        raised("METER_SILENT"),
    ],
)
def test_what_does_not_count(record: Record) -> None:
    assert safety_events(moment(1.0, record), ALARMS) == ()
