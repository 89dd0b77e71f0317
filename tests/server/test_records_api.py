"""The records over the API: signals, lives, exports and case files of a running server."""

from __future__ import annotations

import io
import json
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from swapstation.inventory.journal import open_station_database
from swapstation.model.people import Role
from swapstation.records.signing import signing_key
from swapstation.records.telemetry.hot import open_hot
from swapstation.server.actor import API
from swapstation.server.app import create_app
from tests.inventory.stock import VIN, stocked
from tests.records.moments import moment, raised, recorder
from tests.server import station_sample
from tests.server.conftest import wait_until
from tests.server.controller_peer import ControllerPeer
from tests.server.people import REMOTE, add_people, client_at, log_in
from tests.telemetry.days import START_S, cells, pack

WINDOW = {"first": "2026-03-01T00:00:00Z", "last": "2026-03-02T00:00:00Z"}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="swapstation-") as place:
        yield Path(place)


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    """A shift lead at a server that has a stock, an event, and some telemetry."""
    config = station_sample.config(folder)
    engine = open_station_database(config)
    stocked(engine)
    engine.dispose()
    store = open_hot(folder / "telemetry")
    store.add([pack(START_S + second, current_a=float(second)) for second in range(100)])
    store.add([cells(START_S, (3.3, 3.4))])
    store.close()
    box = recorder(folder / "black_box")
    box.take(moment(0.0, raised("BAY_SMOKE")))
    box.take(moment(61.0))
    box.close()
    add_people(config, {"zhao": Role.SHIFT_LEAD, "li": Role.OPERATOR})
    with (
        ControllerPeer(config.controller_socket, station_sample.station),
        client_at(create_app(config), REMOTE) as found,
    ):
        yield log_in(found, "zhao", "green apple tree")


def test_a_signal_is_down_sampled(client: TestClient) -> None:
    answer = client.get(f"{API}/records/signals/pack/LFP-001/current_a", params={**WINDOW, "buckets": 1440})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert [(each["min"], each["max"], each["rows"]) for each in told["buckets"]] == [(0.0, 59.0, 60), (60.0, 99.0, 40)]
    assert (told["bucket_s"], told["broken"]) == (60, [])
    assert client.get(f"{API}/records/series/pack", params=WINDOW).json() == ["LFP-001"]


def test_a_wrong_question_names_its_field(client: TestClient) -> None:
    answer = client.get(f"{API}/records/signals/pack/LFP-001/colour", params=WINDOW)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "column"
    far = client.get(f"{API}/records/batteries/B1", params={"first": "0001-01-01T00:00:00+14:00"})
    assert (far.status_code, far.json()["errors"][0]["field"]) == (422, "first")


def test_lives_of_a_battery_a_truck_and_a_bay(client: TestClient) -> None:
    battery = client.get(f"{API}/records/batteries/B1").json()
    assert [stay["place"] for stay in battery["stays"]] == ["bay-1"]
    assert [stay["battery"] for stay in client.get(f"{API}/records/bays/2").json()["stays"]] == ["B2"]
    assert [stay["battery"] for stay in client.get(f"{API}/records/trucks/{VIN}").json()["stays"]] == ["B3"]
    for path, code in (("batteries/B99", "no_such_battery"), ("trucks/X", "no_such_truck"), ("bays/77", "no_such_bay")):
        answer = client.get(f"{API}/records/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, code)
    assert client.get(f"{API}/records/batteries/B1/spread").json() == {"battery": "B1", "months": [], "broken": []}


def test_an_export_is_a_zip_with_its_schema_and_in_the_audit(client: TestClient, folder: Path) -> None:
    first = datetime.fromisoformat(WINDOW["first"]).astimezone(timezone(timedelta(hours=8))).isoformat()
    answer = client.get(f"{API}/records/export/cells", params={**WINDOW, "first": first, "format": "csv"})
    assert answer.status_code == 200, answer.text
    begin = datetime.fromisoformat(WINDOW["first"]).astimezone(UTC)
    assert answer.headers["content-disposition"] == f'attachment; filename="cells-{begin:%Y%m%dT%H%M%SZ}.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert packed.read("cells.csv").decode().splitlines()[1].startswith(f"LFP-001,{START_S},bay-1,3.300,3.400")
        assert "cell_001_v" not in json.loads(packed.read("schema.json"))["properties"]
    assert not list((folder / "telemetry").glob("*.zip")), "the server keeps no copy"


def test_a_case_file_is_signed_by_the_stations_key(client: TestClient, folder: Path) -> None:
    (event,) = client.get(f"{API}/records/events").json()
    assert (event["causes"], event["wrong"]) == (1, "")
    answer = client.get(f"{API}/records/events/{event['event']}")
    assert answer.status_code == 200, answer.text
    with tarfile.open(fileobj=io.BytesIO(answer.content)) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
        sums, signature = (
            archive.extractfile(f"{event['event']}/{name}").read()  # type: ignore[union-attr]
            for name in ("SHA256SUMS", "SHA256SUMS.sig")
        )
    assert {"README.txt", "trace.jsonl", "people.csv", "telemetry/pack.csv", "records/audit.jsonl"} <= names
    key = signing_key(folder)
    key.public_key().verify(signature, sums)
    assert client.get(f"{API}/records/events/nothing-of-it").json()["code"] == "no_such_event"


def test_the_running_server_records_what_it_sees(client: TestClient, folder: Path) -> None:
    def told() -> list[str]:
        now = datetime.now(UTC)
        params = {"first": str(station_sample.AT - timedelta(hours=1)), "last": str(now + timedelta(days=400))}
        found: list[str] = client.get(f"{API}/records/series/robot", params=params).json()
        return found

    wait_until(lambda: told() == ["robot"])
    storage = client.get(f"{API}/records/storage").json()
    assert (storage["room"], storage["files"]) == ("enough", 0)
    assert client.get(f"{API}/records/retention").json()["swaps"] == {
        "where": "station database",
        "days": None,
        "thinned": "",
    }
    assert set(client.get(f"{API}/records/schemas").json()) >= {"pack", "cells"}
