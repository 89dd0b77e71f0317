"""`swapstation study throughput`: one JSON object, a chart, and words for wrong input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from swapstation.cli.main import command_line

RUNNER = CliRunner()
ONE = ("--batteries", "1", "--site-kw", "300", "--hours", "0.5", "--workers", "1")


def test_it_prints_one_object_and_draws_it(tmp_path: Path) -> None:
    chart = tmp_path / "chart.png"
    result = RUNNER.invoke(
        command_line("study"), ["study", "throughput", *ONE, "--mixed", "--json", "--plot", str(chart)]
    )
    assert result.exit_code == 0, result.output
    (case,) = json.loads(result.stdout)["cases"]
    assert (case["batteries"], case["site_kw"]) == (1, 300.0)
    assert case["limit_swaps_per_h"] == min(case["limits"].values())
    assert case["ratio"] == pytest.approx(case["simulated_swaps_per_h"] / case["limit_swaps_per_h"], abs=0.001)
    assert case["holds"] == 0
    assert chart.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("--batteries", "7"), "both or none"),
        (("--seeds", "9-2"), "one number, or A-B"),
        (("--plot", "chart.svg"), "must be a file.png"),
        (("--hours", "0"), "--hours"),
        ((*ONE, "--lost-bay", "3"), "1 - 2"),
    ],
)
def test_wrong_input_is_refused(wrong: tuple[str, ...], said: str) -> None:
    result = RUNNER.invoke(command_line("study"), ["study", "throughput", *wrong])
    assert result.exit_code == 2
    assert said in " ".join(result.output.replace("│", " ").split())
