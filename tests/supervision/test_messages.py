"""Messages come back as they were written, under every spelling; wrong fields are named."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.errors import InputError
from swapstation.supervision.codes import ConnectorStatus, LockStatus, ParkStatus
from swapstation.supervision.envelope import (
    Ret,
    Secrets,
    open_answer,
    open_request,
    seal_answer,
    seal_request,
    to_json,
    unseal_request,
)
from swapstation.supervision.interfaces import INTERFACES
from swapstation.supervision.messages import ConnectorState, StateNotice, StationsQuestion, StatsQuestion
from swapstation.supervision.order_messages import OrderDetail, PolicyPeriod
from swapstation.supervision.wire_fields import Spelling, read_message, write_message
from tests.supervision.strategies import messages

KINDS = [kind for interface in INTERFACES.values() for kind in (interface.asks, interface.answers)]
SPELLINGS = [Spelling(), Spelling({"ServicePrice": "SevicePrice", "StationID": "stationID", "StartTime": "StarTime"})]
KEY = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=16, max_size=16)
DETAIL = {
    "DetailStartTime": "2026-05-01 06:00:00",
    "DetailEndTime": "2026-05-01 08:00:00",
    "ElecPrice": 0.4567,
    "SevicePrice": 0.3,
    "DetailPower": 88.12,
    "DetailElecMoney": 40.24,
    "DetailSeviceMoney": 26.44,
}
OF_2016 = Spelling({"ServicePrice": "SevicePrice", "DetailServiceMoney": "DetailSeviceMoney"})


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_round_trip(kind: type[Any], spelling: Spelling, data: st.DataObject) -> None:
    message = data.draw(messages(kind))
    text = to_json(write_message(message, spelling))
    assert read_message(kind, json.loads(text, parse_float=Decimal), spelling) == message


@given(
    body=st.dictionaries(st.text(max_size=10), st.text(max_size=40) | st.integers(), max_size=4),
    keys=st.tuples(KEY, KEY, KEY),
    ret=st.sampled_from(Ret),
    msg=st.text(max_size=20),
)
def test_sealed_and_opened(body: dict[str, Any], keys: tuple[str, str, str], ret: Ret, msg: str) -> None:
    secrets = Secrets("MA0SX0001", "x", *keys)
    assert open_request(secrets, unseal_request(seal_request(secrets, body, "20260501060000", "0001"))) == body
    answer = open_answer(secrets, seal_answer(secrets, ret, msg, body))
    assert (answer.ret, answer.msg, answer.data) == (ret, msg, body)


def test_the_spelling_of_2016() -> None:
    detail = read_message(OrderDetail, json.loads(json.dumps(DETAIL), parse_float=Decimal), OF_2016)
    assert detail.service_price == Decimal("0.3")
    assert detail.start == datetime(2026, 4, 30, 22, 0, tzinfo=UTC)
    assert json.loads(to_json(write_message(detail, OF_2016))) == DETAIL


def test_another_spelling_is_read_only_where_the_profile_says_so() -> None:
    raw = {**DETAIL, "ServicePrice": Decimal("0.3")}
    del raw["SevicePrice"]
    raw = json.loads(json.dumps(raw, default=float), parse_float=Decimal)
    with pytest.raises(InputError) as refused:
        read_message(OrderDetail, raw, OF_2016)
    assert refused.value.field == "SevicePrice"
    tolerant = Spelling(OF_2016.written, {"ServicePrice": "ServicePrice"})
    assert read_message(OrderDetail, raw, tolerant).service_price == Decimal("0.3")


@pytest.mark.parametrize(
    ("kind", "raw", "field"),
    [
        (StateNotice, {"ConnectorStatusInfo": {"ConnectorID": "1", "Status": 9}}, "ConnectorStatusInfo.Status"),
        (StateNotice, {"ConnectorStatusInfo": {"Status": 1}}, "ConnectorStatusInfo.ConnectorID"),
        (
            StateNotice,
            {"ConnectorStatusInfo": {"ConnectorID": "1" * 27, "Status": 1}},
            "ConnectorStatusInfo.ConnectorID",
        ),
        (StateNotice, {"ConnectorStatusInfo": [1]}, "ConnectorStatusInfo"),
        (StationsQuestion, {"PageNo": 0}, "PageNo"),
        (StationsQuestion, {"PageNo": True}, "PageNo"),
        (StationsQuestion, {"LastQueryTime": "2026-02-30 00:00:00"}, "LastQueryTime"),
        (StatsQuestion, {"StationID": "1", "StartTime": "2026-1", "EndTime": "2026-01-02"}, "StartTime"),
        (StationsQuestion, {"LastQueryTime": "0001-01-01 00:00:00"}, "LastQueryTime"),
        (StatsQuestion, {"StationID": "1", "StartTime": "9999-12-31", "EndTime": "9999-12-31"}, "StartTime"),
        (PolicyPeriod, {"StartTime": "250000", "ElecPrice": 1, "ServicePrice": 1}, "StartTime"),
        (PolicyPeriod, {"StartTime": "060000", "ElecPrice": Decimal("0.12345"), "ServicePrice": 1}, "ElecPrice"),
        (PolicyPeriod, {"StartTime": "060000", "ElecPrice": "0.1", "ServicePrice": 1}, "ElecPrice"),
    ],
)
def test_a_wrong_field_is_named(kind: type[Any], raw: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as refused:
        read_message(kind, raw, Spelling())
    assert refused.value.field == field


def test_what_cannot_be_sent_is_named() -> None:
    notice = StateNotice(ConnectorState(operator_id="short", connector_id="1", status=ConnectorStatus.IDLE))
    with pytest.raises(InputError, match="OperatorID"):
        write_message(notice, Spelling())


def test_numbers_as_text_only_where_the_profile_says_so() -> None:
    raw = {"PageNo": "2", "PageSize": "10", "LastQueryTime": ""}
    assert read_message(StationsQuestion, raw, Spelling(numbers_as_text=True)) == StationsQuestion(None, 2, 10)
    with pytest.raises(InputError):
        read_message(StationsQuestion, raw, Spelling())


def test_members_that_nobody_asked_for_are_passed_over() -> None:
    raw = {"ConnectorStatusInfo": {"ConnectorID": "1", "Status": 3, "ParkStatus": 50, "LockStatus": 0, "Soc": 77}}
    state = read_message(StateNotice, raw, Spelling()).state
    assert (state.status, state.park, state.lock) == (
        ConnectorStatus.CHARGING,
        ParkStatus.OCCUPIED,
        LockStatus.UNKNOWN,
    )
