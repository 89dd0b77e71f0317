"""The permit, all of it: each input of each row in four states, all pairs, no idle interlock, no forgotten input."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from enum import Enum
from typing import Any

import pytest

from swapstation.model.command import Command
from swapstation.model.snapshot import Snapshot
from swapstation.station.interlocks import INTERLOCKS
from swapstation.station.permit import PERMIT, permit
from tests.reliability.document import section_of
from tests.reliability.permit_cases import Case, pairs, row_inputs, singles
from tests.reliability.permit_table import section
from tests.station.input_kinds import DeviceInput
from tests.station.permit_inputs import INPUTS, PERMITTED
from tests.station.situations import all_devices, device, fresh, situation, with_device

ROWS = [(kind, name) for kind, row in PERMIT.items() for name in row]


def _id(value: object) -> str:
    return getattr(value, "__name__", str(value))


def _permits(case: Case) -> bool:
    return permit(case.command, situation(case.now)) == ()


def _told(case: Case) -> list[str]:
    return [f"{each.name}: {state}" for each, state in case.inputs]


@pytest.mark.parametrize("kind", PERMIT, ids=_id)
def test_each_input_in_each_of_its_states(kind: type[Command]) -> None:
    for case in singles(kind):
        assert _permits(case) is case.safe, _told(case)


@pytest.mark.parametrize("kind", PERMIT, ids=_id)
def test_each_two_inputs_in_each_of_their_states(kind: type[Command]) -> None:
    """A second fault never opens what the first has closed."""
    for case in pairs(kind):
        assert _permits(case) is case.safe, _told(case)


@pytest.mark.parametrize(("kind", "name"), ROWS, ids=_id)
def test_a_row_without_one_of_its_interlocks_would_be_noticed(kind: type[Command], name: str) -> None:
    """Some case is refused by this interlock alone, so taking it out of the row fails the tests above."""
    left = [INTERLOCKS[each] for each in PERMIT[kind] if each != name]
    noticed = (
        not case.safe and all(interlock(situation(case.now), case.command) for interlock in left)
        for case in singles(kind)
    )
    assert any(noticed)


def _other_values(value: Any) -> Iterator[Any]:
    """Values that a field of a device may have instead, far from this one."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, Enum):
        yield from (each for each in type(value) if each is not value)
    elif isinstance(value, int | float):
        yield from (type(value)(value + 100_000), type(value)(value - 100_000))
    elif isinstance(value, str):
        yield value + "X"
    elif value is None:
        yield from (True, 0, 100_000)


def _state(now: Snapshot, path: str) -> Any:
    return device(now, path).value


def _fields_that_matter(kind: type[Command], name: str) -> set[tuple[str, str]]:
    """Device and field of everything that makes this interlock say no when it changes alone."""
    command, now = PERMITTED[kind]
    found = set()
    for path in all_devices(now):
        if _state(now, path) is None:
            continue  # permitted while this device says nothing: it has no fields to change
        for field in fields(_state(now, path)):
            for value in _other_values(getattr(_state(now, path), field.name)):
                changed = with_device(now, path, fresh(replace(_state(now, path), **{field.name: value})))
                if not INTERLOCKS[name](situation(changed), command):
                    found.add((path, field.name))
    return found


def _fields_named(kind: type[Command], name: str) -> set[tuple[str, str]]:
    """Device and field of what the inputs of this interlock break."""
    command, now = PERMITTED[kind]
    broken = [
        (each.path(command), each.break_in(now, command)) for each in INPUTS[name] if isinstance(each, DeviceInput)
    ]
    return {
        (path, field.name)
        for path, after in broken
        for field in fields(_state(now, path))
        if getattr(_state(now, path), field.name) != getattr(_state(after, path), field.name)
    }


@pytest.mark.parametrize(("kind", "name"), ROWS, ids=_id)
def test_no_field_that_an_interlock_reads_is_missing_from_its_inputs(kind: type[Command], name: str) -> None:
    assert _fields_that_matter(kind, name) <= _fields_named(kind, name)


def test_a_case_can_fail() -> None:
    """The cases are judged by the inputs, not by the permit: a row that lost an interlock is found out."""
    kind = next(kind for kind, row in PERMIT.items() if "safety_chain_closed" in row)
    open_door = next(case for case in singles(kind) if "doors_closed" in case.inputs[0][0].name and not case.safe)
    assert "safety_chain_closed" in permit(open_door.command, situation(open_door.now))
    assert len(row_inputs(kind)) > len(PERMIT[kind])


def test_the_counts_in_the_docs_are_those_of_this_run() -> None:
    assert section_of("permit") == section(), "run `python -m tests.reliability.permit_table`"
