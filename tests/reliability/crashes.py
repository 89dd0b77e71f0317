"""A controller that dies: every instant of a walk at which it can, and a new one on what the dead one left behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import get_args

from swapstation.model.command import AnswerRobot, TruckOrder
from swapstation.model.device import RobotRequest, RobotState
from swapstation.model.journal import IntentRecorded
from swapstation.model.snapshot import Snapshot, StationState
from swapstation.station.decide import decide
from swapstation.station.draft import Draft
from swapstation.station.memory import Decision, Memory
from swapstation.station.order_tracking import EXCHANGE_ORDERS, adopt_open_intents, truck_wire_id
from swapstation.station.situation import OrderPhase
from swapstation.station.survey import survey
from tests.station.record import recorded
from tests.station.walk import CYCLE_S, Answering

PLC_PATIENCE_S = 3.0
"""The robot's PLC stops by itself when no heartbeat has come for this time (robot_plc.toml)."""
SHORT_S, LONG_S = 0.5, 30.0
"""A controller that is back before the PLC has noticed, and one whose PLC stands still when it comes back."""


class Phase(StrEnum):
    """How far the newest order was when the controller died."""

    NONE = "no order"
    JOURNALLING = "intent being written"
    DURABLE = "intent durable, not sent"
    SENT = "sent, not acknowledged"
    RUNNING = "running"
    DONE = "done, fact not written"


@dataclass(frozen=True, slots=True)
class Crash:
    """One instant at which the controller is gone: the step, its newest order, and what is left of the station."""

    step: str
    order: str
    phase: Phase
    left: Answering


def surveyed(station: Answering) -> Answering:
    """The station with the survey in every snapshot, as the controller has it."""
    return replace(station, told=_with_survey)


def _with_survey(now: Snapshot) -> Snapshot:
    return replace(now, survey=survey(now))


def at_rest(station: Answering) -> bool:
    """Whether nothing is under way any more."""
    stock = station.snapshot.inventory
    return station.snapshot.state is StationState.IDLE and stock.swap is None and stock.job is None


def crashes(begin: Answering, quiet_cycles: bool = True) -> Iterator[Crash]:
    """Every single crash on the way from here until the work is closed or held.

    In each cycle: before it, after each command that it sends, after each transaction that it commits; counted, not
    listed. With `quiet_cycles` also once between two moves of the robot while nothing is sent or committed.
    """
    station, known = surveyed(begin), set()
    while not at_rest(station) and station.memory.state is not StationState.HELD:
        decision = decide(station.rules, station.told(station.snapshot), station.memory, ())
        sendings, batches = len(decision.sendings), len(decision.batches)
        before = _crash(station, decision, 0, 0)
        seen = before.step, before.order, before.phase, station.job and len(station.job.moves)
        if sendings or batches or (quiet_cycles and seen not in known):
            yield before
        known.add(seen)
        for sent in range(1, sendings + 1):
            yield _crash(station, decision, sent, 0)
        for committed in range(1, batches + 1):
            yield _crash(station, decision, sendings, committed)
        station = station.cycle()


def _crash(before: Answering, decision: Decision, sent: int, committed: int) -> Crash:
    """The controller dies in this cycle after so many sendings and, all being sent, so many transactions."""
    written = [record for batch in decision.batches[:committed] for record in batch.records]
    lost = [record for batch in decision.batches[committed:] for record in batch.records]
    left = replace(before, snapshot=replace(before.snapshot, inventory=recorded(before.snapshot.inventory, written)))
    for sending in decision.sendings[:sent]:
        left = left._obeyed(sending.command, sending.command_id)
    order, phase = _phase(left, before.memory, [each for each in lost if isinstance(each, IntentRecorded)])
    work = left.snapshot.inventory.swap or left.snapshot.inventory.job
    return Crash(work.step if work else "", order, phase, left)


def _phase(left: Answering, memory: Memory, lost: list[IntentRecorded]) -> tuple[str, Phase]:
    if lost:
        return lost[-1].command, Phase.JOURNALLING
    intents = [each for each in left.snapshot.inventory.open_intents if each[1] in EXCHANGE_ORDERS]
    if not intents:
        return "", Phase.NONE
    command_id, name = intents[-1]
    robot, truck = left.snapshot.robot.value, left.snapshot.truck.value
    assert robot is not None
    assert truck is not None
    if EXCHANGE_ORDERS[name] is AnswerRobot:
        return name, Phase.DONE if robot.request is RobotRequest.NONE else Phase.DURABLE
    if EXCHANGE_ORDERS[name] in get_args(TruckOrder):
        return name, Phase.DONE if truck.receipt_id == truck_wire_id(command_id) else Phase.DURABLE
    if robot.done_id == command_id:
        return name, Phase.DONE
    if robot.accepted_id != command_id:
        return name, Phase.DURABLE
    known = memory.robot_order is not None and memory.robot_order.phase is OrderPhase.RUNNING
    return name, Phase.RUNNING if known else Phase.SENT


def restarted(left: Answering, down_s: float) -> Answering:
    """The devices go on alone for so long, then a new controller begins on the database and what it senses."""
    station = left
    for cycle in range(round(down_s / CYCLE_S)):
        station = station._moved()
        if cycle == round(PLC_PATIENCE_S / CYCLE_S):
            station = _stopped_by_itself(station)
    now = station.snapshot
    now = replace(
        now,
        boot=now.boot + 1,
        now_s=now.now_s + down_s,
        at=now.at + timedelta(seconds=down_s),
        state=StationState.ABORTED,
        confirmed=False,
    )
    station = replace(station, snapshot=now)
    begun = Draft(station.rules, station.told(now), Memory(now.inventory.next_command_id))
    adopt_open_intents(begun)
    decision = begun.decision()
    records = [record for batch in decision.batches for record in batch.records]
    now = replace(now, inventory=recorded(now.inventory, records))
    return replace(station, snapshot=now, memory=decision.memory)


def _stopped_by_itself(station: Answering) -> Answering:
    robot = station.snapshot.robot.value
    if robot is None or robot.state is not RobotState.BUSY:
        return station
    return station.change("robot", state=RobotState.PAUSED, request=RobotRequest.NONE, request_id=0)
