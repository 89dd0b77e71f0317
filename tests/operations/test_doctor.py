"""The doctor names what is wrong, says what to do, and tells it by the exit code."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from swapstation.business.database import open_business_database
from swapstation.cli.main import command_line
from swapstation.config.file import load_config
from swapstation.config.headquarters_settings import Headquarters
from swapstation.config.payment_settings import PaymentSettings
from swapstation.config.settings import Config
from swapstation.inventory.journal import open_station_database
from swapstation.model.device import LinkStatus
from swapstation.operations import doctor
from swapstation.operations.backup import back_up
from swapstation.operations.doctor import Finding, Grade
from swapstation.records.telemetry.retention import GB
from tests.server.station_sample import station as snapshot
from tests.telemetry.days import START_S, archived, pack, with_rows

EXAMPLES = Path(__file__).parents[2] / "examples"
NOW = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    for name in ("demo.toml", "tariff.toml", "contracts.toml"):
        shutil.copy(EXAMPLES / name, tmp_path)
    config = load_config(tmp_path / "demo.toml")
    open_station_database(config).dispose()
    open_business_database(config).dispose()
    return tmp_path / "demo.toml"


@pytest.fixture
def config(file: Path) -> Config:
    return load_config(file)


def told(file: Path) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    result = CliRunner().invoke(command_line("doctor"), ["doctor", "--config", str(file), "--json"])
    found: dict[str, list[dict[str, Any]]] = {}
    for finding in json.loads(result.stdout):
        found.setdefault(finding["about"], []).append(finding)
    return result.exit_code, found


def wrong(findings: Iterator[Finding]) -> list[str]:
    return [finding.en for finding in findings if finding.grade is not Grade.GOOD]


def test_a_station_at_rest_lacks_only_its_controller(file: Path) -> None:
    code, found = told(file)
    assert code == 1
    bad = {about for about, findings in found.items() if any(each["grade"] == "wrong" for each in findings)}
    assert bad - {"disk"} == {"controller"}
    assert found["databases"][0]["grade"] == "good"


def test_every_finding_that_is_not_good_says_what_to_do_in_both_languages(config: Config) -> None:
    config.data.joinpath("business.db").chmod(0o644)
    bad = [
        each
        for each in doctor.examination(config, None, NOW, config.data, NOW - timedelta(days=900))
        if each.grade != "good"
    ]
    assert {each.about for each in bad} >= {"clock", "secrets", "controller", "backup"}
    assert [each for each in bad if not (each.do_zh and each.do_en)] == []


def test_a_token_that_others_may_read_is_told_before_the_server_refuses_to_start(config: Config) -> None:
    token = config.data / "token"
    token.write_text("a-token-of-some-length", encoding="ascii")
    token.chmod(0o640)
    for linked in (
        replace(config, headquarters=Headquarters("https://hq.example/api", "S1", token)),
        replace(config, payment=PaymentSettings("https://pay.example", token)),
    ):
        assert f"{token}: others may read it" in wrong(doctor.secrets(linked))


def test_a_mistake_in_the_configuration_is_the_first_thing_told(file: Path) -> None:
    file.write_text(file.read_text(encoding="utf-8").replace('name = "demo"', 'nam = "demo"'), encoding="utf-8")
    code, found = told(file)
    assert code == 2
    assert "nam" in found["configuration"][0]["en"]


def test_a_damaged_database_and_a_lost_wire_are_named(config: Config) -> None:
    with (config.data / "station.db").open("r+b") as database:
        database.seek(4096)
        database.write(b"\xff" * 2000)
    assert len(wrong(doctor.data(config))) >= 1
    lost = replace(snapshot(), links=(LinkStatus("robot", False, last_error="refused"), LinkStatus("meter", True)))
    assert wrong(doctor.links(lost)) == ["not connected: refused"]


def test_an_old_backup_and_a_clock_behind_the_record_are_told(config: Config, tmp_path: Path) -> None:
    back_up(config, tmp_path / "backups", ())
    now = datetime.now(UTC)
    assert wrong(doctor.kept(tmp_path / "backups", now)) == []
    assert len(wrong(doctor.kept(tmp_path / "backups", now + timedelta(days=3)))) == 1
    assert any("behind what is on record" in each for each in wrong(doctor.clock(NOW, NOW + timedelta(minutes=1))))


def test_the_day_on_which_telemetry_fills_its_room_is_told(config: Config) -> None:
    folder = config.data / "telemetry"
    assert list(doctor.telemetry(config, NOW)) == [], "nothing was recorded yet"
    archived(folder, with_rows(folder, pack(START_S)))
    assert wrong(doctor.telemetry(config, NOW)) == []
    used = sum(path.stat().st_size for path in (*folder.glob("hot.sqlite*"), *folder.rglob("*.parquet")))
    little_left = replace(config, telemetry=replace(config.telemetry, budget_gb=1.5 * used / GB))
    (early,) = doctor.telemetry(little_left, NOW)
    assert (early.grade, early.en[:13]) == (Grade.WARNING, "room ends on ")
    (reached,) = doctor.telemetry(replace(config, telemetry=replace(config.telemetry, budget_gb=used / 2 / GB)), NOW)
    assert (reached.grade, reached.en) == (Grade.WRONG, f"room ends on {NOW:%F}")
