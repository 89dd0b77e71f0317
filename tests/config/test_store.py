"""`[store]`: a stationary store of the site; without it there is none, and its wire and table go together."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.config.file import load_config
from swapstation.config.settings import Config
from swapstation.config.site_settings import SiteStore
from swapstation.controller.plugging import load_station
from swapstation.errors import ConfigurationError
from tests.config.test_config_file import EXAMPLE, TEXT

TABLE = "[store]\nenergy_kwh = 400\ncharge_kw = 100\ndischarge_kw = 120\n"
LINK = 'store = "modbus-tcp://192.168.10.40:502?unit=1"\n'


def written(folder: Path, table: str = TABLE, link: str = LINK) -> Path:
    path = folder / "station.toml"
    path.write_text(TEXT.replace("station_can =", f"{link}station_can =", 1) + table, encoding="utf-8")
    return path


def read(folder: Path, table: str = TABLE, link: str = LINK) -> Config:
    return load_config(written(folder, table, link))


def test_a_store_is_read(tmp_path: Path) -> None:
    assert read(tmp_path).store == SiteStore(400.0, 100.0, 120.0)
    assert load_config(EXAMPLE).store is None


def test_its_adapter_is_the_reference_store_or_a_vendor_s_map(tmp_path: Path) -> None:
    assert load_station(written(tmp_path)).adapters.store == "reference_store"
    text = written(tmp_path).read_text(encoding="utf-8")
    own = f'store = "modbus_map"\nstore_map = "{EXAMPLE.parent / "store_map.toml"}"\nexchanger ='
    (tmp_path / "station.toml").write_text(text.replace("exchanger =", own, 1), "utf-8")
    assert load_station(tmp_path / "station.toml").adapters.store_map == EXAMPLE.parent / "store_map.toml"


@pytest.mark.parametrize(
    ("table", "link", "said"),
    [
        ("", LINK, "links.store = "),
        (TABLE, "", "links.store = "),
        (TABLE.replace("charge_kw = 100\n", "", 1), LINK, "store.charge_kw: "),
        (TABLE + "least_soc_pct = 95\n", LINK, "store.least_soc_pct = 95.0: "),
        (TABLE + "efficiency = 1.1\n", LINK, "must be a number from 0.5 to 1"),
        (TABLE + "soc_pct = 1\n", LINK, "store.soc_pct = 1: "),
        (TABLE, 'store = "dlt645:///dev/ttyS2?baud=9600&parity=E"\n', "links.store = "),
        ("store = 5\n", LINK, "no such key"),
    ],
)
def test_what_does_not_fit_is_told(tmp_path: Path, table: str, link: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=r"station\.toml:[0-9]+") as told:
        read(tmp_path, table, link)
    assert said in str(told.value)
