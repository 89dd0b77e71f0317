"""`swapstation black-box`: what it prints of events that are whole, damaged, or not there."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from swapstation.cli.black_box import black_box_app
from swapstation.records.event_folders import event_folders
from tests.records.conftest import Make
from tests.records.moments import raised, run, warmer


def asked(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(black_box_app, ["--folder", str(folder), *arguments])


@pytest.fixture
def event(tmp_path: Path, make: Make) -> str:
    """A complete event over a restart."""
    box = make()
    box.take(replace(warmer(0.0), records=(raised("BAY_SMOKE"),)))
    run(box, range(1, 100))
    box.close()
    run(make(boot=2, version="0.2.0"), range(7, 3800))
    return event_folders(tmp_path)[0].name


def test_events_are_listed_and_shown_with_what_is_missing(tmp_path: Path, event: str) -> None:
    listed = asked(tmp_path, "list")
    assert (listed.exit_code, event in listed.stdout) == (0, True)
    assert "完整 complete" in listed.stdout
    shown = asked(tmp_path, "show", event[:8])
    assert "BAY_SMOKE@bay-1" in shown.stdout
    assert "the controller was started anew" in shown.stdout
    assert "swapstation 0.2.0" in shown.stdout


def test_json_is_for_programs(tmp_path: Path, event: str) -> None:
    (told,) = json.loads(asked(tmp_path, "list", "--json").stdout)
    assert told == json.loads(asked(tmp_path, "show", event, "--json").stdout)
    assert (told["state"], told["causes"][0][1:3]) == ("complete", ["BAY_SMOKE", "bay-1"])
    assert [gap[1] for gap in told["gaps"]] == ["the controller was started anew"]


def test_the_trace_is_printed_line_by_line(tmp_path: Path, event: str) -> None:
    everything = [json.loads(line) for line in asked(tmp_path, "show", event, "--lines").stdout.splitlines()]
    bay = [json.loads(line) for line in asked(tmp_path, "show", event, "--name", "bay-1.io").stdout.splitlines()]
    assert everything[0]["kind"] == "segment"
    assert {line["name"] for line in bay} == {"bay-1.io"}
    assert [line for line in everything if line.get("name") == "bay-1.io"] == bay


def test_verify_says_sound_or_what_is_damaged(tmp_path: Path, event: str) -> None:
    assert asked(tmp_path, "verify").stdout == f"{event}: 完好 sound\n"
    segment = min((tmp_path / "events" / event).glob("*.gz"))
    segment.unlink()
    found = asked(tmp_path, "verify", event)
    assert found.exit_code == 1
    assert found.stdout == f"{event}: {segment.name}: No such file or directory\n"
    (tmp_path / "events" / event / "manifest.json").unlink()
    assert asked(tmp_path, "list").exit_code == 1
    assert asked(tmp_path, "verify").exit_code == 1


def test_an_event_that_is_not_there_is_bad_input(tmp_path: Path) -> None:
    assert asked(tmp_path, "verify").exit_code == 0
    assert asked(tmp_path, "list").exit_code == 0
    missing = asked(tmp_path, "show", "2026")
    assert missing.exit_code == 2
    assert "event = '2026'" in missing.stderr


def test_a_station_file_that_is_wrong_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "station.toml").write_text("name = 1\n")
    result = CliRunner().invoke(black_box_app, ["--config", str(tmp_path / "station.toml"), "list"])
    assert result.exit_code == 2
    assert "station.toml:1" in result.stderr
