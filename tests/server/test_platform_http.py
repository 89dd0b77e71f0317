"""Station and platform over real HTTP: what is told, what is asked, what is refused, what people see."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from swapstation.mock_platform.misbehaviour import Misbehaviour
from swapstation.model.people import Role
from swapstation.server.app import create_app
from swapstation.supervision.caller import Caller
from swapstation.supervision.envelope import Ret
from swapstation.supervision.interfaces import QUERY_TOKEN, STATION_STATUS
from swapstation.supervision.messages import StatesQuestion
from swapstation.supervision.profile import load_profile
from tests.server import station_sample
from tests.server.conftest import wait_until
from tests.server.people import OPERATOR, add_people, client_at, log_in
from tests.server.platform_pair import Pair, running_pair
from tests.supervision.sample import BY_PLATFORM, BY_US

pytestmark = pytest.mark.timeout(400)  # two servers, on a machine that others use too
STATION = "00000000001409810001"
BEGIN = datetime(2026, 7, 1, 2, 0, tzinfo=UTC)
CHARGES = 12
SEQ = "PLATFORM1" + "0" * 18


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """A day's charges told to a platform that loses some answers."""
    with running_pair(Misbehaviour(seed=3, lose_answer=0.2, forget_token=0.1)) as both:
        for number in range(CHARGES):
            both.books.charge(number % 8 + 1, BEGIN + timedelta(hours=number), energy_kwh=100.0 + number)
        wait_until(lambda: len(both.platform_books()["orders"]) == CHARGES, 100.0)
        wait_until(lambda: both.api("GET", "")["outbox"]["counts"]["pending"] == 0, 100.0)
        httpx2.post(f"{both.mock_url}/mock/behave", json={}, trust_env=False)
        yield both


def test_every_charge_and_state_arrived_once(pair: Pair) -> None:
    books = pair.platform_books()
    assert len(books["orders"]) == CHARGES
    assert books["differing"] == []
    assert books["states"][f"{STATION}000103"] == 3
    assert len(books["states"]) == 8
    assert set(books["refused"]) <= {str(Ret.TOKEN.value)}


def test_the_platform_asks_for_the_station(pair: Pair) -> None:
    told = pair.ask("query_stations_info", {"LastQueryTime": "", "PageNo": 1, "PageSize": 10})
    (station,) = told["data"]["StationInfos"]
    assert (told["ret"], told["data"]["ItemSize"], station["StationID"]) == (0, 1, STATION)
    assert sum(len(each["ConnectorInfos"]) for each in station["EquipmentInfos"]) == 8


def test_the_platform_asks_for_states(pair: Pair) -> None:
    told = pair.ask("query_station_status", {"StationIDs": [STATION, "0"]})
    (station,) = told["data"]["StationStatusInfos"]
    assert {each["ConnectorID"]: each["Status"] for each in station["ConnectorStatusInfos"]} == pair.platform_books()[
        "states"
    ]
    assert pair.ask("query_station_status", {"StationIDs": ["7"]})["data"] == {"Total": 0, "StationStatusInfos": []}


def test_statistics_are_the_sums_of_the_orders(pair: Pair) -> None:
    question = {"StationID": STATION, "StartTime": "2026-07-01", "EndTime": "2026-07-02"}
    stats = pair.ask("query_station_stats", question)["data"]["StationStats"]
    orders = pair.platform_books()["orders"].values()
    assert stats["StationElectricity"] == pytest.approx(sum(each["TotalPower"] for each in orders), abs=0.4)
    for wrong in ({"StationID": "7"}, {"EndTime": "2026-06-30"}, {"EndTime": "2026-12-30"}, {"StartTime": "soon"}):
        assert pair.ask("query_station_stats", question | wrong)["ret"] == Ret.PARAMETERS


def test_the_policy_of_today(pair: Pair) -> None:
    told = pair.ask("query_equip_business_policy", {"EquipBizSeq": SEQ, "ConnectorID": f"{STATION}000101"})["data"]
    assert told["SuccStat"] == 0
    assert told["SumPeriod"] == len(told["PolicyInfos"]) >= 4
    assert set(told["PolicyInfos"][0]) == {"StartTime", "ElecPrice", "SevicePrice"}
    unknown = pair.ask("query_equip_business_policy", {"EquipBizSeq": SEQ, "ConnectorID": "1"})["data"]
    assert (unknown["SuccStat"], unknown["FailReason"], unknown["PolicyInfos"]) == (1, 1, [])


def check(pair: Pair, orders: list[dict[str, Any]]) -> Any:
    window = {"StartTime": "2026-07-01 00:00:00", "EndTime": "2026-07-02 23:59:59"}
    sums = {"OrderCount": len(orders), "TotalOrderPower": 0, "TotalOrderMoney": 0}
    return pair.ask("check_charge_orders", {"CheckOrderSeq": SEQ, **window, **sums, "ChargeOrders": orders})["data"]


def test_the_platform_reconciles_with_the_station(pair: Pair) -> None:
    names = ("StartChargeSeq", "TotalPower", "TotalMoney")
    orders = [{name: order[name] for name in names} for order in pair.platform_books()["orders"].values()]
    assert check(pair, orders)["TotalDisputeOrder"] == 0
    told = check(pair, [orders[0] | {"TotalMoney": 0.5}, *orders[2:]])
    assert [each["DisputeReason"] for each in told["DisputeOrders"]] == [2, 1]


def test_a_months_orders_fit_into_one_check(pair: Pair) -> None:
    many = [{"StartChargeSeq": f"MA0SX0001{n:018d}", "TotalPower": 1.5, "TotalMoney": 1.25} for n in range(3000)]
    assert check(pair, many)["TotalDisputeOrder"] == 3000 + CHARGES


def test_the_station_reconciles_with_the_platform(pair: Pair) -> None:
    told = pair.api("POST", "/reconcile", {"first": "2026-07-01", "last": "2026-07-02"})
    assert (told["charges"], told["told"], told["missing"], told["waiting"]) == (CHARGES, CHARGES, [], [])
    assert told["disputes"] == []
    assert float(told["energy_kwh"]) == sum(100 + number for number in range(CHARGES))
    wrong = pair.api("POST", "/reconcile", {"first": "2026-07-02", "last": "2026-07-01"})
    assert wrong["status"] == 422


def test_people_see_what_was_told_and_answered(pair: Pair) -> None:
    status = pair.api("GET", "")
    assert (status["condition"], status["profile"], status["alarms"]) == ("up", "tcec102-2016", [])
    messages = pair.api("GET", "/messages?state=delivered&limit=500")
    order = next(each for each in messages if each["interface"] == "notification_charge_order_info")
    told = pair.api("GET", f"/messages/{order['number']}")
    (receipt,) = told["receipts"]
    assert (receipt["ret"], receipt["answer"]["ConfirmResult"]) == (0, 0)
    assert receipt["body"]["StartChargeSeq"] == order["key"] == receipt["answer"]["StartChargeSeq"]
    assert pair.api("POST", f"/messages/{order['number']}/resend")["code"] == "not_for_resending"
    assert pair.api("GET", "/messages/999999")["code"] == "no_such_message"


def knock(pair: Pair, path: str, body: bytes, headers: dict[str, str] | None = None) -> Any:
    url = f"{pair.station_url}/evcs/v20161110/{path}"
    return httpx2.post(url, content=body, headers=headers or {}, trust_env=False).json()


def test_strangers_learn_nothing_at_the_door(pair: Pair) -> None:
    profile, now = load_profile("tcec102-2016"), datetime.now(UTC)
    stranger, known = Caller(profile, BY_PLATFORM), Caller(profile, BY_US)
    assert knock(pair, QUERY_TOKEN, b"no json")["Ret"] == Ret.MEMBER
    assert knock(pair, QUERY_TOKEN, stranger.ask_token(now).body)["Ret"] == Ret.MEMBER
    question = known.call(STATION_STATUS, StatesQuestion((STATION,)), now)
    for authorization in ("", "Bearer", "Bearer 0000", "Basic x"):
        call = known.call(STATION_STATUS, StatesQuestion((STATION,)), now)
        assert knock(pair, STATION_STATUS, call.body, {"Authorization": authorization})["Ret"] == Ret.TOKEN
    forged = json.loads(question.body) | {"Sig": "0" * 32}
    assert knock(pair, STATION_STATUS, json.dumps(forged).encode())["Ret"] == Ret.SIGNATURE
    assert httpx2.get(f"{pair.station_url}/evcs/v20161110/{QUERY_TOKEN}", trust_env=False).status_code in (404, 405)


def test_without_a_platform_there_is_no_door(tmp_path: Path) -> None:
    config = station_sample.config(tmp_path)
    add_people(config, {OPERATOR: Role.VIEWER})
    with client_at(create_app(config)) as client:
        log_in(client)
        assert client.post("/evcs/v20161110/query_token", content=b"{}").status_code in (404, 405)
        assert client.get("/api/v1/platform").json()["code"] == "no_platform"
