"""The permit, row by row from its own table: only a fresh safe input permits, and every refusal names its interlock."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import cast, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.model import command as commands
from swapstation.model.command import Command, TowardSafety
from swapstation.model.seen import Quality, Seen
from swapstation.model.snapshot import Snapshot, StationState
from swapstation.station.interlocks import INTERLOCKS
from swapstation.station.permit import NO_ROW, PERMIT, permit
from swapstation.station.situation import Situation
from tests.station.input_kinds import DeviceInput
from tests.station.permit_inputs import INPUTS, PERMITTED
from tests.station.situations import (
    all_devices,
    blind,
    config,
    device,
    situation,
    snapshot,
    stale,
    swapping,
    with_device,
)

ROWS = [(kind, name) for kind, row in PERMIT.items() for name in row]


def _id(value: object) -> str:
    return getattr(value, "__name__", str(value))


def _reasons(command: Command, now: Snapshot) -> tuple[str, ...]:
    return permit(command, situation(now))


def test_every_command_type_has_a_row() -> None:
    assert set(PERMIT) == set(get_args(Command))


@pytest.mark.parametrize("kind", PERMIT, ids=_id)
def test_a_command_is_permitted_when_everything_is_fresh_and_safe(kind: type[Command]) -> None:
    assert _reasons(*PERMITTED[kind]) == ()


@pytest.mark.parametrize(("kind", "name"), ROWS, ids=_id)
def test_one_unsafe_input_forbids_and_is_named(kind: type[Command], name: str) -> None:
    command, now = PERMITTED[kind]
    for each in INPUTS[name]:
        assert name in _reasons(command, each.break_in(now, command)), each.name


@pytest.mark.parametrize("quality", [Quality.STALE, Quality.NEVER])
@pytest.mark.parametrize(("kind", "name"), ROWS, ids=_id)
def test_a_stale_or_unseen_input_forbids_and_is_named(kind: type[Command], name: str, quality: Quality) -> None:
    command, now = PERMITTED[kind]
    for each in INPUTS[name]:
        if isinstance(each, DeviceInput) and each.unknown_forbids:
            path = each.path(command)
            unknown: Seen[object] = stale(device(now, path)) if quality is Quality.STALE else Seen()
            assert name in _reasons(command, with_device(now, path, unknown)), each.name


@pytest.mark.parametrize("kind", PERMIT, ids=_id)
def test_two_unsafe_inputs_never_make_a_safe_one(kind: type[Command]) -> None:
    command, now = PERMITTED[kind]
    inputs = [each for name in PERMIT[kind] for each in INPUTS[name]]
    for first, second in combinations(inputs, 2):
        assert _reasons(command, second.break_in(first.break_in(now, command), command)), (first.name, second.name)


def test_a_command_type_without_a_row_never_leaves() -> None:
    class OpenTheDoor:
        bay = 1

    assert permit(cast(Command, OpenTheDoor()), situation(snapshot())) == (NO_ROW,)


def test_an_interlock_that_a_recipe_adds_forbids_too() -> None:
    command, now = PERMITTED[commands.HomeRobot]
    assert permit(command, situation(now), ("robot_loaded",)) == ("robot_loaded",)


@pytest.mark.parametrize("name", INTERLOCKS)
def test_every_interlock_has_inputs_to_test(name: str) -> None:
    assert INPUTS[name]


def test_a_silent_bms_does_not_forbid_a_start_but_forbids_current() -> None:
    """It speaks only once a charge has begun."""
    start, now = PERMITTED[commands.StartCharge]
    silent = with_device(now, "1.charge", Seen())
    assert _reasons(start, silent) == ()
    assert "bms_fresh" in _reasons(PERMITTED[commands.SetModules][0], silent)


@pytest.mark.parametrize("bay", [1, 77])
def test_a_bay_that_does_not_exist_permits_nothing(bay: int) -> None:
    """Bay 1 exists and is occupied, bay 77 does not."""
    assert "destination_bay_empty" in _reasons(commands.PutBattery(bay), PERMITTED[commands.PutBattery][1])


@given(
    state=st.sampled_from(StationState),
    confirmed=st.booleans(),
    qualities=st.lists(st.sampled_from(Quality), min_size=len(all_devices(snapshot()))),
    kind=st.sampled_from(get_args(TowardSafety)),
    bay=st.integers(0, 99),
)
def test_nothing_forbids_a_command_toward_safety(
    state: StationState, confirmed: bool, qualities: list[Quality], kind: type[Command], bay: int
) -> None:
    now = swapping(state=state, confirmed=confirmed)
    for path, quality in zip(all_devices(now), qualities, strict=False):
        unknown = {
            Quality.GOOD: device(now, path),
            Quality.STALE: stale(device(now, path)),
            Quality.REFUSED: replace(device(now, path), quality=Quality.REFUSED),
            Quality.NEVER: Seen(),
        }
        now = with_device(now, path, unknown[quality])
    command = kind(bay) if hasattr(kind, "bay") else kind()  # type: ignore[call-arg, arg-type]
    assert permit(command, Situation(now, config())) == ()


def test_less_power_is_permitted_whatever_is_wrong() -> None:
    lowers = commands.LimitCharge(1, 20.0, raises=False)
    assert _reasons(lowers, blind(swapping(), Quality.NEVER)) == ()
