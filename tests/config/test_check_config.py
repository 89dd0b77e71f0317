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


def _told(tmp_path: Path, before: str, after: str) -> list[str]:
    file = tmp_path / "station.toml"
    text = EXAMPLE.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")
    result = CliRunner().invoke(app, [str(file)])
    assert result.exit_code == 2, result.output
    return result.stderr.splitlines()


def test_an_adapter_that_is_not_installed_is_told_with_those_that_are(tmp_path: Path) -> None:
    (told,) = _told(tmp_path, 'meter = "dlt645"  ', 'meter = "dlt654"  ')
    assert 'adapters.meter = "dlt654": 没有安装这个适配器, 现有 "dlt645", "modbus_map"' in told


def test_a_wire_that_the_adapter_does_not_speak_is_told_at_its_line(tmp_path: Path) -> None:
    (told,) = _told(
        tmp_path, 'meter = "dlt645:///dev/ttyS2?baud=9600&parity=E&', 'meter = "modbus-tcp://10.0.0.9:502"  # "'
    )
    assert 'links.meter = "modbus-tcp://10.0.0.9:502"' in told
    assert "dlt645 支持 dlt645 | dlt645 speaks dlt645" in told
    assert int(told.split(":")[1]) == 1 + EXAMPLE.read_text(encoding="utf-8").splitlines().index(
        next(line for line in EXAMPLE.read_text(encoding="utf-8").splitlines() if line.startswith("meter ="))
    )


def test_a_mistake_in_a_vendor_s_map_is_told_with_its_file_and_line(tmp_path: Path) -> None:
    meter_map = (EXAMPLE.parent / "meter_map.toml").read_text(encoding="utf-8").replace('unit = "Wh"', 'unit = "J"')
    (tmp_path / "meter_map.toml").write_text(meter_map, encoding="utf-8")
    adapter = 'meter = "modbus_map"\nmeter_map = "meter_map.toml"\n#'
    station = EXAMPLE.read_text(encoding="utf-8").replace('meter = "dlt645"  ', adapter)
    line = next(line for line in station.splitlines() if line.startswith("meter = "))
    (tmp_path / "station.toml").write_text(station.replace(line, 'meter = "modbus-tcp://10.0.0.9:502"'), "utf-8")
    result = CliRunner().invoke(app, [str(tmp_path / "station.toml")])
    assert result.exit_code == 2
    (told,) = result.stderr.splitlines()
    assert told.startswith(f"{tmp_path / 'meter_map.toml'}:")
    assert "unit = 'J', allowed for energy_kwh: kWh, Wh, MWh" in told


def test_an_adapter_that_needs_a_map_says_so(tmp_path: Path) -> None:
    (told,) = _told(tmp_path, 'charger = "reference_charger"', 'charger = "modbus_map"')
    assert "adapters.charger_map: modbus_map 需要映射文件 | modbus_map needs a map file" in told
