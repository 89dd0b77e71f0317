"""`swapstation pv show`: the day that the plan counts on, and what is wrong with its files."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from swapstation.cli.main import command_line
from tests.energy.test_station_tariff import station

PV = "[site]\ngeneration_kw = 300.0\n[pv]\npeak_kw = 300.0\nhour_kw = [" + "0.0, " * 12 + "80.0, " * 12 + "]\n"
DAY = "2026-07-02"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command_line("pv"), ["pv", *map(str, arguments)])


def test_a_day_is_shown_in_its_stretches(tmp_path: Path) -> None:
    file = station(tmp_path, PV + 'folder = "sun"\n')
    (tmp_path / "sun").mkdir()
    values = ", ".join(f'"{hour if hour < 23 else ""}"' for hour in range(24))
    (tmp_path / "sun" / f"{DAY}.toml").write_text(f"kw = [{values}]", encoding="utf-8")
    said = run("show", "--config", file, "--day", DAY, "--json")
    assert said.exit_code == 0, said.output
    told = json.loads(said.stdout)
    assert [(each["kw"], each["told"]) for each in told[::4]] == [*((float(h), True) for h in range(23)), (80.0, False)]
    assert len(run("show", "--config", file, "--day", DAY).stdout.splitlines()) == 25
    assert run("show", "--config", file).exit_code == 0


def test_what_is_missing_or_wrong_is_told_with_exit_2(tmp_path: Path) -> None:
    none = run("show", "--config", station(tmp_path, ""))
    assert (none.exit_code, "pv.peak_kw" in none.stderr) == (2, True)
    file = station(tmp_path, PV + 'folder = "sun"\n')
    assert run("show", "--config", file, "--day", "noon").exit_code == 2
    (tmp_path / "sun").mkdir()
    (tmp_path / "sun" / f"{DAY}.csv").write_text("start,kw\n00:00,1\n", encoding="utf-8")
    wrong = run("show", "--config", file)
    assert (wrong.exit_code, f"{DAY}.csv:1" in wrong.stderr) == (2, True)
    checked = CliRunner().invoke(command_line("check-config"), ["check-config", str(file)])
    assert (checked.exit_code, f"{DAY}.csv:1" in checked.stderr) == (2, True)
