"""One side calls, the other opens its door: tokens, replays, clocks, rates, and what each result code leads to."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.supervision.bucket import Bucket
from swapstation.supervision.caller import Call, Caller, Told
from swapstation.supervision.codes import ConnectorStatus, Taken
from swapstation.supervision.door import Door
from swapstation.supervision.envelope import Refusal, Ret, Secrets, UntrustedAnswer
from swapstation.supervision.interfaces import QUERY_TOKEN, STATE_NOTICE
from swapstation.supervision.messages import ConnectorState, StateNotice, StateTaken
from swapstation.supervision.profile import load_profile
from swapstation.supervision.reactions import LONGEST_WAIT, Reaction, reaction, wait
from swapstation.supervision.stamps import Stamps

PROFILE = load_profile("tcec102-2016")
SECRETS = Secrets("MA0SX0001", "Op9Xc4Vb7Nm2As5D", "sx7Qk2Lm9Rt4Vb8N", "c3F6j0Wp5Zy1Xe7U", "Hs2Gd8Ka5Jq1Lz6M")
NOW = datetime(2026, 6, 1, 0, 30, tzinfo=UTC)
NOTICE = StateNotice(ConnectorState(connector_id="14010700000000000000000101", status=ConnectorStatus.IDLE))


class TwoSides:
    """A caller and the door that it knocks at, in one time."""

    def __init__(self, door_secrets: Secrets = SECRETS) -> None:
        tokens = (f"token-{number}" for number in itertools.count(1))
        self.door = Door(PROFILE, door_secrets, lambda: next(tokens))
        self.caller = Caller(PROFILE, SECRETS)
        self.now = NOW

    def knock(self, call: Call) -> bytes:
        """What the door answers to a call."""
        at_s = (self.now - NOW).total_seconds()
        try:
            entered = self.door.enter(call.interface, call.headers.get("Authorization"), call.body, self.now, at_s)
        except Refusal as refusal:
            return self.door.refuse(refusal)
        if call.interface == QUERY_TOKEN:
            return self.door.answer(QUERY_TOKEN, self.door.give_token(entered.message, self.now))
        return self.door.answer(call.interface, StateTaken(Taken.ACCEPTED))

    def told(self, call: Call) -> Told:
        return self.caller.told(call, 200, self.knock(call))

    def log_in(self) -> None:
        self.caller.take_token(self.told(self.caller.ask_token(self.now)), self.now)

    def notice(self) -> Told:
        return self.told(self.caller.call(STATE_NOTICE, NOTICE, self.now))


def test_a_token_and_a_state() -> None:
    sides = TwoSides()
    assert not sides.caller.has_token(NOW)
    sides.log_in()
    assert sides.caller.has_token(NOW)
    assert sides.notice() == Told(0, "", {"Status": 0}, StateTaken(Taken.ACCEPTED))


def test_without_a_token_nothing_is_taken() -> None:
    assert TwoSides().notice().ret == Ret.TOKEN


def test_a_token_ends() -> None:
    sides = TwoSides()
    sides.log_in()
    sides.now += timedelta(seconds=PROFILE.rates.token_life_s)
    assert not sides.caller.has_token(sides.now)
    assert sides.notice().ret == Ret.TOKEN


def test_two_workers_do_not_take_each_other_the_token() -> None:
    sides = TwoSides()
    first = sides.door.tokens.give(NOW)[0]
    assert sides.door.tokens.give(NOW + timedelta(seconds=10))[0] == first
    late = NOW + timedelta(seconds=PROFILE.rates.token_life_s - 60)
    assert sides.door.tokens.give(late)[0] != first
    assert sides.door.tokens.knows(first, late)


@pytest.mark.parametrize(
    ("changed", "reason"), [({"operator_secret": "wrong"}, "2"), ({"sig_secret": "Hs2Gd8Ka5Jq1Lz6X"}, "Sig")]
)
def test_wrong_secrets_get_no_token(changed: dict[str, str], reason: str) -> None:
    fields = {name: getattr(SECRETS, name) for name in Secrets.__dataclass_fields__}
    sides = TwoSides(Secrets(**{**fields, **changed}))
    with pytest.raises(UntrustedAnswer, match=reason):
        sides.log_in()


def test_an_exact_repeat_is_refused_and_another_message_of_the_same_stamp_is_not() -> None:
    sides = TwoSides()
    sides.log_in()
    call = sides.caller.call(STATE_NOTICE, NOTICE, NOW)
    assert sides.told(call).ret == Ret.SUCCESS
    assert sides.told(call).ret == Ret.MEMBER
    other = Caller(PROFILE, SECRETS)
    other.take_token(sides.told(sides.caller.ask_token(NOW)), NOW)
    charging = StateNotice(ConnectorState(connector_id="1", status=ConnectorStatus.CHARGING))
    beside = other.call(STATE_NOTICE, charging, NOW)
    assert (beside.time_stamp, beside.seq) == ("20260601083000", "0001")
    assert sides.told(beside).ret == Ret.SUCCESS


@pytest.mark.parametrize(
    "dressed",
    [
        lambda raw: raw | {"Sig": raw["Sig"].lower()},
        lambda raw: raw | {"TimeStamp": raw["TimeStamp"][:-1], "Seq": raw["TimeStamp"][-1] + raw["Seq"]},
    ],
)
def test_a_repeat_is_known_however_it_is_dressed(dressed: Callable[[dict[str, str]], dict[str, str]]) -> None:
    """Both have the signature of the first: upper and lower case count alike, and so does what is cut elsewhere."""
    sides = TwoSides()
    sides.log_in()
    call = sides.caller.call(STATE_NOTICE, NOTICE, NOW)
    assert sides.told(call).ret == Ret.SUCCESS
    again = replace(call, body=json.dumps(dressed(json.loads(call.body))).encode())
    assert sides.told(again).ret == Ret.MEMBER


def test_a_stranger_s_repeats_do_not_use_up_what_the_peer_may_ask() -> None:
    sides = TwoSides()
    sides.log_in()
    call = sides.caller.call(STATE_NOTICE, NOTICE, NOW)
    assert {sides.told(call).ret for _ in range(PROFILE.rates.question_burst + 1)} == {Ret.SUCCESS, Ret.MEMBER}
    assert sides.notice().ret == Ret.SUCCESS


@pytest.mark.parametrize("off_s", [-601, 601])
def test_a_clock_that_is_off_is_refused(off_s: int) -> None:
    sides = TwoSides()
    call = sides.caller.ask_token(NOW + timedelta(seconds=off_s))
    assert sides.told(call).ret == Ret.MEMBER


def test_too_many_questions_are_told_to_wait() -> None:
    sides = TwoSides()
    sides.log_in()
    told = [sides.notice().ret for _ in range(PROFILE.rates.question_burst + 1)]
    assert told == [Ret.SUCCESS] * PROFILE.rates.question_burst + [Ret.BUSY]
    sides.now += timedelta(seconds=1)
    assert sides.notice().ret == Ret.SUCCESS


def test_wrong_fields_of_a_signed_request_are_told_by_name() -> None:
    sides = TwoSides()
    sides.log_in()
    told = sides.told(sides.caller.call_with(STATE_NOTICE, {"ConnectorStatusInfo": {"Status": 77}}, NOW))
    assert told.ret == Ret.PARAMETERS
    assert "ConnectorStatusInfo.ConnectorID" in told.msg


@given(st.data())
def test_one_changed_character_never_passes(data: st.DataObject) -> None:
    """Whatever is changed in a sealed request, the door does not take it for another."""
    sides = TwoSides()
    sides.log_in()
    call = sides.caller.call(STATE_NOTICE, NOTICE, NOW)
    sealed: dict[str, Any] = json.loads(call.body)
    member = data.draw(st.sampled_from(sorted(sealed)))
    place = data.draw(st.integers(0, len(sealed[member]) - 1))
    other = data.draw(
        st.characters(codec="ascii", categories=("L", "N")).filter(lambda c: c.upper() != sealed[member][place].upper())
    )
    sealed[member] = sealed[member][:place] + other + sealed[member][place + 1 :]
    with pytest.raises(Refusal):
        sides.door.enter(STATE_NOTICE, call.headers["Authorization"], json.dumps(sealed).encode(), NOW, 0.0)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(text: bytes) -> None:
    with pytest.raises(Refusal):
        TwoSides().door.enter(STATE_NOTICE, None, text, NOW, 0.0)
    with pytest.raises(UntrustedAnswer):
        Caller(PROFILE, SECRETS).told(Caller(PROFILE, SECRETS).ask_token(NOW), 200, text)


@given(st.lists(st.integers(-3, 5), max_size=60))
def test_no_stamp_is_used_twice_whatever_the_clock_does(steps_s: list[int]) -> None:
    stamps, now, used = Stamps(), NOW, []
    for step_s in steps_s:
        now += timedelta(seconds=step_s)
        used.append(stamps.next(now))
    assert len(set(used)) == len(used)
    assert used == sorted(used)


def test_seq_counts_within_a_second() -> None:
    stamps = Stamps()
    assert [stamps.next(NOW)[1] for _ in range(3)] == ["0001", "0002", "0003"]
    assert stamps.next(NOW + timedelta(seconds=1)) == ("20260601083001", "0001")


@pytest.mark.parametrize(
    ("ret", "expected"),
    [
        (0, Reaction.DONE),
        (-1, Reaction.PAUSE),
        (500, Reaction.RETRY),
        (4001, Reaction.SUSPEND),
        (4002, Reaction.RENEW_TOKEN),
        (4003, Reaction.PARK),
        (4004, Reaction.PARK),
        (1234, Reaction.PARK),
    ],
)
def test_reactions(ret: int, expected: Reaction) -> None:
    assert reaction(ret) is expected


def test_waits_grow_and_end() -> None:
    waits = [wait(attempt) for attempt in range(1, 40)]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT


@given(st.lists(st.floats(0.0, 2.0), min_size=1, max_size=80))
def test_a_bucket_gives_no_more_than_its_rate(pauses_s: list[float]) -> None:
    bucket, now_s, taken = Bucket(2.0, 5.0), 100.0, 0
    for pause_s in pauses_s:
        now_s += pause_s
        taken += bucket.take(now_s)
    assert taken <= 5 + 2.0 * sum(pauses_s[1:]) + 1e-6
