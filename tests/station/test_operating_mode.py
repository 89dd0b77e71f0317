"""Modes for people: what each forbids, the ways between them, one step at a time, and a hold that nothing refuses."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.config.settings import Exchange
from swapstation.model import command as commands
from swapstation.model.journal import ModeChanged, SwapStepped
from swapstation.model.mode import Mode
from swapstation.model.reasons import reason_catalogue
from swapstation.model.request import (
    Accepted,
    Answer,
    ChangeMode,
    HoldStation,
    Payload,
    Refused,
    Request,
    RequestSwap,
    ResumeStation,
)
from swapstation.model.seen import Quality, Seen
from swapstation.model.snapshot import Snapshot, StationState
from swapstation.station.decide import decide
from swapstation.station.memory import Memory
from swapstation.station.mode_requests import mode_reasons
from swapstation.station.operating_mode import ALLOWED, Work
from tests.station.situations import (
    VIN,
    blind,
    draft,
    rules,
    snapshot,
    swapping,
    with_battery,
    with_device,
    with_mode,
    with_value,
)
from tests.station.walk import Answering, requested, standing

IDLE, HELD, EXECUTE = StationState.IDLE, StationState.HELD, StationState.EXECUTE


def _in(mode: Mode, state: StationState = IDLE, exchange: Exchange = Exchange.STATION) -> Answering:
    station = standing(exchange)
    memory = replace(station.memory, state=state)
    return replace(station, snapshot=with_mode(replace(station.snapshot, state=state), mode), memory=memory)


def _answer(station: Answering, payload: Payload) -> Answer:
    answers = [batch.answer for batch in station.cycle(payload).past[-1].decision.batches if batch.answer is not None]
    return answers[0]


CHANGES: dict[tuple[Mode, Mode], str] = {
    **{(mode, mode): "mode_already" for mode in Mode},
    (Mode.FIRE, Mode.AUTOMATIC): "mode_fire",
    (Mode.FIRE, Mode.SINGLE_STEP): "mode_fire",
}


@pytest.mark.parametrize(("before", "after"), list(product(Mode, Mode)))
def test_the_ways_between_the_modes(before: Mode, after: Mode) -> None:
    answer = _answer(_in(before), ChangeMode(after, "tried"))
    refusal = CHANGES.get((before, after))
    assert (answer.code if isinstance(answer, Refused) else None) == refusal
    if refusal is None:
        changed = _in(before).cycle(ChangeMode(after, "tried"))
        assert ModeChanged(before, after, "li", "tried") in changed.past[-1].records
        assert changed.snapshot.inventory.mode.mode is after


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_change_of_mode_needs_a_reason(reason: str) -> None:
    answer = _answer(_in(Mode.AUTOMATIC), ChangeMode(Mode.MAINTENANCE, reason))
    assert isinstance(answer, Refused)
    assert answer.code == "bad_input"


@pytest.mark.parametrize("unclear", ["estop_ok", "doors_closed", "light_curtain_clear", "overtravel_ok", "fire_ok"])
def test_back_to_automatic_only_in_a_clear_zone(unclear: str) -> None:
    station = _in(Mode.MAINTENANCE).change("safety", **{unclear: False})
    answer = _answer(station, ChangeMode(Mode.AUTOMATIC, "done"))
    assert isinstance(answer, Refused)
    assert answer.reasons == (("fire_stands",) if unclear == "fire_ok" else (unclear,))
    silent = replace(station, snapshot=with_device(station.snapshot, "safety", Seen()))
    assert isinstance(_answer(silent, ChangeMode(Mode.AUTOMATIC, "done")), Refused)


def test_fire_is_left_only_when_its_signal_is_normal() -> None:
    burning = _in(Mode.FIRE).change("safety", fire_ok=False)
    answer = _answer(burning, ChangeMode(Mode.MAINTENANCE, "it is out"))
    assert isinstance(answer, Refused)
    assert answer.reasons == ("fire_stands",)
    unknown = replace(burning, snapshot=with_device(burning.snapshot, "safety", Seen()))
    refused = _answer(unknown, ChangeMode(Mode.MAINTENANCE, "it is out"))
    assert isinstance(refused, Refused)
    assert refused.reasons == ("robot_link",)


@pytest.mark.parametrize("state", StationState)
def test_maintenance_begins_only_where_the_station_stands(state: StationState) -> None:
    moving = state in (EXECUTE, StationState.HOLDING, StationState.UNHOLDING)
    cycle = draft(swapping(state=state))
    assert mode_reasons(cycle, Mode.MAINTENANCE) == (("still_moving",) if moving else ())


@pytest.mark.parametrize("mode", Mode)
def test_a_swap_begins_only_where_the_mode_allows_it(mode: Mode) -> None:
    answer = _answer(_in(mode), RequestSwap(VIN))
    allowed = Work.SWAP in ALLOWED[mode]
    assert isinstance(answer, Accepted) is allowed
    if isinstance(answer, Refused):
        assert answer.reasons == (f"mode_{mode}",)
        assert f"mode_{mode}" in reason_catalogue()


def test_a_swap_asked_for_in_the_cycle_of_a_change_to_maintenance_is_refused() -> None:
    station = _in(Mode.AUTOMATIC).cycle(ChangeMode(Mode.MAINTENANCE, "new sensor"), RequestSwap(VIN))
    answers = [batch.answer for batch in station.past[-1].decision.batches if batch.answer is not None]
    assert [type(answer) for answer in answers] == [Accepted, Refused]


@pytest.mark.parametrize("mode", [Mode.MAINTENANCE, Mode.FIRE])
def test_a_held_swap_does_not_go_on_in_a_mode_without_swaps(mode: Mode) -> None:
    held = requested(Exchange.STATION).until(lambda each: each.step == "grip").cycle(HoldStation()).run(0.5)
    assert held.snapshot.state is HELD
    changed = held.cycle(ChangeMode(mode, "tried"))
    answer = _answer(changed, ResumeStation())
    assert isinstance(answer, Refused)
    assert answer.code == f"mode_{mode}"


@pytest.mark.parametrize("exchange", Exchange)
def test_in_single_step_mode_a_swap_is_held_after_every_step_and_goes_on_with_a_resume(exchange: Exchange) -> None:
    station = start = _in(Mode.SINGLE_STEP, exchange=exchange)
    asked: list[Payload] = [RequestSwap(VIN), *[ResumeStation()] * (len(station.rules.recipe.steps) - 2)]
    for payload in asked:
        before = station
        station = station.cycle(payload).until(lambda each: each.snapshot.state is HELD)
        steps = [each for cycle in station.since(before) for each in cycle.records if isinstance(each, SwapStepped)]
        assert len(steps) == 1
        assert station.memory.hold_reasons == ("single_step",)
    station = station.cycle(ResumeStation())
    ended = station.until(lambda each: each.snapshot.inventory.swap is None)
    assert ended.snapshot.state is IDLE
    assert ended.snapshot.inventory.at(f"truck:{VIN}") != start.snapshot.inventory.at(f"truck:{VIN}")


def _starts_charging(mode: Mode) -> bool:
    station = standing(Exchange.STATION)
    low = with_value(with_battery(station.snapshot, "B1", soc_pct=40.0), "1.charge", lambda value: value)
    station = replace(station, snapshot=with_mode(low, mode)).run(0.5)
    sent = [command for cycle in station.past for command in cycle.commands]
    return any(isinstance(command, commands.StartCharge) for command in sent)


@pytest.mark.parametrize("mode", Mode)
def test_a_charge_begins_by_itself_only_where_the_mode_allows_it(mode: Mode) -> None:
    assert _starts_charging(mode) is (Work.CHARGE in ALLOWED[mode])


@given(
    state=st.sampled_from(StationState),
    mode=st.sampled_from(Mode),
    confirmed=st.booleans(),
    swapping_now=st.booleans(),
    blindness=st.sampled_from([None, Quality.STALE, Quality.NEVER]),
)
def test_a_hold_is_accepted_from_anybody_in_every_state_and_mode(
    state: StationState, mode: Mode, confirmed: bool, swapping_now: bool, blindness: Quality | None
) -> None:
    now: Snapshot = with_mode((swapping if swapping_now else snapshot)(state=state, confirmed=confirmed), mode)
    now = blind(now, blindness) if blindness else now
    memory = Memory(next_command_id=1, state=state, confirmed=confirmed)
    decision = decide(rules(), now, memory, (Request("1", "", HoldStation("stop")),))
    (answer,) = [batch.answer for batch in decision.batches if batch.answer is not None]
    assert isinstance(answer, Accepted)
    assert decision.memory.state in (StationState.ABORTED, StationState.HOLDING, HELD)
    motion = (commands.ResumeRobot, commands.ResetRobot, commands.UnlockTruck, *commands.RobotOrder.__args__)
    assert not any(isinstance(sending.command, motion) for sending in decision.sendings)


def test_no_order_leaves_in_fire_mode_even_while_a_swap_executes() -> None:
    station = requested(Exchange.STATION).until(lambda each: each.step == "put")
    station = replace(station, snapshot=with_mode(station.snapshot, Mode.FIRE)).run(2.0)
    sent = [command for cycle in station.past[-20:] for command in cycle.commands]
    assert not any(isinstance(command, commands.PutBattery) for command in sent)
    assert station.step == "put"
