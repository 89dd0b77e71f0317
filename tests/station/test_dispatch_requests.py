"""Dispatch records by request: taken at once, refused by name, the same whatever order or how often they come."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from swapstation.model.dispatch import MOST_DISPATCHES, DispatchKind, DispatchSource
from swapstation.model.dispatch_request import EndDispatch, PutDispatch
from swapstation.model.power import DispatchPhase
from swapstation.model.power_record import DispatchEnded, DispatchPut, PowerLimitChanged
from swapstation.model.reasons import reason_catalogue
from swapstation.model.request import UNNAMED, Accepted, Answer, Payload, Refused, Request
from swapstation.model.snapshot import Snapshot
from swapstation.station.draft import Draft
from swapstation.station.power import dispatches_now, run_power
from swapstation.station.power_watch import Complaint, power_complaints, power_state
from swapstation.station.requests import run_requests
from tests.station.situations import AT, draft, snapshot

HOUR = timedelta(hours=1)
CAP = PutDispatch("vpp-1", DispatchSource.VPP, DispatchKind.IMPORT_CAP, 100.0, AT - HOUR, AT + HOUR)


def cycle(*payloads: Payload, now: Snapshot | None = None, person: str = "li", **memory: Any) -> Draft:
    """A cycle in which these are asked, up to the limits that follow."""
    made = draft(now or snapshot(), **memory)
    run_requests(made, tuple(Request(f"key-{at}", person, payload) for at, payload in enumerate(payloads)))
    run_power(made)
    return made


def stored(made: Draft, seconds: float = 0.1) -> Snapshot:
    """The next cycle's snapshot, all records of this one written."""
    put = [record.dispatch for batch in made.batches for record in batch.records if isinstance(record, DispatchPut)]
    known = {each.dispatch: each for each in (*made.snapshot.inventory.dispatches, *put)}
    ended = [record for batch in made.batches for record in batch.records if isinstance(record, DispatchEnded)]
    ended += [record for record in made.records if isinstance(record, DispatchEnded)]
    for record in ended:
        del known[record.dispatch]
    inventory = replace(made.snapshot.inventory, dispatches=tuple(known[name] for name in sorted(known)))
    now_s, at = made.snapshot.now_s + seconds, made.snapshot.at + timedelta(seconds=seconds)
    return replace(made.snapshot, inventory=inventory, now_s=now_s, at=at)


def following(made: Draft, *payloads: Payload, seconds: float = 0.1) -> Draft:
    return cycle(*payloads, now=stored(made, seconds), power=made.memory.power)


def answers(made: Draft) -> list[Answer]:
    return [batch.answer for batch in made.batches if batch.answer is not None]


def refusal(made: Draft) -> Refused:
    [answer] = answers(made)
    assert isinstance(answer, Refused)
    assert set(answer.reasons) <= set(reason_catalogue())
    return answer


def changes(made: Draft) -> list[PowerLimitChanged]:
    return [record for record in made.records if isinstance(record, PowerLimitChanged)]


def test_a_record_counts_in_the_cycle_that_takes_it_and_every_change_is_on_record() -> None:
    made = cycle(CAP)
    assert made.memory.power.limit.import_kw == 100.0
    [change] = changes(made)
    assert (change.import_kw, change.causes[0].code, change.causes[0].dispatch) == (100.0, "limit_dispatch", "vpp-1")
    assert changes(following(made)) == []
    over = following(made, seconds=3600.0)
    assert [each.import_kw for each in changes(over)] == [None]
    assert DispatchEnded("vpp-1", "over") in over.records


def test_a_record_that_waits_for_the_database_counts_meanwhile() -> None:
    made = cycle(CAP)
    waiting = replace(made.snapshot, journal_pending=1)
    later = cycle(now=waiting, power=made.memory.power)
    assert later.memory.power.limit.import_kw == 100.0
    lost = cycle(now=snapshot(), power=later.memory.power)
    assert lost.memory.power.limit.import_kw is None


def test_the_same_record_again_renews_it_and_is_written_once() -> None:
    made = cycle(CAP)
    again = following(made, CAP)
    [answer] = answers(again)
    assert isinstance(answer, Accepted)
    assert answer.result == {"dispatch": "vpp-1", "state": "renewed"}
    assert not [record for batch in again.batches for record in batch.records if isinstance(record, DispatchPut)]


def test_a_channel_that_is_not_renewed_falls_back_and_is_heard_again() -> None:
    asked = replace(CAP, renew_s=30.0, fallback_kw=400.0)
    made = cycle(asked)
    silent = following(made, seconds=31.0)
    assert silent.memory.power.limit.import_kw == 400.0
    assert Complaint("DISPATCH_CHANNEL_SILENT", "vpp-1") in list(power_complaints(silent))
    assert power_state(silent).dispatches[0].phase is DispatchPhase.SILENT
    assert power_state(silent).silent == {"vpp-1"}
    assert following(silent, asked).memory.power.limit.import_kw == 100.0


def test_a_restart_gives_the_channel_its_time_anew() -> None:
    made = cycle(replace(CAP, renew_s=30.0, fallback_kw=400.0))
    restarted = cycle(now=stored(made, 500.0))
    assert restarted.memory.power.limit.import_kw == 100.0


VERSIONS = tuple(replace(CAP, value=100.0 + number, issued_at=AT + timedelta(seconds=number)) for number in range(4))


@pytest.mark.parametrize("order", tuple(permutations(range(4))))
def test_versions_in_any_order_lead_to_the_newest(order: tuple[int, ...]) -> None:
    made = cycle()
    for number in order:
        made = following(made, VERSIONS[number])
    assert made.memory.power.limit.import_kw == 103.0


@pytest.mark.parametrize("lost", range(4))
def test_a_lost_version_changes_nothing_once_a_newer_one_has_come(lost: int) -> None:
    made = cycle()
    for version in (each for each in VERSIONS if each is not VERSIONS[lost]):
        made = following(made, version)
    assert made.memory.power.limit.import_kw == (102.0 if lost == 3 else 103.0)


def test_of_one_cycle_the_newest_version_counts_whatever_its_place() -> None:
    made = cycle(VERSIONS[3], VERSIONS[1])
    assert isinstance(answers(made)[1], Refused)
    assert made.memory.power.limit.import_kw == 103.0


def test_a_flood_of_records_is_refused_and_those_that_stand_go_on() -> None:
    flood = [replace(CAP, dispatch=f"d{number}", value=200.0 + number) for number in range(MOST_DISPATCHES + 50)]
    made = cycle(*flood)
    refused = [answer for answer in answers(made) if isinstance(answer, Refused)]
    assert {answer.code for answer in refused} == {"too_many_dispatches"}
    assert len(refused) == 50
    assert len(dispatches_now(made)) == MOST_DISPATCHES
    assert made.memory.power.limit.import_kw == 200.0
    replaced = following(made, replace(flood[3], value=50.0))
    assert replaced.memory.power.limit.import_kw == 50.0


@pytest.mark.parametrize(
    ("payload", "code", "said"),
    [
        (replace(CAP, value=float("nan")), "bad_input", "value"),
        (replace(CAP, node="bay-77"), "bad_input", "node"),
        (replace(CAP, asks=DispatchKind.SHED_LEVEL, value=7.0), "bad_input", "value"),
        (replace(CAP, starts_at=AT - 2 * HOUR, ends_at=AT - HOUR), "dispatch_over", "ends_at"),
        (EndDispatch("vpp-1", "done"), "no_such_dispatch", "vpp-1"),
    ],
)
def test_a_refusal_names_what_is_wrong_and_changes_nothing(payload: Payload, code: str, said: str) -> None:
    made = cycle(payload)
    assert refusal(made).code == code
    assert said in refusal(made).detail
    assert dispatches_now(made) == ()


def test_an_ended_record_counts_no_more() -> None:
    made = following(cycle(CAP), EndDispatch("vpp-1", "aggregator called it off"))
    assert following(made).memory.power.limit.import_kw is None


@pytest.mark.parametrize("source", [DispatchSource.SAFETY, DispatchSource.GRID_EMERGENCY])
def test_only_a_person_with_a_name_ends_what_was_asked_for_safety_or_by_the_grid(source: DispatchSource) -> None:
    made = cycle(replace(CAP, source=source))
    unnamed = cycle(EndDispatch("vpp-1", "over"), now=stored(made), person=UNNAMED, power=made.memory.power)
    assert refusal(unnamed).code == "bad_input"
    assert isinstance(answers(following(made, EndDispatch("vpp-1", "the grid is back")))[0], Accepted)


def test_a_clock_that_jumps_beyond_the_end_does_not_lift_the_limit_at_once() -> None:
    made = cycle(CAP)
    jumped = replace(stored(made), at=AT + 5 * HOUR)
    doubtful = cycle(now=jumped, power=made.memory.power)
    assert doubtful.memory.power.limit.import_kw == 100.0
    assert not [record for record in doubtful.records if isinstance(record, DispatchEnded)]
    assert any(each.code == "CLOCK_JUMPED" for each in power_complaints(doubtful))
    later = replace(jumped, now_s=jumped.now_s + 901.0, at=jumped.at + timedelta(seconds=901.0))
    believed = cycle(now=later, power=doubtful.memory.power)
    assert believed.memory.power.limit.import_kw is None
    assert DispatchEnded("vpp-1", "over") in believed.records


def test_a_clock_that_jumps_into_a_record_lets_it_count_at_once() -> None:
    waits = replace(CAP, starts_at=AT + HOUR, ends_at=AT + 2 * HOUR)
    made = cycle(waits)
    assert made.memory.power.limit.import_kw is None
    jumped = replace(stored(made), at=AT + HOUR)
    assert cycle(now=jumped, power=made.memory.power).memory.power.limit.import_kw == 100.0


def test_a_ramp_is_on_record_at_its_first_and_last_value() -> None:
    made, found = cycle(replace(CAP, starts_at=AT, ramp_kw_per_min=60.0)), []
    found += changes(made)
    for _ in range(60):
        made = following(made, seconds=30.0)
        found += changes(made)
    assert [each.causes[0].dispatch for each in found] == ["vpp-1"]
    assert made.memory.power.limit.import_kw == 100.0
