"""Trips over HTTP: a fleet's program tells those of its trucks, a lead those of any; reports reckon with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from swapstation.config.energy_settings import Money
from swapstation.config.savings_settings import Savings
from swapstation.inventory.database import migrate
from swapstation.model.people import Role
from swapstation.server.app import create_app
from tests.business.agreed import TEXT as CONTRACTS
from tests.inventory.stock import OTHER_VIN, VIN, station_config
from tests.server.people import OPERATOR, add_people, client_at, log_in

API = "/api/v1"
DAY = {"first": "2026-06-10T16:00:00Z", "last": "2026-06-11T16:00:00Z"}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    contracts = tmp_path / "contracts.toml"
    contracts.write_text(CONTRACTS.replace('vin = "V1"', f'vin = "{VIN}"', 1), encoding="utf-8")
    config = replace(station_config(tmp_path), money=Money(contracts), savings=Savings(2.0))
    migrate(config.station_database_url)
    add_people(config, {OPERATOR: Role.ADMIN})
    with client_at(create_app(config)) as client:
        yield log_in(client)


def trip(vin: str = VIN, **told: object) -> dict[str, object]:
    usual = {"trip": "T1", "vin": vin, "ended_at": "2026-06-11T10:00:00+08:00", "tonnes": 30.0, "distance_km": 20.0}
    return usual | told


def program(client: TestClient) -> TestClient:
    asked = {"name": "dispatch", "role": "fleet", "fleet": "pit", "scopes": ["read", "book"]}
    token = client.post(f"{API}/keys", json=asked).json()["token"]
    made = client_at(client.app, beside=client)  # type: ignore[arg-type]
    made.headers["Authorization"] = f"Bearer {token}"
    return made


def test_trips_of_the_fleets_own_trucks_are_kept_and_reported(client: TestClient) -> None:
    fleet = program(client)
    for new in (1, 0):
        assert fleet.post(f"{API}/fleet/trips", json={"trips": [trip()]}).json() == {"kept": 1, "new": new}
    foreign = fleet.post(f"{API}/fleet/trips", json={"trips": [trip(OTHER_VIN)]})
    assert (foreign.status_code, foreign.json()["errors"][0]["field"]) == (422, "trips[0].vin")
    assert fleet.post(f"{API}/trips", json={"trips": [trip()]}).status_code == 403
    assert client.post(f"{API}/trips", json={"trips": [trip(OTHER_VIN, tonnes=10.0)]}).json()["new"] == 1
    listed: list[dict[str, Any]] = client.get(f"{API}/trips", params=DAY).json()
    assert [(each["fleet"], each["vin"]) for each in listed] == [("", OTHER_VIN), ("pit", VIN)]
    told = client.get(f"{API}/reports/2026-06-11").json()["haulage"]
    assert (told["tonne_km"], told["diesel_l"], told["saving_yuan"]) == (800.0, 16.0, None)


@pytest.mark.parametrize(
    "wrong", [{"tonnes": 900}, {"vin": "V1"}, {"ended_at": "2026-06-11"}, {"ended_at": "0001-01-01T00:00:00Z"}]
)
def test_what_cannot_be_a_trip_is_refused(client: TestClient, wrong: dict[str, object]) -> None:
    assert client.post(f"{API}/trips", json={"trips": [trip() | wrong]}).status_code == 422
