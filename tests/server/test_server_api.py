"""The HTTP API against a controller that speaks the envelopes over a real Unix socket."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from fastapi.testclient import TestClient

from swapstation.model.alarm_request import AcknowledgeAlarm, ShelveAlarm, ShowAlarm, TakeAlarmOutOfService
from swapstation.model.bay_request import ChargeBay, EndLockOut, LockOutBay, ResetCharge, StopBayCharge
from swapstation.model.bypass_request import EndBypass, SetBypass
from swapstation.model.concern_request import WordOfServer
from swapstation.model.dispatch_request import EndDispatch, PutDispatch
from swapstation.model.energy_request import CloseEnergyCase
from swapstation.model.fire_request import ConfirmFire, EndFireDrill, ReleaseFire, StartFireDrill
from swapstation.model.inventory import Cause
from swapstation.model.job import JobKind
from swapstation.model.mode import Mode
from swapstation.model.plan_request import SubmitPlan
from swapstation.model.request import (
    AbandonJob,
    AbandonSwap,
    AcceptUnevenSet,
    AttestIdentity,
    CancelBooking,
    ChangeBooking,
    ChangeMode,
    CloseSwap,
    ConfirmCloseSwap,
    ConfirmRelease,
    ConfirmStartUp,
    CorrectBattery,
    CountedPlace,
    CreateBooking,
    DivertSwap,
    HoldStation,
    MoveBatteryRecord,
    Payload,
    QuarantineBattery,
    ReceiveBattery,
    ReconcileSwap,
    Refused,
    ReleaseQuarantine,
    RequestSwap,
    ResumeStation,
    SendBatteryAway,
    StartJob,
    StockCheck,
    TransferBattery,
)
from swapstation.model.truck_request import RegisterTruck
from swapstation.model.yard_request import AdmitTruck
from tests.server.conftest import standing, wait_until
from tests.server.controller_peer import ControllerPeer, accept
from tests.server.people import OPERATOR
from tests.server.station_sample import AT, PLAN, VIN
from tests.station.situations import pack_code

SWAP = "S-20261121-001"
ALARM = "LOCK_NOT_OPEN@truck"


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[TestClient, ControllerPeer]]:
    """One application and controller for this file: building the routes takes longer than asking them."""
    with tempfile.TemporaryDirectory(prefix="swapstation-") as folder, standing(Path(folder)) as both:
        yield both


@pytest.fixture
def client(served: tuple[TestClient, ControllerPeer]) -> TestClient:
    return served[0]


@pytest.fixture
def peer(served: tuple[TestClient, ControllerPeer]) -> ControllerPeer:
    served[1].requests.clear()
    served[1].answer = accept
    return served[1]


def test_the_snapshot_comes_with_its_age(client: TestClient) -> None:
    body = client.get("/api/v1/snapshot").json()
    assert body["connected"] is True
    assert 0 <= body["received_age_s"] < 5
    assert body["snapshot"]["state"] == "execute"
    assert body["snapshot"]["bays"][0]["io"] == {
        "value": {
            "presence": "present",
            "connector_mated": True,
            "contactor_closed": False,
            "smoke": False,
            "temperature_c": 25.0,
            "protocol_version": 1,
            "presence_a": None,
            "presence_b": None,
        },
        "age_s": 0.04,
        "quality": "good",
    }


def test_bays_batteries_bookings_and_alarms_are_read_from_the_snapshot(client: TestClient) -> None:
    assert [bay["number"] for bay in client.get("/api/v1/bays").json()] == list(range(1, 10))
    assert client.get("/api/v1/bays/9").json()["isolation"] is True
    assert len(client.get("/api/v1/batteries").json()) == 8
    assert client.get("/api/v1/batteries/B009").json()["place"] == f"truck:{VIN}"
    assert [booking["hold"] for booking in client.get("/api/v1/bookings").json()] == ["BK-1"]
    assert client.get("/api/v1/bookings/BK-1").json()["battery"] == "B008"
    assert [alarm["code"] for alarm in client.get("/api/v1/alarms").json()] == ["LOCK_NOT_OPEN", "ODD_CODE"]


def test_ready_batteries_are_full_free_and_fullest_first(client: TestClient) -> None:
    ready = [{"battery": "B006", "bay": 6, "soc_pct": 95.0}, {"battery": "B002", "bay": 2, "soc_pct": 91.5}]
    everything = [{"model": "LFP-282", "count": 2, "batteries": ready}]
    assert client.get("/api/v1/batteries/ready").json() == everything
    assert client.get("/api/v1/batteries/ready?model=LFP-282").json() == everything


REQUESTS: list[tuple[str, str, object, int, Payload]] = [
    ("POST", "station/hold", {"reason": "person in lane"}, 200, HoldStation("person in lane")),
    ("POST", "station/hold", None, 200, HoldStation()),
    ("POST", "station/resume", None, 200, ResumeStation()),
    ("POST", "station/confirm-start-up", None, 200, ConfirmStartUp()),
    ("POST", "swaps", {"vin": VIN}, 202, RequestSwap(VIN)),
    ("POST", "swaps", {"vin": VIN, "booking": "BK-1"}, 202, RequestSwap(VIN, "BK-1")),
    (
        "POST",
        "swaps",
        {"vin": VIN, "battery": "B002", "accept_soc_pct": 60},
        202,
        RequestSwap(VIN, None, "B002", 60.0),
    ),
    (
        "POST",
        "swaps/reconcile",
        {"vin": VIN, "fresh": "B001", "returned": "B009", "to_bay": 3, "reason": "at the panel"},
        200,
        ReconcileSwap(VIN, "B001", "B009", 3, "at the panel"),
    ),
    (
        "POST",
        "swaps/reconcile",
        {"vin": VIN, "fresh": "B001", "returned": "B009", "to_bay": 3, "reason": "at the panel", "position": 2},
        200,
        ReconcileSwap(VIN, "B001", "B009", 3, "at the panel", 2),
    ),
    (
        "POST",
        f"swaps/{SWAP}/accept-uneven-set",
        {"reason": "limps home"},
        200,
        AcceptUnevenSet(SWAP, "limps home"),
    ),
    (
        "POST",
        f"swaps/{SWAP}/attest",
        {"battery": "B009", "reason": "read the plate"},
        200,
        AttestIdentity(SWAP, "B009", "read the plate"),
    ),
    ("POST", f"swaps/{SWAP}/close", {"reason": "crane dead"}, 200, CloseSwap(SWAP, "crane dead")),
    ("POST", f"swaps/{SWAP}/confirm-close", None, 200, ConfirmCloseSwap(SWAP)),
    ("POST", "bays/3/lock-out", {"reason": "fan"}, 200, LockOutBay(3, "fan")),
    ("POST", "bays/3/end-lock-out", {"reason": "done"}, 200, EndLockOut(3, "done")),
    ("POST", "bays/1/charge", {"target_soc_pct": 100, "max_power_kw": 60}, 200, ChargeBay(1, 100.0, 60.0)),
    ("POST", "bays/1/stop-charge", None, 200, StopBayCharge(1)),
    ("POST", "bays/1/reset-charge", None, 200, ResetCharge(1)),
    (
        "POST",
        "batteries",
        {"battery": "B020", "model": "LFP-282", "codes": [pack_code(20)], "place": "bay-3"},
        200,
        ReceiveBattery("B020", "LFP-282", (pack_code(20),), "bay-3"),
    ),
    ("POST", "batteries/B001/quarantine", {"reason": "dented"}, 200, QuarantineBattery("B001", "dented")),
    ("POST", "batteries/B001/release", {"reason": "tested"}, 200, ReleaseQuarantine("B001", "tested")),
    ("POST", "batteries/B001/confirm-release", None, 200, ConfirmRelease("B001")),
    ("POST", "batteries/B001/send-away", {"reason": "service"}, 200, SendBatteryAway("B001", "service")),
    (
        "POST",
        "batteries/B001/transfer",
        {"station": "north", "papers": "UN 3480"},
        200,
        TransferBattery("B001", "north", "UN 3480"),
    ),
    ("POST", "batteries/B001/move", {"place": "bay-3"}, 200, MoveBatteryRecord("B001", "bay-3")),
    (
        "POST",
        "batteries/B001/correct",
        {"reason": "seen", "soc_pct": 40},
        200,
        CorrectBattery("B001", "seen", soc_pct=40.0),
    ),
    ("POST", f"swaps/{SWAP}/abandon", {"reason": "iced pin"}, 200, AbandonSwap(SWAP, "iced pin")),
    ("POST", "jobs", {"job": "move", "bay": 1, "to_bay": 3}, 202, StartJob(JobKind.MOVE, 1, 3)),
    ("POST", "jobs/J1/abandon", {"reason": "iced pin"}, 200, AbandonJob("J1", "iced pin")),
    ("POST", "station/mode", {"mode": "fire", "reason": "smoke"}, 200, ChangeMode(Mode.FIRE, "smoke")),
    (
        "POST",
        f"swaps/{SWAP}/divert",
        {"cause": "doubt", "reason": "leak"},
        200,
        DivertSwap(SWAP, Cause.DOUBT, "leak"),
    ),
    ("POST", "bookings", {"vin": VIN, "model": "LFP-282", "minutes": 30}, 201, CreateBooking(VIN, "LFP-282", 30)),
    (
        "POST",
        "bookings",
        {"vin": VIN, "model": "LFP-282", "arrives_at": "2026-11-21T15:30:00+08:00", "soc_pct": 70},
        201,
        CreateBooking(VIN, "LFP-282", None, AT + timedelta(hours=1), 70.0),
    ),
    (
        "PATCH",
        "bookings/BK-1",
        {"arrives_at": "2026-11-21T07:30:00Z"},
        200,
        ChangeBooking("BK-1", AT + timedelta(hours=1)),
    ),
    ("DELETE", "bookings/BK-1", None, 200, CancelBooking("BK-1")),
    ("POST", "fire/confirm", {"reason": "flames"}, 200, ConfirmFire("flames")),
    ("POST", "fire/confirm", None, 200, ConfirmFire()),
    ("POST", "fire/release", {"reason": "cold for 24 h"}, 200, ReleaseFire("cold for 24 h")),
    ("POST", "fire/drill", {"bay": 3}, 200, StartFireDrill(3)),
    ("POST", "fire/drill/end", None, 200, EndFireDrill()),
    ("POST", "trucks", {"vin": VIN, "model": "tractor"}, 200, RegisterTruck(VIN, "tractor")),
    (
        "POST",
        "stock-check",
        {"counted": [{"place": "bay-3"}, {"place": "bay-1", "battery": "B001"}]},
        200,
        StockCheck((CountedPlace("bay-3", None), CountedPlace("bay-1", "B001"))),
    ),
    ("POST", f"alarms/{ALARM}/acknowledge", None, 200, AcknowledgeAlarm(ALARM)),
    ("POST", f"alarms/{ALARM}/shelve", {"minutes": 5, "reason": "ice"}, 200, ShelveAlarm(ALARM, 5, "ice")),
    ("POST", f"alarms/{ALARM}/out-of-service", {"reason": "ice"}, 200, TakeAlarmOutOfService(ALARM, "ice")),
    ("POST", f"alarms/{ALARM}/show", None, 200, ShowAlarm(ALARM)),
    (
        "POST",
        "bypasses",
        {"input": "presence_a", "bay": 3, "minutes": 10, "reason": "cable broken"},
        201,
        SetBypass("presence_a", 10, "cable broken", 3),
    ),
    (
        "POST",
        "bypasses",
        {"input": "safety_chain_closed", "minutes": 30, "reason": "in the way"},
        201,
        SetBypass("safety_chain_closed", 30, "in the way"),
    ),
    ("POST", "bypasses/end", None, 200, EndBypass()),
    ("POST", "energy/cases/E-1/close", {"reason": "meter changed"}, 200, CloseEnergyCase("E-1", "meter changed")),
]


def test_every_kind_of_request_has_its_route() -> None:
    """But for the planner's and the server's own; those of test_power_api.py and test_admission_api.py are there."""
    elsewhere = {SubmitPlan, *get_args(WordOfServer), AdmitTruck, PutDispatch, EndDispatch}
    assert {type(each[-1]) for each in REQUESTS} | elsewhere == set(get_args(Payload))


@pytest.mark.parametrize(("method", "path", "body", "status", "payload"), REQUESTS)
def test_requests_reach_the_controller_with_key_and_person(
    client: TestClient, peer: ControllerPeer, method: str, path: str, body: object, status: int, payload: Payload
) -> None:
    headers = {"Idempotency-Key": "key-1", "X-Person": "zhao"}
    answer = client.request(method, f"/api/v1/{path}", json=body, headers=headers)
    assert (answer.status_code, answer.json()["key"]) == (status, "key-1"), answer.text
    sent = peer.requests[-1]
    assert (sent.key, sent.person, sent.payload) == ("key-1", "wang", payload)


def test_a_refused_promise_tells_the_earliest_time(client: TestClient, peer: ControllerPeer) -> None:
    facts = {"earliest_at": "2026-11-21T08:00:00Z"}
    peer.answer = lambda request: Refused(request.key, "cannot_be_promised", "", ("cannot_be_promised",), facts)
    answer = client.patch("/api/v1/bookings/BK-1", json={"arrives_at": "2026-11-21T07:30:00Z"})
    assert answer.status_code == 409
    assert (answer.json()["code"], answer.json()["facts"]) == ("cannot_be_promised", facts)


def test_the_plan_comes_with_its_forecast_only_while_it_is_the_one_that_is_followed() -> None:
    with tempfile.TemporaryDirectory(prefix="swapstation-") as folder, standing(Path(folder)) as (client, peer):
        body = client.get("/api/v1/plan").json()
        assert (body["plan"]["plan"], body["plan"]["steps"], body["watch"]["age_s"]) == ("P-1", [], 12.3)
        assert client.get("/api/v1/availability?model=LFP-282").json()[0]["rests_on"] == "estimate"
        peer.close()
        peer.plan = PLAN
        peer.open()
        wait_until(lambda: bool(client.get("/api/v1/plan").json()["plan"]["steps"]))
        body = client.get("/api/v1/plan").json()
        assert (len(body["plan"]["steps"]), body["plan"]["cost"]) == (96, "312.40")
        free = client.get("/api/v1/availability?model=LFP-282&soc=60").json()
        assert [(row["soc_pct"], row["free"]) for row in free] == [(70.0, 0), (70.0, 1), (70.0, 2)]
        assert free[0]["rests_on"] == "plan"
        assert {row["soc_pct"] for row in client.get("/api/v1/availability?model=LFP-282").json()} == {90.0}
        late = peer.snapshot
        peer.snapshot = lambda sequence: replace(late(sequence), plan=None)
        wait_until(lambda: client.get("/api/v1/plan").json()["plan"] is None)
        assert client.get("/api/v1/availability?model=LFP-282").json()[0]["rests_on"] == "estimate"


def test_a_key_is_made_up_when_absent(client: TestClient, peer: ControllerPeer) -> None:
    keys = [client.post("/api/v1/station/hold").json()["key"] for _ in range(2)]
    assert len(set(keys)) == 2
    assert [(request.key, request.person) for request in peer.requests] == [(key, OPERATOR) for key in keys]


def test_a_refusal_is_409_with_code_and_texts(client: TestClient, peer: ControllerPeer) -> None:
    peer.answer = lambda request: Refused(request.key, "battery_ready", "LFP-282: none above 90 %")
    answer = client.post("/api/v1/swaps", json={"vin": VIN})
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["code"], problem["detail"]) == ("battery_ready", "LFP-282: none above 90 %")
    assert (problem["title"], problem["title_zh"]) == ("no battery is ready", "没有可换出的电池")
    assert [reason["code"] for reason in problem["reasons"]] == ["battery_ready"]


def test_a_refusal_tells_every_reason(client: TestClient, peer: ControllerPeer) -> None:
    peer.answer = lambda request: Refused(request.key, "not_idle", reasons=("not_idle", "truck_link"))
    problem = client.post("/api/v1/swaps", json={"vin": VIN}).json()
    assert [reason["en"] for reason in problem["reasons"]] == ["the station is not idle", "no data from the truck"]


@pytest.mark.parametrize(("code", "status"), [("no_such_booking", 404), ("bad_input", 422), ("confirmed", 409)])
def test_the_kind_of_refusal_decides_the_status(
    client: TestClient, peer: ControllerPeer, code: str, status: int
) -> None:
    peer.answer = lambda request: Refused(request.key, code)
    assert client.delete("/api/v1/bookings/BK-9").status_code == status


@pytest.mark.parametrize("path", ["bays/10", "batteries/B999", "bookings/H-1", "swaps/S-0", "nothing"])
def test_unknown_things_are_404_problems(client: TestClient, path: str) -> None:
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("GET", "bays/31", None, "number"),
        ("GET", "batteries/ready?model=X", None, "model"),
        ("GET", "swaps?before=2026-11-21T00:00:00", None, "before"),
        ("GET", "swaps?before=9999-12-31T23:59:59-23:59", None, "before"),
        ("GET", f"events?after={2**64}", None, "after"),
        ("POST", "swaps", {"vin": "LFWSRXSJ7M1F0000I"}, "vin"),
        ("POST", "swaps", {"vin": VIN, "extra": 1}, "extra"),
        ("POST", "bookings", {"vin": VIN, "model": "X"}, "model"),
        ("POST", "bookings", {"vin": VIN, "model": "LFP-282", "minutes": 0}, "minutes"),
        ("POST", "bookings", {"vin": VIN, "model": "LFP-282", "arrives_at": "2026-11-21T15:30:00"}, "arrives_at"),
        ("PATCH", "bookings/BK-1", {"arrives_at": "soon"}, "arrives_at"),
        ("GET", "availability?model=X", None, "model"),
        ("GET", "availability?model=LFP-282&soc=101", None, "soc"),
        ("POST", f"swaps/{SWAP}/abandon", {}, "reason"),
        ("POST", "jobs", {"job": "dance"}, "job"),
        ("POST", "bypasses", {"input": "presence_a", "bay": 3, "minutes": 31, "reason": "cable"}, "minutes"),
        ("POST", "bypasses", {"input": "presence_a", "bay": 3, "minutes": 30}, "reason"),
        ("GET", "bypasses?before=yesterday", None, "before"),
        ("POST", "station/mode", {"mode": "holiday", "reason": "sun"}, "mode"),
    ],
)
def test_bad_input_is_422_and_names_field_value_and_what_is_allowed(
    client: TestClient, method: str, path: str, body: object, field: str
) -> None:
    answer = client.request(method, f"/api/v1/{path}", json=body)
    assert answer.status_code == 422
    error = answer.json()["errors"][0]
    assert error["field"].endswith(field)
    assert error["value"]
    assert error["allowed"]


@pytest.mark.parametrize(
    "content",
    [
        f'{{"vin": "{VIN}", "model": "LFP-282", "minutes": NaN}}',
        f'{{"vin": "{VIN}", "model": "\\ud800"}}',
        '{"vin": ',
        "[" * 20_000,
        "",
    ],
)
def test_json_that_no_client_library_writes_is_bad_input_too(client: TestClient, content: str) -> None:
    answer = client.post("/api/v1/bookings", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_large_body_is_refused(client: TestClient) -> None:
    assert client.post("/api/v1/station/hold", content=b"x" * 100_000).status_code == 413
