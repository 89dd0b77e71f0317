"""`[training]`: only for a station whose wires all end on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.config.file import load_config
from swapstation.config.settings import Charging, Exchange
from swapstation.demo.station_file import DemoOptions, station_toml
from tests.config.test_config_file import EXAMPLE, TEXT, mistakes

TRAINING = "\n[training]\n"


@pytest.mark.parametrize("wires", ["tcp", "pty"])
def test_a_station_of_the_simulator_may_train(tmp_path: Path, wires: str) -> None:
    options = DemoOptions(0, 1.0, wires, Exchange.STATION, Charging.DIRECT, 1)
    path = tmp_path / "station.toml"
    path.write_text(station_toml(options, tmp_path, 8080) + TRAINING, encoding="utf-8")
    training = load_config(path).training
    assert training is not None
    assert training.simulator == "simulator.sock"


def test_the_example_is_a_real_station() -> None:
    assert load_config(EXAMPLE).training is None


def test_a_station_with_equipment_may_not_train(tmp_path: Path) -> None:
    told = mistakes(tmp_path / "station.toml", TEXT + TRAINING)
    assert any("links.station_can" in each and "simulator of this machine" in each for each in told)
    assert any("bays" in each for each in told)


def test_the_socket_is_a_file_of_the_data_folder(tmp_path: Path) -> None:
    told = mistakes(tmp_path / "station.toml", TEXT + TRAINING + 'simulator = "../other.sock"\n')
    assert any("training.simulator" in each and "data folder" in each for each in told)
