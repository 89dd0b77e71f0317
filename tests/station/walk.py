"""A station that answers: turns what a cycle sends and records into the next snapshot. Frozen, so any instant can be
gone back to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from types import MappingProxyType
from typing import Any

from swapstation.config.settings import Exchange
from swapstation.model import command as commands
from swapstation.model.command import Command, RobotOrder, TruckOrder
from swapstation.model.device import RobotRequest, RobotResult, RobotState
from swapstation.model.journal import Record
from swapstation.model.request import Payload, Request, RequestSwap
from swapstation.model.snapshot import Snapshot, StationState
from swapstation.station.bypass import with_bypass
from swapstation.station.decide import decide
from swapstation.station.draft import Rules
from swapstation.station.memory import Decision, Memory
from swapstation.station.order_tracking import truck_wire_id
from tests.station.moves import EFFECTS, program
from tests.station.record import recorded
from tests.station.situations import VIN, rules, snapshot, with_bay, with_value

CYCLE_S = 0.1
MOVE_CYCLES = 4


@dataclass(frozen=True, slots=True)
class Cycle:
    """One cycle as it was: what was seen, what was decided."""

    snapshot: Snapshot
    decision: Decision

    @property
    def records(self) -> tuple[Record, ...]:
        return tuple(record for batch in self.decision.batches for record in batch.records)

    @property
    def commands(self) -> tuple[Command, ...]:
        return tuple(sending.command for sending in self.decision.sendings)


@dataclass(frozen=True, slots=True)
class Job:
    """The order the robot works on: its moves to come, cycles until the next one is finished."""

    command_id: int
    moves: tuple[Command | RobotRequest, ...]
    cycles: int = MOVE_CYCLES


def _true(now: Snapshot) -> Snapshot:
    return now


@dataclass(frozen=True, slots=True)
class Answering:
    """Devices and record of a station between two cycles. `deaf` is a robot that takes no order.

    `told` is what the sensors make of the truth in `snapshot`: the decisions see nothing else.
    """

    rules: Rules
    snapshot: Snapshot
    memory: Memory
    past: tuple[Cycle, ...] = ()
    job: Job | None = None
    deaf: bool = False
    told: Callable[[Snapshot], Snapshot] = _true

    @property
    def step(self) -> str | None:
        swap = self.snapshot.inventory.swap
        return swap.step if swap else None

    def change(self, device: str, **changes: Any) -> Answering:
        """The station with a device saying something else."""
        return replace(self, snapshot=with_value(self.snapshot, device, lambda value: replace(value, **changes)))

    def cycle(self, *payloads: Payload, person: str = "li") -> Answering:
        """Decide once, write down, and let the devices answer."""
        requests = tuple(Request(f"{len(self.past)}-{at}", person, each) for at, each in enumerate(payloads))
        seen = with_bypass(self.told(self.snapshot), self.memory)
        decision = decide(self.rules, seen, self.memory, requests)
        done = Cycle(seen, decision)
        now = self.snapshot
        stock = recorded(now.inventory, done.records)
        now = replace(
            now,
            sequence=now.sequence + 1,
            now_s=round(now.now_s + CYCLE_S, 3),
            at=now.at + timedelta(seconds=CYCLE_S),
            state=decision.memory.state,
            confirmed=decision.memory.confirmed,
            inventory=stock,
        )
        for bay in now.bays:
            held = stock.at(bay.place)
            now = with_bay(now, bay.number, battery=held.battery if held else None)
        answered = replace(self, snapshot=now, memory=decision.memory, past=(*self.past, done))
        for sending in decision.sendings:
            answered = answered._obeyed(sending.command, sending.command_id)
        return answered._moved()

    def until(self, condition: Callable[[Answering], bool], limit_s: float = 60.0) -> Answering:
        """Cycle until the condition holds; AssertionError when it does not within the time."""
        station, cycles = self, round(limit_s / CYCLE_S)
        for _ in range(cycles):
            if condition(station):
                return station
            station = station.cycle()
        raise AssertionError(f"not within {limit_s} s: at {station.step}, {station.memory.waiting_for}")

    def run(self, duration_s: float) -> Answering:
        """Cycle for a time."""
        station = self
        for _ in range(round(duration_s / CYCLE_S)):
            station = station.cycle()
        return station

    def since(self, earlier: Answering) -> tuple[Cycle, ...]:
        return self.past[len(earlier.past) :]

    def _obeyed(self, command: Command, command_id: int) -> Answering:
        robot = self.snapshot.robot.value
        assert robot is not None
        match command:
            case commands.HoldRobot() if robot.state is RobotState.BUSY:
                return self.change("robot", state=RobotState.PAUSED)
            case commands.ResumeRobot() if robot.state is RobotState.PAUSED:
                return self.change("robot", state=RobotState.BUSY)
            case commands.StopRobot() if self.job is not None:
                stopped = replace(self, job=None)
                return stopped.change(
                    "robot",
                    state=RobotState.IDLE,
                    running_id=0,
                    done_id=self.job.command_id,
                    result=RobotResult.ABORTED,
                    request=RobotRequest.NONE,
                    request_id=0,
                )
            case commands.ResetRobot():
                return self.change("robot", state=RobotState.IDLE, fault_words=(0, 0))
            case commands.AnswerRobot(request_id) if request_id == robot.request_id and self.job is not None:
                job = replace(self.job, moves=self.job.moves[1:])
                return replace(self, job=job).change("robot", request=RobotRequest.NONE, request_id=0)
            case _ if isinstance(command, TruckOrder):
                if self.snapshot.truck.value and self.snapshot.truck.value.receipt_id == truck_wire_id(command_id):
                    return self
                now = EFFECTS[type(command)](self.snapshot, command)
                return replace(self, snapshot=now).change("truck", receipt_id=truck_wire_id(command_id))
            case _ if isinstance(command, RobotOrder) and not self.deaf and robot.accepted_id != command_id:
                job = Job(command_id, program(command))
                taken = replace(self, job=job)
                return taken.change(
                    "robot",
                    state=RobotState.BUSY,
                    accepted_id=command_id,
                    running_id=command_id,
                    refusal_code="ACCEPTED",
                )
            case _:
                return self

    def _moved(self) -> Answering:
        job, robot = self.job, self.snapshot.robot.value
        assert robot is not None
        if job is None or robot.state is not RobotState.BUSY or robot.request is not RobotRequest.NONE:
            return self
        if job.cycles > 0:
            return replace(self, job=replace(job, cycles=job.cycles - 1))
        if not job.moves:
            finished = replace(self, job=None)
            return finished.change(
                "robot", state=RobotState.IDLE, running_id=0, done_id=job.command_id, result=RobotResult.DONE
            )
        move, rest = job.moves[0], job.moves[1:]
        if isinstance(move, RobotRequest):
            asked = replace(self, job=replace(job, cycles=MOVE_CYCLES))
            bay = next((each.bay for each in rest if isinstance(each, commands.PickBattery)), 0)
            return asked.change("robot", request=move, request_id=100 + len(rest), request_bay=bay)
        now = EFFECTS[type(move)](self.snapshot, move)
        return replace(self, snapshot=now, job=replace(job, moves=rest, cycles=MOVE_CYCLES))


def standing(exchange: Exchange, recipe: str = "top_lift") -> Answering:
    """An idle station with a truck in the lane."""
    now = snapshot(exchange=exchange.value)
    return Answering(rules(exchange, recipe), now, Memory(next_command_id=1, state=StationState.IDLE, confirmed=True))


def requested(exchange: Exchange, recipe: str = "top_lift") -> Answering:
    """The same station one cycle after a swap was asked for."""
    return standing(exchange, recipe).cycle(RequestSwap(VIN))


@cache
def finished(exchange: Exchange, recipe: str = "top_lift") -> Answering:
    """The station after a whole swap, with every cycle of it."""
    return (
        requested(exchange, recipe).until(lambda station: station.snapshot.state is StationState.IDLE, 120.0).run(0.5)
    )


@cache
def entering(exchange: Exchange, recipe: str = "top_lift") -> Mapping[str, Answering]:
    """The station as each step of the swap begins."""
    station = requested(exchange, recipe)
    found: dict[str, Answering] = {}
    while station.snapshot.state is StationState.EXECUTE:
        found.setdefault(str(station.step), station)
        station = station.cycle()
    return MappingProxyType(found)
