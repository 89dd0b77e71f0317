"""Complaints of devices as alarms: one per fault, as grave as its maker's map says, one root for one fault."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swapstation.devices.fault_texts import fault_texts, faults_of, unlisted
from swapstation.model.alarm import Alarm, Priority
from swapstation.model.device import LockState, RobotState
from swapstation.model.snapshot import Snapshot, StationState
from swapstation.model.vendor_alarm import DeviceComplaint, Grade, VendorAlarm
from swapstation.station.alarms import run_alarms
from swapstation.station.draft import Draft
from swapstation.station.memory import StepFault
from tests.station.situations import draft, robot, snapshot, swapping, truck, with_value

HOT = VendorAlarm("E01", "充电模块过温", "charging module too hot", Grade.STOP)


def _complaining(now: Snapshot, *complaints: DeviceComplaint) -> Snapshot:
    return replace(now, complaints=complaints)


def _alarms(now: Snapshot, seconds: float = 3.0) -> tuple[Alarm, ...]:
    """The alarms once `now` has stood for so long."""
    cycle = draft(now)
    for at_s in (0.0, seconds):
        cycle = Draft(cycle.rules, replace(now, now_s=now.now_s + at_s), cycle.memory)
        run_alarms(cycle)
    return cycle.memory.alarms


def _roots(now: Snapshot) -> set[str]:
    return {alarm.alarm for alarm in _alarms(now) if not alarm.root}


@pytest.mark.parametrize(
    ("grade", "code", "priority"),
    [
        (Grade.STOP, "DEVICE_FAULT", Priority.HIGH),
        (Grade.MAINTENANCE, "DEVICE_NEEDS_SERVICE", Priority.MEDIUM),
        (Grade.INFORMATION, "DEVICE_NOTICE", Priority.DIAGNOSTIC),
    ],
)
def test_the_grade_of_the_map_decides_the_alarm(grade: Grade, code: str, priority: Priority) -> None:
    (alarm,) = _alarms(_complaining(snapshot(), DeviceComplaint("charger", 2, replace(HOT, grade=grade))))
    assert (alarm.alarm, alarm.priority) == (f"{code}@bay-2:E01", priority)
    assert alarm.detail == "充电模块过温 / charging module too hot"


@pytest.mark.parametrize(
    ("role", "bay", "source"),
    [
        ("exchanger", 0, "robot:E01"),
        ("truck_link", 0, "truck:E01"),
        ("meter", 0, "meter:E01"),
        ("rack", 9, "isolation:E01"),
    ],
)
def test_the_source_is_the_device_and_the_code(role: str, bay: int, source: str) -> None:
    (alarm,) = _alarms(_complaining(snapshot(), DeviceComplaint(role, bay, HOT)))
    assert alarm.source == source


def test_a_code_that_no_map_explains_keeps_its_number() -> None:
    (alarm,) = _alarms(_complaining(snapshot(), DeviceComplaint("charger", 2, unlisted("4711"))))
    assert alarm.alarm == "DEVICE_NEEDS_SERVICE@bay-2:4711"
    assert "4711" in alarm.detail


def test_two_faults_of_one_device_are_two_alarms() -> None:
    other = VendorAlarm("E02", "风扇", "fan", Grade.STOP)
    now = _complaining(snapshot(), DeviceComplaint("charger", 2, HOT), DeviceComplaint("charger", 2, other))
    assert _roots(now) == {"DEVICE_FAULT@bay-2:E01", "DEVICE_FAULT@bay-2:E02"}


def test_a_complaint_of_a_moment_is_none() -> None:
    assert _alarms(_complaining(snapshot(), DeviceComplaint("charger", 2, HOT)), seconds=0.9) == ()


def test_a_robot_fault_is_the_root_of_its_words() -> None:
    now = swapping("grip", robot=replace(swapping().robot, value=robot(state=RobotState.FAULT, fault_words=(0b100, 0))))
    words = faults_of(robot(fault_words=(0b100, 0)), fault_texts("exchanger.reference_plc"))
    now = _complaining(now, *(DeviceComplaint("exchanger", 0, word) for word in words))
    assert {alarm.alarm: alarm.root for alarm in _alarms(now)} == {
        "ROBOT_FAULT@robot": "",
        "DEVICE_FAULT@robot:W1.2": "ROBOT_FAULT@robot",
    }


def test_a_robot_fault_explains_no_fault_of_a_charger() -> None:
    now = with_value(snapshot(), "robot", lambda value: replace(value, state=RobotState.FAULT))
    assert _roots(_complaining(now, DeviceComplaint("charger", 2, HOT))) == {
        "ROBOT_FAULT@robot",
        "DEVICE_FAULT@bay-2:E01",
    }


@pytest.mark.parametrize(("complaining", "roots"), [(2, {"DEVICE_FAULT@bay-2:E01"}), (1, None)])
def test_a_charge_that_fails_by_a_fault_of_its_charger_has_that_as_its_root(
    complaining: int, roots: set[str] | None
) -> None:
    cycle = draft(_complaining(snapshot(), DeviceComplaint("charger", complaining, HOT)))
    failed = replace(cycle.memory.charge(2), failures=3)
    cycle.remember(charges=(failed,))
    for at_s in (0.0, 3.0):
        later = replace(cycle.snapshot, now_s=cycle.snapshot.now_s + at_s)
        cycle = Draft(cycle.rules, later, cycle.memory)
        run_alarms(cycle)
    found = {alarm.alarm for alarm in cycle.memory.alarms if not alarm.root}
    assert found == (roots or {"CHARGE_FAILED@bay-2", "DEVICE_FAULT@bay-1:E01"})


def test_a_lock_that_reports_a_fault_explains_that_it_did_not_close() -> None:
    now = swapping("lock", truck=replace(swapping().truck, value=truck(lock=LockState.FAULT)))
    (fault,) = faults_of(truck(lock=LockState.FAULT), fault_texts("truck_link.reference_dbc"))
    now = replace(_complaining(now, DeviceComplaint("truck_link", 0, fault)), state=StationState.EXECUTE)
    cycle = draft(now)
    for at_s in (0.0, 3.0):
        cycle = Draft(cycle.rules, replace(now, now_s=now.now_s + at_s), cycle.memory)
        cycle.remember(step_fault=StepFault("LOCK_NOT_CLOSED", "lock: truck_locked"))
        run_alarms(cycle)
    assert {alarm.alarm for alarm in cycle.memory.alarms if not alarm.root} == {"DEVICE_FAULT@truck:LOCK1"}
