"""The tariff that a station file names is checked with it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from swapstation.config.file import load_config
from swapstation.controller.plugging import load_station
from swapstation.energy.tariff_files import load_tariff, station_tariff
from swapstation.errors import ConfigurationError
from tests.config.test_config_file import EXAMPLE, TEXT
from tests.energy.tariffs import TEXT as TARIFF
from tests.energy.tariffs import tariff_file
from tests.energy.test_tariff import local


def station(folder: Path, tariff: str) -> Path:
    path = folder / "station.toml"
    path.write_text(TEXT.replace("/var/lib/swapstation", "data") + tariff, encoding="utf-8")
    return path


def test_a_station_without_a_tariff_knows_no_prices() -> None:
    assert station_tariff(load_config(EXAMPLE)) is None


def test_the_example_tariff_is_right() -> None:
    assert load_tariff(EXAMPLE.parent / "tariff.toml").price(local("2026-07-01T12:00")) == Decimal("0.3795")


def test_the_file_lies_beside_the_station_file_and_market_prices_in_its_data_folder(tmp_path: Path) -> None:
    tariff_file(tmp_path, TARIFF + "[spot]\nsince = 2026-07-01\n")
    config = load_station(station(tmp_path, '[tariff]\nfile = "tariff.toml"\n'))
    config.spot_price_folder.mkdir(parents=True)
    (config.spot_price_folder / "2026-07-02.toml").write_text("prices = [" + '"0.1", ' * 24 + "]", encoding="utf-8")
    told = station_tariff(config)
    assert told is not None
    assert told.price(local("2026-07-02T12:00")) == Decimal("0.2500")


def test_a_mistake_in_the_tariff_stops_the_station_with_its_line(tmp_path: Path) -> None:
    tariff_file(tmp_path, TARIFF.replace('"0.0100"', "0.01"))
    with pytest.raises(ConfigurationError, match=r"tariff\.toml:8: prices\[0\]\.loss = 0\.01"):
        load_station(station(tmp_path, '[tariff]\nfile = "tariff.toml"\n'))


def test_a_wrong_tariff_key_is_named_with_its_line(tmp_path: Path) -> None:
    path = station(tmp_path, '[tariff]\nfiles = "tariff.toml"\n')
    line = path.read_text(encoding="utf-8").splitlines().index('files = "tariff.toml"') + 1
    with pytest.raises(ConfigurationError, match=rf"station\.toml:{line}: tariff\.files = .*did you mean file\?"):
        load_station(path)
