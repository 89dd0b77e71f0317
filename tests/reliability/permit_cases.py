"""The permit as a table of cases: every input of every row in its four states, and every pair of inputs in all of them.

An input is one thing that can make an interlock of the row say no: a field of a device, or something on record. What a
device says is safe, unsafe, stale or was never seen; what is on record is safe or unsafe.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, product

from swapstation.model.command import Command
from swapstation.model.seen import Seen
from swapstation.model.snapshot import Snapshot
from swapstation.station.permit import PERMIT
from tests.station.input_kinds import DeviceInput, RecordInput
from tests.station.permit_inputs import INPUTS, PERMITTED
from tests.station.situations import device, stale, with_device

Input = DeviceInput | RecordInput


class State(StrEnum):
    """The four states of an input."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    STALE = "stale"
    NEVER = "never seen"


@dataclass(frozen=True, slots=True)
class Case:
    """Inputs of one row and the state of each; all others are safe."""

    kind: type[Command]
    inputs: tuple[tuple[Input, State], ...]

    @property
    def command(self) -> Command:
        return PERMITTED[self.kind][0]

    @property
    def now(self) -> Snapshot:
        """The situation, first what is said, then who has fallen silent."""
        command, now = PERMITTED[self.kind]
        for each, state in self.inputs:
            if state is State.UNSAFE:
                now = each.break_in(now, command)
        for each, state in self.inputs:
            if isinstance(each, DeviceInput) and state in (State.STALE, State.NEVER):
                path = each.path(command)
                unknown: Seen[object] = stale(device(now, path)) if state is State.STALE else Seen()
                now = with_device(now, path, unknown)
        return now

    @property
    def safe(self) -> bool:
        """Whether nothing forbids: all is safe, or only those are silent whose silence contradicts nothing."""
        silent = {_path(each, self.command) for each, state in self.inputs if state in (State.STALE, State.NEVER)}
        if silent & required_devices(self.kind):
            return False
        said = (each for each, state in self.inputs if state is State.UNSAFE)
        return all(_path(each, self.command) in silent for each in said)


def _path(each: Input, command: Command) -> str:
    return each.path(command) if isinstance(each, DeviceInput) else each.name


def row_inputs(kind: type[Command]) -> tuple[Input, ...]:
    """Every input of a row once, though several interlocks read it."""
    found = {(_path(each, PERMITTED[kind][0]), each.name): each for name in PERMIT[kind] for each in INPUTS[name]}
    return tuple(found.values())


def required_devices(kind: type[Command]) -> set[str]:
    """The devices without whose fresh word a command never leaves."""
    command = PERMITTED[kind][0]
    inputs = (each for name in PERMIT[kind] for each in INPUTS[name])
    return {each.path(command) for each in inputs if isinstance(each, DeviceInput) and each.unknown_forbids}


def states(each: Input) -> tuple[State, ...]:
    return tuple(State) if isinstance(each, DeviceInput) else (State.SAFE, State.UNSAFE)


def singles(kind: type[Command]) -> Iterator[Case]:
    """Each input of a row in each of its states, all others safe."""
    return (Case(kind, ((each, state),)) for each in row_inputs(kind) for state in states(each))


def pairs(kind: type[Command]) -> Iterator[Case]:
    """Each two inputs of a row, each in each of its states."""
    for first, second in combinations(row_inputs(kind), 2):
        for one, other in product(states(first), states(second)):
            yield Case(kind, ((first, one), (second, other)))
