"""Swaps that people end in the record: entered afterwards with what the sensors say, or closed by force by two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from swapstation.model.device import Presence
from swapstation.model.inventory import ROBOT, SwapResult, truck_place
from swapstation.model.journal import BatteryDoubted, BatteryMoved, Record, SwapAllocated, SwapClosed, SwapOpened
from swapstation.model.request import Accepted, CloseSwap, ConfirmCloseSwap, Payload, ReconcileSwap, Refused, Request
from swapstation.model.seen import Seen
from swapstation.model.snapshot import Snapshot, StationState
from swapstation.station.draft import Draft
from swapstation.station.memory import CloseAsked
from swapstation.station.requests import run_requests
from swapstation.station.swap_closing import CLOSE_WAITS_S
from tests.station.record import recorded
from tests.station.situations import (
    VIN,
    draft,
    fresh,
    pack_code,
    rack,
    robot,
    snapshot,
    swapping,
    truck,
    with_battery,
    with_bay,
    with_device,
    with_value,
)

ENTER = ReconcileSwap(VIN, "B1", "B3", 3, "made at the PLC's panel")
CLOSE, CONFIRM = CloseSwap("S1", "crane dead"), ConfirmCloseSwap("S1")
HELD = swapping("place", state=StationState.HELD)


def made_without_us(now: Snapshot) -> Snapshot:
    """B1 has left bay 1 for the truck, B3 stands in bay 3; the record does not know."""
    now = with_bay(with_bay(now, 1, io=fresh(rack(False))), 3, io=fresh(rack(True)))
    return replace(now, truck=fresh(truck(codes=(pack_code(1),))))


AWAY = made_without_us(snapshot(state=StationState.ABORTED, confirmed=False))


def answered(now: Snapshot, payload: Payload, person: str = "li", **memory: Any) -> Draft:
    cycle = draft(now, **memory)
    run_requests(cycle, (Request("k", person, payload),))
    return cycle


def records(cycle: Draft) -> tuple[Record, ...]:
    assert isinstance(cycle.batches[0].answer, Accepted), cycle.batches[0].answer
    return cycle.batches[0].records


def code(cycle: Draft) -> str:
    answer = cycle.batches[0].answer
    assert isinstance(answer, Refused)
    return answer.code


def test_a_swap_entered_afterwards_moves_both_batteries_in_the_record_and_is_completed() -> None:
    cycle = answered(AWAY, ENTER)
    stock = recorded(AWAY.inventory, records(cycle))
    assert {each.battery: each.place for each in stock.batteries} == {
        "B1": truck_place(VIN),
        "B2": "bay-2",
        "B3": "bay-3",
    }
    (opened,) = [record.swap for record in records(cycle) if isinstance(record, SwapOpened)]
    (closed,) = [record for record in records(cycle) if isinstance(record, SwapClosed)]
    assert (opened.fresh, opened.returned, opened.from_bay, opened.to_bay, opened.person) == ("B1", "B3", 1, 3, "li")
    assert (closed.swap, closed.result) == (opened.swap, SwapResult.COMPLETED)
    assert closed.reason == "entered afterwards: made at the PLC's panel"
    assert cycle.memory.state is StationState.ABORTED


def test_the_returned_battery_may_stand_where_the_fresh_one_came_from() -> None:
    now = with_bay(with_bay(AWAY, 1, io=fresh(rack(True))), 3, io=fresh(rack(False)))
    moves = [record for record in records(answered(now, replace(ENTER, to_bay=1))) if isinstance(record, BatteryMoved)]
    assert [(move.battery, move.destination) for move in moves] == [
        ("B3", ROBOT),
        ("B1", truck_place(VIN)),
        ("B3", "bay-1"),
    ]


@pytest.mark.parametrize("hanging", [False, True])
def test_the_open_swap_that_the_plc_finished_alone_is_closed(hanging: bool) -> None:
    now = made_without_us(HELD)
    if hanging:
        now = with_battery(now, "B3", place=ROBOT)
    cycle = answered(now, ENTER)
    assert not any(isinstance(record, SwapOpened) for record in records(cycle))
    stock = recorded(now.inventory, records(cycle))
    assert (stock.swap, stock.holds) == (None, ())
    assert {each.battery: each.place for each in stock.batteries}["B3"] == "bay-3"
    assert cycle.memory.state is StationState.IDLE


def test_the_open_swap_is_closed_as_it_was_made_and_not_as_it_was_planned() -> None:
    """Planned: B1 from bay 1, B3 into bay 3. Made at the panel: B2 from bay 2, B3 into bay 2."""
    now = replace(HELD, truck=fresh(truck(codes=(pack_code(2),))))
    cycle = answered(with_bay(now, 2, io=fresh(rack(True))), replace(ENTER, fresh="B2", to_bay=2))
    (made,) = [record for record in records(cycle) if isinstance(record, SwapAllocated)]
    assert (made.fresh, made.returned, made.from_bay, made.to_bay, made.holds) == ("B2", "B3", 2, 2, ())
    stock = recorded(now.inventory, records(cycle))
    assert (stock.swap, stock.holds) == (None, ())


def test_what_the_unknown_swap_put_in_doubt_is_explained_by_it() -> None:
    doubtful = with_battery(AWAY, "B3", doubtful=True, doubt_reason="truck code")
    kinds = [type(record).__name__ for record in records(answered(doubtful, ENTER))]
    assert kinds.count("InventoryChanged") == 1


REFUSED: dict[str, tuple[Snapshot, Payload]] = {
    "unknown_battery": (AWAY, replace(ENTER, fresh="B77")),
    "no_such_bay": (AWAY, replace(ENTER, to_bay=77)),
    "truck_registered": (AWAY, replace(ENTER, vin="LZZ5BLSJ4MA000123")),
    "bad_input": (AWAY, replace(ENTER, reason=" ")),
    "not_held": (made_without_us(swapping("place")), ENTER),
    "robot_empty": (with_value(AWAY, "robot", lambda each: replace(each, payload=True)), ENTER),
    "bay_occupied": (with_device(AWAY, "3.io", Seen()), ENTER),
    "bay_empty": (with_value(AWAY, "1.io", lambda io: replace(io, presence=Presence.PRESENT)), ENTER),
    "battery_codes_match": (replace(AWAY, truck=fresh(truck())), ENTER),
    "place_occupied": (with_battery(AWAY, "B2", place="bay-3"), ENTER),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_a_swap_that_record_or_sensors_contradict_is_not_entered(reason: str) -> None:
    now, payload = REFUSED[reason]
    cycle = answered(now, payload)
    assert code(cycle) == reason
    assert cycle.memory == draft(now).memory


def test_a_truck_that_is_gone_says_nothing_against_it() -> None:
    assert records(answered(with_device(AWAY, "truck", Seen()), ENTER))


def test_a_held_station_without_a_swap_stays_held() -> None:
    assert answered(made_without_us(snapshot(state=StationState.HELD)), ENTER).memory.state is StationState.HELD


ASKED = CloseAsked("S1", "li", "crane dead", HELD.now_s - 10.0)


def test_one_person_alone_closes_nothing() -> None:
    cycle = answered(HELD, CLOSE)
    assert [type(record).__name__ for record in records(cycle)] == ["RequestAnswered"]
    assert cycle.memory.close_asked == replace(ASKED, since_s=HELD.now_s)


def test_two_people_close_a_swap_as_failed_and_its_batteries_are_in_doubt() -> None:
    cycle = answered(HELD, CONFIRM, "wang", close_asked=ASKED)
    (closed,) = [record for record in records(cycle) if isinstance(record, SwapClosed)]
    assert (closed.result, closed.reason) == (SwapResult.FAILED, "closed by force: crane dead (li, wang)")
    assert {record.battery for record in records(cycle) if isinstance(record, BatteryDoubted)} == {"B1", "B3"}
    assert (cycle.memory.state, cycle.memory.close_asked) == (StationState.IDLE, None)


@pytest.mark.parametrize(
    ("asked", "person", "reason"),
    [
        (None, "wang", "no_close_waits"),
        (replace(ASKED, since_s=HELD.now_s - CLOSE_WAITS_S), "wang", "no_close_waits"),
        (replace(ASKED, swap="S0"), "wang", "no_close_waits"),
        (ASKED, "Li ", "same_person"),
        (ASKED, "console", "bad_input"),
    ],
)
def test_a_second_person_is_needed_in_time(asked: CloseAsked | None, person: str, reason: str) -> None:
    assert code(answered(HELD, CONFIRM, person, close_asked=asked)) == reason


@pytest.mark.parametrize("payload", [CLOSE, CONFIRM])
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda _: snapshot(state=StationState.HELD), "swap_not_open"),
        (lambda now: replace(now, state=StationState.EXECUTE), "not_held"),
    ],
)
def test_only_an_open_swap_of_a_station_at_rest_is_closed(
    payload: Payload, change: Callable[[Snapshot], Snapshot], reason: str
) -> None:
    assert code(answered(change(HELD), payload, "wang", close_asked=ASKED)) == reason


def test_a_loaded_robot_does_not_keep_a_swap_open_for_ever() -> None:
    """Its battery stays in the record, and the survey goes on to say what does not fit."""
    loaded = replace(HELD, robot=fresh(robot(payload=True, gripped=True)))
    assert records(answered(loaded, CONFIRM, "wang", close_asked=ASKED))
