"""The closed fleet: limits by hand, small cases that can be counted on paper, and what a bad rule costs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from swapstation.cli.main import command_line
from swapstation.errors import InputError
from swapstation.study.fleet import FleetCase, limits, loads

RUNNER = CliRunner()
CASE = FleetCase()


def test_the_limits_by_hand() -> None:
    """10.8 round trips of 22 min a set, 2 min of swap, 180 min of charge; 5 trucks a minute on the lane."""
    minutes = 60_000
    assert limits(CASE) == pytest.approx(
        {
            "sets": 150 * 10.8 / (10.8 * 22 + 2 + 180) * minutes,
            "trucks": 125 / (22 + 2 / 10.8) * minutes,
            "lane": 5 * minutes,
        }
    )


def test_one_truck_with_a_spare_set_never_waits() -> None:
    """Ten trips and the way to the station a set; then 2 min of swap. The spare set is full long before."""
    one = replace(CASE, trucks=1, sets=2, charge_h=1.0, hours=10.0)
    # A trip is 22 min: it unloads 16.6 min after it left the station empty. Each swap makes what follows 2 min later.
    assert loads(one) == sum(1 for k in range(40) if 16.6 + 22 * k + 2 * _swaps_before(16.6 + 22 * k) <= 600.0)


def _swaps_before(driven_min: float) -> int:
    """Swaps before so many minutes of driving: at the loaded side after 230.2 min, 231 + 11 min after that, ..."""
    # 100 % at the empty side: 10 trips (83.3 %) and 3.8 % more to the loaded side, where the next 4.5 % go below 10 %.
    # 100 % at the loaded side: 10 trips and 4.5 % more to the empty side, where the next 3.8 % go below 10 %.
    swaps, at_min, ways = 0, 0.0, (220.0 + 10.2, 220.0 + 11.8)
    while True:
        at_min += ways[swaps % 2]
        if at_min > driven_min:
            return swaps
        swaps += 1


def test_a_set_that_waits_on_its_truck_costs_more_than_half_of_the_loads() -> None:
    short = replace(CASE, hours=100.0)
    assert loads(replace(short, keeps_empty=True)) < 0.5 * loads(short)


@settings(max_examples=25, deadline=None)
@given(
    trucks=st.integers(1, 40),
    spare=st.integers(0, 20),
    station_km=st.floats(0.0, 10.0),
    charge_h=st.floats(0.1, 6.0),
)
def test_no_fleet_carries_more_than_its_limit(trucks: int, spare: int, station_km: float, charge_h: float) -> None:
    """A start with every set full gives each of them one charge more than the limit of a steady state counts."""
    case = FleetCase(trucks=trucks, sets=trucks + spare, station_km=station_km, charge_h=charge_h, hours=50.0)
    assert loads(case) <= min(limits(case).values()) + 11 * case.sets


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"sets": 124}, "sets = 124: at least one for each of the 125 trucks"),
        ({"station_km": 11.0}, "station_km = 11.0: 0 to the road's 10"),
        ({"road_km": 300.0, "station_km": 100.0}, "a way from station to station takes"),
        ({"sets": 125, "keeps_empty": True}, "needs a spare one"),
    ],
)
def test_what_no_truck_can_drive_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        replace(CASE, **wrong)


def test_the_command_prints_one_object() -> None:
    result = RUNNER.invoke(command_line("study"), ["study", "fleet", "--hours", "20", "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["ratio_to_limit"] == pytest.approx(told["loads"] / told["limit_loads"], abs=1e-3)
    assert told["ratio_to_published"] is None, "20 h are not the published case"


def test_a_file_gives_the_case_and_a_picture_shows_it(tmp_path: Path) -> None:
    file, picture = tmp_path / "case.toml", tmp_path / "fleet.png"
    file.write_text("trucks = 2\nsets = 3\nhours = 10.0\n", encoding="utf-8")
    arguments = ["study", "fleet", "--file", str(file), "--trucks", "1", "--plot", str(picture), "--json"]
    result = RUNNER.invoke(command_line("study"), arguments)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["loads"] == loads(replace(CASE, trucks=1, sets=3, hours=10.0))
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("--sets", "10"), "sets = 10"),
        (("--plot", "f.svg"), "must be a file.png"),
        (("--file", "none.toml"), "none.toml"),
    ],
)
def test_the_command_names_what_is_wrong(wrong: tuple[str, ...], said: str) -> None:
    result = RUNNER.invoke(command_line("study"), ["study", "fleet", *wrong])
    assert result.exit_code == 2
    assert said in " ".join(result.output.replace("│", " ").split())
