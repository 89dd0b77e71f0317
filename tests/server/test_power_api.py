"""The routes about the site's power, against a controller that speaks the envelopes over a real Unix socket."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from fastapi.testclient import TestClient

from swapstation.model.dispatch import DispatchKind, DispatchSource
from swapstation.model.dispatch_request import EndDispatch, PutDispatch
from swapstation.model.request import Refused
from tests.server.conftest import standing
from tests.server.controller_peer import ControllerPeer, accept
from tests.server.people import OPERATOR

PATH = "/api/v1/power/dispatches/vpp-1"
STARTS, ENDS = datetime(2026, 11, 21, 7, 0, tzinfo=UTC), datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ORDER = {
    "source": "vpp",
    "kind": "import_cap",
    "value": 800.0,
    "starts_at": STARTS.isoformat(),
    "ends_at": ENDS.isoformat(),
    "ramp_kw_per_min": 50.0,
    "fallback_kw": 300.0,
    "renew_s": 60.0,
}
PUT = PutDispatch(
    "vpp-1", DispatchSource.VPP, DispatchKind.IMPORT_CAP, 800.0, STARTS, ENDS, 50.0, fallback_kw=300.0, renew_s=60.0
)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[TestClient, ControllerPeer]]:
    with TemporaryDirectory(prefix="swapstation-") as folder, standing(Path(folder)) as both:
        yield both


@pytest.fixture
def client(served: tuple[TestClient, ControllerPeer]) -> TestClient:
    return served[0]


@pytest.fixture
def peer(served: tuple[TestClient, ControllerPeer]) -> ControllerPeer:
    served[1].requests.clear()
    served[1].answer = accept
    return served[1]


def test_the_power_of_the_snapshot_is_told(client: TestClient) -> None:
    told = client.get("/api/v1/power").json()
    assert {"limit", "charging_kw", "nodes", "demand", "dispatches", "causes"} <= set(told)
    assert client.get("/api/v1/power/dispatches").json() == told["dispatches"]


def test_a_record_is_put_whole(client: TestClient, peer: ControllerPeer) -> None:
    answer = client.put(PATH, json=ORDER)
    assert answer.status_code == 200
    assert [(each.person, each.payload) for each in peer.requests] == [(OPERATOR, PUT)]


def test_a_record_is_ended_with_a_reason(client: TestClient, peer: ControllerPeer) -> None:
    assert client.delete(f"{PATH}?reason=called%20off").status_code == 200
    assert [each.payload for each in peer.requests] == [EndDispatch("vpp-1", "called off")]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"source": "neighbour"}, "source"),
        ({"kind": "setpoint_relative"}, "kind"),
        ({"starts_at": "2026-11-21T07:00:00"}, "starts_at"),
        ({"renew_s": 1.0}, "renew_s"),
        ({"extra": 1}, "extra"),
    ],
)
def test_what_makes_no_sense_is_refused_by_the_name_of_its_field(
    client: TestClient, peer: ControllerPeer, changes: dict[str, object], field: str
) -> None:
    answer = client.put(PATH, json={**ORDER, **changes})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].endswith(field)
    assert peer.requests == []


@pytest.mark.parametrize(("code", "status"), [("dispatch_older", 409), ("bad_input", 422), ("no_such_dispatch", 404)])
def test_a_refusal_of_the_controller_is_a_problem(
    client: TestClient, peer: ControllerPeer, code: str, status: int
) -> None:
    peer.answer = lambda request: Refused(request.key, code, "value = 7.0", (code,))
    answer = client.put(PATH, json=ORDER) if code != "no_such_dispatch" else client.delete(f"{PATH}?reason=x")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["title_zh"] != code


def test_a_record_that_does_not_stand_is_not_found(client: TestClient) -> None:
    assert client.get(PATH).status_code == 404
