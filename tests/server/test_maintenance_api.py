"""Maintenance over HTTP and beside it: days counted from the records, orders opened by alarms, the way of an order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from swapstation.business.audit import newest_rows
from swapstation.business.cursors import cursor, move
from swapstation.business.database import Database, DatabaseError, open_business_database
from swapstation.business.device_use import CURSOR, use_of_devices
from swapstation.business.work_orders import list_orders, open_order
from swapstation.config.maintenance_settings import Maintenance
from swapstation.config.settings import Config
from swapstation.config.telemetry_settings import Telemetry as TelemetrySettings
from swapstation.contract.controller_link import ControllerLink
from swapstation.inventory.journal import open_station_database, write
from swapstation.maintenance.asking import wanted_work
from swapstation.model.alarm import Alarm, AlarmState, Priority
from swapstation.model.inventory import SwapResult
from swapstation.model.journal import AlarmChanged, BatteryMoved, ChargeEnded, ChargeStarted, SwapClosed
from swapstation.model.maintenance import Counter
from swapstation.model.people import Role
from swapstation.server.api.handovers import OpenPoints, with_maintenance
from swapstation.server.app import create_app
from swapstation.server.book import Business
from swapstation.server.history import History
from swapstation.server.metrics import exposition
from swapstation.server.telemetry import Telemetry
from swapstation.server.upkeep import ALARMS_CURSOR, Upkeep
from tests.inventory.stock import AT, VIN, open_swap, station_config, stocked
from tests.maintenance.plans import plan_file
from tests.server.people import OPERATOR, add_people, client_at, log_in

API = "/api/v1/maintenance"
MENDER = "zhou"
HOUR = timedelta(hours=1)


def alarm(state: AlarmState, at: datetime) -> AlarmChanged:
    name, source = "DEVICE_NEEDS_SERVICE", "robot.hoist:W7"
    return AlarmChanged(Alarm(f"{name}@{source}", name, source, Priority.MEDIUM, state, at, "rope worn"))


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A station with a plan, a swap of an hour ago on the first day of its records, and a charge on the next."""
    config = replace(
        station_config(tmp_path),
        maintenance=Maintenance(plan_file(tmp_path)),
        telemetry=TelemetrySettings(enabled=False),
    )
    engine = open_station_database(config)
    stocked(engine)
    open_swap(engine)
    moves = [
        BatteryMoved("B3", f"truck:{VIN}", "bay-3", ("presence",)),
        BatteryMoved("B1", "bay-1", f"truck:{VIN}", ("presence",)),
    ]
    write(engine, [*moves, SwapClosed("S1", SwapResult.COMPLETED, "", 250.0)], AT, 1)
    next_day = AT + 24 * HOUR
    write(engine, [ChargeStarted("B3", 3, 12.5, 95.0)], next_day, 1)
    write(engine, [ChargeEnded("B3", 3, 95.0, 230.0, ())], next_day + 1.5 * HOUR, 1)
    engine.dispose()
    return config


@contextmanager
def upkeep(config: Config) -> Iterator[tuple[Upkeep, Database]]:
    business, history = Business(config), History(config.station_database_url)
    business.open()
    yield (
        Upkeep(config, business, history, Telemetry(config, ControllerLink(config.controller_socket))),
        business.engine,
    )
    history.close()
    business.engine.dispose()


async def test_days_are_counted_from_the_records_and_stay_as_they_are_counted(config: Config) -> None:
    first, second = (at.date() for at in (AT, AT + 24 * HOUR))
    with upkeep(config) as (keeper, database):
        await keeper.count(AT + 2 * HOUR)
        await keeper.count(AT + 50 * HOUR)
        with database.connect() as connection:
            use = use_of_devices(connection)
            assert cursor(connection, CURSOR) == second.toordinal()
        await keeper.count(AT + 50 * HOUR)
        with database.connect() as connection:
            assert use_of_devices(connection) == use
    assert use["station", Counter.SWAPS] == {first: 1.0}
    assert use["robot", Counter.MOVES] == {first: 2.0}
    assert use["bay-3", Counter.MATINGS] == {first: 1.0}
    assert use["bay-3", Counter.CHARGING_H] == {second: 1.5}
    assert use["bay-3", Counter.ENERGY_KWH] == {second: 230.0}
    assert ("bay-1", Counter.MATINGS) not in use


async def test_metrics_tell_of_what_is_due_and_soon_and_of_nothing_before_a_look(config: Config) -> None:
    link = ControllerLink(config.controller_socket)
    with upkeep(config) as (keeper, _):
        assert "swapstation_maintenance_works" not in exposition(link, keeper.due)
        await keeper.look_what_is_due(datetime(2026, 12, 20, tzinfo=UTC))
        told = exposition(link, keeper.due).splitlines()
    for what, state, count in (("task", "due", 1), ("calibration", "soon", 1), ("calibration", "due", 0)):
        assert f'swapstation_maintenance_works{{what="{what}",state="{state}"}} {count}.0' in told


async def test_an_alarm_of_the_plan_opens_one_order_and_those_of_the_past_none(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def died(*_: object) -> None:
        raise DatabaseError("the server died after it had opened the order")

    monkeypatch.setattr(Business, "record", died)
    station = open_station_database(config)
    write(station, [alarm(AlarmState.UNACKNOWLEDGED, AT)], AT, 1)
    with upkeep(config) as (keeper, database):
        await keeper.open_orders()
        at = AT + 30 * HOUR
        for number, state in enumerate((AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED, AlarmState.UNACKNOWLEDGED)):
            write(station, [alarm(state, at)], at + number * HOUR, 1)
        await keeper.open_orders()
        await keeper.open_orders()
        with database.connect() as connection:
            (order,) = list_orders(connection)
            (told,) = newest_rows(connection, "work_order_opened", 10)
        assert (told.actor, told.subject) == ("system", str(order.number))
        assert (order.wanted.device, order.steps[0].person) == ("robot.hoist", "system")
        assert order.wanted.text == "DEVICE_NEEDS_SERVICE@robot.hoist:W7: rope worn"
        with database.begin() as connection:
            move(connection, ALARMS_CURSOR, 1_000_000)
        await keeper.open_orders()
        with database.connect() as connection:
            assert cursor(connection, ALARMS_CURSOR) == 0, "a replaced station database is read from its end"
    station.dispose()


def test_a_shift_hands_over_what_is_due_and_the_orders_that_are_open(config: Config) -> None:
    points = OpenPoints("automatic", (), (), (), "", "", "")
    with upkeep(config) as (keeper, database), database.begin() as connection:
        assert with_maintenance(connection, points, keeper.plan, AT) == points
        open_order(connection, wanted_work(keeper.plan, "robot", "the hoist hums"), "li", AT)
        told = with_maintenance(connection, points, keeper.plan, AT + timedelta(days=400))
    assert told.work_orders == ("1 robot: the hoist hums",)
    assert "meter: 电表检定 Verification of the meter" in told.due


@pytest.fixture
def client(config: Config) -> Iterator[TestClient]:
    open_business_database(config).dispose()
    add_people(config, {OPERATOR: Role.OPERATOR, MENDER: Role.MAINTENANCE})
    with client_at(create_app(config)) as client:
        yield log_in(client)


def due(client: TestClient, name: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = client.get(f"{API}/due", params={"fine": True}).json()
    return next(each for each in found if each["name"] == name)


def test_an_order_goes_its_way_by_whom_may(client: TestClient) -> None:
    mender = log_in(client_at(client.app, beside=client), MENDER)  # type: ignore[arg-type]
    assert due(client, "meter-calibration")["calibration"] is True
    opened = client.post(f"{API}/orders", json={"device": "robot.hoist", "subject": "grease"})
    assert opened.status_code == 201
    number = opened.json()["number"]
    assert due(client, "grease")["order"] == number
    again = client.post(f"{API}/orders", json={"device": "robot.hoist", "subject": "grease"})
    assert (again.status_code, again.json()["errors"][0]["field"]) == (422, "subject")
    assert client.post(f"{API}/orders/{number}/begin", json={}).status_code == 403
    assert mender.post(f"{API}/orders/{number}/finish", json={}).status_code == 422, "it was not begun"
    assert mender.post(f"{API}/orders/{number}/begin", json={"text": "on it"}).status_code == 200
    assert client.get(f"{API}/orders", params={"open": True}).json()[0]["steps"][1]["person"] == MENDER
    done = mender.post(f"{API}/orders/{number}/finish", json={"text": "greased"}).json()
    assert [each["state"] for each in done["steps"]] == ["open", "begun", "done"]
    assert (due(client, "grease")["order"], due(client, "grease")["state"]) == (None, "fine")
    assert client.get(f"{API}/orders/{number}").json() == done
    assert client.get(f"{API}/orders/99").status_code == 404


def test_parts_come_and_are_used_by_those_who_mend(client: TestClient) -> None:
    mender = log_in(client_at(client.app, beside=client), MENDER)  # type: ignore[arg-type]
    assert client.get(f"{API}/parts").json() == [{"part": "rope", "zh": "钢丝绳", "en": "Rope", "stock": 0, "least": 1}]
    assert client.post(f"{API}/parts/rope/movements", json={"change": 1}).status_code == 403
    assert mender.post(f"{API}/parts/rope/movements", json={"change": 2, "note": "bought"}).json()["stock"] == 2
    wrong = mender.post(f"{API}/parts/rope/movements", json={"change": -3})
    assert (wrong.status_code, "there are 2" in wrong.json()["detail"]) == (422, True)
    assert [each["note"] for each in client.get(f"{API}/parts/rope/movements").json()] == ["bought"]


def test_the_register_and_the_figures_of_devices_are_told(client: TestClient) -> None:
    devices = {each["device"]["device"]: each for each in client.get(f"{API}/devices").json()}
    assert devices["robot"]["device"]["maker"] == "M"
    assert set(devices["bay-1"]["counters"]) == {"matings", "charges", "charging_h", "energy_kwh"}
    figures = client.get(f"{API}/reliability", params={"days": 3660}).json()
    assert {each["device"] for each in figures} == set(devices)
    assert all(each["availability_pct"] == 100.0 for each in figures)
    assert figures[0]["observed_s"] == pytest.approx((datetime.now(UTC) - AT).total_seconds(), abs=60)
