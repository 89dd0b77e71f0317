"""What comes into the audit by itself: answers from the station's events once each, changed files, clock jumps."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from swapstation.business import audit
from swapstation.business.audit_check import check, read_heads
from swapstation.config.settings import Config
from swapstation.inventory.journal import open_station_database, start_boot, write
from swapstation.model.journal import RequestAnswered
from swapstation.model.request import Accepted, HoldStation, Refused, Request
from swapstation.server import station_audit
from swapstation.server.book import Business
from swapstation.server.station_audit import audited
from tests.server import station_sample
from tests.server.station_sample import AT


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return station_sample.config(tmp_path)


async def rows_of(business: Business) -> list[audit.Row]:
    return list(await business.read(lambda connection: list(audit.read(connection))))


def details(rows: list[audit.Row], kind: str) -> list[dict[str, Any]]:
    return [json.loads(row.detail) for row in rows if row.kind == kind]


async def followed(config: Config, station_file: Path | None = None, seconds: float = 0.3) -> list[audit.Row]:
    """Run the audit for a moment, as the server does; every row there is then."""
    business = Business(config)
    business.open()
    try:
        async with audited(config, station_file, business):
            await asyncio.sleep(seconds)
        return await rows_of(business)
    finally:
        await business.close()


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(station_audit, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(station_audit, "FILES_EVERY_S", 0.02)


async def test_every_answer_of_the_station_is_recorded_once_also_of_requests_that_no_server_saw(config: Config) -> None:
    engine = open_station_database(config)
    boot = start_boot(engine, "1", "hash", AT)
    answers = [
        RequestAnswered(Request("k-1", "li", HoldStation("lane")), Accepted("k-1")),
        RequestAnswered(Request("k-2", "os:wang", HoldStation("tool")), Refused("k-2", "no_swap")),
    ]
    write(engine, answers, AT, boot)
    rows = await followed(config)
    assert [(row.kind, row.actor, row.subject) for row in rows if row.actor != "system"] == [
        ("station_BootStarted", "station", ""),
        ("answer", "li", "hold"),
        ("answer", "os:wang", "hold"),
    ]
    told = details(rows, "answer")
    assert [each["answer"]["status"] for each in told] == ["accepted", "refused"]
    assert "payload" not in told[0]
    assert told[1]["payload"] == {"reason": "tool", "kind": "hold"}
    again = await followed(config)
    assert len(details(again, "answer")) == 2
    engine.dispose()


async def test_a_station_database_that_was_replaced_is_said_and_followed_from_its_start(config: Config) -> None:
    engine = open_station_database(config)
    write(engine, [RequestAnswered(Request(f"k-{n}", "li", HoldStation()), Accepted(f"k-{n}")) for n in (1, 2)], AT, 1)
    engine.dispose()
    await followed(config)
    (config.data / "station.db").unlink()
    engine = open_station_database(config)
    write(engine, [RequestAnswered(Request("new", "li", HoldStation()), Accepted("new"))], AT, 1)
    engine.dispose()
    rows = await followed(config)
    assert details(rows, "station_database_replaced") == [{"after": 2, "last": 1}]
    assert [each["key"] for each in details(rows, "answer")] == ["k-1", "k-2", "new"]


async def test_a_changed_file_is_recorded_while_the_server_runs_and_while_it_is_stopped(
    config: Config, tmp_path: Path
) -> None:
    file, tariff = tmp_path / "station.toml", tmp_path / "tariff.toml"
    file.write_text("one")
    tariff.write_text("prices")
    config = replace(config, tariff=replace(config.tariff, file=tariff))
    open_station_database(config).dispose()
    first = await followed(config, file)
    (started,) = details(first, "server_started")
    assert set(started["files"]) == {str(file), str(tariff)}
    assert "changed_while_stopped" not in started
    tariff.write_text("other prices")
    business = Business(config)
    business.open()
    async with audited(config, file, business):
        file.write_text("two")
        async with asyncio.timeout(20):
            while not details(await rows_of(business), "configuration_changed"):
                await asyncio.sleep(0.05)
    rows = await rows_of(business)
    await business.close()
    assert details(rows, "server_started")[1]["changed_while_stopped"] == [str(tariff)]
    assert details(rows, "configuration_changed")[0]["changed"] == [str(file)]


async def test_a_jump_of_the_clock_is_recorded(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    open_station_database(config).dispose()
    business = Business(config)
    business.open()
    async with audited(config, None, business):
        now = time.time
        monkeypatch.setattr(time, "time", lambda: now() + 3600.0)
        async with asyncio.timeout(20):
            while not details(await rows_of(business), "clock_jumped"):
                await asyncio.sleep(0.05)
        monkeypatch.undo()
    rows = await rows_of(business)
    await business.close()
    assert details(rows, "clock_jumped")[0]["by_s"] == pytest.approx(3600.0, abs=1.0)


async def test_the_head_is_exported_after_so_many_rows_and_at_the_end(config: Config) -> None:
    business = Business(config)
    business.open()
    for number in range(120):
        await business.record(audit.Entry("request", "li", subject=str(number)))
    exported = read_heads(config.audit_heads_file)
    assert [head.number for head in exported] == [50, 100]
    await business.record(audit.Entry("request", "li"))
    rows = await rows_of(business)
    await business.close()
    exported = read_heads(config.audit_heads_file)
    assert [head.number for head in exported] == [50, 100, 121]
    assert check(rows, exported).findings == ()
    assert config.audit_heads_file.stat().st_mode & 0o077 == 0
