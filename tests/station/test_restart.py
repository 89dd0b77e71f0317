"""After a start in the middle of a swap: the order of the present step is taken up again under its id, others end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swapstation.config.settings import Exchange
from swapstation.model import command as commands
from swapstation.model.command import Command
from swapstation.model.device import RobotResult
from swapstation.model.journal import IntentResolved, Outcome
from swapstation.model.request import ConfirmStartUp, ResumeStation
from swapstation.model.snapshot import Snapshot, StationState
from swapstation.station.draft import Draft
from swapstation.station.memory import Memory
from swapstation.station.order_tracking import adopt_open_intents
from swapstation.station.orders import BUILDERS
from swapstation.station.recipe import Step
from swapstation.station.situation import OrderPhase
from swapstation.station.survey import survey
from tests.station.situations import draft, rules, situation, snapshot, swapping, with_value
from tests.station.walk import Answering, entering

ROBOT_STEPS = [
    step
    for step in rules(Exchange.STATION).recipe.steps
    if step.command and step.name not in ("unlock", "lock", "release")
]
AFTER_EXCHANGE = [step.name for step in rules(Exchange.PLC).recipe.steps if step.owner == "plc"]


def _command(step: Step) -> Command:
    assert step.command is not None
    command = BUILDERS[step.command](situation(swapping(step.name)))
    assert command is not None
    return command


def _restarted(step: str, *intents: tuple[int, str], exchange: Exchange = Exchange.STATION) -> Draft:
    now = swapping(step, state=StationState.ABORTED, confirmed=False)
    now = replace(now, inventory=replace(now.inventory, open_intents=intents, next_command_id=50))
    adopting = draft(now, exchange)
    adopt_open_intents(adopting)
    return adopting


def _dropped(restarted: Draft) -> list[int]:
    resolved = [each for each in restarted.records if isinstance(each, IntentResolved)]
    assert all(each.outcome is Outcome.DROPPED for each in resolved)
    return [each.command_id for each in resolved]


@pytest.mark.parametrize("step", ROBOT_STEPS, ids=lambda step: step.name)
def test_the_robot_order_of_the_present_step_keeps_its_id(step: Step) -> None:
    command = _command(step)
    restarted = _restarted(step.name, (41, type(command).__name__))
    order = restarted.memory.robot_order
    assert order is not None
    assert (order.command_id, order.command, order.step, order.phase) == (41, command, step.name, OrderPhase.SENT)
    assert _dropped(restarted) == []


@pytest.mark.parametrize("step", AFTER_EXCHANGE)
def test_the_exchange_of_the_plc_keeps_its_id_through_all_its_steps(step: str) -> None:
    order = _restarted(step, (41, "ExchangeBattery"), exchange=Exchange.PLC).memory.robot_order
    assert order is not None
    assert (order.command_id, order.command) == (41, commands.ExchangeBattery(1, 3, 1))


@pytest.mark.parametrize("name", ["AnswerRobot", "UnlockTruck", "LockTruck", "PickBattery"])
def test_an_order_of_another_step_or_device_is_not_taken_up_and_waits_for_a_person(name: str) -> None:
    restarted = _restarted("put", (41, name))
    assert (restarted.memory.robot_order, restarted.memory.truck_order) == (None, None)
    assert _dropped(restarted) == []


def test_the_intent_of_a_charge_ends_at_once() -> None:
    assert _dropped(_restarted("put", (41, "StartCharge"))) == [41]


@pytest.mark.parametrize("name", ["unlock", "lock", "release"])
def test_the_truck_order_of_the_present_step_keeps_its_id(name: str) -> None:
    command = _command(rules(Exchange.STATION).recipe.step(name))
    order = _restarted(name, (41, type(command).__name__)).memory.truck_order
    assert order is not None
    assert (order.command_id, order.command, order.phase) == (41, command, OrderPhase.SENT)


def _confirmed(now: Snapshot) -> list[IntentResolved]:
    """What a person's confirmation closes."""
    standing = Answering(rules(Exchange.STATION), now, Memory(50))
    done = replace(standing, told=lambda now: replace(now, survey=survey(now))).cycle(ConfirmStartUp()).past[-1]
    assert done.decision.memory.confirmed
    return [record for record in done.records if isinstance(record, IntentResolved)]


def test_without_an_open_swap_the_confirmation_ends_every_order_as_it_was_found() -> None:
    now = snapshot(state=StationState.ABORTED, confirmed=False)
    done = with_value(now, "robot", lambda robot: replace(robot, done_id=7, result=RobotResult.DONE))
    stock = replace(now.inventory, next_command_id=9, open_intents=((7, "HomeRobot"), (8, "PutBattery")))
    closed = _confirmed(replace(done, inventory=stock))
    assert [(each.command_id, each.outcome) for each in closed] == [(7, Outcome.DONE), (8, Outcome.DROPPED)]


def _after_restart(before: Answering) -> Answering:
    """The controller forgets everything but the database; devices go on as they are."""
    now = replace(before.snapshot, boot=2, state=StationState.ABORTED, confirmed=False)
    forgotten = Draft(before.rules, now, Memory(now.inventory.next_command_id))
    adopt_open_intents(forgotten)
    return replace(before, snapshot=now, memory=forgotten.decision().memory)


@pytest.mark.parametrize("exchange", Exchange)
def test_a_restart_in_every_step_moves_nothing_until_confirmed_and_ends_the_swap(exchange: Exchange) -> None:
    for step, before in entering(exchange).items():
        if step != "close":
            restarted = _after_restart(before.run(0.3)).run(3.0)
            ordered = [each for cycle in restarted.past[-30:] for each in cycle.commands]
            assert ordered == [], step
            restarted = replace(restarted, snapshot=replace(restarted.snapshot, survey=survey(restarted.snapshot)))
            standing = restarted.cycle(ConfirmStartUp()).until(lambda now: now.memory.state is StationState.HELD)
            resumed = standing.cycle(ResumeStation())
            resumed.until(lambda station: station.step is None, 120.0)
