"""`swapstation study energy`: one JSON object, a table, a picture, a file of keys, and words for wrong input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from swapstation.cli.main import command_line
from swapstation.study.energy_run import NAMES

RUNNER = CliRunner()
FIGURES = {"cost_per_kwh", "late_share_pct", "late15_share_pct", "ratio_to_foresight", "spread"}
SMALL = ("--batteries", "2", "--site-kw", "400", "--swaps-per-day", "4", "--days", "1", "--history-days", "2")
QUICK = (*SMALL, "--replan-min", "60", "--horizon-h", "8", "--fine-h", "1", "--workers", "1")


def test_it_prints_one_object_and_draws_it(tmp_path: Path) -> None:
    picture = tmp_path / "energy.png"
    result = RUNNER.invoke(
        command_line("study"), ["study", "energy", *QUICK, "--seeds", "1-2", "--json", "--plot", str(picture)]
    )
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert list(told) == ["batteries", "site_kw", "swaps_per_day", "seeds", "tariff", "policies"]
    assert (told["batteries"], told["site_kw"], told["swaps_per_day"], told["seeds"]) == (2, 400.0, 4.0, [1, 2])
    assert list(told["policies"]) == list(NAMES)
    assert all(set(figures) == FIGURES for figures in told["policies"].values())
    assert told["policies"]["foresight"]["ratio_to_foresight"] == 1.0
    assert told["policies"]["plan"]["ratio_to_foresight"] >= 0.999
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_file_gives_the_same_keys_and_flags_outweigh_it(tmp_path: Path) -> None:
    file = tmp_path / "case.toml"
    keys = [f"{flag[2:].replace('-', '_')} = {value}" for flag, value in zip(QUICK[::2], QUICK[1::2], strict=True)]
    file.write_text("\n".join([*keys, 'seeds = "1"', 'tariff = "0=0.5"']), encoding="utf-8")
    result = RUNNER.invoke(command_line("study"), ["study", "energy", "--file", str(file), "--seeds", "2", "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["seeds"], told["tariff"], told["batteries"]) == ([2], "0=0.5", 2)
    assert all(figures["cost_per_kwh"] == 0.5 for figures in told["policies"].values()), "one price: nothing to gain"


def test_without_json_it_prints_a_table() -> None:
    result = RUNNER.invoke(command_line("study"), ["study", "energy", *QUICK, "--seeds", "1"])
    assert result.exit_code == 0, result.output
    assert "foresight" in result.stdout


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("--batteries", "0"), "--batteries"),
        (("--seeds", "9-2"), "one number, or A-B"),
        (("--plot", "chart.svg"), "must be a file.png"),
        (("--tariff", "0:1"), "HOUR=YUAN"),
        (("--hourly", "1,2"), "24 numbers"),
        (("--swaps-per-day", "1000"), "--swaps-per-day"),
        (("--late-chance", "2"), "--late-chance"),
        (("--file", "nowhere.toml"), "nowhere.toml"),
    ],
)
def test_wrong_flags_are_refused_by_name(wrong: tuple[str, ...], said: str) -> None:
    result = RUNNER.invoke(command_line("study"), ["study", "energy", *wrong])
    assert result.exit_code == 2
    assert said in " ".join(result.output.replace("│", " ").split())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("bays = 3", "bays"),
        ('batteries = "many"', "--batteries"),
        ("site_kw = 1", "--site-kw"),
        ("tariff = [1]", "tariff"),
        ("batteries = ", "at end of document"),
    ],
)
def test_wrong_keys_of_a_file_are_refused_by_name(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "case.toml"
    file.write_text(text, encoding="utf-8")
    result = RUNNER.invoke(command_line("study"), ["study", "energy", "--file", str(file)])
    assert result.exit_code == 2
    assert said in " ".join(result.output.replace("│", " ").split())
