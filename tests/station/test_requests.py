"""Requests: every kind accepted when it may act, and refused with each reason that forbids it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from swapstation.model.bypass_request import EndBypass, SetBypass
from swapstation.model.device import LockState
from swapstation.model.fire_request import ConfirmFire, EndFireDrill, ReleaseFire, StartFireDrill
from swapstation.model.inventory import Cause, Hold, HoldKind, SwapResult
from swapstation.model.job import JobKind
from swapstation.model.journal import (
    HoldEnded,
    HoldPlaced,
    Record,
    RequestAnswered,
    StartUpConfirmed,
    SwapClosed,
    SwapOpened,
)
from swapstation.model.mode import Mode
from swapstation.model.reasons import reason_catalogue
from swapstation.model.request import (
    AbandonJob,
    AbandonSwap,
    Accepted,
    Answer,
    CancelBooking,
    ChangeMode,
    ConfirmStartUp,
    CreateBooking,
    DivertSwap,
    HoldStation,
    Payload,
    Refused,
    Request,
    RequestSwap,
    ResumeStation,
    StartJob,
)
from swapstation.model.seen import Seen
from swapstation.model.snapshot import Snapshot, StationState
from swapstation.station.alarms import run_alarms
from swapstation.station.bypass import BYPASSABLE
from swapstation.station.draft import Draft
from swapstation.station.operating_mode import JOBS_OF_EVERY_DAY
from swapstation.station.people import for_people
from swapstation.station.promise_watch import end_void_bookings
from swapstation.station.requests import HANDLERS, run_requests
from swapstation.station.stock_requests import STOCK_HANDLERS
from swapstation.station.survey import survey
from swapstation.station.swap_closing import CLOSING_HANDLERS
from tests.station.situations import (
    AT,
    MODEL,
    OTHER_VIN,
    VIN,
    draft,
    snapshot,
    stale,
    swapping,
    with_battery,
    with_bay,
    with_device,
    with_mode,
    with_value,
)

Change = Callable[[Snapshot], Snapshot]


def _answered(now: Snapshot, *payloads: Payload) -> Draft:
    cycle = draft(now)
    run_alarms(cycle)
    run_requests(cycle, tuple(Request(f"key-{at}", "li", payload) for at, payload in enumerate(payloads)))
    return cycle


def _answer(now: Snapshot, payload: Payload) -> Answer:
    (batch,) = _answered(now, payload).batches
    assert batch.answer is not None
    return batch.answer


def _code(now: Snapshot, payload: Payload) -> str:
    answer = _answer(now, payload)
    assert isinstance(answer, Refused)
    assert answer.code in reason_catalogue() or answer.code.isupper()
    assert answer.code in answer.reasons
    return answer.code


def _records(cycle: Draft) -> list[Record]:
    return [record for batch in cycle.batches for record in batch.records]


def _surveyed(now: Snapshot) -> Snapshot:
    return replace(now, survey=survey(now))


def _value(path: str, **changes: Any) -> Change:
    return lambda now: with_value(now, path, lambda value: replace(value, **changes))


ABORTED = _surveyed(snapshot(state=StationState.ABORTED, confirmed=False))
HELD = swapping("grip", state=StationState.HELD)
BOOK = CreateBooking(VIN, MODEL, 60)
BOOKING = Hold("B1-1", HoldKind.BOOKING, battery="B2", vin=VIN, model=MODEL, expires_at=AT + timedelta(minutes=60))


def _with_holds(now: Snapshot, *holds: Hold) -> Snapshot:
    return replace(now, inventory=replace(now.inventory, holds=holds))


ACCEPTED: list[tuple[Payload, Snapshot]] = [
    (ConfirmStartUp(), ABORTED),
    (RequestSwap(VIN), snapshot()),
    (ResumeStation(), HELD),
    (HoldStation("fog"), swapping()),
    (AbandonSwap("S1", "ice"), HELD),
    (DivertSwap("S1", Cause.MECHANICAL, "ice"), HELD),
    (BOOK, snapshot()),
    (CancelBooking("B1-1"), _with_holds(snapshot(), BOOKING)),
]
REFUSED: list[tuple[Payload, Snapshot, str]] = [
    (ConfirmStartUp(), _surveyed(snapshot()), "already_confirmed"),
    (ConfirmStartUp(), replace(ABORTED, survey=survey(with_device(ABORTED, "1.io", Seen()))), "survey_incomplete"),
    (ConfirmStartUp(), replace(ABORTED, survey=survey(with_bay(ABORTED, 1, battery=None))), "survey_contradicts"),
    (ConfirmStartUp(), _value("safety", estop_ok=False)(ABORTED), "SAFETY_CHAIN_OPEN"),
    (ResumeStation(), swapping(), "not_held"),
    (ResumeStation(), _value("safety", estop_ok=False)(HELD), "SAFETY_CHAIN_OPEN"),
    (RequestSwap("TRUCK"), snapshot(), "bad_input"),
    (RequestSwap(VIN), swapping(), "not_idle"),
    (RequestSwap(VIN), snapshot(state=StationState.HELD), "not_idle"),
    (RequestSwap(VIN), snapshot(truck=Seen()), "truck_link"),
    (RequestSwap(VIN), _value("truck", vin=None)(snapshot()), "truck_link"),
    (RequestSwap(VIN), _value("truck", vin=OTHER_VIN)(snapshot()), "vin_matches"),
    (RequestSwap(VIN), _value("truck", lock=LockState.UNLOCKED)(snapshot()), "truck_locked"),
    (RequestSwap(OTHER_VIN), _value("truck", vin=OTHER_VIN)(snapshot()), "truck_registered"),
    (RequestSwap(VIN), snapshot(journal_error="disk full"), "DATABASE_WRITE_FAILED"),
    (DivertSwap("S1", Cause.DOUBT, "hot"), snapshot(state=StationState.HELD), "no_swap"),
    (DivertSwap("S0", Cause.DOUBT, "hot"), HELD, "swap_not_open"),
    (DivertSwap("S1", Cause.DOUBT, "hot"), swapping("grip"), "not_held"),
    (DivertSwap("S1", Cause.MECHANICAL, "ice"), with_device(HELD, "robot", Seen()), "robot_link"),
    (DivertSwap("S1", Cause.MECHANICAL, "ice"), with_device(HELD, "truck", Seen()), "no_way_out"),
    (AbandonSwap("S1", "ice"), snapshot(state=StationState.HELD), "no_swap"),
    (AbandonSwap("S0", "ice"), HELD, "swap_not_open"),
    (AbandonSwap("S1", "ice"), swapping("grip"), "not_held"),
    (AbandonSwap("S1", "ice"), _value("truck", lock=LockState.UNLOCKED)(HELD), "truck_locked"),
    (AbandonSwap("S1", "ice"), _value("truck", lock=LockState.FAULT)(HELD), "truck_locked"),
    (AbandonSwap("S1", "ice"), _value("robot", gripped=True)(HELD), "robot_empty"),
    (AbandonSwap("S1", "ice"), with_device(HELD, "robot", Seen()), "robot_empty"),
    (
        AbandonSwap("S1", "ice"),
        replace(HELD, inventory=replace(HELD.inventory, batteries=HELD.inventory.batteries[:2])),
        "truck_has_battery",
    ),
    (replace(BOOK, vin="TRUCK"), snapshot(), "bad_input"),
    (replace(BOOK, model="NMC-999"), snapshot(), "bad_input"),
    (replace(BOOK, minutes=0), snapshot(), "bad_input"),
    (replace(BOOK, minutes=1441), snapshot(), "bad_input"),
    (BOOK, _with_holds(snapshot(), BOOKING), "already_booked"),
    (
        replace(BOOK, vin=OTHER_VIN),
        with_device(with_device(snapshot(), "1.io", Seen()), "2.io", Seen()),
        "battery_ready",
    ),
    (CancelBooking("B9-9"), _with_holds(snapshot(), BOOKING), "no_such_booking"),
    (CancelBooking("S1:to"), swapping(), "no_such_booking"),
]


def test_every_kind_is_accepted_and_refused_in_these_tests() -> None:
    """HoldStation is never refused; alarms, modes and jobs have test files of their own.

    Bays and batteries have test_stock_requests.py, swaps ended by people test_swap_closing.py, fire test_fire.py,
    bypasses test_bypass_requests.py, plans test_planning.py, promises test_promise_watch.py,
    dispatch records test_dispatch_requests.py, links beyond the site test_uplinks.py,
    trucks that are let in test_yard.py.
    """
    of_alarms = {"AcknowledgeAlarm", "ShelveAlarm", "TakeAlarmOutOfService", "ShowAlarm"}
    of_modes = {"ChangeMode", "StartJob", "AbandonJob"}
    of_stock = {kind.__name__ for kind in (*STOCK_HANDLERS, *CLOSING_HANDLERS)}
    of_fire = {"ConfirmFire", "ReleaseFire", "StartFireDrill", "EndFireDrill"}
    of_bypasses = {"SetBypass", "EndBypass"}
    of_plans = {
        "SubmitPlan",
        "ChangeBooking",
        "PutDispatch",
        "EndDispatch",
        "CloseEnergyCase",
        "TellUplink",
        "TellConcern",
        "AdmitTruck",
    }
    kinds = {kind.__name__ for kind in HANDLERS} - of_alarms - of_modes - of_stock - of_fire - of_bypasses - of_plans
    assert {type(payload).__name__ for payload, _ in ACCEPTED} == kinds
    assert {type(payload).__name__ for payload, _, _ in REFUSED} == kinds - {"HoldStation"}


@pytest.mark.parametrize(("payload", "now"), ACCEPTED, ids=lambda value: getattr(value, "kind", ""))
def test_a_request_is_accepted(payload: Payload, now: Snapshot) -> None:
    assert isinstance(_answer(now, payload), Accepted)


@pytest.mark.parametrize(("payload", "now", "code"), REFUSED, ids=lambda value: getattr(value, "kind", str(value)[:20]))
def test_a_request_is_refused_and_says_why(payload: Payload, now: Snapshot, code: str) -> None:
    before = draft(now).memory
    cycle = _answered(now, payload)
    assert _code(now, payload) == code
    assert cycle.memory.state is before.state
    assert [type(record) for record in _records(cycle)] == [RequestAnswered]


@pytest.mark.parametrize("state", StationState)
def test_a_hold_is_accepted_in_every_state(state: StationState) -> None:
    cycle = _answered(swapping(state=state), HoldStation("fog"))
    assert isinstance(cycle.batches[0].answer, Accepted)
    assert cycle.memory.state not in (StationState.EXECUTE, StationState.UNHOLDING, StationState.IDLE)
    assert "fog" in cycle.memory.hold_reasons


def test_a_confirmation_of_an_idle_station_leaves_nothing_to_wait_for() -> None:
    cycle = _answered(ABORTED, ConfirmStartUp())
    assert (cycle.memory.state, cycle.memory.confirmed, cycle.memory.hold_reasons) == (StationState.IDLE, True, ())
    assert StartUpConfirmed(1, "li") in _records(cycle)


def test_a_confirmation_with_an_open_swap_waits_for_a_resume() -> None:
    now = _surveyed(swapping("grip", state=StationState.ABORTED, confirmed=False))
    cycle = _answered(now, ConfirmStartUp())
    assert (cycle.memory.state, cycle.memory.hold_reasons) == (StationState.HELD, ("start_up",))


def test_a_swap_begins_at_the_first_step_with_the_hash_of_its_recipe() -> None:
    cycle = _answered(snapshot(), RequestSwap(VIN))
    (opened,) = [record for record in _records(cycle) if isinstance(record, SwapOpened)]
    recipe = cycle.rules.recipe
    assert (opened.swap.vin, opened.swap.step, opened.swap.recipe_hash) == (VIN, recipe.steps[0].name, recipe.hash)
    assert (opened.swap.person, opened.swap.truck_model) == ("li", "tractor-6x4")
    assert cycle.memory.state is StationState.EXECUTE


def test_a_swap_keeps_the_chosen_battery_and_the_driver_s_consent() -> None:
    now = with_battery(snapshot(), "B2", soc_pct=60.0)
    assert _code(now, RequestSwap(VIN, battery="B2")) == "wanted_battery_ready"
    assert _code(now, RequestSwap(VIN, battery="B3")) == "wanted_battery_ready"
    assert _code(now, RequestSwap(VIN, accept_soc_pct=19.9)) == "bad_input"
    cycle = _answered(now, RequestSwap(VIN, battery="B2", accept_soc_pct=60.0))
    (opened,) = [record for record in _records(cycle) if isinstance(record, SwapOpened)]
    assert (opened.swap.wanted_battery, opened.swap.accept_soc_pct) == ("B2", 60.0)


@pytest.mark.parametrize("seen", [Seen(), snapshot().bay(1).io], ids=["silent", "occupied"])
def test_no_swap_begins_while_no_battery_could_be_isolated(seen: Seen[Any]) -> None:
    assert _code(with_device(snapshot(), "9.io", seen), RequestSwap(VIN)) == "isolation_free"


def test_of_two_swaps_asked_for_in_one_cycle_only_one_begins() -> None:
    cycle = _answered(snapshot(), RequestSwap(VIN), RequestSwap(VIN))
    assert [type(batch.answer) for batch in cycle.batches] == [Accepted, Refused]


def test_a_swap_takes_the_booking_of_its_truck() -> None:
    cycle = _answered(_with_holds(snapshot(), BOOKING), RequestSwap(VIN))
    (opened,) = [record for record in _records(cycle) if isinstance(record, SwapOpened)]
    assert opened.swap.booking == "B1-1"


def test_an_abandoned_swap_ends_as_failed_with_its_reason() -> None:
    cycle = _answered(HELD, AbandonSwap("S1", "ice"))
    (closed,) = [record for record in _records(cycle) if isinstance(record, SwapClosed)]
    assert (closed.swap, closed.result, closed.reason) == ("S1", SwapResult.FAILED, "ice")
    assert cycle.memory.state is StationState.IDLE


def test_a_booking_holds_the_fullest_ready_battery_until_it_expires() -> None:
    now = with_value(snapshot(), "1.charge", lambda charge: replace(charge, soc_pct=93.0))
    cycle = _answered(now, BOOK)
    (placed,) = [record.hold for record in _records(cycle) if isinstance(record, HoldPlaced)]
    assert (placed.battery, placed.vin, placed.kind) == ("B2", VIN, HoldKind.BOOKING)
    assert placed.expires_at == AT + timedelta(minutes=60)
    answer = cycle.batches[0].answer
    assert isinstance(answer, Accepted)
    assert answer.result == {"booking": placed.hold, "battery": "B2"}


def test_bookings_of_one_cycle_never_hold_the_same_battery() -> None:
    vins = ("1M8GDM9AXKP042788", "11111111111111111", "LZZ1CLSB7RA000001")
    cycle = _answered(snapshot(), *(replace(BOOK, vin=vin) for vin in vins))
    placed = [record.hold for record in _records(cycle) if isinstance(record, HoldPlaced)]
    assert {hold.battery for hold in placed} == {"B1", "B2"}
    assert len({hold.hold for hold in placed}) == 2
    assert isinstance(cycle.batches[2].answer, Refused)


def test_of_two_bookings_for_one_truck_in_one_cycle_only_one_is_accepted() -> None:
    cycle = _answered(snapshot(), BOOK, BOOK)
    assert [type(batch.answer) for batch in cycle.batches] == [Accepted, Refused]


def _ended(now: Snapshot) -> list[Record]:
    cycle = draft(now)
    end_void_bookings(cycle)
    return cycle.records


def test_a_booking_ends_when_its_time_is_over() -> None:
    booked = _with_holds(snapshot(truck=Seen()), BOOKING)
    assert _ended(replace(booked, at=AT + timedelta(minutes=59))) == []
    assert _ended(replace(booked, at=AT + timedelta(minutes=60))) == [HoldEnded("B1-1", "expired")]
    assert _ended(replace(_with_holds(snapshot(), BOOKING), at=AT + timedelta(minutes=60))) == [], "its truck is here"
    assert _ended(replace(booked, at=AT + timedelta(days=1), journal_pending=1)) == []


@pytest.mark.parametrize("doubt", [{"quarantined": True}, {"doubtful": True}])
def test_a_booking_ends_when_its_battery_is_no_longer_sound(doubt: dict[str, bool]) -> None:
    now = with_battery(_with_holds(snapshot(), BOOKING), "B2", **doubt)
    assert BOOKING.battery == "B2"
    assert _ended(now) == [HoldEnded("B1-1", "battery quarantined or in doubt")]


def test_the_booking_of_the_running_swap_does_not_expire() -> None:
    now = swapping(at=AT + timedelta(days=1))
    assert now.inventory.swap is not None
    running = replace(now.inventory, swap=replace(now.inventory.swap, booking="B1-1"), holds=(BOOKING,))
    assert _ended(replace(now, inventory=running)) == []


def test_people_see_which_actions_are_refused_and_why() -> None:
    """The same reasons that a request would get."""
    payloads: dict[str, Payload] = {
        "hold": HoldStation(),
        "confirm_fire": ConfirmFire("flames"),
        "release_fire": ReleaseFire("cold"),
        "start_fire_drill": StartFireDrill(1),
        "end_fire_drill": EndFireDrill(),
        "confirm_start_up": ConfirmStartUp(),
        "resume": ResumeStation(),
        "swap": RequestSwap(VIN),
        "abandon_swap": AbandonSwap("S1", "ice"),
        **{f"start_job_{kind}": StartJob(kind, 1, 3) for kind in JOBS_OF_EVERY_DAY},
        "single_move": StartJob(JobKind.PARK),
        "abandon_job": AbandonJob("J1", "ice"),
        **{f"change_mode_{mode}": ChangeMode(mode, "tried") for mode in Mode},
        **{f"divert_swap_{cause}": DivertSwap("S1", cause, "ice") for cause in Cause},
        **{
            f"set_bypass_{name}": SetBypass(name, 10, "tried", 1 if BYPASSABLE[name].in_bay else None)
            for name in BYPASSABLE
        },
        "end_bypass": EndBypass(),
    }
    maintenance = with_mode(snapshot(), Mode.MAINTENANCE)
    for now in (snapshot(), swapping(), HELD, ABORTED, _value("safety", fire_ok=False)(HELD), maintenance):
        cycle = draft(now)
        run_alarms(cycle)
        for action in for_people(cycle).actions:
            answer = _answer(now, payloads[action.action])
            assert action.allowed is isinstance(answer, Accepted), action
            assert action.reasons == (answer.reasons if isinstance(answer, Refused) else ())


def test_a_truck_that_is_gone_does_not_keep_its_swap_open() -> None:
    """It left with the battery that is on record for it; the robot is empty."""
    assert isinstance(_answer(with_device(HELD, "truck", stale(HELD.truck)), AbandonSwap("S1", "left")), Accepted)
