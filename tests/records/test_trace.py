"""What of a cycle is told: every change of a word at once, of a measured value once a second, the rest not at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from swapstation.model.command import HoldRobot, SetModules, StopCharge
from swapstation.model.journal import IntentRecorded, RequestAnswered
from swapstation.model.request import Accepted, HoldStation, Request
from swapstation.model.seen import Quality, Seen
from swapstation.model.snapshot import RefusedCommand
from swapstation.records.segments import encoded
from swapstation.records.trace import Change, Moment, Trace, change
from tests.records.moments import CALM, moment, raised
from tests.station.situations import with_device, with_value


def _told(trace: Trace, at: Moment) -> list[str]:
    return [line.get("name") or line["kind"] for line in trace.lines(at)]


def _bay_io(now_s: float, **changes: Any) -> Moment:
    return moment(now_s, now=with_value(CALM, "1.io", lambda io: replace(io, **changes)))


def _after_the_first(now_s: float = 0.0) -> Trace:
    trace = Trace()
    trace.lines(moment(now_s))
    return trace


def test_the_first_cycle_tells_every_signal_and_so_does_the_first_of_a_segment() -> None:
    trace = Trace()
    first = _told(trace, moment(0.0))
    assert {"station", "alarms", "places", "robot", "safety", "truck", "fire_panel"} < set(first)
    assert {f"{bay.place}.io" for bay in CALM.bays} < set(first)
    assert _told(trace, moment(0.1)) == []
    trace.begin()
    assert _told(trace, moment(0.2)) == first


def test_a_word_is_told_at_once_a_measured_value_once_a_second() -> None:
    trace = _after_the_first()
    assert _told(trace, _bay_io(0.1, smoke=True)) == ["bay-1.io"]
    assert _told(trace, _bay_io(0.2, smoke=True, temperature_c=31.0)) == []
    assert _told(trace, _bay_io(1.0, smoke=True, temperature_c=31.0)) == []
    assert _told(trace, _bay_io(1.1, smoke=True, temperature_c=31.0)) == ["bay-1.io"]
    assert _told(trace, _bay_io(1.2, smoke=True, temperature_c=None)) == ["bay-1.io"]


def test_a_value_that_grows_old_is_a_change() -> None:
    trace = _after_the_first()
    stale = Seen(CALM.robot.value, 3.0, Quality.STALE)
    (line,) = trace.lines(moment(0.1, now=with_device(CALM, "robot", stale)))
    assert (line["name"], line["quality"]) == ("robot", "stale")
    assert _told(trace, moment(0.2, now=with_device(CALM, "robot", replace(stale, age_s=3.1)))) == []


def test_every_order_is_told_and_a_lease_or_repeated_stop_once_a_second() -> None:
    trace = _after_the_first()
    intent = IntentRecorded(7, 1, "StopCharge", "{}", None)
    order = moment(0.1, intent, commands=((StopCharge(1), 7), (SetModules(1, 600.0, 50.0), 0), (HoldRobot(), 0)))
    assert _told(trace, order) == ["record", "command", "command", "command"]
    again = replace(order, records=())
    assert _told(trace, replace(again, snapshot=replace(again.snapshot, now_s=0.2))) == ["command"]
    assert _told(trace, replace(again, snapshot=replace(again.snapshot, now_s=1.2))) == ["command"] * 3


def test_refusals_alarms_and_requests_with_their_person_are_told() -> None:
    trace = _after_the_first()
    answered = RequestAnswered(Request("k", "wang", HoldStation("fog")), Accepted("k"))
    refused = (RefusedCommand("StartCharge", ("fire_chain_quiet",)),)
    told = trace.lines(moment(0.1, raised("BAY_SMOKE"), answered, refused=refused))
    assert [line.get("name") or line["record"] for line in told] == ["refused", "AlarmChanged", "RequestAnswered"]
    assert b'"person":"wang"' in encoded(told)
    assert b'"StartCharge":["fire_chain_quiet"]' in encoded(told)
    assert b'"code":"BAY_SMOKE"' in encoded(told)


def test_where_nothing_changes_a_line_says_that_the_recorder_lives() -> None:
    trace = _after_the_first()
    assert _told(trace, moment(9.9)) == []
    assert _told(trace, moment(10.0)) == ["alive"]
    assert _told(trace, moment(19.9)) == []
    assert _told(trace, moment(20.0)) == ["alive"]


@given(st.recursive(st.floats() | st.integers() | st.none() | st.text(), lambda inner: st.tuples(inner, inner)))
def test_what_equals_itself_has_not_changed(value: object) -> None:
    assert change(value, value) is Change.NONE


def test_a_tuple_of_another_length_or_a_number_out_of_nothing_is_a_coarse_change() -> None:
    assert change((1.0, 2.0), (1.0, 2.5)) is Change.FINE
    assert change((1.0, 2.0), (1.0,)) is Change.COARSE
    assert change((1.0, "a"), (1.5, "b")) is Change.COARSE
    assert change(None, 1.0) is Change.COARSE
    assert change(1, 2) is Change.COARSE
