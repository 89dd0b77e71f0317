"""Alarms: what raises each of them and after how long, and their life from raised to acknowledged and gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from swapstation.config.settings import Exchange
from swapstation.model.alarm import AlarmState
from swapstation.model.alarm_request import AcknowledgeAlarm
from swapstation.model.device import LinkStatus, Presence, RobotState
from swapstation.model.disk import DiskLevel
from swapstation.model.journal import AlarmChanged
from swapstation.model.request import Payload, Refused, Request
from swapstation.model.seen import Quality, Seen
from swapstation.model.snapshot import Snapshot, StationState
from swapstation.station.alarms import holding_alarms, run_alarms
from swapstation.station.charging import MAX_FAILURES
from swapstation.station.decide import decide
from swapstation.station.memory import ChargeMemory, Memory, StepFault
from swapstation.station.survey import survey
from tests.station.situations import (
    OTHER_VIN,
    blind,
    charging,
    device,
    draft,
    foreign,
    rules,
    snapshot,
    stale,
    swapping,
    with_device,
    with_value,
)

CYCLE_S = 0.1
WORKING_STEP = "grip"


@dataclass(frozen=True, slots=True)
class Raised:
    """A situation that raises one alarm, at the latest after `delay_s`."""

    alarm: str
    now: Snapshot
    delay_s: float = 0.0
    memory: tuple[tuple[str, Any], ...] = ()


def _value(path: str, start: Snapshot | None = None, **changes: Any) -> Snapshot:
    return with_value(start or snapshot(), path, lambda value: replace(value, **changes))


def _lost(path: str) -> Snapshot:
    return with_device(snapshot(), path, Seen())


def _surveyed(now: Snapshot) -> Snapshot:
    return replace(now, survey=survey(now))


CASES = [
    Raised("ROBOT_LINK_LOST@robot", with_device(snapshot(), "robot", stale(device(snapshot(), "robot")))),
    Raised("ROBOT_LINK_LOST@robot", _lost("robot"), 3.0),
    Raised("STATION_LINK_LOST@station", blind(snapshot(), Quality.NEVER), 1.0),
    Raised("BAY_LINK_LOST@bay-1", _lost("1.io"), 1.0),
    Raised("BAY_LINK_LOST@bay-3", snapshot(links=(LinkStatus("bay-3", connected=False),)), 2.0),
    Raised("BAY_LINK_LOST@bay-2", _lost("2.charger"), 3.0),
    Raised("BAY_LINK_LOST@bay-2", _value("2.io", smoke=None), 3.0),
    Raised("WIRE_BABBLING@bay-3", snapshot(links=(LinkStatus("bay-3", connected=True, bus_load_pct=80.1),)), 5.0),
    Raised("WIRE_BABBLING@bay-3", snapshot(links=(LinkStatus("bay-3", connected=True, bus_load_pct=112.1),)), 1.0),
    Raised("WIRE_BABBLING@robot", snapshot(links=(LinkStatus("robot", True, unread_bytes_per_s=1.0),)), 1.0),
    Raised("METER_SILENT@meter", _lost("meter"), 20.0),
    Raised("DATABASE_WRITE_FAILED@database", snapshot(journal_error="disk full")),
    Raised("DATABASE_WRITE_FAILED@database", _lost("disk"), 2.0),
    Raised("DISK_SPACE_LOW@disk", _value("disk", level=DiskLevel.LOW, free_pct=15.0)),
    Raised("DISK_SPACE_LOW@disk", _value("disk", level=DiskLevel.SHED, free_pct=8.0)),
    Raised("DISK_FULL@disk", _value("disk", level=DiskLevel.STOP, free_pct=3.0)),
    Raised("ROBOT_FAULT@robot", _value("robot", state=RobotState.FAULT)),
    Raised("ROBOT_FAULT@robot", _value("robot", swapping(), state=RobotState.PAUSED), 1.0),
    Raised("SAFETY_CHAIN_OPEN@robot", _value("safety", doors_closed=False)),
    Raised("ROBOT_VERSION_MISMATCH@robot", foreign("robot")),
    Raised("PROTOCOL_VERSION_MISMATCH@truck", foreign("truck")),
    Raised("PROTOCOL_VERSION_MISMATCH@bay-1", foreign("1.io")),
    Raised("PROTOCOL_VERSION_MISMATCH@bay-1", foreign("1.modules")),
    Raised("PROTOCOL_VERSION_MISMATCH@bay-2", foreign("2.charger")),
    Raised("BAY_SMOKE@bay-1", _value("1.io", smoke=True)),
    Raised("BAY_SMOKE@isolation", _value("9.io", smoke=True)),
    Raised("BAY_MISMATCH@bay-1", _value("1.io", presence=Presence.CONTRADICTION), 1.0),
    Raised("BAY_MISMATCH@bay-1", _surveyed(_value("1.io", presence=Presence.EMPTY)), 2.0),
    Raised("BATTERY_HOT@bay-1", _value("1.io", temperature_c=60.5)),
    Raised("BATTERY_HOT@bay-1", _value("1.charge", max_temperature_c=55.5)),
    Raised("BATTERY_IDENTITY_MISMATCH@bay-1", _value("1.charge", serial=77)),
    Raised("BMS_SILENT@bay-1", _value("1.charge", charging(), bms_age_s=1.1)),
    Raised(
        "CHARGE_FAILED@bay-1",
        snapshot(),
        memory=(("charges", (ChargeMemory(1, battery="B1", failures=MAX_FAILURES),)),),
    ),
    Raised("TRUCK_LINK_LOST@truck", swapping(WORKING_STEP, truck=stale(device(snapshot(), "truck")))),
    Raised("TRUCK_LINK_LOST@truck", swapping(WORKING_STEP, truck=Seen()), 2.0),
    Raised("TRUCK_MOVED@truck", _value("truck", swapping(WORKING_STEP), parking_brake_set=False)),
    Raised("TRUCK_MOVED@truck", _value("robot", swapping(WORKING_STEP), truck_in_position=False)),
    Raised(f"VIN_CHECK_DIGIT@{OTHER_VIN[:8]}5{OTHER_VIN[9:]}", _value("truck", vin=f"{OTHER_VIN[:8]}5{OTHER_VIN[9:]}")),
    Raised("LOCK_NOT_OPEN@swap", swapping(), memory=(("step_fault", StepFault("LOCK_NOT_OPEN", "unlock")),)),
]


def _after(case: Raised, seconds: float) -> Memory:
    """The memory after the situation has stood for some seconds."""
    memory = draft(case.now, **dict(case.memory)).memory
    for cycle in range(round(seconds / CYCLE_S) + 1):
        memory = _one_cycle(replace(case.now, now_s=case.now.now_s + cycle * CYCLE_S), memory)
    return memory


def _one_cycle(now: Snapshot, memory: Memory) -> Memory:
    """One cycle of the alarms alone."""
    cycle = draft(now)
    cycle.memory = memory
    run_alarms(cycle)
    return cycle.memory


def _names(memory: Memory) -> set[str]:
    return {alarm.alarm for alarm in memory.alarms}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.alarm)
def test_an_alarm_is_raised_after_its_delay_and_not_before(case: Raised) -> None:
    if case.delay_s:
        assert case.alarm not in _names(_after(case, case.delay_s - CYCLE_S))
    assert case.alarm in _names(_after(case, case.delay_s + CYCLE_S))


def test_a_safe_station_has_no_alarm() -> None:
    for now in (snapshot(), swapping(WORKING_STEP), _surveyed(snapshot())):
        assert _names(_after(Raised("", now), 30.0)) == set()


def test_garbage_on_a_wire_is_told_for_ten_seconds_after_the_last() -> None:
    quiet = LinkStatus("bay-1", connected=True, malformed=4)
    noisy = LinkStatus("bay-1", connected=True, malformed=9, malformed_per_s=5)
    memory = _one_cycle(snapshot(links=(quiet,)), Memory(1))
    memory = _one_cycle(snapshot(links=(noisy,), now_s=100.1), memory)
    assert _names(memory) == set(), "its rate is not known yet"
    memory = _one_cycle(snapshot(links=(noisy,), now_s=101.1), memory)
    assert _names(memory) == {"WIRE_GARBAGE@bay-1"}
    assert memory.alarms[0].detail == "5/s"
    memory = _one_cycle(snapshot(links=(noisy,), now_s=110.0), memory)
    assert memory.alarms[0].state is AlarmState.UNACKNOWLEDGED
    memory = _one_cycle(snapshot(links=(noisy,), now_s=110.2), memory)
    assert memory.alarms[0].state is AlarmState.RETURNED_UNACKNOWLEDGED


def test_a_condition_that_comes_and_goes_is_no_alarm() -> None:
    memory = Memory(1)
    for cycle in range(100):
        now = _lost("1.io") if cycle % 8 else snapshot()
        memory = _one_cycle(replace(now, now_s=100.0 + cycle * CYCLE_S), memory)
    assert _names(memory) == set()


@pytest.mark.parametrize("vin", ["", "TRUCK", "LGAX5DEC4N300000I", "lgax5dec4n3000001", "                 ", "x" * 21])
def test_a_truck_whose_vin_is_none_is_an_alarm_and_no_error(vin: str) -> None:
    """What a truck says never ends the cycle."""
    assert f"VIN_CHECK_DIGIT@{vin}" in _names(_one_cycle(_value("truck", vin=vin), Memory(1)))


SMOKE, CLEAR = _value("1.io", smoke=True), snapshot()
OPEN_DOOR = _value("safety", doors_closed=False)


class Life:
    """One alarm over several cycles."""

    def __init__(self, code: str = "BAY_SMOKE") -> None:
        self.code = code
        self.memory = draft(CLEAR).memory
        self.records: list[AlarmChanged] = []
        self.now_s = 100.0

    def cycle(self, now: Snapshot, *payloads: Payload) -> AlarmState | None:
        self.now_s += CYCLE_S
        requests = tuple(Request(f"{self.now_s}-{payload.kind}", "wang", payload) for payload in payloads)
        decision = decide(rules(), replace(now, now_s=self.now_s), self.memory, requests)
        records = [record for batch in decision.batches for record in batch.records]
        self.records += [record for record in records if isinstance(record, AlarmChanged)]
        self.memory = decision.memory
        return next((alarm.state for alarm in self.memory.alarms if alarm.code == self.code), None)


ACKNOWLEDGE = AcknowledgeAlarm("BAY_SMOKE@bay-1")


def test_raised_acknowledged_returned_is_gone() -> None:
    life = Life("SAFETY_CHAIN_OPEN")
    assert life.cycle(OPEN_DOOR) is AlarmState.UNACKNOWLEDGED
    assert life.cycle(OPEN_DOOR, AcknowledgeAlarm("SAFETY_CHAIN_OPEN@robot")) is AlarmState.ACKNOWLEDGED
    assert life.memory.alarms[0].acknowledged_by == "wang"
    assert life.cycle(OPEN_DOOR) is AlarmState.ACKNOWLEDGED
    assert life.cycle(CLEAR) is None
    assert [(each.alarm.state, each.gone) for each in life.records] == [
        (AlarmState.UNACKNOWLEDGED, False),
        (AlarmState.ACKNOWLEDGED, False),
        (AlarmState.ACKNOWLEDGED, True),
    ]


def test_a_latching_alarm_is_acknowledged_again_once_its_cause_is_gone() -> None:
    life = Life()
    life.cycle(SMOKE)
    assert life.cycle(SMOKE, ACKNOWLEDGE) is AlarmState.ACKNOWLEDGED
    assert life.cycle(CLEAR) is AlarmState.RETURNED_UNACKNOWLEDGED
    assert life.cycle(CLEAR, ACKNOWLEDGE) is None


def test_raised_returned_acknowledged_is_gone() -> None:
    life = Life()
    life.cycle(SMOKE)
    assert life.cycle(CLEAR) is AlarmState.RETURNED_UNACKNOWLEDGED
    assert life.cycle(CLEAR) is AlarmState.RETURNED_UNACKNOWLEDGED
    assert life.cycle(CLEAR, ACKNOWLEDGE) is None
    assert life.records[-1].gone


def test_an_alarm_that_comes_back_before_it_is_acknowledged_stands_again_with_its_new_detail() -> None:
    life = Life()
    life.cycle(_value("safety", doors_closed=False))
    life.cycle(CLEAR)
    life.cycle(_value("safety", overtravel_ok=False))
    (alarm,) = life.memory.alarms
    assert (alarm.state, alarm.detail) == (AlarmState.UNACKNOWLEDGED, "overtravel_ok")


def test_the_detail_of_a_standing_alarm_follows_what_is_wrong_now_without_another_record() -> None:
    life = Life("SAFETY_CHAIN_OPEN")
    life.cycle(OPEN_DOOR)
    life.cycle(_value("safety", OPEN_DOOR, estop_ok=False))
    assert life.memory.alarms[0].detail == "estop_ok, doors_closed"
    assert len(life.records) == 1


def test_an_alarm_is_recorded_when_it_changes_and_only_then() -> None:
    life = Life()
    for now in (SMOKE, SMOKE, SMOKE, CLEAR, CLEAR, SMOKE, SMOKE):
        life.cycle(now)
    assert len(life.records) == 3


def test_an_alarm_that_does_not_exist_cannot_be_acknowledged() -> None:
    decision = decide(rules(), CLEAR, draft(CLEAR).memory, (Request("key", "wang", ACKNOWLEDGE),))
    (batch,) = decision.batches
    assert isinstance(batch.answer, Refused)
    assert batch.answer.code == "no_such_alarm"


def test_only_standing_alarms_with_a_reaction_hold() -> None:
    holding = draft(_value("safety", swapping(), doors_closed=False))
    run_alarms(holding)
    assert holding_alarms(holding) == ("SAFETY_CHAIN_OPEN",)
    returned = draft(swapping())
    returned.memory = holding.memory
    run_alarms(returned)
    assert holding_alarms(returned) == ()
    smoke = draft(_value("1.io", swapping(), smoke=True))
    run_alarms(smoke)
    assert _names(smoke.memory) == {"BAY_SMOKE@bay-1"}
    assert holding_alarms(smoke) == ()


@pytest.mark.parametrize("exchange", Exchange)
@pytest.mark.parametrize(
    "change",
    [
        lambda now: _value("truck", now, key_off=False),
        lambda now: _value("truck", now, hv_powered_down=False),
        lambda now: _value("robot", now, pose_x_mm=400),
        lambda now: with_device(now, "truck", stale(device(now, "truck"))),
    ],
    ids=["key", "high voltage", "pose", "link"],
)
def test_a_truck_that_changes_while_the_robot_works_on_it_holds_the_swap_at_once(
    change: Callable[[Snapshot], Snapshot], exchange: Exchange
) -> None:
    names = [step.name for step in rules(exchange).recipe.steps]
    for step in names[names.index("handshake") + 1 : names.index("release")]:
        now = change(swapping(step))
        memory = draft(now, exchange).memory
        assert decide(rules(exchange), now, memory, ()).memory.state in (StationState.HOLDING, StationState.HELD), step
