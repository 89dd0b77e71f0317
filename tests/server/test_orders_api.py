"""Orders, accounts, statements and complaints over HTTP, from a station database with a swap and a contract file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import structlog
from fastapi.testclient import TestClient

from swapstation.business.cursors import move
from swapstation.business.database import Connection, DatabaseError, open_business_database
from swapstation.business.orders import CURSOR, open_orders, price_order, supply
from swapstation.config.energy_settings import Money, TariffSource
from swapstation.config.settings import Config
from swapstation.energy.tariff_watch import TariffWatch
from swapstation.inventory.journal import open_station_database, write
from swapstation.model.inventory import SwapResult
from swapstation.model.journal import BatteryMoved, SwapClosed
from swapstation.model.order import Supplied
from swapstation.model.people import Role
from swapstation.server import billing
from swapstation.server.app import create_app
from swapstation.server.book import Business
from swapstation.server.history import History
from tests.business.agreed import TEXT as CONTRACTS
from tests.energy.tariffs import tariff_file
from tests.inventory.stock import AT, VIN, open_swap, station_config, stocked
from tests.server.conftest import wait_until
from tests.server.people import OPERATOR, add_people, client_at, log_in

API = "/api/v1"
ANOTHER, VIEWER = "li", "chen"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A station whose truck is one of the fleet `pit`, with one swap that is done."""
    contracts = tmp_path / "contracts.toml"
    contracts.write_text(CONTRACTS.replace('vin = "V1"', f'vin = "{VIN}"', 1), encoding="utf-8")
    config = replace(station_config(tmp_path), money=Money(contracts), tariff=TariffSource(tariff_file(tmp_path)))
    engine = open_station_database(config)
    stocked(engine)
    open_swap(engine, 80.0, 12.5)
    moves = [
        BatteryMoved("B3", f"truck:{VIN}", "bay-3", ("presence",)),
        BatteryMoved("B1", "bay-1", f"truck:{VIN}", ("presence",)),
    ]
    write(engine, [*moves, SwapClosed("S1", SwapResult.COMPLETED, "", 250.0)], AT, 1)
    engine.dispose()
    return config


@contextmanager
def served(config: Config) -> Iterator[TestClient]:
    add_people(config, {OPERATOR: Role.SHIFT_LEAD, ANOTHER: Role.ADMIN, VIEWER: Role.VIEWER})
    with client_at(create_app(config)) as client:
        yield log_in(client)


def order(client: TestClient) -> dict[str, Any]:
    """The order of the swap, once it is there."""
    wait_until(lambda: client.get(f"{API}/orders/S1").status_code == 200)
    found: dict[str, Any] = client.get(f"{API}/orders/S1").json()
    return found


def priced(client: TestClient) -> dict[str, Any]:
    wait_until(lambda: order(client)["total_yuan"] is not None)
    return order(client)


def fleet_client(client: TestClient, fleet: str) -> TestClient:
    """A program of a fleet, beside the person."""
    admin = log_in(client_at(client.app, beside=client), ANOTHER)  # type: ignore[arg-type]
    asked = {"name": f"dispatch {fleet}", "role": "fleet", "fleet": fleet, "scopes": ["read"]}
    token = admin.post(f"{API}/keys", json=asked).json()["token"]
    program = client_at(client.app, beside=client)  # type: ignore[arg-type]
    program.headers["Authorization"] = f"Bearer {token}"
    return program


def test_a_swap_becomes_an_order_with_electricity_and_service_apart(config: Config) -> None:
    with served(config) as client:
        told = priced(client)
        account = client.get(f"{API}/fleets/pit/account").json()
        assert client.get(f"{API}/orders").json()[0]["facts"]["swap"] == "S1"
    (line,) = told["order"]["money"]["lines"]
    assert told["order"]["fleet"] == "pit"
    assert Decimal(line["energy_kwh"]) == Decimal("190.35"), "B1 with 80 % for B3 with 12.5 % of 282 kWh"
    assert Decimal(told["total_yuan"]) == Decimal(line["electricity_yuan"]) + Decimal(line["service_yuan"])
    assert Decimal(account["balance_yuan"]) == -Decimal(told["total_yuan"])


def test_after_a_restart_nothing_is_billed_twice(config: Config) -> None:
    with served(config) as client:
        before = priced(client)
    with client_at(create_app(config)) as again:
        log_in(again)
        assert priced(again) == before
        assert len(again.get(f"{API}/fleets/pit/account").json()["entries"]) == 1


def test_a_correction_and_a_payment_change_the_account_and_are_in_the_audit(config: Config) -> None:
    with served(config) as client:
        total = Decimal(priced(client)["total_yuan"])
        change = {"electricity_yuan": "-2.00", "service_yuan": "-0.50", "reason": "a cell was weak"}
        assert client.post(f"{API}/orders/S1/correct", json=change).status_code == 200
        for _ in range(2):
            paid = client.post(f"{API}/fleets/pit/deposits", json={"reference": "bank-1", "yuan": "500.00"})
        assert Decimal(paid.json()["balance_yuan"]) == 500 - total + Decimal("2.50")
        assert Decimal(order(client)["total_yuan"]) == total - Decimal("2.50")
        admin = log_in(client_at(client.app, beside=client), ANOTHER)  # type: ignore[arg-type]
        kinds = [row["kind"] for row in admin.get(f"{API}/audit").json()]
    assert kinds.count("order_corrected") == 1
    assert kinds.count("deposit") == 2


def test_a_statement_comes_as_json_csv_and_pdf_and_stays_as_issued(config: Config) -> None:
    with served(config) as client:
        total = priced(client)["total_yuan"]
        asked = {"fleet": "pit", "month": "2026-03"}
        issued = [client.post(f"{API}/statements", json=asked).json() for _ in range(2)]
        assert issued[0] == issued[1]
        assert [each["swap"] for each in issued[0]["orders"]] == ["S1"]
        where = f"{API}/statements/pit/2026-03"
        assert client.get(where).json() == issued[0]
        text = client.get(where, params={"format": "csv"})
        assert text.headers["content-type"].startswith("text/csv")
        assert f"total {total}" in text.text
        assert client.get(where, params={"format": "pdf"}).content.startswith(b"%PDF-")
        report = client.get(f"{API}/reconciliation/2026-03").json()
        assert (report["swaps"], report["orders"], report["differences"]) == (1, 1, [])
        wrong = client.post(f"{API}/statements", json={"fleet": "nobody", "month": "2026-03"})
        assert (wrong.status_code, "fleet" in wrong.json()["detail"]) == (422, True)


def test_a_fleet_sees_its_own_orders_and_no_others(config: Config) -> None:
    with served(config) as client:
        priced(client)
        client.post(f"{API}/statements", json={"fleet": "pit", "month": "2026-03"})
        own, other = fleet_client(client, "pit"), fleet_client(client, "rail")
        assert [each["facts"]["swap"] for each in own.get(f"{API}/orders").json()] == ["S1"]
        assert own.get(f"{API}/statements/pit/2026-03").status_code == 200
        assert other.get(f"{API}/orders").json() == []
        assert other.get(f"{API}/statements").json() == []
        for path in ("orders/S1", "fleets/pit/account", "statements/pit/2026-03"):
            assert other.get(f"{API}/{path}").status_code == 404, path
        assert other.get(f"{API}/orders", params={"fleet": "pit"}).status_code == 403
        assert own.post(f"{API}/orders/S1/correct", json={}).status_code == 403


def test_the_payment_of_an_order_is_seen_by_people_and_by_its_fleet_alone(config: Config) -> None:
    with served(config) as client:
        told = priced(client)
        wait_until(lambda: client.get(f"{API}/payments", params={"state": "paid"}).json() != [])
        (payment,) = client.get(f"{API}/payments").json()
        assert (payment["reference"], payment["fleet"], payment["service"]) == ("order:S1", "pit", "account")
        assert Decimal(payment["yuan"]) == Decimal(told["total_yuan"])
        assert client.get(f"{API}/payments", params={"before": "order:S1"}).json() == []
        assert client.get(f"{API}/payments", params={"before": "order:S9"}).status_code == 422
        assert client.get(f"{API}/payments", params={"state": ["due", "refused"]}).json() == []
        assert client.get(f"{API}/payments", params={"state": "lost"}).status_code == 422
        own, other = fleet_client(client, "pit"), fleet_client(client, "north")
        assert own.get(f"{API}/payments").json() == [payment]
        assert other.get(f"{API}/payments").json() == []
        assert other.get(f"{API}/payments", params={"before": "order:S1"}).status_code == 422, "of another fleet"


def test_an_order_that_lacks_something_is_supplied_by_a_lead_and_by_nobody_below(config: Config) -> None:
    contracts = config.money.contracts
    assert contracts is not None
    contracts.write_text(CONTRACTS, encoding="utf-8")
    with served(config) as client:
        wait_until(lambda: order(client)["order"]["open_because"] == "no_fleet")
        viewer = log_in(client_at(client.app, beside=client), VIEWER)  # type: ignore[arg-type]
        told = {"fleet": "pit", "reason": "a guest of the pit"}
        assert viewer.post(f"{API}/orders/S1/supply", json=told).status_code == 403
        assert client.post(f"{API}/orders/S1/supply", json=told).status_code == 200
        assert priced(client)["order"]["fleet"] == "pit"


def test_contracts_are_read_again_and_a_wrong_file_leaves_them_as_they_were(config: Config) -> None:
    contracts = config.money.contracts
    assert contracts is not None
    right = contracts.read_text(encoding="utf-8")
    contracts.write_text(CONTRACTS, encoding="utf-8")
    with served(config) as client:
        wait_until(lambda: order(client)["order"]["open_because"] == "no_fleet")
        with structlog.testing.capture_logs() as logs:
            contracts.write_text("[[fleets]]\nname = 5\n", encoding="utf-8")
            wait_until(lambda: any("not read again" in log["event"] for log in logs))
        assert client.get(f"{API}/fleets/pit/account").status_code == 200
        contracts.write_text(right, encoding="utf-8")
        assert priced(client)["order"]["fleet"] == "pit"


def test_swaps_of_a_station_database_that_was_replaced_are_billed_too(config: Config) -> None:
    engine = open_business_database(config)
    with engine.begin() as connection:
        move(connection, CURSOR, 1_000_000)
    engine.dispose()
    with served(config) as client:
        assert priced(client)["order"]["fleet"] == "pit"


async def test_an_order_that_cannot_be_priced_is_not_tried_again_until_something_is_new(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert config.money.contracts is not None
    config.money.contracts.write_text(CONTRACTS, encoding="utf-8")
    tried = []

    def counted(connection: Connection, swap: str, **known: Any) -> bool:
        tried.append(swap)
        return price_order(connection, swap, **known)

    monkeypatch.setattr(billing, "price_order", counted)
    business, history = Business(config), History(config.station_database_url)
    business.open()
    orders = billing.Billing(config, business, history, TariffWatch(config))
    for _ in range(4):
        await orders.look()
    assert tried == ["S1"]
    told = Supplied("li", datetime.now(UTC), "a guest", fleet="pit")
    await business.write(lambda connection: supply(connection, "S1", told))
    for _ in range(4):
        await orders.look()
    assert tried == ["S1", "S1"]
    await business.close()
    history.close()


async def test_a_failure_while_pricing_is_tried_again(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = [DatabaseError("the disk is full")]

    def failing(connection: Connection, swap: str, **known: Any) -> bool:
        if failures:
            raise failures.pop()
        return price_order(connection, swap, **known)

    monkeypatch.setattr(billing, "price_order", failing)
    business, history = Business(config), History(config.station_database_url)
    business.open()
    orders = billing.Billing(config, business, history, TariffWatch(config))
    with pytest.raises(DatabaseError):
        await orders.look()
    assert await business.read(open_orders) == (("S1", 0),)
    await orders.look()
    assert await business.read(open_orders) == ()
    await business.close()
    history.close()


@pytest.mark.parametrize("route", ["orders", "permits"])
@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00"])
def test_an_instant_that_does_not_exist_in_utc_is_a_wrong_input(config: Config, route: str, instant: str) -> None:
    with served(config) as client:
        answer = client.get(f"{API}/{route}", params={"before": instant})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
        assert instant in answer.json()["detail"]


def test_without_contracts_nothing_is_billed_here(config: Config) -> None:
    with served(replace(config, money=Money())) as client:
        assert client.get(f"{API}/orders").json() == []
        assert client.get(f"{API}/fleets/pit/account").status_code == 404


def test_a_complaint_goes_its_way(config: Config) -> None:
    with served(config) as client:
        said = {"kind": "complaint", "who": "driver", "text": "the battery was not full", "swap": "S1"}
        number = client.post(f"{API}/complaints", json=said).json()["number"]
        early = client.post(f"{API}/complaints/{number}/close")
        assert (early.status_code, "assigned" in early.json()["detail"]) == (422, True)
        client.post(f"{API}/complaints/{number}/assign", json={"person": ANOTHER})
        client.post(f"{API}/complaints/{number}/answer", json={"text": "2 % were given back"})
        assert [each["number"] for each in client.get(f"{API}/complaints", params={"open": True}).json()] == [number]
        client.post(f"{API}/complaints/{number}/close")
        assert client.get(f"{API}/complaints", params={"open": True}).json() == []
        steps = client.get(f"{API}/complaints/{number}").json()["steps"]
    assert [step["state"] for step in steps] == ["recorded", "assigned", "answered", "closed"]
    assert {step["person"] for step in steps} == {OPERATOR}


def test_a_mine_s_dispatch_is_told_when_its_trucks_had_best_come(client: TestClient) -> None:
    """Two trucks can come at the same two times: they are told different ones, or the same if a wait is agreed."""
    now = datetime.now(UTC)
    passes = [(now + timedelta(minutes=minutes)).isoformat() for minutes in (300, 360)]
    model = client.get(f"{API}/snapshot").json()["snapshot"]["inventory"]["batteries"][0]["model"]
    asked = {"model": model, "trucks": [{"truck": name, "passes": passes} for name in "AB"], "most_wait_min": 0.0}
    told = client.post(f"{API}/staggering", json=asked).json()
    assert [each["waits_min"] for each in told] == [0.0, 0.0]
    assert len({each["at"] for each in told}) == 2
    together = client.post(f"{API}/staggering", json={**asked, "most_wait_min": 30.0}).json()
    assert len({each["at"] for each in together}) == 1
    far = {"truck": "A", "passes": ["9999-12-31T23:59:59-08:00"]}
    nobody = client.post(f"{API}/staggering", json={**asked, "trucks": [far]})
    assert (nobody.status_code, "trucks[0].passes" in nobody.json()["detail"]) == (422, True)
    wrong = client.post(f"{API}/staggering", json={**asked, "model": "none"})
    assert (wrong.status_code, "model" in wrong.json()["detail"]) == (422, True)
    twice = client.post(f"{API}/staggering", json={**asked, "trucks": asked["trucks"][:1] * 2})
    assert twice.status_code == 422
