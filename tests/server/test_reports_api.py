"""Reports over the API."""

from __future__ import annotations

from fastapi.testclient import TestClient

REPORTS = "/api/v1/reports"


def test_a_period_is_told_as_json_csv_and_pdf(client_alone: TestClient) -> None:
    told = client_alone.get(f"{REPORTS}/2026-11").json()
    assert (told["period"]["kind"], told["swaps"]["opened"], told["time"]["availability_pct"]) == ("month", 0, None)
    assert client_alone.get(f"{REPORTS}/2026-11-30?shift=2").json()["period"]["name"] == "2026-11-30/2"
    text = client_alone.get(f"{REPORTS}/2026?format=csv&language=en")
    assert text.headers["content-type"] == "text/csv; charset=utf-8"
    assert "Availability" in text.text
    assert client_alone.get(f"{REPORTS}/2026?format=pdf").content.startswith(b"%PDF")


def test_what_is_no_period_is_refused(client_alone: TestClient) -> None:
    for path in ("2026-13", "2026-11-31", "2026-11-30?shift=3", "2026-11?shift=1", "yesterday"):
        assert client_alone.get(f"{REPORTS}/{path}").status_code == 422


def test_scores_of_promises_are_told_for_some_months_at_most(client_alone: TestClient) -> None:
    path = "/api/v1/kept-promises"
    assert client_alone.get(path, params={"first": "2026-11-01", "last": "2026-11-30"}).json() == []
    for first, last in (("2026-11-01", "2027-11-30"), ("2026-11-02", "2026-11-01")):
        assert client_alone.get(path, params={"first": first, "last": last}).status_code == 422
