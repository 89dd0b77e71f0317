"""`swapstation faults` prints one object, tells a story, and refuses what it does not know."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from swapstation.cli.main import command_line

RUNNER = CliRunner()


def test_it_prints_one_object() -> None:
    result = RUNNER.invoke(
        command_line("faults"), ["faults", "--schedules", "2", "--seed", "1", "--json", "--workers", "1"]
    )
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["schedules"] == 2
    assert document["violations"] == []
    assert document["swaps_completed"] >= 2
    assert document["transitions_seen"] <= document["transitions_total"]
    assert document["reactions_seen"] <= document["reactions_total"]
    assert len(document["trace_hash"]) == 64
    assert document["schedules_per_s"] > 0.0


def test_a_replay_tells_its_story() -> None:
    result = RUNNER.invoke(command_line("faults"), ["faults", "--replay", "4", "--verbose"])
    assert result.exit_code == 0, result.output
    assert "SwapOpened" in result.stdout
    assert "begins:" in result.stdout


def test_a_wrong_number_is_refused() -> None:
    result = RUNNER.invoke(command_line("faults"), ["faults", "--schedules", "0"])
    assert result.exit_code == 2
    assert "--schedules" in result.output
