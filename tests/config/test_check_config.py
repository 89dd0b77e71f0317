"""`swapstation check-config`: exit code and output."""

from __future__ import annotations

from pathlib import Path

import typer
from typer.testing import CliRunner

from swapstation.cli.config import check_config

EXAMPLE = Path(__file__).parents[2] / "examples" / "station.toml"
app = typer.Typer()
app.command()(check_config)


def test_a_right_file_exits_0_and_says_what_the_station_will_be() -> None:
    result = CliRunner().invoke(app, [str(EXAMPLE)])
    assert result.exit_code == 0
    for word in ("example station", "top_lift, plc", "LFP-282", "can+socketcan://can5?bitrate=250000", "消防仓"):
        assert word in result.stdout


def test_a_wrong_file_exits_2_and_tells_every_mistake(tmp_path: Path) -> None:
    file = tmp_path / "station.toml"
    text = EXAMPLE.read_text(encoding="utf-8")
    file.write_text(text.replace("port = 8080", 'port = "x"').replace("number = 3\n", "number = 4\n"), encoding="utf-8")
    result = CliRunner().invoke(app, [str(file)])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 2
    assert "server.port" in result.stderr
    assert "bays[3].number = 4: 仓号重复" in result.stderr
