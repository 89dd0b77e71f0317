"""`swapstation recipe`: exit codes, words and JSON."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from swapstation.cli.main import command_line

SHIPPED = files("swapstation.station") / "recipes" / "top_lift_station.toml"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command_line("recipe"), ["recipe", *arguments])


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(SHIPPED.read_text(encoding="utf-8"), encoding="utf-8")
    return path


def test_a_good_recipe_passes(own: Path) -> None:
    result = run("check", str(own))
    assert result.exit_code == 0, result.output
    assert "0 faults" in result.output
    told = json.loads(run("check", str(own), "--json").output)
    assert told["faults"] == []
    assert told["states"] > 500


def test_a_recipe_that_can_end_badly_is_refused_with_the_step_and_the_reason(own: Path) -> None:
    text = own.read_text(encoding="utf-8")
    start, end = text.index('[[step]]\nname = "lock"'), text.index('[[step]]\nname = "ungrip"')
    own.write_text(text[:start] + text[end:], encoding="utf-8")
    result = run("check", str(own))
    assert result.exit_code == 1
    assert "ungrip: 按联锁永远不会被允许 (truck_locked) | would never be permitted (truck_locked)" in result.output


def test_ways_out_beside_the_recipe_replace_the_shipped_ones(own: Path) -> None:
    (own.parent / "ways_out.toml").write_text("", encoding="utf-8")
    result = run("check", str(own))
    assert result.exit_code == 1
    assert "has no way out (doubt)" in result.output


@pytest.mark.parametrize("text", ["name = ", "name = 1", "[[step]]\nname = 'x'\n"])
def test_an_unreadable_recipe_is_an_error(own: Path, text: str) -> None:
    own.write_text(text, encoding="utf-8")
    assert run("check", str(own)).exit_code == 2


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    assert run("check", str(tmp_path / "none.toml")).exit_code == 2


def test_a_difference_is_said_in_both_languages(own: Path) -> None:
    changed = own.with_name("changed.toml")
    changed.write_text(own.read_text(encoding="utf-8").replace("timeout_s = 120", "timeout_s = 240", 1), "utf-8")
    result = run("diff", str(own), str(changed))
    assert result.exit_code == 1
    assert "position: timeout_s 由 120 改为 240 | position: timeout_s changed from 120 to 240" in result.output
    assert run("diff", str(own), str(own)).exit_code == 0
