"""The care of a battery model in the station file: tables that contradict themselves are refused with their line."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.config.battery_care import Derating
from swapstation.config.file import load_config
from swapstation.config.settings import Config
from swapstation.errors import ConfigurationError
from tests.config.test_config_file import TEXT

GOOD = """
[battery_models.derating]
temperature_c = [-20, 0, 45, 55]
soc_pct = [0, 80, 100]
current_a = [[20, 20, 10], [350, 350, 100], [350, 350, 100], [0, 0, 0]]
"""


def read(folder: Path, table: str = "", bay: str = "") -> Config:
    """The example station with a table of its battery model instead of its own, and keys of its second bay."""
    start, end = TEXT.index("[battery_models.derating]"), TEXT.index("[[truck_models]]")
    text = f"{TEXT[:start]}{table}\n{TEXT[end:]}".replace("number = 2\n", f"number = 2\n{bay}\n", 1)
    path = folder / "station.toml"
    path.write_text(text, encoding="utf-8")
    return load_config(path)


def test_a_table_is_read(tmp_path: Path) -> None:
    rows = ((20.0, 20.0, 10.0), (350.0, 350.0, 100.0), (350.0, 350.0, 100.0), (0.0, 0.0, 0.0))
    table = read(tmp_path, GOOD).battery_models[0].derating
    assert table == Derating((-20.0, 0.0, 45.0, 55.0), (0.0, 80.0, 100.0), rows)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[-20, 0, 45, 55]", "[-20, 0, 0, 55]", "derating.temperature_c = [...]: "),
        ("[-20, 0, 45, 55]", "[-20, 0, 55]", "must be 3 rows of 3 numbers"),
        ("[0, 80, 100]", "[0, 80, 101]", "must be at least 1 rising numbers, 0 - 100 %"),
        ("[20, 20, 10]", "[20, 30, 10]", "must not grow with the SOC"),
        ("[0, 0, 0]]", "[0, 0]]", "must be rows of numbers of one length"),
        ("[20, 20, 10], [350, 350, 100]", "[99, 99, 10], [10, 10, 9]", "columns must rise and then fall"),
        ("current_a", "c_rate", "0 - 10"),
        ("current_a", "power_kw", "no such key"),
        ("current_a = [[", "c_rate = [[1]]\ncurrent_a = [[", "needs one of current_a and c_rate"),
    ],
)
def test_a_table_that_does_not_fit_is_refused_with_its_reason(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=r"station\.toml:[0-9]+") as told:
        read(tmp_path, GOOD.replace(old, new))
    assert said in str(told.value)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("least_power_kw = 300", "must be a number from 1 to 100 kW"),
        ("derate_above_c = 80", "must be below off_above_c (80)"),
        ("off_above_c = 60", "must be below off_above_c (60)"),
    ],
)
def test_limits_of_a_bay_that_contradict_each_other_are_refused(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        read(tmp_path, bay=line)
    assert said in str(told.value)
