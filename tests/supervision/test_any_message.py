"""Whatever a peer signs right: the door refuses it with a code or lets a typed message in, and never breaks."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.supervision.caller import Caller
from swapstation.supervision.door import Door, Entered
from swapstation.supervision.envelope import Refusal, Ret, UntrustedAnswer, encrypt, seal_answer, signature
from swapstation.supervision.interfaces import ANSWERED_BY_STATION, INTERFACES, QUERY_TOKEN, SENT_BY_STATION
from swapstation.supervision.profile import load_profile
from swapstation.supervision.wire_fields import Spelling, write_message
from tests.supervision.sample import BY_US
from tests.supervision.strategies import messages

PROFILE = load_profile("tcec102-2016")
NOW = datetime(2026, 6, 1, 0, 30, tzinfo=UTC)
QUESTIONS = [name for name in ANSWERED_BY_STATION if name != QUERY_TOKEN]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def knock(interface: str, body: dict[str, Any]) -> Entered:
    door = Door(PROFILE, BY_US, lambda: "token")
    token, _ = door.tokens.give(NOW)
    return door.enter(interface, f"Bearer {token}", sealed(body), NOW, 0.0)


def sealed(body: dict[str, Any]) -> bytes:
    """Signed right, with every character escaped, halves of characters too."""
    data, stamp = encrypt(BY_US, json.dumps(body, default=float)), ("20260601083000", "0001")
    sig = signature(BY_US, BY_US.operator_id, data, *stamp)
    members = {"OperatorID": BY_US.operator_id, "Data": data, "TimeStamp": stamp[0], "Seq": stamp[1], "Sig": sig}
    return json.dumps(members).encode()


def answered(body: dict[str, Any]) -> bytes:
    data = encrypt(BY_US, json.dumps(body, default=float))
    return json.dumps({"Ret": 0, "Msg": "", "Data": data, "Sig": signature(BY_US, "0", "", data)}).encode()


@pytest.mark.parametrize("interface", QUESTIONS)
@given(data=st.data())
def test_a_signed_message_with_one_field_of_any_json(interface: str, data: st.DataObject) -> None:
    asks = INTERFACES[interface].asks
    body = write_message(data.draw(messages(asks)), PROFILE.spells(interface))
    assert isinstance(knock(interface, body).message, asks)
    name = data.draw(st.sampled_from([*body, "Unasked"]))
    changed = body | {name: data.draw(JSON)}
    try:
        message = knock(interface, changed).message
    except Refusal:
        with pytest.raises(Refusal, check=lambda refusal: refusal.ret is Ret.PARAMETERS):
            knock(interface, changed)
    else:
        seal_answer(BY_US, 0, "", write_message(message, Spelling()))


@pytest.mark.parametrize("interface", [name for name in SENT_BY_STATION if name in PROFILE.paths])
@given(data=st.data())
def test_a_signed_answer_with_one_field_of_any_json(interface: str, data: st.DataObject) -> None:
    answers, caller = INTERFACES[interface].answers, Caller(PROFILE, BY_US)
    body = write_message(data.draw(messages(answers)), PROFILE.spells(interface))
    name = data.draw(st.sampled_from([*body, "Unasked"]))
    call = caller.call_with(interface, {}, NOW)
    try:
        told = caller.told(call, 200, answered(body | {name: data.draw(JSON)}))
    except UntrustedAnswer:
        return
    assert isinstance(told.message, answers)
