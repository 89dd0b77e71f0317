"""`[planner]` and `[bookings]`: off and harmless by default, wrong values told with their line."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.config.booking_settings import Bookings
from swapstation.config.file import load_config
from swapstation.config.settings import Planner
from swapstation.errors import ConfigurationError
from tests.config.test_config_file import EXAMPLE, TEXT


def station(folder: Path, table: str, key: str, value: str) -> Path:
    """The example with one value of a table changed."""
    before, _, after = TEXT.partition(f"[{table}]")
    lines = [f"{key} = {value}" if line.startswith(f"{key} =") else line for line in after.splitlines()]
    path = folder / "station.toml"
    path.write_text(f"{before}[{table}]" + "\n".join(lines), encoding="utf-8")
    return path


def test_the_example_tells_the_defaults() -> None:
    config = load_config(EXAMPLE)
    assert (config.planner, config.bookings) == (Planner(), Bookings())
    assert not config.planner.enabled


def test_the_demo_station_plans_by_an_invented_tariff() -> None:
    config = load_config(EXAMPLE.parent / "demo.toml")
    assert config.planner.enabled
    assert config.tariff.file == EXAMPLE.parent / "tariff.toml"


@pytest.mark.parametrize(
    ("table", "key", "value", "said"),
    [
        ("planner", "enabled", '"yes"', "must be true or false"),
        ("planner", "interval_s", "119.0", "from 5 to 90 s"),
        ("planner", "horizon_hours", "1.0", "from 2 to 48 h"),
        ("planner", "reserve_batteries", "1.5", "whole number from 0 to 20"),
        ("bookings", "late_minutes", "0", "whole number from 1 to 240 min"),
        ("bookings", "bind_minutes", "241", "whole number from 1 to 240 min"),
    ],
)
def test_a_wrong_value_is_told(tmp_path: Path, table: str, key: str, value: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as told:
        load_config(station(tmp_path, table, key, value))
    assert f"{table}.{key} = " in str(told.value)
