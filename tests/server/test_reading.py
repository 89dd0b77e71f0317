"""What is read over the API and changes nothing: history, registers, catalogues, figures."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

from fastapi.testclient import TestClient

from swapstation.inventory.database import open_writer
from swapstation.inventory.journal import write
from swapstation.model.bypass import Bypass, BypassInput, BypassResult
from swapstation.model.journal import BypassEnded, BypassSet
from tests.server.station_sample import AT, config


def test_history_is_read_from_the_station_database(client: TestClient) -> None:
    assert client.get("/api/v1/swaps").json() == []
    assert client.get("/api/v1/events").json() == []
    assert client.get("/api/v1/bypasses").json() == []


def test_the_register_of_bypasses_is_read(client: TestClient, data: Path) -> None:
    engine = open_writer(config(data).station_database_url)
    bypasses = [Bypass(f"Y{n}", BypassInput.PRESENCE_A, 3, 10, "li", "cable", AT + timedelta(n)) for n in (1, 2)]
    first, second = bypasses
    write(engine, [BypassSet(first), BypassEnded("Y1", BypassResult.ENDED, "wang"), BypassSet(second)], AT, 1)
    engine.dispose()
    body = client.get("/api/v1/bypasses").json()
    assert [(row["bypass"], row["input"], row["bay"], row["person"], row["result"]) for row in body] == [
        ("Y2", "presence_a", 3, "li", "open"),
        ("Y1", "presence_a", 3, "li", "ended"),
    ]
    page = client.get("/api/v1/bypasses", params={"before": second.set_at.isoformat(), "limit": 1}).json()
    assert [row["ended_by"] for row in page] == ["wang"]


def test_a_database_that_cannot_be_read_is_503(client: TestClient, data: Path) -> None:
    (data / "station.db").unlink()
    answer = client.get("/api/v1/swaps")
    assert answer.status_code == 503
    assert answer.json()["code"] == "database_away"
    sqlite3.connect(data / "station.db").close()
    assert client.get("/api/v1/swaps").status_code == 503


def test_catalogues_have_texts_in_both_languages(client: TestClient) -> None:
    for path in ("alarm-catalogue", "reason-catalogue"):
        catalogue = client.get(f"/api/v1/{path}").json()
        assert catalogue
        assert all(entry["zh"] and entry["en"] for entry in catalogue.values())


def test_what_a_fire_asks_of_the_station_is_read(client: TestClient) -> None:
    fire = client.get("/api/v1/fire").json()
    assert (fire["reaction"]["confirmed"], fire["drill_bay"]) == (False, None)
    assert client.post("/api/v1/fire/release", json={"reason": ""}).status_code == 422
    assert client.post("/api/v1/fire/drill", json={"bay": 0}).status_code == 422


def test_the_alarm_figures_of_a_month_are_read(client: TestClient) -> None:
    figures = client.get("/api/v1/alarms/figures", params={"month": "2025-12"}).json()
    assert (figures["first"], figures["last"]) == ("2025-12-01T00:00:00Z", "2026-01-01T00:00:00Z")
    assert figures["count"] == 0
    for month in ("2026-13", "26-12", "", "2026-1"):
        assert client.get("/api/v1/alarms/figures", params={"month": month}).status_code == 422


def test_a_timeline_is_at_most_twelve_hours_and_of_a_swap_that_was(client_alone: TestClient) -> None:
    told = client_alone.get("/api/v1/timeline?first=2026-05-01T00:00:00Z&last=2026-05-01T01:00:00Z").json()
    assert (told["moments"], told["cut"]) == ([], False)
    for wrong in (
        "first=2026-05-01T00:00:00Z&last=2026-05-02T00:00:00Z",
        "first=2026-05-02T00:00:00Z&last=2026-05-01T00:00:00Z",
    ):
        assert client_alone.get(f"/api/v1/timeline?{wrong}").json()["errors"][0]["field"] == "last"
    assert client_alone.get("/api/v1/swaps/S9/timeline").json()["code"] == "no_such_swap"


def test_a_real_station_knows_no_training(client: TestClient) -> None:
    for path in ("/training", "/training/drills", "/training/results"):
        answer = client.get(f"/api/v1{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "no_training_station")
