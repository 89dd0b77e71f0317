"""The mine with and without staggering advice: the same trips, less waiting, nobody empty on the road."""

from __future__ import annotations

import json
from dataclasses import replace

from typer.testing import CliRunner

from swapstation.cli.main import command_line
from swapstation.study.stagger import MineCase, run_mine, waiting

CASE = MineCase(trucks=20, spares=3, days=1.0)


def test_the_same_seed_gives_the_same_run() -> None:
    assert run_mine(CASE, 1, advised=True) == run_mine(CASE, 1, advised=True)
    assert run_mine(CASE, 1, advised=False) != run_mine(CASE, 2, advised=False)


def test_a_truck_alone_never_waits_and_swaps_as_seldom_as_it_can() -> None:
    """95 % less 8 trips of 9 % leave 23 %: one more is not possible."""
    alone = replace(CASE, trucks=1, spares=1, start_spread_pct=0.0)
    runs = [run_mine(alone, 1, advised) for advised in (False, True)]
    assert runs[0] == runs[1]
    assert set(runs[0].waits_min) == {0.0}
    assert runs[0].trips // 8 == len(runs[0].waits_min)


def test_with_advice_less_is_waited_and_no_fewer_trips_are_driven() -> None:
    seeds = (1, 2, 3)
    without, advised = (waiting([run_mine(CASE, seed, each) for seed in seeds]) for each in (False, True))
    assert advised.mean_wait_min < 0.6 * without.mean_wait_min
    assert advised.over_15_min_pct < without.over_15_min_pct
    assert advised.trips >= without.trips


def test_the_command_prints_both_policies() -> None:
    told = CliRunner().invoke(
        command_line(),
        ["study", "stagger", "--trucks", "6", "--spares", "2", "--days", "0.5", "--seeds", "1", "--json"],
    )
    assert told.exit_code == 0, told.output
    assert set(json.loads(told.output)["policies"]) == {"none", "advice"}
