"""Nothing may be written down any more: the running order ends, nothing begins after it, people resume."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swapstation.config.settings import Exchange
from swapstation.model import command as commands
from swapstation.model.command import AnswerRobot, RobotOrder, TruckOrder
from swapstation.model.device import RobotRequest, RobotState, RobotStep
from swapstation.model.disk import DiskLevel, DiskSpace
from swapstation.model.journal import SwapStepped
from swapstation.model.request import HoldStation, Refused, RequestSwap, ResumeStation
from swapstation.model.snapshot import StationState
from swapstation.station.situation import OrderPhase
from tests.station.situations import VIN, fresh, stale, with_device
from tests.station.walk import Answering, entering, requested, standing

FULL, ROOMY = DiskSpace(DiskLevel.STOP, 3.0), DiskSpace(DiskLevel.ENOUGH, 60.0)
BOTH = [(exchange, step) for exchange in Exchange for step in entering(exchange)]
CARRIES = ("lift", "put", "pick", "place", "park")


def disk(station: Answering, space: DiskSpace) -> Answering:
    return replace(station, snapshot=replace(station.snapshot, disk=fresh(space)))


def held(station: Answering) -> Answering:
    return station.until(lambda each: each.memory.state is StationState.HELD)


def under_way(step: str, exchange: Exchange = Exchange.STATION) -> Answering:
    """The robot in the middle of the order of a step."""
    moving = entering(exchange)[step].until(lambda each: each.job is not None)
    return moving.until(lambda each: each.memory.robot_order is not None and _runs(each)).cycle()


def _runs(station: Answering) -> bool:
    order = station.memory.robot_order
    return order is not None and order.phase is OrderPhase.RUNNING


def begun(station: Answering, earlier: Answering) -> list[object]:
    """What was set going since then."""
    sent = [command for cycle in station.since(earlier) for command in cycle.commands]
    return [command for command in sent if isinstance(command, RobotOrder | TruckOrder | AnswerRobot)]


@pytest.mark.parametrize(("exchange", "step"), BOTH)
def test_at_every_step_nothing_begins_on_a_full_disk_and_a_resume_finishes_the_swap(
    exchange: Exchange, step: str
) -> None:
    full = disk(entering(exchange)[step], FULL)
    stopped = held(full)
    assert begun(stopped, full) == []
    assert stopped.memory.hold_reasons == ("DISK_FULL",)
    quiet = stopped.run(5.0)
    assert (begun(quiet, full), quiet.memory.state) == ([], StationState.HELD)
    roomy = disk(quiet, ROOMY).run(1.0)
    assert (begun(roomy, full), roomy.memory.state) == ([], StationState.HELD), "people resume, nothing else does"
    done = roomy.cycle(ResumeStation()).until(lambda each: each.memory.state is StationState.IDLE, 120.0)
    assert done.snapshot.inventory.swap is None


@pytest.mark.parametrize("step", CARRIES)
def test_an_order_under_way_comes_to_its_end_and_its_fact_is_kept(step: str) -> None:
    moving = under_way(step)
    running = moving.snapshot.robot.value
    assert running is not None
    stopped = held(disk(moving, FULL))
    robot = stopped.snapshot.robot.value
    assert robot is not None
    assert (robot.done_id, robot.state, stopped.job) == (running.running_id, RobotState.IDLE, None)
    assert commands.HoldRobot() not in [command for cycle in stopped.since(moving) for command in cycle.commands]
    assert begun(stopped, moving) == []
    resumed = disk(stopped, ROOMY).cycle().cycle(ResumeStation())
    further = resumed.until(lambda each: each.step != step)
    assert begun(further, resumed) == [], "what was done is not done again"
    assert any(isinstance(record, SwapStepped) for cycle in further.since(moving) for record in cycle.records)


@pytest.mark.parametrize("step", CARRIES)
def test_a_hold_by_people_does_not_wait_for_the_step(step: str) -> None:
    moving = disk(under_way(step), FULL).cycle(HoldStation())
    assert commands.HoldRobot() in moving.past[-1].commands
    assert held(moving).job is not None, "the order is not at its end"


def test_another_alarm_that_holds_does_not_wait_for_the_step() -> None:
    opened = disk(under_way("put"), FULL).cycle().change("safety", doors_closed=False).cycle()
    assert opened.memory.state is StationState.HOLDING
    assert set(opened.memory.hold_reasons) == {"DISK_FULL", "SAFETY_CHAIN_OPEN"}


def test_an_order_that_the_robot_has_not_taken_up_is_not_waited_for_and_not_sent_again() -> None:
    deaf = replace(entering(Exchange.STATION)["put"], deaf=True)
    sent = deaf.until(lambda each: each.memory.robot_order is not None and each.memory.robot_order.phase == "sent")
    full = disk(sent, FULL)
    assert begun(held(full), full) == []


def test_a_robot_that_falls_silent_while_it_finishes_is_held_at_once() -> None:
    moving = disk(under_way("put"), FULL).cycle()
    silent = replace(moving, snapshot=with_device(moving.snapshot, "robot", stale(moving.snapshot.robot)))
    assert silent.cycle().memory.state is StationState.HOLDING


def test_a_plc_is_stopped_where_it_asks() -> None:
    """It waits for an answer that could not be written down."""
    full = disk(_asking(), FULL)
    stopped = held(full.cycle())
    assert begun(stopped, full) == []
    assert commands.HoldRobot() in [command for cycle in stopped.since(full) for command in cycle.commands]


def _asks(station: Answering) -> bool:
    robot = station.snapshot.robot.value
    return robot is not None and robot.request is not RobotRequest.NONE


def _asking() -> Answering:
    return requested(Exchange.PLC).until(_asks)


def test_a_plc_is_stopped_before_its_next_step() -> None:
    moving = disk(_running_exchange(), FULL).cycle()
    assert moving.run(0.3).memory.state is StationState.EXECUTE, "its step is not over"
    next_step = moving.change("robot", step=RobotStep.PICK_FRESH).cycle()
    assert next_step.memory.state is StationState.HOLDING
    assert commands.HoldRobot() in next_step.past[-1].commands


def _running_exchange() -> Answering:
    """The PLC in the middle of a long move of its exchange."""
    asked = _asking()
    moving = asked.until(
        lambda each: each.snapshot.robot.value is not None and not each.snapshot.robot.value.request_id
    )
    assert moving.job is not None
    return replace(moving, job=replace(moving.job, cycles=100))


def test_no_swap_begins_while_nothing_can_be_written() -> None:
    idle = disk(standing(Exchange.STATION), FULL).cycle()
    asked = idle.cycle(RequestSwap(VIN))
    assert asked.memory.state is StationState.IDLE
    answer = asked.past[-1].decision.batches[-1].answer
    assert isinstance(answer, Refused)
    assert answer.reasons == ("DISK_FULL",)
