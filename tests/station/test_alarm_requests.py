"""First-out, shelving, out of service, chatter and flood: what people see, and what stays whatever they hide."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from swapstation.model.alarm import Alarm, Priority, Suppression
from swapstation.model.alarm_figures import FLOOD
from swapstation.model.alarm_request import AcknowledgeAlarm, ShelveAlarm, ShowAlarm
from swapstation.model.alarm_request import TakeAlarmOutOfService as OutOfService
from swapstation.model.device import RobotState
from swapstation.model.journal import AlarmHidden, AlarmShown
from swapstation.model.request import (
    Accepted,
    Answer,
    Payload,
    Refused,
    Request,
)
from swapstation.model.seen import Seen
from swapstation.model.snapshot import Snapshot, StationState
from swapstation.station.decide import decide
from swapstation.station.draft import Draft
from swapstation.station.memory import Memory
from swapstation.station.people import for_people
from swapstation.station.shelving import SHELVE_LIMIT_MIN
from tests.station.situations import draft, rules, snapshot, stale, swapping, with_device, with_value

SILENT_METER = with_device(snapshot(), "meter", Seen())
OPEN_DOOR = with_value(snapshot(), "safety", lambda safety: replace(safety, doors_closed=False))
METER = "METER_SILENT@meter"
DOOR = "SAFETY_CHAIN_OPEN@robot"


class Station:
    """Alarms over several cycles, seen as people see them."""

    def __init__(self, state: StationState = StationState.IDLE) -> None:
        self.memory: Memory = replace(draft(snapshot()).memory, state=state)
        self.now_s = 100.0
        self.records: list[object] = []
        self.answers: list[Answer] = []
        self.seen = snapshot()

    def cycle(self, now: Snapshot, *payloads: Payload, after_s: float = 0.1) -> tuple[Alarm, ...]:
        self.now_s += after_s
        now = replace(now, now_s=self.now_s, at=now.at + timedelta(seconds=self.now_s))
        requests = tuple(Request(f"{self.now_s}-{at}", "wang", payload) for at, payload in enumerate(payloads))
        decision = decide(rules(), now, self.memory, requests)
        self.memory = decision.memory
        self.records += [record for batch in decision.batches for record in batch.records]
        self.answers = [batch.answer for batch in decision.batches if batch.answer is not None]
        self.seen = for_people(Draft(rules(), now, self.memory))
        return self.seen.alarms

    def alarm(self, name: str) -> Alarm:
        return next(alarm for alarm in self.seen.alarms if alarm.alarm == name)


def _with_meter_alarm() -> Station:
    station = Station()
    station.cycle(SILENT_METER)
    station.cycle(SILENT_METER, after_s=21.0)
    assert station.alarm(METER).priority is Priority.DIAGNOSTIC
    return station


def test_a_shelved_alarm_is_hidden_with_person_and_reason_until_its_time_is_over() -> None:
    station = _with_meter_alarm()
    station.cycle(SILENT_METER, ShelveAlarm(METER, 30, "meter is being changed"))
    assert isinstance(station.answers[0], Accepted)
    station.cycle(SILENT_METER)
    hidden = station.alarm(METER)
    assert (hidden.suppression, hidden.suppressed_by) == (Suppression.SHELVED, "wang")
    assert hidden.suppression_reason == "meter is being changed"
    assert hidden.suppressed_until is not None
    assert timedelta(minutes=29) < hidden.suppressed_until - station.seen.at <= timedelta(minutes=30)
    assert AlarmHidden(METER, Suppression.SHELVED, 30, "meter is being changed", "wang") in station.records
    station.cycle(SILENT_METER, after_s=30 * 60.0)
    assert station.alarm(METER).suppression is Suppression.NONE


def test_a_shelved_alarm_stays_shelved_when_it_comes_back_within_its_time() -> None:
    station = _with_meter_alarm()
    station.cycle(SILENT_METER, ShelveAlarm(METER, 30, "loose plug"))
    station.cycle(snapshot())
    station.cycle(SILENT_METER)
    station.cycle(SILENT_METER, after_s=21.0)
    assert station.alarm(METER).suppression is Suppression.SHELVED


def test_an_alarm_is_shown_again_on_request() -> None:
    station = _with_meter_alarm()
    station.cycle(SILENT_METER, OutOfService(METER, "sent for calibration"))
    station.cycle(SILENT_METER, after_s=10 * 3600.0)
    assert station.alarm(METER).suppression is Suppression.OUT_OF_SERVICE
    station.cycle(SILENT_METER, ShowAlarm(METER))
    assert AlarmShown(METER, "wang") in station.records
    station.cycle(SILENT_METER)
    assert station.alarm(METER).suppression is Suppression.NONE
    station.cycle(SILENT_METER, ShowAlarm(METER))
    assert station.answers == [Refused(station.answers[0].key, "not_hidden", METER, ("not_hidden",))]


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (ShelveAlarm("NO_SUCH@place", 5, "why"), "no_such_alarm"),
        (ShelveAlarm(METER, 0, "why"), "bad_input"),
        (ShelveAlarm(METER, SHELVE_LIMIT_MIN[Priority.DIAGNOSTIC] + 1, "why"), "bad_input"),
        (ShelveAlarm(METER, 5, "  "), "bad_input"),
        (OutOfService("NO_SUCH@place", "why"), "no_such_alarm"),
        (OutOfService(METER, ""), "bad_input"),
    ],
)
def test_a_wrong_request_hides_nothing_and_says_why(payload: Payload, code: str) -> None:
    station = _with_meter_alarm()
    station.cycle(SILENT_METER, payload)
    (answer,) = station.answers
    assert isinstance(answer, Refused)
    assert answer.code == code
    assert station.memory.shelves == ()


@pytest.mark.parametrize("payload", [ShelveAlarm(DOOR, 1, "why"), OutOfService(DOOR, "why")])
def test_a_critical_alarm_cannot_be_hidden(payload: Payload) -> None:
    station = Station()
    station.cycle(OPEN_DOOR)
    station.cycle(OPEN_DOOR, payload)
    assert isinstance(station.answers[0], Refused)
    assert station.answers[0].code == "critical_alarm"


def test_hiding_never_takes_a_reaction_away() -> None:
    """A swap is held by its truck link although the alarm was shelved before."""
    lost = swapping("lift", truck=stale(swapping().truck))
    station = Station(StationState.HELD)
    station.cycle(lost)
    station.cycle(lost, ShelveAlarm("TRUCK_LINK_LOST@truck", 30, "aerial broken"))
    assert isinstance(station.answers[0], Accepted)
    station.memory = replace(station.memory, state=StationState.EXECUTE)
    station.cycle(lost)
    assert station.alarm("TRUCK_LINK_LOST@truck").suppression is Suppression.SHELVED
    assert station.memory.state is not StationState.EXECUTE


def test_one_lost_wire_has_one_root_alarm() -> None:
    """Without the station segment all bays, the truck and their charges are unknown: one fault, one root."""
    station = Station()
    dark = swapping("lift")
    for device in ("truck", *(f"{bay.number}.io" for bay in dark.bays)):
        dark = with_device(dark, device, Seen())
    for _ in range(3):
        station.cycle(dark, after_s=2.0)
    roots = [alarm.alarm for alarm in station.seen.alarms if not alarm.root]
    assert roots == ["STATION_LINK_LOST@station"]
    explained = [alarm for alarm in station.seen.alarms if alarm.root]
    assert explained
    assert {alarm.suppression for alarm in explained} == {Suppression.BY_DESIGN}


def test_an_alarm_whose_root_is_gone_is_a_root_again() -> None:
    station = Station(StationState.EXECUTE)
    fault = with_value(snapshot(), "robot", lambda robot: replace(robot, state=RobotState.FAULT))
    station.cycle(with_value(fault, "safety", lambda safety: replace(safety, doors_closed=False)))
    assert station.alarm("ROBOT_FAULT@robot").root == DOOR
    station.cycle(fault, AcknowledgeAlarm(DOOR))
    station.cycle(fault)
    assert DOOR not in {alarm.alarm for alarm in station.seen.alarms}
    assert station.alarm("ROBOT_FAULT@robot").root == ""


def test_an_alarm_that_comes_three_times_in_a_minute_chatters() -> None:
    station = Station()
    for _ in range(3):
        station.cycle(OPEN_DOOR, after_s=5.0)
        chatters = station.alarm(DOOR).chattering
        station.cycle(snapshot(), after_s=5.0)
    assert chatters
    station.cycle(OPEN_DOOR, after_s=120.0)
    assert not station.alarm(DOOR).chattering


def test_ten_alarms_in_ten_minutes_are_a_flood() -> None:
    station = Station()
    for time in range(FLOOD):
        assert not station.seen.alarm_flood, time
        station.cycle(OPEN_DOOR, after_s=5.0)
        station.cycle(snapshot(), after_s=5.0)
    assert station.seen.alarm_flood
    station.cycle(snapshot(), after_s=700.0)
    assert not station.seen.alarm_flood
