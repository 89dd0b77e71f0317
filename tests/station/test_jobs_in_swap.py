"""A job in the middle of a held swap: it suspends the swap, moves none of its batteries, and leaves it held."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from swapstation.config.settings import Exchange
from swapstation.contract.alarm_catalogue import alarm_catalogue
from swapstation.model import command as commands
from swapstation.model.device import RobotState
from swapstation.model.inventory import Cause, SwapResult
from swapstation.model.job import JobKind, JobResult
from swapstation.model.journal import IntentRecorded, JobClosed, JobOpened, SwapClosed
from swapstation.model.mode import Mode
from swapstation.model.reasons import reason_catalogue
from swapstation.model.request import (
    AbandonJob,
    AbandonSwap,
    Accepted,
    Answer,
    CloseSwap,
    ConfirmStartUp,
    DivertSwap,
    HoldStation,
    Payload,
    ReconcileSwap,
    Refused,
    ResumeStation,
    StartJob,
)
from swapstation.model.snapshot import StationState
from swapstation.station.draft import Draft
from swapstation.station.jobs import SUSPENDED
from swapstation.station.memory import Memory
from swapstation.station.order_tracking import adopt_open_intents
from swapstation.station.people import for_people
from swapstation.station.recipe import load_recipe
from swapstation.station.survey import survey
from tests.station.situations import OTHER_VIN, VIN, with_mode
from tests.station.walk import Answering, entering, standing

HELD, IDLE = StationState.HELD, StationState.IDLE
HOME = StartJob(JobKind.HOME)
EMPTY_STEPS = ("locate", "grip", "pick", "park", "verify")
"""Steps at whose beginning the robot of a station-run swap has no battery and has gripped none."""
CARRYING = (JobKind.MOVE, JobKind.STORE, JobKind.LIFT, JobKind.PUT, JobKind.PICK, JobKind.PLACE)


def _held(step: str, exchange: Exchange = Exchange.STATION) -> Answering:
    station = entering(exchange)[step].cycle(HoldStation("look"))
    return station.until(lambda each: each.snapshot.state is HELD).run(1.5)


def _powered_up(step: str) -> Answering:
    """The PLC lost power at this step and woke up without its order and without its axis reference."""
    return replace(_held(step), job=None).change("robot", state=RobotState.IDLE, running_id=0, homed=False)


def _records(station: Answering, since: Answering) -> list[Any]:
    return [record for cycle in station.since(since) for record in cycle.records]


def _answer(station: Answering, payload: Payload) -> Answer:
    answers = [batch.answer for batch in station.cycle(payload).past[-1].decision.batches if batch.answer is not None]
    return answers[0]


def _reasons(station: Answering, payload: Payload) -> tuple[str, ...]:
    answer = _answer(station, payload)
    assert isinstance(answer, Refused), answer
    assert all(reason in reason_catalogue() for reason in answer.reasons if reason.islower())
    return answer.reasons


def _suspended(station: Answering) -> bool:
    return station.snapshot.state is HELD and station.snapshot.inventory.job is None


def _resumed(station: Answering) -> Answering:
    return station.cycle(ResumeStation()).until(lambda each: each.step is None, 120.0)


@pytest.mark.parametrize("step", EMPTY_STEPS)
def test_a_swap_that_needs_homing_ends_after_it(step: str) -> None:
    start = _powered_up(step)
    swap = start.snapshot.inventory.swap
    homed = start.cycle(HOME).until(_suspended)
    assert homed.memory.hold_reasons == (SUSPENDED,)
    assert homed.step == start.step
    assert homed.snapshot.inventory.open_intents == ()
    assert homed.snapshot.inventory.holds == start.snapshot.inventory.holds
    assert [each.command for each in _records(homed, start) if isinstance(each, IntentRecorded)] == ["HomeRobot"]
    ended = _resumed(homed)
    (closed,) = [each for each in _records(ended, homed) if isinstance(each, SwapClosed)]
    assert swap is not None
    assert (closed.swap, closed.result) == (swap.swap, SwapResult.COMPLETED)


def test_without_homing_the_swap_stays_held() -> None:
    station = _powered_up("grip").cycle(ResumeStation()).run(90.0)
    assert station.snapshot.state is HELD
    assert (station.step, station.past[-1].commands) == ("grip", ())


@pytest.mark.parametrize("step", ["lift", "place"])
def test_a_robot_that_holds_a_battery_is_not_homed(step: str) -> None:
    station = _powered_up(step).cycle(HOME).run(5.0)
    refused = {each.command: each.reasons for each in station.memory.refused}
    assert refused == {"HomeRobot": ("robot_empty",)}
    assert station.snapshot.inventory.job is not None


@pytest.mark.parametrize("mode", [Mode.SINGLE_STEP, Mode.MAINTENANCE])
def test_a_single_move_between_two_steps_is_allowed_where_the_mode_allows_it(mode: Mode) -> None:
    start = _held("grip")
    start = replace(start, snapshot=with_mode(start.snapshot, mode))
    parked = start.cycle(StartJob(JobKind.PARK)).until(_suspended)
    assert [type(each) for each in _records(parked, start) if isinstance(each, JobOpened | JobClosed)] == [
        JobOpened,
        JobClosed,
    ]
    back = replace(parked, snapshot=with_mode(parked.snapshot, Mode.AUTOMATIC))
    _resumed(back)


def test_an_automatic_station_allows_no_single_move() -> None:
    assert _reasons(_held("grip"), StartJob(JobKind.PARK)) == ("mode_automatic",)


@pytest.mark.parametrize("kind", CARRYING)
def test_no_job_carries_a_battery_while_a_swap_is_open(kind: JobKind) -> None:
    start = _held("grip")
    start = replace(start, snapshot=with_mode(start.snapshot, Mode.MAINTENANCE))
    assert _reasons(start, StartJob(kind, 2, 3)) == ("swap_moves_batteries",)


def test_every_kind_that_carries_is_named_here() -> None:
    start = _held("grip")
    start = replace(start, snapshot=with_mode(start.snapshot, Mode.MAINTENANCE))
    refused = {
        kind
        for kind in set(JobKind) - {JobKind.STOCK_CHECK}
        if isinstance(answer := _answer(start, StartJob(kind, 2, 3)), Refused)
        and "swap_moves_batteries" in answer.reasons
    }
    assert refused == set(CARRYING)


@pytest.mark.parametrize(
    ("station", "payload", "reason"),
    [
        (entering(Exchange.STATION)["grip"], HOME, "not_idle"),
        (_powered_up("grip").cycle(HOME), HOME, "not_idle"),
        (_powered_up("grip").cycle(HOME), AbandonSwap("S0001-00000001", "ice"), "job_open"),
        (_powered_up("grip").cycle(HOME), DivertSwap("S0001-00000001", Cause.MECHANICAL, "ice"), "job_open"),
        (_held("grip").change("truck", vin=OTHER_VIN), StartJob(JobKind.LOCATE), "vin_matches"),
        (_held("grip", Exchange.PLC), HOME, "exchange_under_way"),
        (_held("grip").change("safety", doors_closed=False).run(0.2), HOME, "SAFETY_CHAIN_OPEN"),
    ],
)
def test_what_is_refused_says_why(station: Answering, payload: Payload, reason: str) -> None:
    if isinstance(payload, StartJob) and payload.job is JobKind.LOCATE:
        station = replace(station, snapshot=with_mode(station.snapshot, Mode.MAINTENANCE))
    assert reason in _reasons(station, payload)


@pytest.mark.parametrize(
    "payload",
    [
        lambda swap: CloseSwap(swap, "nothing else helps"),
        lambda _: ReconcileSwap(VIN, "B1", "B3", 3, "made by hand"),
    ],
)
def test_a_swap_is_not_closed_under_a_job(payload: Callable[[str], Payload]) -> None:
    station = _powered_up("grip").cycle(HOME).cycle(HoldStation("look")).until(lambda each: each.snapshot.state is HELD)
    swap = station.snapshot.inventory.swap
    assert swap is not None
    assert _reasons(station, payload(swap.swap)) == ("job_open",)


def test_a_job_given_up_leaves_the_swap_held() -> None:
    station = _powered_up("grip").cycle(HOME).cycle(HoldStation("look")).until(lambda each: each.snapshot.state is HELD)
    job = station.snapshot.inventory.job
    assert job is not None
    given_up = station.cycle(AbandonJob(job.job, "no reference mark")).until(_suspended)
    assert given_up.memory.hold_reasons == (SUSPENDED,)
    (closed,) = [each for each in _records(given_up, station) if isinstance(each, JobClosed)]
    assert closed.result is JobResult.FAILED
    assert given_up.snapshot.inventory.swap is not None
    _resumed(given_up.cycle(HOME).until(_suspended))


def _restarted(station: Answering) -> Answering:
    """A new controller on the same database and machine, confirmed by a person."""
    now = replace(station.snapshot, state=StationState.ABORTED, confirmed=False)
    adopting = Draft(station.rules, now, Memory(next_command_id=now.inventory.next_command_id))
    adopt_open_intents(adopting)
    station = replace(station, snapshot=now, memory=adopting.memory).run(2.0)
    assert [each for cycle in station.past[-20:] for each in cycle.commands] == []
    surveyed = replace(station, snapshot=replace(station.snapshot, survey=survey(station.snapshot)))
    confirmed = surveyed.cycle(ConfirmStartUp())
    return confirmed.until(lambda each: each.snapshot.state is HELD)


@pytest.mark.parametrize("after_s", [0.1, 0.3, 0.6])
def test_a_restart_in_the_middle_of_the_job_goes_on_with_the_job_then_with_the_swap(after_s: float) -> None:
    station = _restarted(_powered_up("grip").cycle(HOME).run(after_s))
    assert station.snapshot.inventory.job is not None
    homed = station.cycle(ResumeStation()).until(_suspended)
    assert homed.memory.hold_reasons == (SUSPENDED,)
    _resumed(homed)


def test_a_restart_after_the_job_goes_on_with_the_swap() -> None:
    _resumed(_restarted(_powered_up("grip").cycle(HOME).until(_suspended)))


def test_a_paused_order_of_the_swap_is_given_up_for_the_job() -> None:
    start = entering(Exchange.STATION)["locate"].run(0.3).cycle(HoldStation("look"))
    start = start.until(lambda each: each.snapshot.state is HELD)
    assert start.snapshot.robot.good is not None
    assert start.snapshot.robot.good.state is RobotState.PAUSED
    homed = start.cycle(HOME).until(_suspended)
    ordered = [
        each for cycle in homed.since(start) for each in cycle.commands if not isinstance(each, commands.HoldRobot)
    ]
    assert ordered[0] == commands.StopRobot()
    assert commands.ResumeRobot() not in ordered
    _resumed(homed)


def test_a_job_that_the_database_refused_lets_no_swap_go_on() -> None:
    start = _held("grip")
    asked = start.cycle(HOME)
    stock = start.snapshot.inventory
    later = replace(asked, snapshot=replace(asked.snapshot, inventory=stock)).run(5.0)
    assert later.snapshot.state is HELD
    assert (later.step, later.memory.hold_reasons) == ("grip", (SUSPENDED,))
    assert not [each for each in _records(later, asked) if isinstance(each, IntentRecorded)]


def test_the_truck_of_a_suspended_swap_is_watched_as_the_step_of_the_swap_asks() -> None:
    station = _powered_up("pick").cycle(HOME).run(0.2).change("truck", parking_brake_set=False).run(0.5)
    assert station.snapshot.state in (StationState.HOLDING, HELD)
    assert "TRUCK_MOVED" in station.memory.hold_reasons


def test_people_see_the_swap_where_it_is_while_the_job_runs() -> None:
    station = _powered_up("grip").cycle(HOME).run(0.3)
    shown = for_people(Draft(station.rules, station.snapshot, station.memory))
    assert shown.swap is not None
    assert shown.swap.step == "grip"
    assert shown.inventory.job is not None


def test_an_exchange_that_people_leave_can_be_suspended_for_a_job() -> None:
    start = _held("grip", Exchange.PLC)
    swap = start.snapshot.inventory.swap
    assert swap is not None
    assert isinstance(_answer(start, DivertSwap(swap.swap, Cause.MECHANICAL, "ice")), Accepted)
    diverted = start.cycle(DivertSwap(swap.swap, Cause.MECHANICAL, "ice")).run(0.3)
    homed = diverted.cycle(HOME).until(_suspended)
    assert homed.step == diverted.step
    _resumed(homed)


def test_a_job_at_the_truck_keeps_to_the_pose_that_the_recipe_of_its_model_asks_for() -> None:
    start = standing(Exchange.STATION)
    side = load_recipe("side", Exchange.STATION.value, alarm_catalogue())
    (model,) = start.rules.config.truck_models
    settings = replace(start.rules.config, truck_models=(replace(model, recipe="side"),))
    rules = replace(start.rules, config=settings, other_recipes=(side,))
    start = replace(start, rules=rules, snapshot=with_mode(start.snapshot, Mode.MAINTENANCE))
    far = start.change("robot", pose_x_mm=90).cycle(StartJob(JobKind.LOCATE)).run(2.0)
    assert far.memory.waiting_for == ("pose_x_in_range",)
    near = far.change("robot", pose_x_mm=10).until(lambda each: each.snapshot.state is IDLE)
    assert near.snapshot.inventory.job is None
