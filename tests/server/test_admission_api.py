"""A call opens the barrier for the truck that was called, and for nobody whom a list blocks or nobody knows."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from swapstation.inventory.database import migrate
from swapstation.model.arriving import Source
from swapstation.model.people import Role
from swapstation.model.request import Answer, Refused, Request
from swapstation.model.seen import Seen, seen
from swapstation.model.snapshot import Snapshot
from swapstation.model.yard import Identifier, VehicleRead
from swapstation.model.yard_request import AdmitTruck
from swapstation.server.app import create_app
from tests.server import station_sample
from tests.server.conftest import wait_until
from tests.server.controller_peer import ControllerPeer, accept
from tests.server.people import OPERATOR, add_people, client_at, log_in

VIN, API = "LFWSRXSJ7M1F00011", "/api/v1"
CARD = {"truck_model": "6x4-tractor", "plate": "晋H00011", "rfid": "T-11"}


def empty_lane(sequence: int) -> Snapshot:
    return replace(station_sample.station(sequence), truck=Seen(), swap=None)


def with_reads(sequence: int) -> Snapshot:
    """A truck whose plate and tag were just read."""
    now = empty_lane(sequence)
    values = ((Source.PLATE, "晋H00011"), (Source.RFID, "T-11"))
    reads = tuple(VehicleRead(number, *each, "7", 97.0, now.now_s - 3.0) for number, each in enumerate(values))
    return replace(now, identifier=seen(Identifier(reads), now.now_s, now.now_s, 1.0))


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[TestClient, ControllerPeer]]:
    with tempfile.TemporaryDirectory(prefix="swapstation-") as folder:
        sample = station_sample.config(Path(folder))
        config = replace(sample, links=replace(sample.links, gate="modbus-tcp://127.0.0.1:1?unit=1"))
        migrate(config.station_database_url)
        add_people(config, {OPERATOR: Role.ADMIN})
        with (
            ControllerPeer(config.controller_socket, empty_lane) as peer,
            client_at(create_app(config)) as client,
        ):
            log_in(client)
            wait_until(lambda: client.get(f"{API}/snapshot").json()["snapshot"] is not None)
            assert client.put(f"{API}/trucks/{VIN}", json=CARD).status_code == 200
            yield client, peer


def admitted(peer: ControllerPeer) -> list[str]:
    return [each.payload.vin for each in peer.requests if isinstance(each.payload, AdmitTruck)]


def test_what_the_devices_read_is_queued_called_let_in_and_taken_back(
    served: tuple[TestClient, ControllerPeer],
) -> None:
    client, peer = served
    peer.snapshot = with_reads
    wait_until(lambda: bool(client.get(f"{API}/queue").json()))
    (waiting,) = client.get(f"{API}/queue").json()
    assert (waiting["identity"]["vin"], waiting["identity"]["certain"]) == (VIN, True)
    number = waiting["entry"]["number"]
    assert client.post(f"{API}/queue/{number}/call").json()["state"] == "called"
    assert admitted(peer) == [VIN]
    assert client.post(f"{API}/queue/{number}/call").json()["state"] == "called"
    assert admitted(peer) == [VIN, VIN], "a barrier that closed again is opened by a second call"
    assert client.post(f"{API}/queue/{number}/leave").json()["state"] == "left"
    assert admitted(peer) == [VIN, VIN, ""]


def test_a_station_that_refuses_leaves_the_truck_waiting(served: tuple[TestClient, ControllerPeer]) -> None:
    client, peer = served
    number = client.post(f"{API}/arrivals", json={"source": "rfid", "value": "T-11"}).json()["number"]

    def refuse(request: Request) -> Answer | None:
        if isinstance(request.payload, AdmitTruck) and request.payload.vin:
            return Refused(request.key, "truck_registered", "", ("truck_registered",))
        return accept(request)

    peer.answer = refuse
    assert client.post(f"{API}/queue/{number}/call").json()["code"] == "truck_registered"
    assert client.get(f"{API}/queue").json()[0]["entry"]["state"] == "waiting"


def test_the_words_of_the_sign_are_one_catalogue(served: tuple[TestClient, ControllerPeer]) -> None:
    words = served[0].get(f"{API}/lane-sign-catalogue").json()
    assert words["lane_call"] == {"stop": True, "zh": "请等候叫号", "en": "Wait until you are called"}
    assert served[0].get(f"{API}/snapshot").json()["snapshot"]["lane_sign"]["word"] in words
