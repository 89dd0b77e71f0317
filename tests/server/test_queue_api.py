"""Trucks are taken on, come with proofs, are called in their turn, swapped and gone."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from swapstation.inventory.database import migrate
from swapstation.model.device import Truck
from swapstation.model.inventory import SeatOffset
from swapstation.model.people import Role
from swapstation.model.request import Answer, Refused, Request
from swapstation.model.seen import Seen
from swapstation.model.snapshot import Snapshot
from swapstation.model.truck_request import RegisterTruck
from swapstation.server.app import create_app
from tests.server import station_sample
from tests.server.conftest import wait_until
from tests.server.controller_peer import ControllerPeer, accept
from tests.server.people import OPERATOR, add_people, client_at, log_in

FIRST, SECOND, FOREIGN = "LFWSRXSJ7M1F00011", "LFWSRXSJ7M1F00022", "LFWSRXSJ7M1F00099"
API = "/api/v1"


def lane(sequence: int, vin: str = "", swapping: bool = False) -> Snapshot:
    """The sample with another truck in the lane, or none."""
    sample = station_sample.station(sequence)
    truck = sample.truck.good
    assert truck is not None
    assert sample.swap is not None
    seen: Seen[Truck] = replace(sample.truck, value=replace(truck, vin=vin)) if vin else Seen()
    swap = replace(sample.swap, vin=vin) if swapping else None
    return replace(sample, truck=seen, swap=swap)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[TestClient, ControllerPeer]]:
    with tempfile.TemporaryDirectory(prefix="swapstation-") as folder:
        config = station_sample.config(Path(folder))
        migrate(config.station_database_url)
        add_people(config, {OPERATOR: Role.ADMIN})
        with (
            ControllerPeer(config.controller_socket, lane) as peer,
            client_at(create_app(config)) as client,
        ):
            log_in(client)
            wait_until(lambda: client.get(f"{API}/snapshot").json()["snapshot"] is not None)
            for vin, plate, rfid in ((FIRST, "晋H00011", "T-11"), (SECOND, "晋H00022", "T-22")):
                card = {"truck_model": "6x4-tractor", "plate": plate, "rfid": rfid}
                assert client.put(f"{API}/trucks/{vin}", json=card).status_code == 200
            yield client, peer


@pytest.fixture
def client(served: tuple[TestClient, ControllerPeer]) -> Iterator[TestClient]:
    """Every test ends with an empty yard."""
    client, peer = served
    yield client
    peer.snapshot = lane
    wait_until(lambda: client.get(f"{API}/snapshot").json()["snapshot"]["truck"]["value"] is None)
    for each in client.get(f"{API}/queue").json():
        client.post(f"{API}/queue/{each['entry']['number']}/leave")


def came(client: TestClient, source: str, value: str) -> int:
    answer = client.post(f"{API}/arrivals", json={"source": source, "value": value})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["number"])


def queue(client: TestClient) -> list[tuple[str, str, bool]]:
    told = client.get(f"{API}/queue").json()
    return [(each["identity"]["vin"], each["entry"]["state"], each["identity"]["certain"]) for each in told]


def test_a_truck_is_taken_on_once_and_the_station_learns_of_it(
    client: TestClient, served: tuple[TestClient, ControllerPeer]
) -> None:
    told = {each["truck"]["vin"]: each for each in client.get(f"{API}/trucks").json()}
    assert (told[FIRST]["truck"]["plate"], told[FIRST]["battery_model"]) == ("晋H00011", "LFP-282")
    asked = [each.payload for each in served[1].requests if isinstance(each.payload, RegisterTruck)]
    assert RegisterTruck(FIRST, "6x4-tractor") in asked
    card = {"truck_model": "6x4-tractor", "plate": "晋H00011"}
    taken = client.put(f"{API}/trucks/{SECOND}", json=card).json()["errors"][0]
    assert (taken["field"], FIRST in taken["allowed"]) == ("plate", True)
    wrong = client.put(f"{API}/trucks/{FIRST}", json={"truck_model": "bus"}).json()["errors"][0]
    assert (wrong["field"], wrong["allowed"]) == ("truck_model", "one of 6x4-tractor")
    off = {"truck_model": "6x4-tractor", "plate": "晋H00011", "rfid": "T-11", "seat_y_mm": -30, "seat_z_mm": None}
    refused = client.put(f"{API}/trucks/{FIRST}", json=off | {"seat_x_mm": 41}).json()["errors"][0]
    assert (refused["field"], refused["allowed"]) == ("seat_x_mm", "-40 to 40 mm ([limits] seat_x_mm)")
    seat = client.put(f"{API}/trucks/{FIRST}", json=off).json()["seat"]
    assert seat == {"seat_x_mm": 0, "seat_y_mm": -30, "seat_z_mm": 0}
    told_station = [each.payload for each in served[1].requests if isinstance(each.payload, RegisterTruck)]
    assert RegisterTruck(FIRST, "6x4-tractor", seat=SeatOffset(0, -30, 0)) in told_station
    assert client.put(f"{API}/trucks/LFWSRXSJ7M1F0O011", json=card).status_code == 422, "a VIN has no letter O"


def test_a_card_that_the_station_refuses_stays_as_it_was(
    client: TestClient, served: tuple[TestClient, ControllerPeer]
) -> None:
    def refuse(request: Request) -> Answer:
        return Refused(request.key, "swap_open", "", ("swap_open",))

    def card() -> object:
        return next(each for each in client.get(f"{API}/trucks").json() if each["truck"]["vin"] == SECOND)

    before, (_, peer) = card(), served
    other = {"truck_model": "6x4-tractor", "plate": "晋H99999", "rfid": "T-99", "seat_x_mm": 5}
    peer.answer = refuse
    try:
        assert client.put(f"{API}/trucks/{SECOND}", json=other).status_code == 409
        assert card() == before
    finally:
        peer.answer = accept


def test_proofs_of_one_truck_are_one_stay_and_say_when_they_are_enough(client: TestClient) -> None:
    number = came(client, "plate", "晋H00011")
    assert queue(client) == [(FIRST, "waiting", False)], "a plate alone is misread in the snow"
    assert client.post(f"{API}/queue/{number}/call").json()["code"] == "truck_not_certain"
    assert came(client, "rfid", "T-11") == number
    assert came(client, "rfid", "T-11") == number
    assert queue(client) == [(FIRST, "waiting", True)]
    assert client.post(f"{API}/queue/{number}/call").json()["state"] == "called"


def test_disagreement_is_shown_and_a_person_decides(client: TestClient) -> None:
    number = came(client, "plate", "晋H00022")
    assert came(client, "rfid", "T-11") == number
    told = client.get(f"{API}/queue").json()[0]["identity"]
    assert (told["vin"], told["disagree"]) == ("", [FIRST, SECOND])
    decided = client.post(f"{API}/queue/{number}/decide", json={"vin": FIRST}).json()
    assert decided["proofs"][-1]["person"] == OPERATOR
    assert queue(client) == [(FIRST, "waiting", True)]


def test_the_queue_is_served_in_turn_and_who_is_skipped_keeps_the_reason(client: TestClient) -> None:
    first, second = came(client, "rfid", "T-11"), came(client, "rfid", "T-22")
    assert client.post(f"{API}/queue/{second}/call").json()["code"] == "not_the_next"
    assert [each["not_called"] for each in client.get(f"{API}/queue").json()] == [[], ["not_the_next"]]
    waits = [each["wait"] for each in client.get(f"{API}/queue").json()]
    assert waits[0]["minutes"] < waits[1]["minutes"] <= waits[1]["most"]
    assert client.post(f"{API}/queue/{second}/skip", json={"reason": "no battery"}).status_code == 422, "nobody behind"
    skipped = client.post(f"{API}/queue/{first}/skip", json={"reason": "driver is away"}).json()
    assert (skipped["skipped"], skipped["skip_reason"]) == (1, "driver is away")
    assert [vin for vin, _, _ in queue(client)] == [SECOND, FIRST]
    assert client.post(f"{API}/queue/{second}/call").status_code == 200
    assert client.post(f"{API}/queue/{first}/call").json()["code"] == "lane_taken"


def test_the_station_itself_tells_who_drives_in_is_swapped_and_leaves(
    client: TestClient, served: tuple[TestClient, ControllerPeer]
) -> None:
    peer, number = served[1], came(client, "plate", "晋H00022")
    peer.snapshot = lambda sequence: lane(sequence, SECOND)
    wait_until(lambda: queue(client) == [(SECOND, "waiting", True)])
    peer.snapshot = lambda sequence: lane(sequence, SECOND, swapping=True)
    wait_until(lambda: queue(client) == [(SECOND, "swapping", True)])
    peer.snapshot = lambda sequence: lane(sequence, SECOND)
    wait_until(lambda: queue(client) == [])
    peer.snapshot = lane
    wait_until(lambda: client.get(f"{API}/queue/history?limit=1").json()[0]["state"] == "left")
    stay = client.get(f"{API}/queue/history?limit=1").json()[0]
    assert (stay["number"], stay["swap"]) == (number, "S-20261121-001")


def test_a_foreign_truck_in_the_lane_is_shown_as_one(
    client: TestClient, served: tuple[TestClient, ControllerPeer]
) -> None:
    served[1].snapshot = lambda sequence: lane(sequence, FOREIGN)
    wait_until(lambda: bool(client.get(f"{API}/queue").json()))
    told = client.get(f"{API}/queue").json()[0]
    assert (told["identity"]["vin"], told["foreign"]) == (FOREIGN, True)


def test_wrong_arrivals_are_refused(client: TestClient) -> None:
    for body, field in (
        ({"source": "truck_link", "value": FIRST}, "source"),
        ({"source": "person", "value": "LFWSRXSJ7M1F00000"}, "value"),
        ({"source": "crystal_ball", "value": "x"}, "source"),
    ):
        errors = client.post(f"{API}/arrivals", json=body).json()["errors"]
        assert field in errors[0]["field"]
    assert client.post(f"{API}/queue/999999/leave").json()["errors"][0]["field"] == "number"
