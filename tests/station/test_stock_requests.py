"""Daily work on bays and batteries: lock out, charge by hand, attest, and what the station does of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from swapstation.config.settings import Exchange
from swapstation.model.bay_request import ChargeBay, EndLockOut, LockOutBay, ResetCharge, StopBayCharge
from swapstation.model.command import StopCharge
from swapstation.model.inventory import ROBOT, Hold, HoldKind, PositionExchange
from swapstation.model.job import JobKind
from swapstation.model.journal import HoldEnded, HoldPlaced, IntentRecorded
from swapstation.model.request import (
    Accepted,
    AcceptUnevenSet,
    AttestIdentity,
    CreateBooking,
    Payload,
    Refused,
    Request,
    StartJob,
)
from swapstation.model.snapshot import Snapshot
from swapstation.station.charging import run_charging
from swapstation.station.draft import Draft
from swapstation.station.memory import ChargeMemory
from swapstation.station.requests import run_requests
from swapstation.station.stock_requests import STOCK_HANDLERS
from tests.station.situations import (
    FRESH_BAY,
    MODEL,
    OTHER_VIN,
    VIN,
    charging,
    draft,
    fresh,
    low,
    pack_code,
    snapshot,
    swapping,
    truck,
    with_battery,
    with_bay,
    with_value,
)
from tests.station.walk import Answering, requested, standing

LOCKED = Hold("L1", HoldKind.LOCK_OUT, place="bay-1", reason="fan")
SILENT_TRUCK = swapping(truck=fresh(truck(codes=())))


def held(*holds: Hold) -> Snapshot:
    now = snapshot()
    return replace(now, inventory=replace(now.inventory, holds=holds))


def locked(now: Snapshot) -> Snapshot:
    return replace(now, inventory=replace(now.inventory, holds=(LOCKED,)))


def answered(now: Snapshot, *payloads: Payload, person: str = "li", **memory: Any) -> Draft:
    cycle = draft(now, **memory)
    run_requests(cycle, tuple(Request(f"k{n}", person, payload) for n, payload in enumerate(payloads)))
    return cycle


def _half_exchanged() -> Snapshot:
    """The release waits: the truck has its old battery at this position, a full one is on record at another."""
    now = swapping("verify")
    swap, done = now.inventory.swap, PositionExchange(2, "B8", "B9", 2, 1, 95.0, 20.0)
    assert swap is not None
    half = replace(swap, exchanged=(done,), fresh_soc_pct=20.0, returned_soc_pct=20.0)
    return replace(now, inventory=replace(now.inventory, swap=half))


REFUSED: list[tuple[Payload, Snapshot, str]] = [
    (LockOutBay(77, "fan"), snapshot(), "no_such_bay"),
    (LockOutBay(1, " "), snapshot(), "bad_input"),
    (LockOutBay(3, "fan"), swapping(), "place_held"),
    (LockOutBay(1, "fan"), swapping(), "place_held"),
    (LockOutBay(9, "fan"), swapping(), "place_held"),
    (LockOutBay(1, "fan"), with_bay(with_battery(swapping("place"), "B1", place=ROBOT), 1, battery=None), "place_held"),
    (LockOutBay(1, "fan"), held(Hold("J1:battery", HoldKind.JOB, battery="B1")), "place_held"),
    (EndLockOut(77), snapshot(), "not_locked_out"),
    (EndLockOut(1), snapshot(), "not_locked_out"),
    (EndLockOut(3), swapping(), "not_locked_out"),
    (AttestIdentity("S0", "B3", "plate"), SILENT_TRUCK, "swap_not_open"),
    (AttestIdentity("S1", "B2", "plate"), SILENT_TRUCK, "not_of_this_swap"),
    (AttestIdentity("S1", "B3", ""), SILENT_TRUCK, "bad_input"),
    (AttestIdentity("S1", "B3", "plate"), swapping(truck=fresh(truck(codes=(pack_code(66),)))), "battery_codes_match"),
    (AcceptUnevenSet("S1", "limps home"), snapshot(), "swap_not_open"),
    (AcceptUnevenSet("S1", "limps home"), swapping("verify"), "no_set_to_accept"),
    (AcceptUnevenSet("S1", ""), _half_exchanged(), "bad_input"),
    (ChargeBay(77, 90.0), snapshot(), "no_such_bay"),
    (ChargeBay(1, 4.9), snapshot(), "bad_input"),
    (ChargeBay(1, 100.1), snapshot(), "bad_input"),
    (ChargeBay(1, 90.0, 0.5), snapshot(), "bad_input"),
    (ChargeBay(1, 90.0, 999.0), snapshot(), "bad_input"),
    (ChargeBay(3, 90.0), snapshot(), "battery_plugged_in"),
    (ChargeBay(1, 90.0), with_battery(snapshot(), "B1", quarantined=True), "battery_not_quarantined"),
    (ChargeBay(1, 90.0), locked(snapshot()), "bay_not_locked_out"),
    (StopBayCharge(9), snapshot(), "no_such_bay"),
    (ResetCharge(9), snapshot(), "no_such_bay"),
]
ACCEPTED: list[tuple[Payload, Snapshot]] = [
    (LockOutBay(1, "fan"), snapshot()),
    (LockOutBay(2, "fan"), swapping()),
    (LockOutBay(9, "fan"), snapshot()),
    (LockOutBay(1, "fan"), held(Hold("B1", HoldKind.BOOKING, battery="B1", vin=VIN))),
    (EndLockOut(1), locked(snapshot())),
    (AttestIdentity("S1", "B3", "plate"), SILENT_TRUCK),
    (AcceptUnevenSet("S1", "limps home"), _half_exchanged()),
    (ChargeBay(1, 90.0, 60.0), snapshot()),
    (StopBayCharge(1), snapshot()),
    (ResetCharge(1), snapshot()),
]


def test_every_kind_is_tried() -> None:
    assert {type(payload) for payload, _ in ACCEPTED} == set(STOCK_HANDLERS)
    assert {type(payload) for payload, _, _ in REFUSED} == set(STOCK_HANDLERS)


@pytest.mark.parametrize(("payload", "now"), ACCEPTED, ids=lambda value: getattr(value, "kind", ""))
def test_a_request_is_accepted(payload: Payload, now: Snapshot) -> None:
    assert isinstance(answered(now, payload).batches[0].answer, Accepted)


@pytest.mark.parametrize(("payload", "now", "code"), REFUSED, ids=lambda value: getattr(value, "kind", str(value)[:20]))
def test_a_request_is_refused_and_changes_nothing(payload: Payload, now: Snapshot, code: str) -> None:
    cycle = answered(now, payload)
    answer = cycle.batches[0].answer
    assert isinstance(answer, Refused)
    assert answer.code == code
    assert cycle.memory == draft(now).memory
    assert cycle.sendings == []


def test_a_lock_out_is_a_hold_with_person_and_reason_and_ends() -> None:
    (placed, _), (ended, _) = (
        answered(snapshot(), LockOutBay(1, "fan")).batches[0].records,
        answered(locked(snapshot()), EndLockOut(1, "done")).batches[0].records,
    )
    assert isinstance(placed, HoldPlaced)
    assert (placed.hold.place, placed.hold.person, placed.hold.reason) == ("bay-1", "li", "fan")
    assert ended == HoldEnded("L1", "li: done")


def test_a_bay_is_locked_out_once_in_a_cycle() -> None:
    cycle = answered(snapshot(), LockOutBay(1, "fan"), LockOutBay(1, "fan"))
    assert [type(batch.answer) for batch in cycle.batches] == [Accepted, Refused]


def test_a_lock_out_ends_the_charge_of_its_bay_and_begins_none() -> None:
    running = draft(locked(charging()), charges=(ChargeMemory(1, running=True, battery="B1"),))
    run_charging(running)
    assert any(isinstance(sending.command, StopCharge) for sending in running.sendings)
    waiting = draft(locked(low(snapshot())))
    run_charging(waiting)
    assert waiting.records == []


def test_only_a_named_person_attests() -> None:
    for person in ("", "console"):
        answer = answered(SILENT_TRUCK, AttestIdentity("S1", "B3", "plate"), person=person).batches[0].answer
        assert isinstance(answer, Refused)


def _started(cycle: Draft) -> list[str]:
    run_charging(cycle)
    return [record.parameters for record in cycle.records if isinstance(record, IntentRecorded)]


def test_a_person_s_target_and_power_are_used_above_the_rule() -> None:
    """The rule is 95 %: a battery of 98 % rests until a person asks for 100 %."""
    assert _started(draft(snapshot())) == []
    (parameters,) = _started(answered(snapshot(), ChargeBay(1, 100.0, 60.0)))
    assert '"power_limit_kw": 60.0' in parameters
    assert '"target_soc_pct": 100.0' in parameters


def test_a_charge_that_a_person_stops_does_not_begin_again_until_unplugged() -> None:
    cycle = answered(charging(), StopBayCharge(1), charges=(ChargeMemory(1, running=True, battery="B1"),))
    run_charging(cycle)
    assert StopCharge(1) in [sending.command for sending in cycle.sendings]
    later = draft(low(snapshot()), charges=cycle.memory.charges)
    later.remember(charges=(replace(cycle.memory.charge(1), running=False),))
    assert _started(later) == []
    unplugged = with_value(low(snapshot()), "1.io", lambda io: replace(io, connector_mated=False))
    pulled = draft(unplugged, charges=later.memory.charges)
    run_charging(pulled)
    assert _started(draft(low(snapshot()), charges=pulled.memory.charges))


def test_a_reset_forgets_the_failures_and_the_charge_begins_again() -> None:
    failed = (ChargeMemory(1, battery="B1", failures=3, stopped=True),)
    assert _started(draft(low(snapshot()), charges=failed)) == []
    assert len(_started(answered(low(snapshot()), ResetCharge(1), charges=failed))) == 1


def _allocating(exchange: Exchange = Exchange.STATION) -> Answering:
    """A swap in the cycle that is going to allocate it."""
    station = requested(exchange).until(lambda each: each.step == "allocate")
    assert station.snapshot.inventory.swap is not None
    assert station.snapshot.inventory.swap.fresh is None
    return station


def _allocated(station: Answering) -> tuple[str | None, int | None]:
    swap = station.snapshot.inventory.swap
    assert swap is not None
    return swap.fresh, swap.to_bay


def test_a_swap_takes_another_battery_than_that_of_a_bay_locked_out_in_the_cycle_of_its_allocation() -> None:
    assert _allocated(_allocating().run(1.0)) == ("B1", 3)
    assert _allocated(_allocating().cycle(LockOutBay(FRESH_BAY, "fan")).run(1.0)) == ("B2", 3)


def test_a_swap_waits_for_the_only_empty_bay_locked_out_in_the_cycle_of_its_allocation() -> None:
    station = _allocating().cycle(LockOutBay(3, "fan")).run(2.0)
    assert (station.step, *_allocated(station)) == ("allocate", None, None)
    ended = station.cycle(EndLockOut(3, "done")).until(lambda each: each.step is None, 120.0)
    assert ended.snapshot.inventory.at("bay-3") is not None


def test_a_swap_takes_no_battery_that_is_booked_in_the_cycle_of_its_allocation() -> None:
    assert _allocated(_allocating().cycle(CreateBooking(OTHER_VIN, MODEL)).run(1.0)) == ("B2", 3)


def test_a_bay_is_not_locked_out_and_used_by_a_job_of_the_same_cycle() -> None:
    station = standing(Exchange.STATION).cycle(StartJob(JobKind.MOVE, FRESH_BAY, 3), LockOutBay(3, "fan"))
    answers = [batch.answer for batch in station.past[-1].decision.batches if batch.answer is not None]
    assert [type(answer) for answer in answers] == [Accepted, Refused]
