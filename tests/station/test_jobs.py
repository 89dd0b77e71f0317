"""Jobs: every kind from request to end, what they hold, who may, and what is recorded when they are given up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from swapstation.config.settings import Exchange
from swapstation.model import command as commands
from swapstation.model.device import LockState, Presence, RobotState
from swapstation.model.inventory import ROBOT, TRANSIT, Hold, HoldKind
from swapstation.model.job import Difference, JobKind, JobResult
from swapstation.model.journal import BatteryMoved, IntentRecorded, JobClosed, JobOpened, JobStepped
from swapstation.model.mode import Mode
from swapstation.model.reasons import reason_catalogue
from swapstation.model.request import (
    AbandonJob,
    Accepted,
    Answer,
    ChangeMode,
    ConfirmStartUp,
    HoldStation,
    Payload,
    Refused,
    RequestSwap,
    ResumeStation,
    StartJob,
)
from swapstation.model.seen import Seen
from swapstation.model.snapshot import StationState
from swapstation.station.conditions import CONDITIONS
from swapstation.station.draft import Draft
from swapstation.station.job_steps import EVERY_CONDITION, JOB_CONDITIONS, ORDERS, STEPS
from swapstation.station.memory import Memory
from swapstation.station.operating_mode import JOBS_OF_EVERY_DAY
from swapstation.station.order_tracking import adopt_open_intents
from swapstation.station.survey import survey
from tests.station.overlap_station import waiting
from tests.station.situations import (
    EMPTY_BAY,
    FRESH_BAY,
    ISOLATION_BAY,
    OTHER_VIN,
    TRANSIT_BAY,
    VIN,
    device,
    rack,
    rules,
    stale,
    with_battery,
    with_bay,
    with_device,
    with_mode,
    with_value,
)
from tests.station.walk import Answering, standing

MOVE = StartJob(JobKind.MOVE, FRESH_BAY, EMPTY_BAY)
HELD, IDLE = StationState.HELD, StationState.IDLE


def _station(mode: Mode = Mode.AUTOMATIC, exchange: Exchange = Exchange.STATION) -> Answering:
    station = standing(exchange)
    return replace(station, snapshot=with_mode(station.snapshot, mode))


def _loaded(mode: Mode = Mode.MAINTENANCE) -> Answering:
    """B1 hangs from the robot, its bay is empty."""
    station = _station(mode)
    now = with_value(with_battery(station.snapshot, "B1", place=ROBOT), "1.io", lambda _: rack(occupied=False))
    return replace(station, snapshot=with_bay(now, FRESH_BAY, battery=None)).change("robot", payload=True, gripped=True)


def _with(battery: str, **changes: Any) -> Answering:
    station = _station()
    return replace(station, snapshot=with_battery(station.snapshot, battery, **changes))


def _with_transit() -> Answering:
    """B1 was left in the transit place."""
    station = waiting()
    now = with_value(with_battery(station.snapshot, "B1", place=TRANSIT), "1.io", lambda _: rack(occupied=False))
    now = with_value(now, f"{TRANSIT_BAY}.io", lambda _: rack(occupied=True))
    now = with_value(now, "1.charge", lambda charge: replace(charge, serial=None))
    return replace(station, snapshot=with_bay(with_bay(now, FRESH_BAY, battery=None), TRANSIT_BAY, battery="B1"))


def _answer(station: Answering, payload: Payload) -> Answer:
    answers = [batch.answer for batch in station.cycle(payload).past[-1].decision.batches if batch.answer is not None]
    return answers[0]


def _reasons(station: Answering, payload: Payload) -> tuple[str, ...]:
    answer = _answer(station, payload)
    assert isinstance(answer, Refused), answer
    assert all(reason in reason_catalogue() for reason in answer.reasons)
    return answer.reasons


def _place_of(station: Answering, battery: str) -> str:
    found = station.snapshot.inventory.battery(battery)
    assert found is not None
    return found.place


def _records(station: Answering, since: Answering) -> list[Any]:
    return [record for cycle in station.since(since) for record in cycle.records]


STARTS: dict[JobKind, tuple[Answering, StartJob]] = {
    JobKind.MOVE: (_station(), MOVE),
    JobKind.STORE: (_with_transit(), StartJob(JobKind.STORE)),
    JobKind.HOME: (_station().change("robot", homed=False), StartJob(JobKind.HOME)),
    JobKind.LOCATE: (_station(Mode.MAINTENANCE), StartJob(JobKind.LOCATE)),
    JobKind.GRIP: (_station(Mode.MAINTENANCE), StartJob(JobKind.GRIP)),
    JobKind.LIFT: (
        _station(Mode.MAINTENANCE).change("robot", gripped=True, seated=True).change("truck", lock=LockState.UNLOCKED),
        StartJob(JobKind.LIFT),
    ),
    JobKind.PUT: (_loaded(), StartJob(JobKind.PUT, to_bay=EMPTY_BAY)),
    JobKind.PICK: (_station(Mode.SINGLE_STEP), StartJob(JobKind.PICK, FRESH_BAY)),
    JobKind.PLACE: (
        with_no_battery := replace(_loaded(), snapshot=with_battery(_loaded().snapshot, "B3", place="bay-1")).change(
            "truck", battery_present=False, lock=LockState.UNLOCKED, codes=()
        ),
        StartJob(JobKind.PLACE),
    ),
    JobKind.UNGRIP: (
        _station(Mode.MAINTENANCE).change("robot", gripped=True, seated=True),
        StartJob(JobKind.UNGRIP),
    ),
    JobKind.PARK: (_station(Mode.MAINTENANCE).change("robot", clear_of_truck=False), StartJob(JobKind.PARK)),
    JobKind.UNLOCK: (
        _station(Mode.MAINTENANCE).change("robot", gripped=True, seated=True),
        StartJob(JobKind.UNLOCK),
    ),
    JobKind.LOCK: (
        _station(Mode.MAINTENANCE).change("robot", gripped=True, seated=True).change("truck", lock=LockState.UNLOCKED),
        StartJob(JobKind.LOCK),
    ),
}
del with_no_battery
ENDS = {
    JobKind.MOVE: ("B1", "bay-3"),
    JobKind.STORE: ("B1", "bay-1"),
    JobKind.LIFT: ("B3", ROBOT),
    JobKind.PUT: ("B1", "bay-3"),
    JobKind.PICK: ("B1", ROBOT),
    JobKind.PLACE: ("B1", f"truck:{VIN}"),
}


def test_a_truck_left_unlocked_is_locked_without_the_robot() -> None:
    """Where a swap was closed by force its battery stands on the truck, and no grip is allowed on open locks."""
    start = _station(Mode.MAINTENANCE).change("truck", lock=LockState.UNLOCKED)
    ended = _ended(start, StartJob(JobKind.LOCK))
    assert ended.snapshot.truck.good is not None
    assert ended.snapshot.truck.good.lock is LockState.LOCKED
    away = start.change("robot", clear_of_truck=False)
    assert "robot_holds_or_clear" in _refused_commands(away.cycle(StartJob(JobKind.LOCK)).run(1.0))


def _refused_commands(station: Answering) -> set[str]:
    return {reason for refused in station.memory.refused for reason in refused.reasons}


def test_every_kind_with_steps_is_tried() -> None:
    """The transfer to isolation is begun by the station alone (test_transfer.py)."""
    assert set(STEPS) == set(JobKind) - {JobKind.STOCK_CHECK}
    assert set(STARTS) == set(STEPS) - {JobKind.ISOLATE}


def test_every_step_names_what_exists() -> None:
    steps = [step for each in STEPS.values() for step in each]
    assert {step.done for step in steps} <= set(EVERY_CONDITION)
    assert {step.command for step in steps if step.command} == set(ORDERS)
    assert {step.alarm for step in steps} <= set(rules().alarms)
    assert not set(JOB_CONDITIONS) & set(CONDITIONS)


def _ended(start: Answering, payload: StartJob) -> Answering:
    station = start.cycle(payload)
    for _ in range(4):
        station = station.until(lambda each: each.snapshot.state in (IDLE, HELD))
        if station.snapshot.state is IDLE:
            return station.run(0.3)
        assert station.memory.hold_reasons == ("single_step",)
        station = station.cycle(ResumeStation())
    raise AssertionError(station.memory)


@pytest.mark.parametrize("kind", STARTS)
def test_a_job_ends_with_its_battery_where_the_sensors_prove_it(kind: JobKind) -> None:
    start, payload = STARTS[kind]
    station = _ended(start, payload)
    assert station.snapshot.inventory.job is None
    assert station.snapshot.inventory.holds == start.snapshot.inventory.holds
    (closed,) = [each for each in _records(station, start) if isinstance(each, JobClosed)]
    assert closed.result is JobResult.COMPLETED
    moves = {each.battery: each.destination for each in _records(station, start) if isinstance(each, BatteryMoved)}
    assert moves == (dict([ENDS[kind]]) if kind in ENDS else {})
    assert station.snapshot.inventory.open_intents == ()


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("kind", STARTS)
def test_a_kind_is_accepted_only_in_the_modes_that_allow_it(kind: JobKind, mode: Mode) -> None:
    start, payload = STARTS[kind]
    start = replace(start, snapshot=with_mode(start.snapshot, mode))
    by_hand = kind not in JOBS_OF_EVERY_DAY
    allowed = mode is not Mode.FIRE and not (by_hand and mode is Mode.AUTOMATIC)
    if allowed:
        assert isinstance(_answer(start, payload), Accepted)
    else:
        assert _reasons(start, payload) == (f"mode_{mode}",)


def _holding(station: Answering, hold: Hold) -> Answering:
    return replace(
        station, snapshot=replace(station.snapshot, inventory=replace(station.snapshot.inventory, holds=(hold,)))
    )


@pytest.mark.parametrize(
    ("station", "payload", "reason"),
    [
        (_station(), StartJob(JobKind.MOVE, 77, EMPTY_BAY), "bad_input"),
        (_station(), StartJob(JobKind.MOVE, FRESH_BAY), "bad_input"),
        (_station(), StartJob(JobKind.MOVE, EMPTY_BAY, ISOLATION_BAY), "unknown_battery"),
        (_station(), StartJob(JobKind.MOVE, FRESH_BAY, 2), "place_occupied"),
        (_station(), StartJob(JobKind.MOVE, FRESH_BAY, FRESH_BAY), "place_occupied"),
        (_holding(_station(), Hold("B1", HoldKind.BOOKING, battery="B1")), MOVE, "battery_held"),
        (_holding(_station(), Hold("L1", HoldKind.LOCK_OUT, place="bay-3")), MOVE, "place_held"),
        (_station(), StartJob(JobKind.MOVE, FRESH_BAY, ISOLATION_BAY), "isolation_for_doubt"),
        (_with("B1", quarantined=True), MOVE, "only_to_isolation"),
        (_station(Mode.MAINTENANCE).change("truck", vin=None), StartJob(JobKind.LOCATE), "truck_link"),
        (_station(Mode.MAINTENANCE).change("truck", vin=OTHER_VIN), StartJob(JobKind.LOCATE), "truck_registered"),
        (_station(Mode.MAINTENANCE), StartJob(JobKind.PUT, to_bay=EMPTY_BAY), "unknown_battery"),
        (_station().cycle(RequestSwap(VIN)), MOVE, "not_idle"),
        (_station().cycle(MOVE), MOVE, "not_idle"),
        (_station(), AbandonJob("J1", "ice"), "no_job"),
        (_station().cycle(MOVE), AbandonJob("J0001-00000001", "ice"), "not_held"),
    ],
)
def test_a_job_is_refused_and_says_why(station: Answering, payload: Payload, reason: str) -> None:
    assert reason in _reasons(station, payload)


@pytest.mark.parametrize("mark", ["quarantined", "doubtful"])
def test_a_battery_that_is_not_trusted_is_carried_to_the_isolation_place(mark: str) -> None:
    start = _with("B1", **{mark: True})
    assert _place_of(_ended(start, StartJob(JobKind.MOVE, FRESH_BAY, ISOLATION_BAY)), "B1") == "isolation"


def test_a_quarantined_battery_that_hangs_may_be_set_down_where_there_is_room() -> None:
    start = replace(_loaded(), snapshot=with_battery(_loaded().snapshot, "B1", quarantined=True))
    assert _place_of(_ended(start, StartJob(JobKind.PUT, to_bay=EMPTY_BAY)), "B1") == "bay-3"


def test_no_swap_begins_while_a_job_is_open() -> None:
    assert "not_idle" in _reasons(_station().cycle(MOVE), RequestSwap(VIN))


def test_a_move_holds_its_battery_and_both_places() -> None:
    station = _station().cycle(MOVE)
    inventory = station.snapshot.inventory
    assert inventory.held(battery="B1") is not None
    assert inventory.held(place="bay-1") is not None
    assert inventory.held(place="bay-3") is not None


@pytest.mark.parametrize("exchange", Exchange)
def test_a_move_records_each_place_as_the_sensors_prove_it(exchange: Exchange) -> None:
    start = _station(exchange=exchange)
    station = _ended(start, MOVE)
    moves = [(each.origin, each.destination) for each in _records(station, start) if isinstance(each, BatteryMoved)]
    assert moves == [("bay-1", ROBOT), (ROBOT, "bay-3")]
    ordered = [each.command for each in _records(station, start) if isinstance(each, IntentRecorded)]
    assert ordered == ["MoveBattery"]


def test_a_move_waits_until_its_bay_is_dead() -> None:
    start = _station().change("1.io", contactor_closed=True)
    station = start.cycle(MOVE).run(5.0)
    assert station.snapshot.inventory.job is not None
    assert station.snapshot.inventory.job.step == "deaden"
    assert station.memory.waiting_for == ("origin_bay_dead",)
    dead = station.change("1.io", contactor_closed=False).until(lambda each: each.snapshot.state is IDLE)
    assert _place_of(dead, "B1") == "bay-3"


def _hanging() -> Answering:
    """In the middle of a move: B1 hangs from the robot, the station is held."""
    station = _station().cycle(MOVE).until(lambda each: _place_of(each, "B1") == ROBOT)
    return station.cycle(HoldStation("fog")).until(lambda each: each.snapshot.state is HELD)


def test_a_held_move_goes_on_with_a_resume() -> None:
    start = _hanging()
    ended = start.cycle(ResumeStation()).until(lambda each: each.snapshot.state is IDLE)
    assert _place_of(ended, "B1") == "bay-3"
    assert not any(isinstance(each, IntentRecorded) for each in _records(ended, start))


def _restarted(station: Answering) -> Answering:
    """A new controller on the same database and machine, confirmed by a person."""
    now = replace(station.snapshot, state=StationState.ABORTED, confirmed=False)
    now = replace(now, survey=survey(now))
    adopting = Draft(station.rules, now, Memory(next_command_id=now.inventory.next_command_id))
    adopt_open_intents(adopting)
    assert adopting.records == []
    station = replace(station, snapshot=now, memory=adopting.memory)
    confirmed = station.cycle(ConfirmStartUp())
    assert confirmed.snapshot.state is HELD
    return confirmed


def test_a_move_survives_a_restart_with_the_robot_still_at_it() -> None:
    start = _restarted(_hanging())
    ended = start.cycle(ResumeStation()).until(lambda each: each.snapshot.state is IDLE)
    assert _place_of(ended, "B1") == "bay-3"
    assert not any(isinstance(each, IntentRecorded) for each in _records(ended, start))


def test_what_a_robot_has_forgotten_of_a_move_is_ordered_anew() -> None:
    """The PLC lost power: it knows no order any more, the battery hangs."""
    start = _restarted(_hanging())
    start = replace(start, job=None).change("robot", state=RobotState.IDLE, running_id=0, accepted_id=0)
    ended = start.cycle(ResumeStation()).until(lambda each: each.snapshot.state is IDLE)
    assert _place_of(ended, "B1") == "bay-3"
    ordered = [each.command for each in _records(ended, start) if isinstance(each, IntentRecorded)]
    assert ordered == ["PutBattery"]


def test_a_given_up_move_leaves_the_battery_where_the_sensors_prove_it() -> None:
    station = _hanging()
    job = station.snapshot.inventory.job
    assert job is not None
    assert _reasons(station, AbandonJob("J9", "ice")) == ("job_not_open",)
    given_up = station.cycle(AbandonJob(job.job, "ice"))
    assert any(isinstance(command, commands.StopRobot) for command in given_up.past[-1].commands)
    assert (given_up.snapshot.state, given_up.snapshot.inventory.job) == (IDLE, None)
    assert given_up.snapshot.inventory.holds == ()
    assert _place_of(given_up, "B1") == ROBOT
    by_hand = given_up.cycle(ChangeMode(Mode.MAINTENANCE, "put it away"))
    ended = _ended(by_hand, StartJob(JobKind.PUT, to_bay=FRESH_BAY))
    assert _place_of(ended, "B1") == "bay-1"


@pytest.mark.parametrize("unproven", ["robot", "1.io", "3.io"])
def test_a_job_whose_battery_is_nowhere_for_sure_is_not_given_up(unproven: str) -> None:
    station = _hanging()
    job = station.snapshot.inventory.job
    assert job is not None
    old = stale(device(station.snapshot, unproven))
    blind = replace(station, snapshot=with_device(station.snapshot, unproven, old))
    assert "place_unproven" in _reasons(blind, AbandonJob(job.job, "ice"))


def test_in_single_step_mode_a_job_is_held_between_its_steps() -> None:
    start = _station(Mode.SINGLE_STEP)
    station = start.cycle(MOVE).until(lambda each: each.snapshot.state is HELD)
    assert station.memory.hold_reasons == ("single_step",)
    assert [type(each) for each in _records(station, start) if isinstance(each, JobOpened | JobStepped)] == [
        JobOpened,
        JobStepped,
    ]


def test_a_stock_check_tells_every_bay_that_differs_and_changes_nothing() -> None:
    station = _station(Mode.FIRE).change("3.io", presence=Presence.PRESENT).change("1.charge", serial=77)
    checked = station.cycle(StartJob(JobKind.STOCK_CHECK))
    (closed,) = [each for each in checked.past[-1].records if isinstance(each, JobClosed)]
    assert closed.differences == (Difference("bay-1", "B1", "BMS 999 77"), Difference("bay-3", None, "present"))
    answer = _answer(station, StartJob(JobKind.STOCK_CHECK))
    assert isinstance(answer, Accepted)
    assert set(answer.result) == {"job", "bay-1", "bay-3"}
    assert checked.snapshot.state is IDLE
    assert checked.snapshot.inventory.batteries == station.snapshot.inventory.batteries


def test_a_stock_check_needs_every_bay_to_answer_and_no_open_job() -> None:
    station = _station()
    silent = replace(station, snapshot=with_device(station.snapshot, "3.io", Seen()))
    assert _reasons(silent, StartJob(JobKind.STOCK_CHECK)) == ("survey_incomplete",)
    assert _reasons(station.cycle(MOVE), StartJob(JobKind.STOCK_CHECK)) == ("job_open",)


@pytest.mark.parametrize("kind", [kind for kind, steps in STEPS.items() if steps[0].watch_truck])
def test_a_truck_that_gives_up_its_parked_state_holds_a_job_at_it(kind: JobKind) -> None:
    start, payload = STARTS[kind]
    station = start.cycle(payload).run(0.2).change("truck", parking_brake_set=False).run(0.5)
    assert station.snapshot.state in (StationState.HOLDING, HELD)
    assert "TRUCK_MOVED" in station.memory.hold_reasons
