"""`swapstation records`: what it answers, and its exit codes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from swapstation.cli.main import command_line
from swapstation.config.file import load_config
from swapstation.inventory.journal import open_station_database
from swapstation.records.telemetry.archive import path_of
from tests.inventory.stock import stocked
from tests.telemetry.days import DAY, START_S, archived, pack, with_rows

EXAMPLE = Path(__file__).parents[2] / "examples" / "demo.toml"
SPAN = ("--first", "2026-03-01", "--last", "2026-03-02")


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A station's file; an archived day of telemetry and a stock below it."""
    folder = tmp_path_factory.mktemp("station")
    file = folder / "station.toml"
    text = EXAMPLE.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("data =")]
    file.write_text("\n".join([f'data = "{folder}"', *lines]), encoding="utf-8")
    engine = open_station_database(load_config(file))
    stocked(engine)
    engine.dispose()
    store = with_rows(folder / "telemetry", *(pack(START_S + t, current_a=float(t)) for t in range(10)))
    archived(folder / "telemetry", store)
    return file


def asked(station: Path, *arguments: str) -> Result:
    command = ["records", "--config", str(station), *arguments]
    return CliRunner().invoke(command_line("records"), command, env={**os.environ, "COLUMNS": "200"})


def test_a_signal_and_a_wrong_one(station: Path) -> None:
    told = asked(station, "signal", "pack", "LFP-001", "current_a", *SPAN, "--json")
    assert told.exit_code == 0, told.output
    (bucket,) = json.loads(told.stdout)["buckets"]
    assert (bucket["min"], bucket["max"], bucket["rows"]) == (0.0, 9.0, 10)
    assert "9" in asked(station, "signal", "pack", "LFP-001", "current_a", *SPAN).stdout
    assert asked(station, "signal", "pack", "LFP-001", "colour", *SPAN).exit_code == 2


def test_lives_and_who_is_on_no_record(station: Path) -> None:
    life = json.loads(asked(station, "battery", "B1").stdout)
    assert (life["stays"][0]["place"], life["cell_spread"]["months"]) == ("bay-1", [])
    assert asked(station, "battery", "B99").exit_code == 2
    assert asked(station, "truck", "NOBODY").exit_code == 2
    assert json.loads(asked(station, "bay", "1").stdout)["about"] == "bay-1"


def test_export_storage_and_key(station: Path, tmp_path: Path) -> None:
    target = tmp_path / "pack.zip"
    assert asked(station, "export", "pack", str(target), *SPAN).exit_code == 0
    assert target.stat().st_size > 0
    assert asked(station, "export", "pack", str(target), *SPAN, "--format", "xls").exit_code == 2
    assert json.loads(asked(station, "storage").stdout)["files"] == 1
    assert "BEGIN PUBLIC KEY" in asked(station, "key").stdout
    assert asked(station, "case-file", "nothing", str(tmp_path / "x")).exit_code == 2


def test_verify_names_what_is_damaged(station: Path) -> None:
    assert asked(station, "verify").exit_code == 0
    path = path_of(station.parent / "telemetry", "pack", DAY)
    path.write_bytes(path.read_bytes()[:-1])
    told = asked(station, "verify")
    assert (told.exit_code, path.name in told.stdout) == (1, True)
