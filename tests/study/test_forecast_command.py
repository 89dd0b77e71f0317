"""`swapstation study forecast` on a station's database."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from swapstation.cli.main import command_line
from swapstation.config.settings import Charging, Exchange
from swapstation.twin.yard import TRUCKS, yard

AT = datetime(2026, 5, 4, 16, tzinfo=UTC)


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty days of trucks: one every second hour, two more at noon in China."""
    folder, made = tmp_path_factory.mktemp("station"), yard(Exchange.STATION, Charging.DIRECT).config.data
    for file in ("station.toml", "station.db"):
        shutil.copy(made / file, folder)
    text = (folder / "station.toml").read_text(encoding="utf-8").replace(f'"{made}"', '"."')
    (folder / "station.toml").write_text(text, encoding="utf-8")
    with sqlite3.connect(folder / "station.db") as database:
        for number in range(20 * 12):
            at = AT - timedelta(hours=2 * number + 2)
            for copy in range(3 if at.hour == 4 else 1):
                opened = at + timedelta(minutes=10 * copy)
                row = (f"S{number}-{copy}", TRUCKS[0], "tractor-6x4", "top_lift", "h", "close", "completed")
                database.execute(
                    "INSERT INTO swaps (swap, vin, truck_model, recipe, recipe_hash, step, result, person, opened_at, "
                    "closed_at, reason, step_seconds, fresh, returned, from_bay, to_bay, returned_soc_pct) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, 'li', ?, ?, '', '[]', 'LFP-001', 'LFP-002', 1, 2, 30.0)",
                    (*row, f"{opened:%F %T}", f"{opened + timedelta(minutes=4):%F %T}"),
                )
    database.close()
    return folder / "station.toml"


def run(station: Path, arguments: Sequence[str]) -> Result:
    asked = ["study", "forecast", "--config", str(station), "--at", f"{AT:%FT%T}", *arguments]
    return CliRunner().invoke(command_line("study"), asked)


def test_it_tells_peaks_and_what_another_station_would_do(station: Path) -> None:
    told = json.loads(run(station, ["--json", "--seeds", "1", "--workers", "1"]).stdout)
    assert told["per_day"] == pytest.approx(14.0, rel=0.1)
    assert told["peaks"]["day"][0]["at"].startswith("2026-05-05T12:00")
    assert [each["station"] for each in told["what_if"]] == [
        *("as_it_is", "one_bay_more", "more_power", "more_batteries", "both"),
    ]
    waits = {each["station"]: each["mean_wait_min"] for each in told["what_if"]}
    assert waits["both"] <= waits["as_it_is"]


def test_people_read_it_in_both_languages(station: Path) -> None:
    told = run(station, ["--no-what-if"]).stdout
    assert "peaks of the next week" in told
    assert "一周高峰" in told


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--model", "XL"], 2, "one of LFP-282"),
        (["--tariff", "1=0.5"], 2, "the first at 0"),
        (["--at", "2026-01-01"], 1, "less than three days"),
    ],
)
def test_what_it_cannot_tell_it_says(station: Path, arguments: list[str], code: int, words: str) -> None:
    told = run(station, arguments)
    assert (told.exit_code, words in told.stderr) == (code, True), told.stderr
