"""A bypass in force: it opens its one input of permit, step conditions and presence, and nothing else, for its time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import TypeVar

import pytest

from swapstation.config.settings import Exchange
from swapstation.model import command as commands
from swapstation.model.alarm import AlarmState
from swapstation.model.bypass import Bypass, BypassInput, BypassResult
from swapstation.model.bypass_request import EndBypass, SetBypass
from swapstation.model.command import Command
from swapstation.model.device import Presence, RackIo
from swapstation.model.journal import BypassEnded, BypassSet
from swapstation.model.mode import Mode
from swapstation.model.request import ChangeMode, RequestSwap, ResumeStation
from swapstation.model.seen import Seen
from swapstation.model.snapshot import Snapshot, StationState, Verdict
from swapstation.station.alarms import run_alarms
from swapstation.station.bypass import BYPASSABLE, with_bypass
from swapstation.station.conditions import CONDITIONS
from swapstation.station.memory import BypassClock, Memory
from swapstation.station.permit import PERMIT, permit
from swapstation.station.survey import survey
from tests.station.permit_inputs import INPUTS, PERMITTED
from tests.station.situations import (
    AT,
    VIN,
    draft,
    fresh,
    rack,
    situation,
    snapshot,
    stale,
    swapping,
    with_device,
    with_mode,
    with_value,
)
from tests.station.walk import Answering, standing

T = TypeVar("T")

CLOCK = BypassClock("Y1", 700.0)
MEMORY = Memory(next_command_id=1, bypass=CLOCK)
OF_THEIR_OWN = {"mode_permits_work", "not_in_fire_mode", "robot_request_met", "power_rise_permitted"}
"""Fire mode ends a bypass; what the PLC asks for and a rise of power are made of several inputs: own tests."""
TRUCK_INPUTS = (BypassInput.TRUCK_IN_POSITION, BypassInput.TRUCK_POSE_IN_RANGE)


def bypass(name: BypassInput, bay: int | None = None) -> Bypass:
    return Bypass("Y1", name, bay, 10, "li", "cable broken", AT)


def set_at(now: Snapshot, name: BypassInput, bay: int | None = None) -> Snapshot:
    """The snapshot of a station in single-step mode while a bypass is in force."""
    now = with_mode(now, Mode.SINGLE_STEP)
    now = with_bypass(replace(now, inventory=replace(now.inventory, bypass=bypass(name, bay))), MEMORY)
    assert now.bypass is not None
    return now


def test_each_input_has_a_twin_that_is_another_one() -> None:
    assert set(BYPASSABLE) == set(BypassInput)
    for name, allowed in BYPASSABLE.items():
        assert allowed.twin is not name
        assert BYPASSABLE[allowed.twin].twin is name
        assert BYPASSABLE[allowed.twin].in_bay is allowed.in_bay
        assert allowed.why


def test_the_permit_asks_for_both_twins_or_none() -> None:
    for row in PERMIT.values():
        assert len(set(TRUCK_INPUTS) & set(row)) in (0, 2)


@pytest.mark.parametrize("name", TRUCK_INPUTS)
@pytest.mark.parametrize("kind", PERMIT, ids=lambda kind: kind.__name__)
def test_a_bypass_opens_its_one_interlock_and_no_other(kind: type[Command], name: BypassInput) -> None:
    command, now = PERMITTED[kind]
    for interlock in set(PERMIT[kind]) - OF_THEIR_OWN:
        for each in INPUTS[interlock]:
            broken = with_mode(each.break_in(now, command), Mode.SINGLE_STEP)
            before, after = (permit(command, situation(seen)) for seen in (broken, set_at(broken, name)))
            assert interlock in before
            assert after == tuple(reason for reason in before if reason != name), each.name


@pytest.mark.parametrize("name", TRUCK_INPUTS)
def test_the_answer_to_the_plc_s_question_for_the_pose_opens_alike(name: BypassInput) -> None:
    command, now = PERMITTED[commands.AnswerRobot]
    broken = {each: INPUTS[each][0].break_in(now, command) for each in TRUCK_INPUTS}
    for unmet, seen in broken.items():
        assert permit(command, situation(seen)) == ("robot_request_met",)
        assert (permit(command, situation(set_at(seen, name))) == ()) is (unmet is name)


@pytest.mark.parametrize("name", TRUCK_INPUTS)
def test_what_ends_a_step_reads_the_same_bypass(name: BypassInput) -> None:
    command, now = PERMITTED[commands.GripBattery]
    broken = INPUTS[name][0].break_in(now, command)
    assert len(CONDITIONS["truck_positioned"](situation(broken))) == 1
    assert CONDITIONS["truck_positioned"](situation(set_at(broken, name))) == ()
    twin = INPUTS[BYPASSABLE[name].twin][0].break_in(broken, command)
    assert len(CONDITIONS["truck_positioned"](situation(set_at(twin, name)))) == 1


@pytest.mark.parametrize("unknown", [Seen(), stale(snapshot().robot)])
@pytest.mark.parametrize("name", TRUCK_INPUTS)
def test_a_silent_plc_opens_nothing(name: BypassInput, unknown: Seen[object]) -> None:
    silent = set_at(with_device(swapping(), "robot", unknown), name)
    assert name in permit(commands.GripBattery(), situation(silent))
    assert CONDITIONS["truck_positioned"](situation(silent)) == ("robot_link",)


def _sensors(a: bool | None, b: bool | None) -> RackIo:
    presence = Presence.CONTRADICTION if a is None or a is not b else (Presence.PRESENT if a else Presence.EMPTY)
    return replace(rack(occupied=False), presence=presence, presence_a=a, presence_b=b)


@pytest.mark.parametrize("name", [BypassInput.PRESENCE_A, BypassInput.PRESENCE_B])
@pytest.mark.parametrize(("a", "b"), list(product((True, False, None), repeat=2)))
def test_the_other_presence_sensor_decides_alone(a: bool | None, b: bool | None, name: BypassInput) -> None:
    io = _sensors(a, b)
    told = with_value(with_value(snapshot(), "3.io", lambda _: io), "2.io", lambda _: io)
    seen = set_at(told, name, 3)
    twin = b if name is BypassInput.PRESENCE_A else a
    alone = {True: Presence.PRESENT, False: Presence.EMPTY, None: Presence.CONTRADICTION}[twin]
    decided = seen.bay(3).io.good
    assert decided == replace(io, presence=alone)
    assert replace(seen, bypass=None, inventory=told.inventory) == with_value(told, "3.io", lambda _: decided)


def test_the_bypassed_sensor_of_a_silent_bay_says_nothing() -> None:
    told: list[Seen[RackIo]] = [Seen(), stale(fresh(_sensors(None, True)))]
    for unknown in told:
        seen = set_at(with_device(snapshot(), "3.io", unknown), BypassInput.PRESENCE_A, 3)
        assert seen.bay(3).io.good is None


def test_a_broken_presence_sensor_contradicts_neither_bay_nor_record_while_it_is_bypassed() -> None:
    broken = with_value(snapshot(), "1.io", lambda io: replace(io, **_presence(_sensors(None, True))))
    names = []
    for seen in (with_mode(broken, Mode.MAINTENANCE), set_at(broken, BypassInput.PRESENCE_A, 1)):
        verdict = next(each.verdict for each in survey(seen).findings if each.place == "bay-1")
        later = draft(replace(seen, survey=survey(seen)))
        run_alarms(later)
        later.snapshot = replace(later.snapshot, now_s=later.now_s + 2.5)
        run_alarms(later)
        names.append((verdict, {alarm.alarm for alarm in later.memory.alarms}))
    assert names == [(Verdict.CONTRADICTS, {"BAY_MISMATCH@bay-1"}), (Verdict.AGREES, {"BYPASS_ACTIVE@presence_a:1"})]


def _presence(io: RackIo) -> dict[str, object]:
    return {name: getattr(io, name) for name in ("presence", "presence_a", "presence_b")}


def test_the_time_left_of_another_bypass_keeps_none_in_force() -> None:
    now = set_at(snapshot(), BypassInput.PRESENCE_A, 3)
    raw = replace(now, bypass=None)
    for clock in (None, BypassClock("Y2", 700.0)):
        assert with_bypass(raw, Memory(next_command_id=1, bypass=clock)) == raw


# The life of a bypass.


def _station(mode: Mode = Mode.SINGLE_STEP, exchange: Exchange = Exchange.STATION) -> Answering:
    station = standing(exchange)
    return replace(station, snapshot=with_mode(station.snapshot, mode))


def _bypassed(minutes: int = 10, name: BypassInput = BypassInput.TRUCK_IN_POSITION) -> Answering:
    station = _set(_station(), name, minutes).cycle()
    assert _in_force(station)
    return station


def _set(station: Answering, name: BypassInput, minutes: int = 10) -> Answering:
    """Two people ask for the same."""
    order = SetBypass(name, minutes, "camera dirty")
    return station.cycle(order).cycle(order, person="wang")


def _in_force(station: Answering) -> bool:
    """Whether the last cycle saw a bypass."""
    return station.past[-1].snapshot.bypass is not None


def _records(station: Answering, kind: type[T]) -> list[T]:
    return [record for cycle in station.past for record in cycle.records if isinstance(record, kind)]


def _results(station: Answering) -> list[BypassResult]:
    return [record.result for record in _records(station, BypassEnded)]


def _later(station: Answering, seconds: float, wall: timedelta) -> Answering:
    """The same station after a while in which it was not looked at; the wall clock goes its own way."""
    now = station.snapshot
    return replace(station, snapshot=replace(now, now_s=now.now_s + seconds, at=now.at + wall))


@pytest.mark.parametrize("jump", [timedelta(), timedelta(days=-400), timedelta(days=400)])
def test_a_bypass_ends_by_the_monotonic_clock_whatever_the_wall_clock_says(jump: timedelta) -> None:
    station = _later(_bypassed(minutes=10), 598.0, jump).cycle()
    assert _in_force(station)
    left = station.past[-1].snapshot.bypass
    assert left is not None
    assert left.left_s == pytest.approx(1.9, abs=0.11)
    ended = _later(station, 2.0, -jump).cycle()
    assert not _in_force(ended)
    assert ended.snapshot.inventory.bypass is None
    assert _records(ended.run(1.0), BypassEnded) == [BypassEnded(left.bypass, BypassResult.EXPIRED)]


@pytest.mark.parametrize("jump", [timedelta(), timedelta(days=-400), timedelta(days=400)])
def test_a_restart_voids_a_bypass_before_anything_is_decided(jump: timedelta) -> None:
    """Of a monotonic clock that begins anew nothing can be told: the memory is what knows the time left."""
    before = _bypassed()
    restarted = replace(before, memory=Memory(next_command_id=before.memory.next_command_id), past=())
    for now_s in (0.0, before.snapshot.now_s, 1e6):
        snapshot = replace(restarted.snapshot, now_s=now_s, at=restarted.snapshot.at + jump, boot=2)
        station = replace(restarted, snapshot=snapshot).cycle()
        assert not _in_force(station)
        assert _results(station) == [BypassResult.RESTARTED]
        assert len(_records(station.run(1.0), BypassEnded)) == 1
        assert station.snapshot.inventory.bypass is None


def test_a_bypass_counts_once_it_is_durable_and_not_before() -> None:
    station = _set(_station(), BypassInput.TRUCK_IN_POSITION)
    (opened,) = _records(station, BypassSet)
    not_written = replace(station.snapshot, inventory=replace(station.snapshot.inventory, bypass=None))
    waiting = replace(station, snapshot=replace(not_written, journal_pending=1)).cycle()
    assert not _in_force(waiting)
    written = replace(waiting.snapshot.inventory, bypass=opened.bypass)
    assert _in_force(replace(waiting, snapshot=replace(waiting.snapshot, inventory=written, journal_pending=0)).cycle())
    refused = replace(station, snapshot=not_written).cycle()
    assert refused.memory.bypass is None, "a bypass that the database refused keeps nothing from automatic mode"


def test_the_end_of_a_bypass_is_recorded_once_however_long_the_database_takes() -> None:
    station = _later(_bypassed(), 601.0, timedelta())
    stuck = replace(station.snapshot, journal_pending=1)
    for _ in range(3):
        cycle = replace(station, snapshot=stuck).cycle()
        assert not _in_force(cycle)
        assert _records(cycle, BypassEnded) == []
    assert len(_records(station.run(1.0), BypassEnded)) == 1


@pytest.mark.parametrize("person_s_mode", [Mode.SINGLE_STEP, Mode.MAINTENANCE])
def test_a_bypass_lasts_in_the_modes_of_people_at_work(person_s_mode: Mode) -> None:
    station = _bypassed().cycle(ChangeMode(Mode.MAINTENANCE, "look")).cycle().cycle()
    if person_s_mode is Mode.SINGLE_STEP:
        station = station.cycle(ChangeMode(Mode.SINGLE_STEP, "go on")).cycle().cycle()
    assert station.snapshot.inventory.mode.mode is person_s_mode
    assert _in_force(station)


@pytest.mark.parametrize("mode", [Mode.AUTOMATIC, Mode.FIRE])
def test_a_bypass_ends_with_a_mode_that_does_not_allow_it(mode: Mode) -> None:
    """Into fire at any time; into automatic only if both were asked for before either was durable."""
    station = _bypassed()
    station = replace(station, snapshot=with_mode(station.snapshot, mode)).cycle()
    assert not _in_force(station)
    assert _results(station.run(1.0)) == [BypassResult.MODE_LEFT]


def test_people_see_who_bypasses_what_and_for_how_long_as_an_alarm_that_holds_nothing() -> None:
    station = _bypassed(minutes=2).cycle()
    (alarm,) = station.memory.alarms
    assert (alarm.alarm, alarm.detail) == ("BYPASS_ACTIVE@truck_in_position", "li, wang: camera dirty, 2 min")
    assert station.snapshot.state is StationState.IDLE
    later = _later(station, 65.0, timedelta()).cycle()
    assert later.memory.alarms[0].detail == "li, wang: camera dirty, 1 min"
    ended = later.cycle(EndBypass()).cycle().cycle()
    assert ended.memory.alarms[0].state is AlarmState.RETURNED_UNACKNOWLEDGED


def _one_more_step(station: Answering) -> Answering:
    """Let a held swap go on until it is held again."""
    return station.cycle(ResumeStation()).until(lambda each: each.snapshot.state is StationState.HELD)


def _sent(station: Answering, kind: type[Command]) -> bool:
    return any(isinstance(command, kind) for cycle in station.past for command in cycle.commands)


@pytest.mark.parametrize("ending", ["expired", "ended"])
def test_a_swap_goes_on_by_a_bypass_and_is_held_when_it_is_over(ending: str) -> None:
    """The PLC's word is lost while the robot travels with nothing; the truck has not moved."""
    station = _station().cycle(RequestSwap(VIN)).until(lambda each: each.snapshot.state is StationState.HELD)
    while station.step != "grip":
        station = _one_more_step(station)
    station = station.change("robot", truck_in_position=False)
    blind = station.cycle(ResumeStation()).run(1.0)
    assert blind.snapshot.state is StationState.HELD
    assert not _sent(blind, commands.GripBattery)

    station = _set(station, BypassInput.TRUCK_IN_POSITION).cycle()
    station = _one_more_step(station)
    assert _sent(station, commands.GripBattery)
    assert station.step != "grip"

    over = station.cycle(EndBypass()) if ending == "ended" else _later(station, 600.0, timedelta())
    held = over.cycle().cycle(ResumeStation()).run(2.0)
    assert held.snapshot.state is StationState.HELD
    assert held.step == station.step
    assert held.snapshot.inventory.swap is not None
    assert not any(
        isinstance(each, commands.RobotOrder | commands.TruckOrder) for c in held.since(over) for each in c.commands
    )


def test_a_bypass_that_ends_while_the_robot_moves_holds_the_robot() -> None:
    station = _station().cycle(RequestSwap(VIN)).until(lambda each: each.snapshot.state is StationState.HELD)
    while station.step != "grip":
        station = _one_more_step(station)
    station = station.change("robot", truck_in_position=False)
    station = _set(station, BypassInput.TRUCK_IN_POSITION, 1).cycle()
    station = station.cycle(ResumeStation()).until(lambda each: _sent(each, commands.GripBattery))
    over = _later(station, 60.0, timedelta()).cycle()
    assert commands.HoldRobot() in over.past[-1].commands
    assert "TRUCK_MOVED@truck" in {alarm.alarm for alarm in over.memory.alarms}
    assert over.run(1.0).snapshot.state is StationState.HELD
