"""The bench itself: its report says what was measured, and its longest path still runs on today's product."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack

import pytest

from swapstation.demo.station_file import free_ports
from tests.bench import __main__ as bench
from tests.bench.figures import Figure, at_least, at_most
from tests.bench.get_bays import connected
from tests.bench.path import measure
from tests.bench.station_processes import process

TOLD = {
    "path": [at_least("frames", 60.0, 50.0, "x"), at_most("share", 20.0, 15.0, "%"), Figure("rate", 12345.6, "1/s")]
}


def test_a_goal_is_met_or_not() -> None:
    assert [figure.met for figure in TOLD["path"]] == [True, False, None]
    assert at_least("all", 5.0, 5.0).met
    assert at_most("none", 0.0, 0.0).met


def test_the_report_names_machine_goals_and_time() -> None:
    text = bench.report({"cores": "2"}, TOLD, {"path": 90.0})
    assert "cores: 2." in text
    assert "The run took 1.5 minutes." in text
    assert "| frames | 60 x | >= 50 x | yes |" in text
    assert "| share | 20 % | <= 15 % | no |" in text
    assert "| rate | 12,346 1/s |  |  |" in text


def test_the_figures_are_json_too(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "MEASUREMENTS", {"path": ("a title", lambda: TOLD["path"])})
    monkeypatch.setattr("sys.argv", ["bench", "--only", "path", "--json"])
    assert bench.main() == 1, "a goal is missed"
    told = json.loads(capsys.readouterr().out)
    assert told["measurements"]["path"]["figures"][0]["value"] == 60.0
    assert set(told["machine"]) >= {"processor", "cores", "kernel", "python", "commit"}


def test_a_section_takes_the_place_of_its_own_and_leaves_the_others() -> None:
    page = "# Benchmarks\n\nOne run.\n\n## one\n\n| a | 1 |\n\n## two\n\n| b | 2 |\n"
    mended = bench.put(page, "one", "## one\n\n| a | 9 |\n")
    assert mended == page.replace("| a | 1 |", "| a | 9 |")
    assert bench.put(mended, "two", "## two\n\n| b | 8 |\n") == mended.replace("| b | 2 |", "| b | 8 |")
    assert bench.put(page, "three", "## three\n") == f"{page}\n## three\n"


def test_an_unknown_measurement_is_refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["bench", "--only", "path,wisdom"])
    with pytest.raises(SystemExit):
        bench.main()
    assert "wisdom" in capsys.readouterr().err


def test_the_path_from_bytes_to_decisions_runs() -> None:
    """It checks by itself that all bays charge in the replay and that nothing was malformed or dropped."""
    figures = {figure.name: figure.value for figure in measure(10.0, charging_from_s=8.0)}
    assert figures["CAN frames of the station per second of its time"] > 760


def test_a_load_counts_whole_answers_and_keeps_its_pace() -> None:
    """At the ping, as a process: it is what the server's rate is held against."""
    (port,) = free_ports(1)
    with process([sys.executable, "-m", "tests.bench.ping", str(port)]), ExitStack() as stack:
        load = connected(port, stack)
        assert load.as_fast_as_answered(0.3) > 50.0
        assert load.paced(50.0, 0.4) <= 50.0
        assert load.paced(50.0, 0.4) > 0.0
