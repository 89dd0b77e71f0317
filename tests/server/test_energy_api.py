"""Prices, charges, cases and health cards over HTTP, from a database and a tariff file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from swapstation.config.energy_settings import Pv, TariffSource
from swapstation.config.settings import Config
from swapstation.energy.tariff import LOCAL_ZONE
from swapstation.energy.tariff_files import station_tariff
from swapstation.inventory.journal import open_station_database, write
from swapstation.model.energy import EnergyCaseOpened
from swapstation.model.health import BatteryObserved, Observation
from swapstation.model.people import Role
from swapstation.server.app import create_app
from tests.energy.tariffs import TEXT, tariff_file
from tests.energy.test_tariff import local
from tests.inventory.stock import AT, station_config
from tests.inventory.test_energy import CASE, charged
from tests.server.people import OPERATOR, add_people, client_at, log_in

MARKET = TEXT + "[spot]\nsince = 2026-06-01\n"


@contextmanager
def served(config: Config) -> Iterator[TestClient]:
    add_people(config, {OPERATOR: Role.ADMIN})
    with client_at(create_app(config)) as client:
        yield log_in(client)


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Config]:
    config = replace(station_config(tmp_path), tariff=TariffSource(tariff_file(tmp_path, MARKET)))
    engine = open_station_database(config)
    charged(engine)
    seen = Observation(AT + timedelta(hours=1), 1, 20.0, 80.0, 170.0, 1.0)
    write(engine, [EnergyCaseOpened(CASE), BatteryObserved("B1", seen)], AT, 1)
    yield config
    engine.dispose()


def test_the_price_display_tells_electricity_and_service_apart(config: Config) -> None:
    with served(config) as client:
        told = client.get("/api/v1/tariff").json()
    assert told["zone"] == "Asia/Shanghai"
    assert told["versions"] == ["shanxi-2021-479", "shanxi-2026-15"]
    assert set(told["now"]) == {"period", "electricity", "service", "version", "fallback"}
    assert Decimal(told["now"]["electricity"]) > 0
    starts, ends = ([stretch[edge] for stretch in told["stretches"]] for edge in ("start", "end"))
    assert starts[1:] == ends[:-1]


def test_a_station_without_a_tariff_says_so(tmp_path: Path) -> None:
    config = station_config(tmp_path)
    open_station_database(config).dispose()
    with served(config) as client:
        for answer in (client.get("/api/v1/tariff"), client.put("/api/v1/tariff/spot/2026-07-01", json=HOURS)):
            assert (answer.status_code, answer.json()["code"]) == (404, "no_tariff")


HOURS = {"prices": ["0.3120", None, *["0.3"] * 22]}


def test_market_prices_are_kept_and_count_for_everybody(config: Config) -> None:
    with served(config) as client:
        first = client.put("/api/v1/tariff/spot/2026-07-02", json={"prices": ["0.9"] * 96})
        again = client.put("/api/v1/tariff/spot/2026-07-02", json=HOURS)
    assert [answer.json()["kept"] for answer in (first, again)] == ["2026-07-02.csv", "2026-07-02_1.csv"]
    tariff = station_tariff(config)
    assert tariff is not None
    assert tariff.price(local("2026-07-02T00:30")) == Decimal("0.4620")
    assert tariff.at(local("2026-07-02T01:30")).fallback


@pytest.mark.parametrize(
    ("day", "prices", "said"),
    [
        ("2026-07-02", ["0.3"] * 25, "24, 48, 96 values"),
        ("2026-07-02", ["cheap"] * 24, "prices[0]"),
        ("2019-07-02", ["0.3"] * 24, "2020-01-01"),
        ("2026-13-02", ["0.3"] * 24, "day"),
    ],
)
def test_wrong_market_prices_are_refused_by_name(config: Config, day: str, prices: list[str], said: str) -> None:
    with served(config) as client:
        answer = client.put(f"/api/v1/tariff/spot/{day}", json={"prices": prices})
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert not config.spot_price_folder.exists()


def test_a_tariff_without_a_market_takes_no_market_prices(config: Config) -> None:
    assert config.tariff.file is not None
    config.tariff.file.write_text(TEXT, encoding="utf-8")
    with served(config) as client:
        answer = client.put("/api/v1/tariff/spot/2026-07-02", json=HOURS)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_spot_tariff")


def test_a_pv_forecast_is_kept_and_the_usual_day_counts_beside_it(config: Config) -> None:
    sunny = replace(config, pv=Pv(300.0, (10.0,) * 24))
    tomorrow = (datetime.now(LOCAL_ZONE) + timedelta(days=1)).date()
    with served(sunny) as client:
        kept = client.put(f"/api/v1/pv/{tomorrow}", json={"kw": [None, *[120.25] * 23]}).json()
        shown = client.get("/api/v1/pv?hours=48").json()
    assert kept == {"day": tomorrow.isoformat(), "kept": f"{tomorrow}.csv"}
    assert (shown["zone"], shown["peak_kw"], len(shown["steps"])) == ("Asia/Shanghai", 300.0, 192)
    told = {each["kw"] for each in shown["steps"] if each["told"]}
    assert (told, {each["kw"] for each in shown["steps"] if not each["told"]}) == ({120.25}, {10.0})


@pytest.mark.parametrize(
    ("values", "said"), [([301.0] * 24, "must be a decimal from 0 to 300.0 kW"), ([1.0] * 30, "24, 48, 96 values")]
)
def test_a_wrong_pv_forecast_is_refused_by_name(config: Config, values: list[float], said: str) -> None:
    sunny = replace(config, pv=Pv(300.0))
    with served(sunny) as client:
        answer = client.put("/api/v1/pv/2026-07-02", json={"kw": values})
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert not sunny.pv_forecast_folder.exists()


def test_pv_that_is_not_there_and_files_that_are_wrong_are_told(config: Config) -> None:
    with served(config) as client:
        for answer in (client.get("/api/v1/pv"), client.put("/api/v1/pv/2026-07-02", json={"kw": [1.0] * 24})):
            assert (answer.status_code, answer.json()["code"]) == (404, "no_pv")
    sunny = replace(config, pv=Pv(300.0))
    sunny.pv_forecast_folder.mkdir(parents=True)
    (sunny.pv_forecast_folder / "2026-07-02.csv").write_text("start,kw\n", encoding="utf-8")
    with served(sunny) as client:
        answer = client.get("/api/v1/pv")
    assert (answer.status_code, answer.json()["code"]) == (409, "pv_files_wrong")


def test_charges_come_with_details_and_packets(config: Config) -> None:
    with served(config) as client:
        (charge,) = client.get("/api/v1/charges").json()
        assert client.get(f"/api/v1/charges/{charge['charge']}").json() == charge
        packet = client.get(f"/api/v1/charges/{charge['charge']}/packet").json()
        assert client.get("/api/v1/charges", params={"battery": "B2"}).json() == []
        assert client.get("/api/v1/charges/4711").status_code == 404
    assert charge["settlement"]["details"][0]["energy_kwh"] == "170.00"
    assert len(packet["readings"]) == 2
    assert [case["case"]["case"] for case in packet["cases"]] == ["c1"]


def test_cases_come_with_their_evidence(config: Config) -> None:
    with served(config) as client:
        (known,) = client.get("/api/v1/energy/cases", params={"only_open": True}).json()
        assert client.get("/api/v1/energy/cases/c1").json() == known
        assert client.get("/api/v1/energy/cases/c9").json()["code"] == "no_such_case"
    assert known["case"]["evidence"] == {"readings": [1.0], "name": "电表"}


def test_a_battery_has_a_health_card(config: Config) -> None:
    with served(config) as client:
        card = client.get("/api/v1/batteries/B1/health").json()
        assert client.get("/api/v1/batteries/B9/health").status_code == 404
    assert (card["battery"], card["observations"]) == ("B1", 1)
    assert {finding["figure"] for finding in card["findings"]} >= {"capacity", "resistance_rise", "full_cycles"}
