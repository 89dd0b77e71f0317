"""Commissioning from a file: everything or nothing, and every mistake named with its line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from swapstation.config.settings import Bay, Config
from swapstation.errors import ConfigurationError
from swapstation.inventory.import_file import Imported, import_inventory
from swapstation.inventory.journal import open_station_database
from swapstation.inventory.queries import last_sequence, load_inventory
from swapstation.model.inventory import Inventory
from tests.inventory.stock import AT, OTHER_VIN, VIN, pack_code, station_config

EXAMPLE = Path(__file__).parents[2] / "examples" / "inventory.toml"
GOOD = f"""
[[trucks]]
vin = "{VIN}"
model = "tractor-6x4"

[[batteries]]
battery = "B1"
model = "LFP-282"
codes = ["{pack_code(1)}"]
place = "truck:{VIN}"
soc_pct = 20
"""


def stock(engine: sa.Engine) -> Inventory:
    with engine.connect() as connection:
        return load_inventory(connection)


def mistakes(engine: sa.Engine, config: Config, file: Path, text: str) -> list[str]:
    """Import a wrong text and return what is said, without the file's path; nothing may be written."""
    file.write_text(text)
    before = stock(engine)
    with pytest.raises(ConfigurationError) as error:
        import_inventory(engine, config, file, "li", AT)
    assert stock(engine) == before
    return [mistake.removeprefix(f"{file}:") for mistake in error.value.mistakes]


def test_a_right_file_brings_in_trucks_and_their_batteries(engine: sa.Engine, config: Config, tmp_path: Path) -> None:
    file = tmp_path / "stock.toml"
    file.write_text(GOOD)
    assert import_inventory(engine, config, file, "li", AT) == Imported(trucks=1, batteries=1, warnings=())
    inventory = stock(engine)
    battery = inventory.at(f"truck:{VIN}")
    assert battery is not None
    assert (battery.battery, battery.soc_pct, battery.soc_at) == ("B1", 20.0, AT)
    with engine.connect() as connection:
        assert last_sequence(connection) == 2


def test_the_same_file_again_contradicts_the_stock(engine: sa.Engine, config: Config, tmp_path: Path) -> None:
    file = tmp_path / "stock.toml"
    file.write_text(GOOD)
    import_inventory(engine, config, file, "li", AT)
    (mistake,) = mistakes(engine, config, file, GOOD)
    assert mistake == f"7: batteries[0]: battery = 'B1': already recorded in truck:{VIN}"


def test_every_mistake_is_named_with_line_and_entry(engine: sa.Engine, config: Config, tmp_path: Path) -> None:
    text = (
        GOOD
        + f"""
[[batteries]]
battery = "B2"
model = "NMC"
codes = ["{pack_code(2)}"]
place = "bay-1"

[[batteries]]
battery = "B3"
model = "LFP-282"
codes = ["{pack_code(1)}"]
place = "bay-1"

[[batteries]]
battery = "B4"
model = "LFP-282"
codes = ["{pack_code(4)}"]
place = "truck:{OTHER_VIN}"
"""
    )
    assert mistakes(engine, config, tmp_path / "stock.toml", text) == [
        "15: batteries[1]: model = 'NMC': one of LFP-282",
        f"22: batteries[2]: codes = '{pack_code(1)}': already on battery B1",
        f"29: batteries[3]: place = 'truck:{OTHER_VIN}': not a place of this station or of a registered truck",
    ]


def test_wrong_shapes_are_named_before_anything_is_judged(engine: sa.Engine, config: Config, tmp_path: Path) -> None:
    text = """
[[trucks]]
vin = 17
[[batteries]]
battery = "B1"
model = "LFP-282"
codes = "one"
place = "bay-1"
soc_pct = true
colour = "red"
[[lorries]]
"""
    assert mistakes(engine, config, tmp_path / "stock.toml", text) == [
        "2: trucks[0]: model is missing: a text in quotes",
        "3: trucks[0]: vin = 17: must be a text in quotes",
        "7: batteries[0]: codes = 'one': must be a list of texts",
        "9: batteries[0]: soc_pct = True: must be a number",
        "10: batteries[0]: colour = 'red': unknown; allowed are battery, model, codes, place, soc_pct",
        "11: lorries: unknown; allowed are [[trucks]] and [[batteries]]",
    ]
    assert mistakes(engine, config, tmp_path / "stock.toml", "trucks = 3") == [
        "1: trucks: must be written as [[trucks]]"
    ]


def test_a_file_that_is_no_toml_or_not_there_is_named(engine: sa.Engine, config: Config, tmp_path: Path) -> None:
    (mistake,) = mistakes(engine, config, tmp_path / "stock.toml", "a = 1\nb = \n")
    assert mistake.startswith("2: not valid TOML")
    with pytest.raises(ConfigurationError, match="cannot open the file"):
        import_inventory(engine, config, tmp_path / "none.toml", "li", AT)


def test_the_example_fills_a_station_of_eight_bays(tmp_path: Path) -> None:
    config = replace(station_config(tmp_path), bays=(*(Bay(number) for number in range(1, 9)), Bay(9, isolation=True)))
    engine = open_station_database(config)
    imported = import_inventory(engine, config, EXAMPLE, "li", AT)
    assert (imported.trucks, imported.batteries, imported.warnings) == (3, 10, ())
    inventory = stock(engine)
    assert [inventory.at(f"bay-{n}") is not None for n in range(1, 9)] == [True] * 7 + [False]
    engine.dispose()
