"""Who may bypass what, where and when: every other input is refused, automatic mode and a bypass exclude each other."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from swapstation.config.settings import Exchange
from swapstation.model.bypass import BypassInput, BypassResult
from swapstation.model.bypass_request import EndBypass, SetBypass
from swapstation.model.device import RackIo, Robot, Safety, Truck
from swapstation.model.journal import BypassEnded, BypassSet, Record
from swapstation.model.mode import Mode
from swapstation.model.person import is_named
from swapstation.model.reasons import reason_catalogue
from swapstation.model.request import Accepted, Answer, ChangeMode, Payload, Refused, Request
from swapstation.model.snapshot import StationState
from swapstation.station.bypass import BYPASSABLE
from swapstation.station.conditions import CONDITIONS
from swapstation.station.draft import Draft
from swapstation.station.interlocks import INTERLOCKS
from swapstation.station.requests import run_requests
from tests.station.situations import draft, snapshot, with_mode
from tests.station.walk import Answering, standing

MAINTENANCE = with_mode(snapshot(), Mode.MAINTENANCE)
POSE = SetBypass("truck_pose_in_range", 10, "camera dirty")
SENSOR = SetBypass("presence_a", 30, "cable broken", 3)
FORBIDDEN = {
    *INTERLOCKS,
    *CONDITIONS,
    *(field.name for kind in (Safety, Truck, RackIo, Robot) for field in fields(kind)),
    "mode_permits_work",
    "mass",
    "",
    "all",
} - set(BYPASSABLE)


def _answered(cycle: Draft, *payloads: Payload, person: str = "li") -> list[Answer]:
    """The answers to a person, whom another one has asked for every bypass before."""
    firsts = tuple(payload for payload in payloads if isinstance(payload, SetBypass))
    if is_named(person):
        run_requests(cycle, tuple(Request(f"first-{at}", "zhao", payload) for at, payload in enumerate(firsts)))
        cycle.batches.clear()
    run_requests(cycle, tuple(Request(f"key-{at}", person, payload) for at, payload in enumerate(payloads)))
    return [batch.answer for batch in cycle.batches if batch.answer is not None]


def _records(cycle: Draft) -> list[Record]:
    return [record for batch in cycle.batches for record in batch.records]


def _reasons(answer: Answer) -> tuple[str, ...]:
    assert isinstance(answer, Refused)
    assert set(answer.reasons) <= set(reason_catalogue())
    return answer.reasons


@pytest.mark.parametrize("name", sorted(FORBIDDEN))
def test_every_other_input_is_refused(name: str) -> None:
    for bay in (None, 3):
        cycle = draft(MAINTENANCE)
        (answer,) = _answered(cycle, SetBypass(name, 10, "it is in the way", bay))
        assert _reasons(answer) == ("never_bypassed",)
        assert cycle.memory.bypass is None


@pytest.mark.parametrize("name", BypassInput)
@pytest.mark.parametrize("mode", [Mode.SINGLE_STEP, Mode.MAINTENANCE])
def test_two_named_people_bypass_an_input_that_has_a_twin(name: BypassInput, mode: Mode) -> None:
    bay = 3 if BYPASSABLE[name].in_bay else None
    cycle = draft(with_mode(snapshot(), mode))
    (answer,) = _answered(cycle, SetBypass(name, 30, "cable broken", bay))
    assert isinstance(answer, Accepted)
    (opened,) = [record.bypass for record in _records(cycle) if isinstance(record, BypassSet)]
    assert answer.result == {"bypass": opened.bypass, "decides": BYPASSABLE[name].twin}
    assert (opened.input, opened.bay, opened.minutes) == (name, bay, 30)
    assert (opened.person, opened.reason, opened.set_at) == ("zhao, li", "cable broken", cycle.snapshot.at)
    assert cycle.memory.bypass is not None
    assert cycle.memory.bypass.until_s == cycle.now_s + 1800.0


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        (replace(POSE, minutes=0), "minutes"),
        (replace(POSE, minutes=31), "minutes"),
        (replace(POSE, minutes=-5), "minutes"),
        (replace(POSE, reason=" "), "reason"),
        (replace(POSE, bay=3), "bay"),
        (replace(SENSOR, bay=None), "bay"),
        (replace(SENSOR, bay=77), "bay"),
        (replace(SENSOR, bay=9), "bay"),
    ],
)
def test_a_bypass_without_limits_reason_or_place_is_refused(payload: SetBypass, field: str) -> None:
    """Bay 9 is the isolation place."""
    (answer,) = _answered(draft(MAINTENANCE), payload)
    assert _reasons(answer) == ("bad_input",)
    assert isinstance(answer, Refused)
    assert answer.detail.startswith(f"{field} = ")


@pytest.mark.parametrize("person", ["", " ", "console"])
def test_nobody_bypasses_without_a_name(person: str) -> None:
    (answer,) = _answered(draft(MAINTENANCE), POSE, person=person)
    assert _reasons(answer) == ("bad_input",)


@pytest.mark.parametrize("mode", [Mode.AUTOMATIC, Mode.FIRE])
def test_nothing_is_bypassed_in_automatic_or_fire_mode(mode: Mode) -> None:
    (answer,) = _answered(draft(with_mode(snapshot(), mode)), POSE)
    assert _reasons(answer) == (f"mode_{mode}",)


@pytest.mark.parametrize("state", StationState)
def test_a_bypass_is_set_only_while_the_station_stands(state: StationState) -> None:
    moving = state in (StationState.EXECUTE, StationState.HOLDING, StationState.UNHOLDING)
    (answer,) = _answered(draft(replace(MAINTENANCE, state=state)), POSE)
    assert (answer.reasons if isinstance(answer, Refused) else ()) == (("still_moving",) if moving else ())


def test_one_bypass_at_a_time() -> None:
    first, second = _answered(draft(MAINTENANCE), POSE, SENSOR)
    assert isinstance(first, Accepted)
    assert _reasons(second) == ("bypass_active",)
    (later,) = _last(_bypassed().cycle(SENSOR, person="zhao"))
    assert _reasons(later) == ("bypass_active",)


def test_none_is_set_while_that_of_an_earlier_start_is_still_on_record() -> None:
    before = _bypassed()
    left = replace(before.snapshot, journal_pending=1)
    (answer,) = _answered(Draft(before.rules, left, replace(before.memory, bypass=None)), SENSOR)
    assert _reasons(answer) == ("bypass_active",)


def _bypassed() -> Answering:
    station = standing(Exchange.STATION)
    station = replace(station, snapshot=with_mode(station.snapshot, Mode.SINGLE_STEP))
    station = station.cycle(POSE).cycle(POSE, person="wang").cycle()
    assert station.past[-1].snapshot.bypass is not None
    return station


def _last(station: Answering) -> list[Answer]:
    return [batch.answer for batch in station.past[-1].decision.batches if batch.answer is not None]


def test_no_way_into_automatic_mode_while_a_bypass_is_in_force() -> None:
    into = ChangeMode(Mode.AUTOMATIC, "done")
    station = _bypassed()
    (answer,) = _last(station.cycle(into))
    assert _reasons(answer) == ("bypass_active",)
    ended = station.cycle(EndBypass()).cycle()
    assert isinstance(_last(ended.cycle(into))[0], Accepted)


def test_bypass_and_automatic_mode_asked_for_in_one_cycle_exclude_each_other() -> None:
    into = ChangeMode(Mode.AUTOMATIC, "done")
    assert [type(answer) for answer in _answered(draft(MAINTENANCE), POSE, into)] == [Accepted, Refused]
    assert [type(answer) for answer in _answered(draft(MAINTENANCE), into, POSE)] == [Accepted, Refused]


@pytest.mark.parametrize("person", ["wang", "console", ""])
def test_anybody_ends_a_bypass_once(person: str) -> None:
    station = _bypassed()
    cycle = Draft(station.rules, station.snapshot, station.memory)
    first, second = _answered(cycle, EndBypass(), EndBypass(), person=person)
    assert isinstance(first, Accepted)
    assert _reasons(second) == ("no_bypass",)
    (ended,) = [record for record in _records(cycle) if isinstance(record, BypassEnded)]
    assert (ended.result, ended.person) == (BypassResult.ENDED, person)


def test_there_is_no_bypass_to_end_before_one_is_set_or_after_its_time() -> None:
    assert _reasons(_answered(draft(MAINTENANCE), EndBypass())[0]) == ("no_bypass",)
    station = _bypassed()
    late = replace(station.snapshot, now_s=station.snapshot.now_s + 600.0)
    assert _reasons(_answered(Draft(station.rules, late, station.memory), EndBypass())[0]) == ("no_bypass",)


def test_a_bypass_can_be_ended_before_it_is_durable() -> None:
    cycle = draft(MAINTENANCE)
    answers = _answered(cycle, POSE, EndBypass())
    assert [type(answer) for answer in answers] == [Accepted, Accepted]
    kinds = [type(record) for record in _records(cycle) if isinstance(record, BypassSet | BypassEnded)]
    assert kinds == [BypassSet, BypassEnded]
    assert cycle.memory.bypass is None
