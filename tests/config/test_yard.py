"""`[yard]` and the wires of the devices before the lane: what is read, and what is told of a mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.config.file import load_config
from swapstation.config.yard_settings import Yard
from swapstation.controller.plugging import load_station
from swapstation.errors import ConfigurationError
from tests.config.test_config_file import EXAMPLE, TEXT

LINKS = """gate = "modbus-tcp://192.168.10.50:502?unit=1"
weigher = "modbus-tcp://192.168.10.51:502?unit=1"
identifier = "tcp://192.168.10.52:4001"
guide = "serial:///dev/ttyS5?baud=9600&parity=N"
"""
TABLE = "[yard]\nleast_confidence_pct = 90\nweigh_above_kg = 5000\nadmission_s = 120\ngate_clear_s = 4\n"


def written(folder: Path, links: str = LINKS, table: str = TABLE, adapters: str = "") -> Path:
    text = TEXT.replace("station_can =", f"{links}station_can =", 1).replace("exchanger =", f"{adapters}exchanger =", 1)
    path = folder / "station.toml"
    path.write_text(text + table, encoding="utf-8")
    return path


def test_they_are_read_and_their_adapters_built(tmp_path: Path) -> None:
    config = load_station(written(tmp_path))
    assert config.yard == Yard(90.0, 5000.0, 120.0, 4.0)
    assert config.links.identifier == "tcp://192.168.10.52:4001"
    assert load_config(EXAMPLE).links.gate == ""
    own = f'weigher = "modbus_map"\nweigher_map = "{EXAMPLE.parent / "weigher_map.toml"}"\n'
    assert load_station(written(tmp_path, adapters=own)).adapters.weigher == "modbus_map"


@pytest.mark.parametrize(
    ("links", "table", "adapters", "said"),
    [
        ("", TABLE, "", "yard.gate_clear_s = 4: "),
        (LINKS.replace("weigher =", "#"), TABLE, "", "means something only with [links] weigher"),
        (LINKS, TABLE.replace("90", "101"), "", "yard.least_confidence_pct = 101: "),
        (LINKS, TABLE.replace("120", "5"), "", "must be a number from 30 to 3600 s"),
        (LINKS, TABLE + "speed = 1\n", "", "yard.speed = 1: "),
        (LINKS.replace("modbus-tcp://192.168.10.50:502?unit=1", "tcp://192.168.10.50:502"), TABLE, "", "links.gate = "),
        (LINKS.replace("tcp://192.168.10.52:4001", "modbus-tcp://192.168.10.52:502"), TABLE, "", "speaks bytes"),
        (LINKS, TABLE, 'gate = "modbus_map"\n', "modbus_map needs a map file"),
        (LINKS, TABLE, 'guide = "neon"\n', 'no such adapter is installed, there are "reference_guide"'),
    ],
)
def test_what_does_not_fit_is_told(tmp_path: Path, links: str, table: str, adapters: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=r"station\.toml:[0-9]+") as told:
        load_station(written(tmp_path, links, table, adapters))
    assert said in str(told.value)
