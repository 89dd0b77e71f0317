"""`swapstation tariff`: prices of a moment and of a day, and mistakes with their lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from swapstation.cli.main import command_line
from tests.energy.tariffs import TEXT, tariff_file
from tests.energy.test_station_tariff import station

RUNNER = CliRunner()


def run(*arguments: object) -> Result:
    return RUNNER.invoke(command_line("tariff"), ["tariff", *map(str, arguments)])


@pytest.fixture
def station_file(tmp_path: Path) -> Path:
    tariff_file(tmp_path)
    return station(tmp_path, '[tariff]\nfile = "tariff.toml"\n')


def test_a_moment_has_its_price(station_file: Path) -> None:
    said = run("show", "--config", station_file, "--at", "2026-07-01T18:00", "--json")
    assert said.exit_code == 0, said.output
    (told,) = json.loads(said.stdout)
    assert (told["price"]["period"], told["price"]["electricity"]) == ("sharp", "1.110000")
    assert run("show", "--config", station_file).exit_code == 0


def test_a_day_has_all_its_periods(station_file: Path) -> None:
    said = run("show", "--config", station_file, "--day", "2026-10-01")
    assert said.exit_code == 0, said.output
    assert [line.split()[5] for line in said.stdout.splitlines()[1:]] == [
        "flat",
        "valley",
        "flat",
        "peak",
        "flat",
        "valley",
        "deep_valley",
        "flat",
        "peak",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--at", "noon"), "at = 'noon'"),
        (("--day", "2026-13-01"), "day = '2026-13-01'"),
        (("--at", "2020-01-01"), "2022-01-01"),
    ],
)
def test_a_time_that_is_none_is_refused(station_file: Path, arguments: tuple[str, ...], said: str) -> None:
    refused = run("show", "--config", station_file, *arguments)
    assert refused.exit_code == 2
    assert said in refused.output


def test_a_station_without_a_tariff_says_what_is_missing(tmp_path: Path) -> None:
    refused = run("show", "--config", station(tmp_path, ""))
    assert refused.exit_code == 2
    assert "[tariff] file" in refused.output


def test_a_tariff_file_is_checked_with_its_lines(tmp_path: Path) -> None:
    right = run("check", tariff_file(tmp_path))
    assert right.exit_code == 0, right.output
    assert "晋发改商品发〔2026〕15号" in right.stdout
    wrong = run("check", tariff_file(tmp_path, TEXT.replace('"0.4000"', "0.4")))
    assert wrong.exit_code == 2
    assert "tariff.toml:7: prices[0].flat = 0.4" in wrong.output
