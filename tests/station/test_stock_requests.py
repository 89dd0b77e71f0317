"""Daily work on bays and batteries: lock out, charge by hand, attest, and what the station does of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from swapstation.model.command import StopCharge
from swapstation.model.inventory import Hold, HoldKind
from swapstation.model.journal import HoldEnded, HoldPlaced, IdentityAttested, IntentRecorded
from swapstation.model.request import (
    Accepted,
    AttestIdentity,
    ChargeBay,
    EndLockOut,
    LockOutBay,
    Payload,
    Refused,
    Request,
    ResetCharge,
    StopBayCharge,
)
from swapstation.model.snapshot import Snapshot
from swapstation.station.charging import run_charging
from swapstation.station.draft import Draft
from swapstation.station.memory import ChargeMemory
from swapstation.station.requests import run_requests
from swapstation.station.stock_requests import STOCK_HANDLERS
from tests.station.situations import (
    charging,
    draft,
    fresh,
    low,
    pack_code,
    snapshot,
    swapping,
    truck,
    with_battery,
    with_value,
)

LOCKED = Hold("L1", HoldKind.LOCK_OUT, place="bay-1", reason="fan")
SILENT_TRUCK = swapping(truck=fresh(truck(codes=())))


def locked(now: Snapshot) -> Snapshot:
    return replace(now, inventory=replace(now.inventory, holds=(LOCKED,)))


def answered(now: Snapshot, *payloads: Payload, person: str = "li", **memory: Any) -> Draft:
    cycle = draft(now, **memory)
    run_requests(cycle, tuple(Request(f"k{n}", person, payload) for n, payload in enumerate(payloads)))
    return cycle


REFUSED: list[tuple[Payload, Snapshot, str]] = [
    (LockOutBay(77, "fan"), snapshot(), "no_such_bay"),
    (LockOutBay(1, " "), snapshot(), "bad_input"),
    (LockOutBay(3, "fan"), swapping(), "place_held"),
    (EndLockOut(77), snapshot(), "not_locked_out"),
    (EndLockOut(1), snapshot(), "not_locked_out"),
    (EndLockOut(3), swapping(), "not_locked_out"),
    (AttestIdentity("S0", "B3", "plate"), SILENT_TRUCK, "swap_not_open"),
    (AttestIdentity("S1", "B2", "plate"), SILENT_TRUCK, "not_of_this_swap"),
    (AttestIdentity("S1", "B3", ""), SILENT_TRUCK, "bad_input"),
    (AttestIdentity("S1", "B3", "plate"), swapping(truck=fresh(truck(codes=(pack_code(66),)))), "battery_codes_match"),
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
    (EndLockOut(1), locked(snapshot())),
    (AttestIdentity("S1", "B3", "plate"), SILENT_TRUCK),
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
    records = answered(SILENT_TRUCK, AttestIdentity("S1", "B3", "plate")).batches[0].records
    assert records[0] == IdentityAttested("S1", "B3", "li", "plate")


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
