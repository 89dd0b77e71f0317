"""What the black box keeps: which alarms, commands and records of a cycle are a safety event. A table, and pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from swapstation.model.alarm import AlarmDefinition, AlarmState, Level
from swapstation.model.inventory import ROBOT
from swapstation.model.journal import AlarmChanged, BatteryDoubted, BatteryQuarantined, IntentRecorded, Record
from swapstation.model.snapshot import Snapshot
from swapstation.records.trace import Moment


@dataclass(frozen=True, slots=True)
class SafetyEvent:
    """Something that people will ask about later: `code` of an alarm, a command or a record; where; what was said."""

    code: str
    source: str
    detail: str = ""


def _always(_: Snapshot) -> bool:
    return True


def _never(_: Snapshot) -> bool:
    return False


def _robot_carries(now: Snapshot) -> bool:
    """A battery hangs from the robot or is gripped by it, as far as anybody knows."""
    robot = now.robot.value
    return robot is not None and (robot.payload or robot.gripped)


ALARMS: Mapping[str, Callable[[Snapshot], bool]] = {
    "ROBOT_FAULT": _robot_carries,
    "ROBOT_LINK_LOST": _robot_carries,
    "LOCK_NOT_CLOSED": _always,
}
"""Alarms below personal safety that are safety events too, and when."""
COMMANDS = frozenset({"TripBay", "RequestFeederCutOff", "IsolateBattery"})
"""Commands that nobody sends on a quiet day."""


def safety_alarms(catalogue: Mapping[str, AlarmDefinition]) -> frozenset[str]:
    """Codes of the alarms of personal safety: people, smoke and fire, emergency stop, a truck that moves."""
    return frozenset(code for code, alarm in catalogue.items() if alarm.level is Level.PERSONAL_SAFETY)


def safety_events(moment: Moment, alarms: frozenset[str]) -> tuple[SafetyEvent, ...]:
    """The safety events of one cycle; `alarms` are those that always are one."""
    return tuple(event for record in moment.records for event in _of(record, moment.snapshot, alarms))


def _of(record: Record, now: Snapshot, alarms: frozenset[str]) -> Iterator[SafetyEvent]:
    match record:
        case AlarmChanged(alarm, gone=False) if alarm.state is AlarmState.UNACKNOWLEDGED:
            if alarm.code in alarms or ALARMS.get(alarm.code, _never)(now):
                yield SafetyEvent(alarm.code, alarm.source, alarm.detail)
        case IntentRecorded(command=command, parameters=parameters) if command in COMMANDS:
            yield SafetyEvent(command, "station", parameters)
        case BatteryDoubted(battery, reason):
            doubted = now.inventory.battery(battery)
            if doubted is not None and doubted.place == ROBOT:
                yield SafetyEvent("BatteryDoubted", ROBOT, f"{battery}: {reason}")
        case BatteryQuarantined(battery, reason, person="") if (found := now.inventory.battery(battery)) is not None:
            yield SafetyEvent("BatteryQuarantined", found.place, f"{battery}: {reason}")
        case _:
            return
