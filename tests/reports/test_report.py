"""A report of a day that really happened in the twin: by hand in figures, and as PDF, CSV, JSON and on the screen."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from io import StringIO
from pathlib import Path

import pytest
from typer.testing import CliRunner

from swapstation.cli.main import command_line
from swapstation.config.settings import Charging, Exchange
from swapstation.energy.tariff import LOCAL_ZONE
from swapstation.inventory.database import open_reader
from swapstation.model.maintenance import Due, DueKind, DueState
from swapstation.model.trip import Trip
from swapstation.records.telemetry.power_quality import PowerQuality
from swapstation.reports.beside import Beside, maintenance_figures
from swapstation.reports.gather import gather
from swapstation.reports.period import named_period
from swapstation.reports.report import Report
from swapstation.reports.report_csv import report_csv
from swapstation.reports.report_paper import report_pdf
from swapstation.reports.sections import say, sections
from swapstation.twin.run import Run
from swapstation.twin.schedule import Planned, Schedule
from swapstation.twin.yard import TRUCKS, twin_of, yard

NOW = datetime(2026, 1, 2, tzinfo=UTC)
DAY = named_period("2026-01-01", LOCAL_ZONE, (time(8), time(20)))


DUE = Due("v", DueKind.TASK, "meter", "检定", "Verification", DueState.DUE, None, date(2026, 1, 1), calibration=True)
TRIP = Trip("T1", TRUCKS[0], NOW, 30.0, 20.0, "pit")
BESIDE = Beside((), maintenance_figures((), (DUE,), 1, NOW, NOW), (TRIP,))
QUALITY = PowerQuality(220.0, 3600.0, 210.5, 221.0, 229.9, 100.0, 0.0, 0.3, 0.0, 0.98, 480.0)


@pytest.fixture(scope="module")
def day() -> Iterator[Report]:
    """Two swaps; a drive fault stops the second one."""
    fault = Planned("robot_fault", swap=2, step="lift", delay_s=0.0, target="", lasts_s=20.0)
    schedule = Schedule(1, Exchange.STATION, Charging.DIRECT, (fault,))
    with twin_of(yard(Exchange.STATION, Charging.DIRECT), 1) as twin:
        outcome = Run(twin, schedule, TRUCKS).run()
        assert not outcome.violations
        assert outcome.swaps == 2
        engine = open_reader(twin.config.station_database_url)
        with engine.connect() as connection:
            yield gather(connection, twin.config, DAY, NOW, BESIDE, QUALITY)
        engine.dispose()


def test_the_figures_are_those_of_the_day(day: Report) -> None:
    assert (day.swaps.opened, day.swaps.completed, day.swaps.at_first_try) == (2, 2, 1)
    assert day.swaps.first_try_pct == 50.0
    assert day.swaps.median_s is not None
    assert 150.0 < day.swaps.median_s < 600.0
    assert {"lift", "identify"} <= {step.step for step in day.steps}
    assert all(step.count == 2 for step in day.steps if step.step == "lift")
    assert [device.device for device in day.devices] == ["robot"]
    assert day.time.held_s > 0.0
    assert day.time.stops >= 1
    assert any(each.code == "ROBOT_FAULT" for each in day.alarms.most_frequent)
    assert len(day.batteries) == 5


def test_a_day_without_anything_has_figures_too(day: Report) -> None:
    empty = replace(day, steps=(), devices=(), batteries=(), waiting=None, quality=None, maintenance=None)
    empty = replace(empty, haulage=None)
    for language in ("zh", "en"):
        assert report_pdf(empty, language).startswith(b"%PDF")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_word_of_a_report_is_in_both_languages(day: Report, language: str) -> None:
    for section in sections(day, language):
        names = [section.name, *section.heads, *(name for name, _ in section.facts)]
        assert all(say(name, language) != name or name == say(name, "en").lower() for name in names), names


def test_the_pdf_is_in_the_language_asked_for_and_the_same_each_time(day: Report) -> None:
    zh, en = (report_pdf(day, language) for language in ("zh", "en"))
    assert zh.startswith(b"%PDF")
    assert zh != en
    assert zh == report_pdf(day, "zh")


def test_the_csv_has_a_line_for_each_figure(day: Report) -> None:
    rows = list(csv.reader(StringIO(report_csv(day, "en").removeprefix("\ufeff"))))
    assert rows[0] == ["section", "row", "figure", "value"]
    assert ["Swaps", "", "Completed", "2"] in rows
    assert ["Tonnage and diesel saved", "pit", "Carried (t)", "30.0"] in rows
    assert ["Maintenance", "Verification", "State", "Due"] in rows
    assert ["Power quality (site meter, every second)", "", "Power factor", "0.98"] in rows
    assert ["Devices out of work", "robot", "Outages", str(day.devices[0].outages)] in rows


def test_the_command_line_gives_what_is_asked_for(tmp_path: Path, day: Report) -> None:
    config = yard(Exchange.STATION, Charging.DIRECT).config
    station, runner = config.data / "station.toml", CliRunner()
    asked = ["report", "2025-12", "--config", str(station)]
    files = ["--csv", str(tmp_path / "r.csv"), "--pdf", str(tmp_path / "r.pdf"), "--language", "zh"]
    assert runner.invoke(command_line("report"), [*asked, *files]).exit_code == 0
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")
    assert "换电" in (tmp_path / "r.csv").read_text(encoding="utf-8-sig")
    told = json.loads(runner.invoke(command_line("report"), [*asked, "--json"]).stdout)
    assert (told["period"]["kind"], told["swaps"]["opened"]) == ("month", 0)
    assert "Availability" in runner.invoke(command_line("report"), [*asked, "--language", "en"]).stdout
    wrong = runner.invoke(command_line("report"), ["report", "2026-99", "--config", str(station)])
    assert wrong.exit_code == 2
    assert "period" in wrong.stderr
