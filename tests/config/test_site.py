"""`[site]` limits the power of all charging together; without it there is no limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.config.file import load_config
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
    with pytest.raises(ConfigurationError, match=r"does not take LimitCharge, which \[site\] power_kw or derating"):
        load_station(station(tmp_path, 1600.0, text=text))
