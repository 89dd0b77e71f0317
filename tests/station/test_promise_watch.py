"""Promises in the station: given, changed, kept apart from other trucks, set aside in time, told when they are lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from swapstation.config.settings import Planner
from swapstation.energy.station_clock import StationClock
from swapstation.model.charge_plan import Availability, ChargePlan, PlannedBay
from swapstation.model.dispatch import Dispatch, DispatchKind, DispatchSource
from swapstation.model.inventory import Hold, HoldKind
from swapstation.model.journal import HoldChanged, HoldEnded, HoldPlaced, Record, SwapOpened
from swapstation.model.power import PowerLimit
from swapstation.model.request import (
    Accepted,
    CancelBooking,
    ChangeBooking,
    CreateBooking,
    Payload,
    Refused,
    Request,
    RequestSwap,
)
from swapstation.model.seen import Seen
from swapstation.model.snapshot import Snapshot
from swapstation.station.booking_requests import planned_free
from swapstation.station.charge_goal import charge_goal
from swapstation.station.draft import Draft
from swapstation.station.memory import ChargeMemory, Planning
from swapstation.station.power_memory import PowerMemory
from swapstation.station.promise_watch import end_void_bookings, kept, run_promises, spares, watch_promises
from swapstation.station.promises import URGENT_S, Promise
from swapstation.station.requests import run_requests
from swapstation.station.standing import standing_now
from tests.station.situations import AT, MODEL, OTHER_VIN, VIN, draft, rules, snapshot, swapping, with_battery

HOUR = timedelta(hours=1)
THIRD_VIN = "1M8GDM9AXKP042788"
LATER = CreateBooking(OTHER_VIN, MODEL, arrives_at=AT + HOUR)
PROMISE = Hold(
    "B1-1",
    HoldKind.BOOKING,
    vin=OTHER_VIN,
    model=MODEL,
    needed_at=AT + HOUR,
    expires_at=AT + HOUR + timedelta(minutes=15),
)


def stock(b1_pct: float, b2_pct: float, *holds: Hold, now: Snapshot | None = None) -> Snapshot:
    """The quiet station with so much charge in B1 of bay 1 and B2 of bay 2."""
    found = with_battery(with_battery(now or snapshot(), "B1", soc_pct=b1_pct), "B2", soc_pct=b2_pct)
    return replace(found, inventory=replace(found.inventory, holds=holds))


def asked(now: Snapshot, *payloads: Payload, plan: ChargePlan | None = None) -> Draft:
    cycle = draft(now, planning=Planning(plan, plan, now.now_s))
    run_requests(cycle, tuple(Request(f"k{number}", "li", payload) for number, payload in enumerate(payloads)))
    return cycle


@pytest.mark.parametrize(("in_vain", "reason"), [(False, "cancelled"), (True, "waited in vain")])
def test_a_promise_that_its_truck_waited_for_in_vain_ends_otherwise_than_one_that_is_cancelled(
    in_vain: bool, reason: str
) -> None:
    cycle = asked(stock(95.0, 95.0, PROMISE), CancelBooking("B1-1", in_vain))
    assert [record for batch in cycle.batches for record in batch.records if isinstance(record, HoldEnded)] == [
        HoldEnded("B1-1", reason)
    ]


def held(cycle: Draft) -> list[Hold]:
    records = [record for batch in cycle.batches for record in batch.records]
    return [record.hold for record in records if isinstance(record, HoldPlaced | HoldChanged)]


def refusal(now: Snapshot, payload: Payload, plan: ChargePlan | None = None) -> Refused:
    answer = asked(now, payload, plan=plan).batches[0].answer
    assert isinstance(answer, Refused)
    return answer


def cycled(now: Snapshot) -> list[Record]:
    cycle = draft(now)
    end_void_bookings(cycle)
    run_promises(cycle)
    return cycle.records


def test_a_booking_for_later_holds_no_battery_and_lapses_a_quarter_of_an_hour_after_its_time() -> None:
    cycle = asked(stock(98.0, 98.0), replace(LATER, soc_pct=70.0))
    (hold,) = held(cycle)
    assert (hold.battery, hold.needed_at, hold.soc_pct) == (None, AT + HOUR, 70.0)
    assert hold.expires_at == AT + HOUR + timedelta(minutes=15)
    assert cycle.batches[0].answer == Accepted("k0", {"booking": hold.hold})
    (hold,) = held(asked(stock(98.0, 98.0), replace(LATER, minutes=40)))
    assert hold.expires_at == AT + HOUR + timedelta(minutes=40)


def test_what_cannot_be_ready_is_refused_with_the_earliest_time_that_can_be_promised() -> None:
    now = stock(20.0, 10.0)
    told = refusal(now, replace(LATER, arrives_at=AT + timedelta(minutes=20)))
    assert told.code == "cannot_be_promised"
    earliest = told.facts["earliest_at"]
    assert "2026-03-01T09:30:00Z" < earliest < "2026-03-01T10:30:00Z"
    assert told.detail == f"earliest_at = {earliest}"
    accepted = asked(now, replace(LATER, arrives_at=AT.fromisoformat(earliest))).batches[0].answer
    assert isinstance(accepted, Accepted)


def test_the_same_battery_is_not_promised_twice_even_in_one_cycle() -> None:
    now = stock(98.0, 10.0)
    soon = replace(LATER, arrives_at=AT + timedelta(minutes=10))
    cycle = asked(now, soon, replace(soon, vin=THIRD_VIN))
    assert [type(batch.answer) for batch in cycle.batches] == [Accepted, Refused]


def test_a_fresh_plan_that_has_none_left_is_believed_and_one_without_a_row_is_not_asked() -> None:
    now = stock(98.0, 98.0)
    rows = tuple(Availability(MODEL, AT + step * HOUR, 90.0, free) for step, free in enumerate((2, 0, 0, 1, 1)))
    plan = ChargePlan("P1", AT, (), (), rows)
    told = refusal(now, LATER, plan)
    assert (told.code, told.facts) == ("cannot_be_promised", {"earliest_at": "2026-03-01T11:30:00Z"})
    assert held(asked(now, replace(LATER, arrives_at=AT + 3 * HOUR), plan=plan))
    assert held(asked(now, replace(LATER, soc_pct=95.0), plan=plan))
    stale = draft(now, planning=Planning(plan, plan, now.now_s - 120.0))
    run_requests(stale, (Request("k0", "li", LATER),))
    assert held(stale)


@pytest.mark.parametrize(("minutes", "free"), [(0, True), (30, False), (60, False), (90, True), (600, True)])
def test_the_rows_on_both_sides_of_a_time_must_have_one_left(minutes: int, free: bool) -> None:
    rows = [Availability(MODEL, AT + timedelta(minutes=at), 90.0, left) for at, left in ((0, 1), (60, 0), (61, 1))]
    rows.append(Availability("other", AT, 90.0, 0))
    rows.append(Availability(MODEL, AT, 95.0, 0))
    plan = ChargePlan("P1", AT, (), (), tuple(rows))
    assert planned_free(plan, Promise("P", minutes * 60.0, MODEL, 90.0), AT) is free


@pytest.mark.parametrize(
    "changes",
    [
        {"soc_pct": 19.0},
        {"soc_pct": 95.5},
        {"arrives_at": AT - timedelta(seconds=1)},
        {"arrives_at": AT + timedelta(hours=25)},
        {"arrives_at": (AT + HOUR).replace(tzinfo=None)},
        {"minutes": 0},
    ],
)
def test_a_wrong_wish_is_refused_by_field(changes: dict[str, object]) -> None:
    told = refusal(stock(98.0, 98.0), replace(LATER, **changes))  # type: ignore[arg-type]
    assert told.code == "bad_input"
    assert told.detail.startswith(next(iter(changes)))


def test_a_booking_at_once_may_ask_for_more_than_ready_and_takes_none_that_is_promised() -> None:
    at_once = CreateBooking(VIN, MODEL, 60)
    assert refusal(stock(91.0, 92.0), replace(at_once, soc_pct=95.0)).code == "battery_ready"
    (hold,) = held(asked(stock(91.0, 96.0), replace(at_once, soc_pct=95.0)))
    assert (hold.battery, hold.needed_at) == ("B2", None)
    soon = replace(PROMISE, needed_at=AT + timedelta(minutes=5))
    assert refusal(stock(98.0, 10.0, soon), at_once).code == "kept_for_promises"
    assert held(asked(stock(98.0, 98.0, soon), at_once))


def test_a_truck_without_a_promise_does_not_get_the_last_battery_that_is_promised() -> None:
    soon = replace(PROMISE, needed_at=AT + timedelta(minutes=5))
    assert refusal(stock(98.0, 10.0, soon), RequestSwap(VIN)).code == "kept_for_promises"
    assert refusal(stock(80.0, 10.0, soon), RequestSwap(VIN)).code == "kept_for_promises"
    for now in (stock(98.0, 98.0, soon), stock(98.0, 10.0), stock(98.0, 10.0, replace(soon, needed_at=AT + 5 * HOUR))):
        assert isinstance(asked(now, RequestSwap(VIN)).batches[0].answer, Accepted)


def test_a_truck_whose_own_promise_is_due_gets_its_battery_with_the_charge_that_was_promised() -> None:
    own = replace(PROMISE, vin=VIN, needed_at=AT + timedelta(minutes=5), soc_pct=60.0)
    other = replace(PROMISE, hold="B1-2", needed_at=AT + timedelta(minutes=6))
    cycle = asked(stock(70.0, 10.0, own, other), RequestSwap(VIN))
    (opened,) = [record for record in cycle.batches[0].records if isinstance(record, SwapOpened)]
    assert (opened.swap.booking, opened.swap.accept_soc_pct) == ("B1-1", 60.0)


def test_a_promise_gets_its_battery_when_it_is_near_and_a_battery_is_ready() -> None:
    near = replace(PROMISE, needed_at=AT + timedelta(minutes=30))
    assert cycled(stock(98.0, 92.0, PROMISE)) == []
    assert cycled(stock(80.0, 70.0, near)) == []
    assert cycled(stock(98.0, 92.0, near)) == [HoldChanged(replace(near, battery="B1"))]
    assert cycled(replace(stock(98.0, 92.0, near), journal_pending=1)) == []


def test_a_battery_set_aside_that_is_no_longer_sound_is_replaced_and_one_below_its_charge_is_kept() -> None:
    near = replace(PROMISE, needed_at=AT + timedelta(minutes=30), battery="B1")
    assert cycled(stock(98.0, 92.0, near)) == []
    assert cycled(stock(89.0, 92.0, near)) == []
    doubtful = with_battery(stock(98.0, 92.0, near), "B1", doubtful=True)
    assert cycled(doubtful) == [HoldChanged(replace(near, battery=None))]


def test_no_battery_is_set_aside_in_the_cycle_of_a_request() -> None:
    near = replace(PROMISE, needed_at=AT + timedelta(minutes=30))
    cycle = asked(stock(98.0, 98.0, near), CreateBooking(VIN, MODEL))
    run_promises(cycle)
    assert cycle.records == []


def test_a_promise_lapses_by_itself() -> None:
    now = stock(98.0, 98.0, PROMISE)
    assert cycled(replace(now, at=AT + timedelta(minutes=74))) == [HoldChanged(replace(PROMISE, battery="B1"))]
    assert cycled(replace(now, at=AT + timedelta(minutes=75))) == [HoldEnded("B1-1", "expired")]


def test_a_truck_that_stands_in_the_lane_does_not_lose_its_promise() -> None:
    own = replace(PROMISE, vin=VIN, battery="B1")
    later = AT + timedelta(minutes=80)
    in_lane = stock(98.0, 98.0, own)
    assert cycled(replace(in_lane, at=later)) == []
    gone = replace(in_lane, at=later, truck=Seen())
    assert cycled(gone) == [HoldEnded("B1-1", "expired")]


def test_another_time_of_arrival_is_promised_anew_or_the_old_one_stands() -> None:
    now = stock(98.0, 10.0, replace(PROMISE, battery="B1"))
    (hold,) = held(asked(now, ChangeBooking("B1-1", AT + 2 * HOUR)))
    assert (hold.needed_at, hold.expires_at, hold.battery) == (AT + 2 * HOUR, AT + 2.25 * HOUR, None)
    (hold,) = held(asked(now, ChangeBooking("B1-1", AT + timedelta(minutes=20))))
    assert hold.battery == "B1"
    (hold,) = held(asked(now, ChangeBooking("B1-1", AT + HOUR, return_soc_pct=12.0)))
    assert hold.return_soc_pct == 12.0
    assert refusal(now, ChangeBooking("B1-1", AT + HOUR, return_soc_pct=101.0)).code == "bad_input"
    low = stock(50.0, 10.0, PROMISE)
    assert refusal(low, ChangeBooking("B1-1", AT + timedelta(minutes=5))).code == "cannot_be_promised"
    assert refusal(low, ChangeBooking("B9-9", AT + HOUR)).code == "no_such_booking"
    assert refusal(low, ChangeBooking("B1-1", AT - HOUR)).code == "bad_input"
    at_once = replace(PROMISE, needed_at=None, battery="B1")
    assert refusal(stock(98.0, 10.0, at_once), ChangeBooking("B1-1", AT + HOUR)).code == "battery_held_now"


def test_a_promise_that_full_power_cannot_keep_is_told() -> None:
    soon = replace(PROMISE, needed_at=AT + timedelta(minutes=10))
    assert "PROMISE_AT_RISK@B1-1" not in standing_now(draft(stock(98.0, 10.0, soon)))
    told = standing_now(draft(stock(50.0, 10.0, soon)))["PROMISE_AT_RISK@B1-1"]
    assert told.detail.endswith(" min")
    nothing = with_battery(with_battery(stock(50.0, 10.0, soon), "B1", quarantined=True), "B2", quarantined=True)
    assert standing_now(draft(nothing))["PROMISE_AT_RISK@B1-1"].detail == MODEL


def test_the_battery_that_the_running_swap_brings_counts_and_the_one_it_takes_does_not() -> None:
    now = swapping("grip")
    assert now.inventory.swap is not None
    assert [(each.bay, each.soc_pct, each.from_s) for each in spares(draft(now))] == [
        (2, 98.0, 0.0),
        (None, 20.0, 600.0),
    ]


def test_the_site_s_power_and_what_a_battery_takes_are_counted() -> None:
    now = stock(10.0, 10.0, replace(PROMISE, needed_at=AT + timedelta(minutes=100)))
    (alone,) = kept(draft(now))
    assert alone.in_time
    short = replace(rules(), config=replace(rules().config, site=replace(rules().config.site, power_kw=100.0)))
    (each,) = kept(Draft(short, now, draft(now).memory))
    assert (each.own_s, each.in_time) == (alone.own_s, False)
    for minutes, in_time in ((24 * 60, False), (5, True)):
        cap = Dispatch(
            "D1", DispatchSource.VPP, DispatchKind.IMPORT_CAP, 130.0, AT, AT + timedelta(minutes=minutes), AT
        )
        capped = replace(now, inventory=replace(now.inventory, dispatches=(cap,)))
        (each,) = kept(draft(capped, power=PowerMemory(other_kw=50.0, charging_kw=20.0)))
        assert (each.own_s, each.in_time) == (alone.own_s, in_time)


def test_a_cap_of_now_is_taken_to_stay_while_the_clock_is_in_doubt() -> None:
    now = stock(10.0, 10.0, replace(PROMISE, needed_at=AT + timedelta(minutes=100)))
    clock = StationClock(AT, 0.0, 600.0, 900.0)
    power = PowerMemory(clock=clock, limit=PowerLimit(import_kw=130.0), other_kw=50.0)
    assert not kept(draft(now, power=power))[0].in_time
    assert kept(draft(now, power=replace(power, clock=replace(clock, until_s=0.0))))[0].in_time


def test_the_planner_s_settings_have_defaults_that_change_nothing() -> None:
    assert rules().config.planner == Planner(enabled=False)


def watched(now: Snapshot, before: Draft | None = None) -> Draft:
    """The cycle in which the promises are watched, on what the one before it remembers."""
    cycle = draft(now, due=before.memory.due if before else ())
    watch_promises(cycle)
    return cycle


def goal(cycle: Draft, bay: int) -> tuple[float, float]:
    found = charge_goal(cycle, cycle.snapshot.bay(bay), ChargeMemory(bay))
    return found.target_soc_pct, found.max_kw


def waiting(b1_pct: float, needed_at: datetime, **changes: object) -> Snapshot:
    """B1 is promised and a plan, which knows nothing of it, lets it wait."""
    promise = replace(PROMISE, needed_at=needed_at, **changes)  # type: ignore[arg-type]
    plan = ChargePlan("P1", AT, (PlannedBay(1, "B1", 0.0, 60.0),))
    return replace(stock(b1_pct, 10.0, promise), plan=plan)


def test_a_plan_is_followed_until_its_promise_could_just_be_kept_at_full_power() -> None:
    (each,) = kept(draft(waiting(50.0, AT + HOUR)))
    latest = AT + HOUR - timedelta(seconds=each.own_s - URGENT_S)
    assert goal(watched(waiting(50.0, latest + timedelta(seconds=1))), 1) == (60.0, 0.0)
    latest -= timedelta(seconds=1)
    due = watched(waiting(50.0, latest))
    assert goal(due, 1) == (90.0, 250.0)
    assert goal(watched(waiting(50.0, latest, soc_pct=70.0)), 1) == (60.0, 0.0)
    (reason,) = charge_goal(due, due.snapshot.bay(1), ChargeMemory(1)).reasons
    assert (reason.code, set(reason.values)) == ("promise_due", {"booking", "at"})


def test_a_charge_that_had_to_begin_goes_on_until_the_promised_charge_is_reached() -> None:
    due = watched(waiting(50.0, AT + timedelta(minutes=20)))
    assert goal(due, 1)[1] == 250.0
    ahead = watched(waiting(89.0, AT + HOUR), due)
    assert goal(ahead, 1)[1] == 250.0
    assert goal(watched(waiting(89.0, AT + HOUR)), 1)[1] == 0.0
    assert goal(watched(waiting(90.0, AT + HOUR), ahead), 1)[1] == 0.0


def test_a_person_s_word_comes_before_a_promise_and_without_a_plan_all_is_charged_on_arrival() -> None:
    due = watched(waiting(50.0, AT + timedelta(minutes=20)))
    asked_for = ChargeMemory(1, target_soc_pct=80.0, max_power_kw=60.0)
    assert charge_goal(due, due.snapshot.bay(1), asked_for).max_kw == 60.0
    without = watched(replace(waiting(50.0, AT + HOUR), plan=None))
    assert goal(without, 1) == (95.0, 250.0)
