"""Trucks with two and three batteries: one swap, the positions one after the other, and what goes wrong in between."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

import pytest

from swapstation.config.settings import Exchange
from swapstation.model.command import (
    ExchangeBattery,
    LockTruck,
    ReleaseTruck,
    RobotOrder,
    TruckOrder,
    UnlockTruck,
)
from swapstation.model.device import LockState
from swapstation.model.inventory import Cause, SwapResult, truck_place, truck_places
from swapstation.model.journal import BatteryMoved, PositionExchanged, SwapAllocated, SwapClosed, SwapStepped
from swapstation.model.request import (
    AbandonSwap,
    Accepted,
    AcceptUnevenSet,
    ConfirmStartUp,
    DivertSwap,
    HoldStation,
    Refused,
    ResumeStation,
)
from swapstation.model.snapshot import StationState
from swapstation.station.draft import Draft
from swapstation.station.memory import Memory
from swapstation.station.order_tracking import adopt_open_intents
from swapstation.station.people import for_people
from swapstation.station.requests import abandon_reasons
from swapstation.station.survey import survey
from tests.station.several import OLD, entering, finished, requested
from tests.station.situations import RECIPES, VIN
from tests.station.walk import Answering

T = TypeVar("T")
LOOP = ("deaden_bay", "grip", "unlock", "lift", "put", "pick", "place", "lock", "ungrip")
BOTH = [Exchange.STATION, Exchange.PLC]


def _records(station: Answering, kind: type[T]) -> list[T]:
    return [record for cycle in station.past for record in cycle.records if isinstance(record, kind)]


def _commands(station: Answering, kind: type[T]) -> list[T]:
    return [command for cycle in station.past for command in cycle.commands if isinstance(command, kind)]


def _where(station: Answering) -> dict[str, str]:
    return {each.battery: each.place for each in station.snapshot.inventory.batteries}


def _carries(station: Answering, *batteries: str) -> bool:
    """Whether these batteries are on the truck, on record and at its first positions."""
    on_truck = {place for battery, place in _where(station).items() if battery in batteries}
    return on_truck == set(truck_places(VIN, len(batteries)))


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("positions", [2, 3])
@pytest.mark.parametrize("exchange", BOTH)
def test_all_batteries_are_exchanged_in_one_swap(exchange: Exchange, positions: int, recipe: str) -> None:
    station = finished(exchange, positions, recipe)
    (closed,) = _records(station, SwapClosed)
    assert closed.result is SwapResult.COMPLETED
    assert _carries(station, *("B1", "B2", "B5")[:positions])
    where = _where(station)
    assert [where[old] for old in OLD[:positions]] == ["bay-3", "bay-1", "bay-2"][:positions]
    assert [each.position for each in _records(station, PositionExchanged)] == list(range(1, positions))
    assert station.snapshot.inventory.holds == ()


@pytest.mark.parametrize("exchange", BOTH)
def test_the_common_steps_run_once_and_those_of_a_position_for_each(exchange: Exchange) -> None:
    station = finished(exchange, 3)
    taken = [record.before for record in _records(station, SwapStepped)]
    for step in ("identify", "allocate", "position", "handshake", "clear_zone", "verify", "release"):
        assert taken.count(step) == 1, step
    for step in LOOP:
        assert taken.count(step) == 3, step
    assert len(_commands(station, ReleaseTruck)) == 1
    state = for_people(Draft(station.rules, entering(exchange, 3)[(3, "verify")].snapshot, station.memory)).swap
    assert state is not None
    assert {step.state for step in state.steps} == {"done", "running", "waiting"}
    assert (state.position, state.positions, len(state.exchanged)) == (3, 3, 2)


@pytest.mark.parametrize("exchange", BOTH)
def test_every_order_at_the_truck_names_its_position(exchange: Exchange) -> None:
    station = finished(exchange, 3)
    unlocked, locked = _commands(station, UnlockTruck), _commands(station, LockTruck)
    assert list(dict.fromkeys(each.position for each in unlocked)) == [1, 2, 3]
    assert list(dict.fromkeys(each.position for each in locked)) == [1, 2, 3]
    if exchange is Exchange.PLC:
        ordered = list(dict.fromkeys(_commands(station, ExchangeBattery)))
        assert ordered == [ExchangeBattery(1, 3, 1, 1), ExchangeBattery(2, 1, 1, 2), ExchangeBattery(4, 2, 1, 3)]


def test_the_whole_set_is_held_before_anything_moves() -> None:
    allocating = entering(Exchange.STATION, 3)[(1, "position")]
    (allocated,) = _records(allocating, SwapAllocated)
    assert [(each.fresh, each.from_bay, each.to_bay) for each in allocated.ahead] == [("B2", 2, 1), ("B5", 4, 2)]
    assert {hold.battery or hold.place for hold in allocated.holds} == {"B1", "B2", "B5", "bay-1", "bay-2", "bay-3"}
    moved = [cycle for cycle in allocating.past if cycle.commands]
    assert moved == []


def test_two_full_batteries_are_no_set_for_three_positions() -> None:
    begun = requested(Exchange.STATION, 3)
    short = replace(begun.snapshot.inventory, batteries=begun.snapshot.inventory.batteries[1:])
    waiting = replace(begun, snapshot=replace(begun.snapshot, inventory=short)).run(5.0)
    assert waiting.step == "allocate"
    assert waiting.memory.waiting_for == ("battery_set_ready",)


def _further(station: Answering, **changes: Any) -> Answering:
    truck = station.snapshot.truck.value
    assert truck is not None
    (second, *rest) = truck.further
    return station.change("truck", further=(replace(second, **changes), *rest))


@pytest.mark.parametrize(
    "changes",
    [{"lock": LockState.UNLOCKED}, {"lock": LockState.MOVING}, {"battery_present": False}, {"connector_mated": False}],
)
@pytest.mark.parametrize("exchange", BOTH)
def test_no_truck_leaves_with_a_position_open_or_empty(exchange: Exchange, changes: dict[str, Any]) -> None:
    for step in ("verify", "release"):
        before = _further(entering(exchange)[(2, step)], **changes)
        station = before.run(60.0)
        since = [command for cycle in station.since(before) for command in cycle.commands]
        if step == "verify" or "connector_mated" not in changes:
            assert not any(isinstance(command, ReleaseTruck) for command in since), step


def test_a_truck_that_tells_of_fewer_positions_than_its_model_has_is_not_identified() -> None:
    station = requested(Exchange.STATION).change("truck", further=()).run(5.0)
    assert station.memory.waiting_for == ("every_position_told",)


def test_a_battery_on_the_second_position_that_is_another_than_recorded_is_not_identified() -> None:
    station = _further(requested(Exchange.STATION), codes=("999PB0A0000001E6K0000077",)).cycle().cycle()
    assert "battery_codes_match" in station.memory.waiting_for


def _after_restart(before: Answering) -> Answering:
    now = replace(before.snapshot, boot=2, state=StationState.ABORTED, confirmed=False)
    forgotten = Draft(before.rules, now, Memory(now.inventory.next_command_id))
    adopt_open_intents(forgotten)
    return replace(before, snapshot=now, memory=forgotten.decision().memory)


@pytest.mark.parametrize("exchange", BOTH)
def test_a_restart_in_every_step_of_the_second_position_ends_the_swap(exchange: Exchange) -> None:
    for (at, step), before in entering(exchange).items():
        if at != 2 or step == "close":
            continue
        restarted = _after_restart(before.run(0.3)).run(3.0)
        since = [each for cycle in restarted.past[-30:] for each in cycle.commands]
        assert not any(isinstance(each, RobotOrder | TruckOrder) for each in since), step
        restarted = replace(restarted, snapshot=replace(restarted.snapshot, survey=survey(restarted.snapshot)))
        assert {each.place for each in restarted.snapshot.survey.findings} >= {truck_place(VIN), truck_place(VIN, 2)}
        held = restarted.cycle(ConfirmStartUp()).until(lambda now: now.memory.state is StationState.HELD)
        ended = held.cycle(ResumeStation()).until(lambda now: now.step is None, 120.0)
        assert _where(ended)[OLD[1]] == "bay-1", step
        assert _carries(ended, "B1", "B2")


def _held(before: Answering) -> Answering:
    return before.cycle(HoldStation("test")).until(lambda now: now.memory.state is StationState.HELD)


def _answer(station: Answering) -> Accepted | Refused:
    (batch,) = [batch for batch in station.past[-1].decision.batches if batch.request is not None]
    assert batch.answer is not None
    return batch.answer


def _ended(station: Answering) -> Answering:
    return station.until(lambda now: now.step is None, 240.0)


def _diverted(before: Answering, cause: Cause) -> Answering:
    held = _held(before)
    swap = held.snapshot.inventory.swap
    assert swap is not None
    diverted = held.cycle(DivertSwap(swap.swap, cause, "test"))
    assert isinstance(_answer(diverted), Accepted), _answer(diverted)
    return diverted.cycle(ResumeStation())


MECHANICAL = ["deaden_bay", "locate", "grip", "unlock", "lift", "put", "pick", "place"]


@pytest.mark.parametrize("step", MECHANICAL)
def test_one_fresh_and_one_old_battery_leave_only_with_a_person_s_consent(step: str) -> None:
    station = _diverted(entering(Exchange.STATION)[(2, step)], Cause.MECHANICAL)
    waiting = station.until(lambda now: now.memory.state is StationState.HELD, 240.0).run(5.0)
    assert waiting.memory.hold_reasons == ("BATTERY_SET_UNEVEN",), step
    assert not _commands(waiting, ReleaseTruck)
    assert _where(waiting)[OLD[1]] == truck_place(VIN, 2)
    swap = waiting.snapshot.inventory.swap
    assert swap is not None
    assert [each.position for each in swap.exchanged] == [1]
    assert abandon_reasons(Draft(waiting.rules, waiting.snapshot, waiting.memory)) == ("battery_set_even",)
    refused = waiting.cycle(AbandonSwap(swap.swap, "give up"))
    assert isinstance(_answer(refused), Refused)
    accepted = refused.cycle(AcceptUnevenSet(swap.swap, "limps home"))
    assert isinstance(_answer(accepted), Accepted)
    ended = accepted.run(0.5).cycle(ResumeStation()).until(lambda now: now.step is None, 60.0)
    (closed,) = _records(ended, SwapClosed)
    assert closed.result is SwapResult.FAILED
    assert len(_commands(ended, ReleaseTruck)) == 1


def test_nobody_agrees_to_an_uneven_set_before_a_release_waits_for_it() -> None:
    begun = entering(Exchange.STATION)[(2, "grip")]
    assert _refused(begun.cycle(AcceptUnevenSet("other", "x"))) == "swap_not_open"
    swap = begun.snapshot.inventory.swap
    assert swap is not None
    assert _refused(begun.cycle(AcceptUnevenSet(swap.swap, "x"))) == "no_set_to_accept"
    assert _refused(begun.cycle(AcceptUnevenSet(swap.swap, " "))) == "bad_input"


def _refused(station: Answering) -> str:
    answer = _answer(station)
    assert isinstance(answer, Refused)
    return answer.code


def _let_go(station: Answering) -> bool:
    robot = station.snapshot.robot.value
    return robot is not None and not robot.gripped


@pytest.mark.parametrize("cause", [Cause.MECHANICAL, Cause.GO_ON])
def test_a_way_out_at_the_first_position_that_ends_with_its_fresh_battery_goes_on_with_the_second(cause: Cause) -> None:
    """The spreader has opened in the very cycle in which the swap is held: the fresh battery stands on the truck."""
    station = _diverted(entering(Exchange.STATION)[(1, "ungrip")].until(_let_go), cause)
    assert station.run(0.3).step == "onward_park"
    ended = station.until(lambda now: now.step is None, 240.0)
    assert _carries(ended, "B1", "B2")
    (closed,) = _records(ended, SwapClosed)
    assert closed.result is SwapResult.COMPLETED


@pytest.mark.parametrize("step", ["pick", "place", "lock", "ungrip"])
def test_a_mechanical_cause_at_the_first_position_brings_its_old_battery_back(step: str) -> None:
    ended = _ended(_diverted(entering(Exchange.STATION)[(1, step)], Cause.MECHANICAL))
    assert _carries(ended, *OLD[:2])
    assert _where(ended)["B1"] == "bay-1"


@pytest.mark.parametrize("step", ["deaden_bay", "grip", "lift", "put", "pick", "place", "lock", "park"])
def test_a_swap_held_at_the_second_position_is_finished_from_where_it_stands(step: str) -> None:
    ended = _ended(_diverted(entering(Exchange.STATION)[(2, step)], Cause.GO_ON))
    assert _carries(ended, "B1", "B2")


def test_a_way_out_before_anything_was_exchanged_needs_no_consent() -> None:
    ended = _ended(_diverted(entering(Exchange.STATION)[(1, "grip")], Cause.MECHANICAL))
    assert len(_commands(ended, ReleaseTruck)) == 1
    assert _carries(ended, *OLD[:2])


def test_a_doubtful_fresh_battery_is_replaced_by_one_that_fits_the_set() -> None:
    """B2 of the second position is isolated; B5 takes its place, and the record says so."""
    station = _diverted(entering(Exchange.STATION)[(2, "place")], Cause.DOUBT)
    ended = station.until(lambda now: now.step is None, 240.0)
    assert (_where(ended)["B2"], _where(ended)["B5"]) == ("isolation", truck_place(VIN, 2))
    allocated = _records(ended, SwapAllocated)[-1]
    assert (allocated.fresh, allocated.from_bay) == ("B5", 4)


def test_the_place_of_the_next_old_battery_follows_the_battery_that_was_chosen_instead() -> None:
    """The first fresh battery is put in doubt in its bay: the old one of the second position cannot go there."""
    before = entering(Exchange.STATION)[(1, "locate")]
    stock = before.snapshot.inventory
    batteries = tuple(replace(each, doubtful=each.battery == "B1", doubt_reason="test") for each in stock.batteries)
    doubted = replace(before, snapshot=replace(before.snapshot, inventory=replace(stock, batteries=batteries)))
    ended = _diverted(doubted, Cause.GO_ON).until(lambda now: now.step is None, 240.0)
    where = _where(ended)
    assert (where["B1"], where["B5"], where["B2"]) == ("bay-1", truck_place(VIN), truck_place(VIN, 2))
    assert (where[OLD[0]], where[OLD[1]]) == ("bay-3", "bay-4")


def test_the_record_of_every_move_names_the_position() -> None:
    moved = [each.destination for each in _records(finished(Exchange.STATION), BatteryMoved)]
    assert [place for place in moved if place.startswith("truck:")] == list(truck_places(VIN, 2))


def test_steps_name_where_they_go_on() -> None:
    steps = [step for step in finished(Exchange.STATION).rules.recipe.steps if step.again]
    assert [(step.name, step.again) for step in steps] == [("ungrip", "deaden_bay")]
