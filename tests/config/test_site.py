"""`[site]` limits the power of all charging together; without it there is no limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.config.file import load_config
from swapstation.config.settings import DemandWindow
from swapstation.config.site_settings import Feeder
from swapstation.controller.plugging import load_station
from swapstation.errors import ConfigurationError
from tests.config.test_config_file import EXAMPLE, TEXT

SITE = "[site]\npower_kw = {power}\ncharging_efficiency = {efficiency}\n"


def station(folder: Path, power: object, efficiency: object = 0.95, text: str = TEXT) -> Path:
    path = folder / "station.toml"
    path.write_text(text + SITE.format(power=power, efficiency=efficiency), encoding="utf-8")
    return path


def test_the_limit_is_kept_behind_the_losses(tmp_path: Path) -> None:
    assert load_config(station(tmp_path, 1600.0)).site.charging_kw == 1520.0


@pytest.mark.parametrize(
    ("power", "efficiency", "said"),
    [
        (10, 0.95, "power_kw = 10"),
        (1600, 0.4, "charging_efficiency = 0.4"),
        (120, 0.95, "at least 126.3 kW: least_power_kw of each charging bay"),
    ],
)
def test_a_wrong_limit_is_told(tmp_path: Path, power: float, efficiency: float, said: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        load_config(station(tmp_path, power, efficiency))
    assert said in str(told.value)


def test_a_charger_that_cannot_be_limited_does_not_fit_a_limited_site(tmp_path: Path) -> None:
    maps = (EXAMPLE.parent / "charger_map.toml").read_text(encoding="utf-8")
    start, end = maps.index("[[order]]                         # optional"), maps.index('[[order]]\ncommand = "Stop')
    (tmp_path / "charger_map.toml").write_text(maps[:start] + maps[end:], encoding="utf-8")
    text = TEXT.replace('charger = "reference_charger"', 'charger = "modbus_map"\ncharger_map = "charger_map.toml"')
    with pytest.raises(ConfigurationError, match=r"does not take LimitCharge, which \[site\] power_kw, contract_kw"):
        load_station(station(tmp_path, 1600.0, text=text))


CONTRACT = '[site]\ncontract_kw = 900.0\ndemand_kw = 800.0\nguns_kw = 100.0\ndemand_window = "sliding"\n'


TWO_FEEDERS = "".join(f'[[feeders]]\nname = "{name}"\nlimit_kw = 300.0\nbays = [1]\n' for name in "ab")


def written(folder: Path, text: str) -> Path:
    path = folder / "station.toml"
    path.write_text(TEXT + text, encoding="utf-8")
    return path


def test_contract_demand_and_feeders_are_read(tmp_path: Path) -> None:
    feeder = '[[feeders]]\nname = "east"\nlimit_kw = 300.0\nbays = [1, 2]\n'
    config = load_config(written(tmp_path, CONTRACT + feeder))
    assert (config.site.contract_kw, config.site.demand_kw) == (900.0, 800.0)
    assert config.site.demand_window is DemandWindow.SLIDING
    assert config.feeders == (Feeder("east", 300.0, (1, 2)),)
    assert load_config(written(tmp_path, CONTRACT)).feeders == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[site]\ncontract_kw = 150.0\n", "other_load_kw, hoist_kw"),
        ("[site]\ncontract_kw = 900.0\ndemand_kw = 950.0\n", "must not be above contract_kw"),
        ("[site]\nshed_pct = [40, 70]\n", "the second not above the first"),
        ('[site]\ndemand_charge_mode = "free"\n', "demand_charge_mode"),
        ('[[feeders]]\nname = "site"\nlimit_kw = 300.0\nbays = [1]\n', "name"),
        ('[[feeders]]\nname = "a"\nlimit_kw = 300.0\nbays = []\n', "bays"),
        ('[[feeders]]\nname = "a"\nlimit_kw = 300.0\nbays = [29]\n', "each in one feeder"),
        ('[[feeders]]\nname = "a"\nlimit_kw = 20.0\nbays = [1, 2]\n', "limit_kw"),
        (TWO_FEEDERS, "each in one feeder"),
    ],
)
def test_a_wrong_tree_is_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        load_config(written(tmp_path, text))
    assert said in str(told.value)
