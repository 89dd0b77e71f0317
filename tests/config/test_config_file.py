"""Reading the configuration: the example is right, every mistake is told with its line and what is allowed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.config.file import configuration_hash, load_config
from swapstation.config.settings import Charging, Config, Exchange
from swapstation.errors import ConfigurationError

EXAMPLE = Path(__file__).parents[2] / "examples" / "station.toml"
TEXT = EXAMPLE.read_text(encoding="utf-8")
KEY_LINES = [number for number, line in enumerate(TEXT.splitlines(), start=1) if re.match(r"[a-z_]+ *= ", line)]


@pytest.fixture
def station(tmp_path: Path) -> Path:
    return tmp_path / "station.toml"


def mistakes(path: Path, text: str) -> list[str]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_config(path)
    return [mistake.removeprefix(str(path)) for mistake in caught.value.mistakes]


def changed(line_start: str, replacement: str, occurrence: int = 1) -> tuple[str, int]:
    """The example with one line replaced, and that line's number."""
    lines = TEXT.splitlines()
    found = [index for index, line in enumerate(lines) if line.startswith(line_start)][occurrence - 1]
    lines[found] = replacement
    return "\n".join(lines), found + 1


def test_the_example_is_a_whole_station() -> None:
    config = load_config(EXAMPLE)
    assert isinstance(config, Config)
    assert config.exchange is Exchange.PLC
    assert [bay.number for bay in config.charging_bays] == list(range(1, 9))
    assert {bay.charging for bay in config.charging_bays} == set(Charging)
    assert [bay.number for bay in config.bays if bay.isolation] == [9]
    assert config.data == Path("/var/lib/swapstation")


def test_a_relative_data_folder_starts_at_the_file(station: Path) -> None:
    text, _ = changed("data", 'data = "data"')
    station.write_text(text, encoding="utf-8")
    assert load_config(station).data == station.parent / "data"


@given(
    line=st.sampled_from(KEY_LINES),
    wrong=st.sampled_from(["nan", "[[1]]", "{ a = 1 }", "1979-05-27", "-1", '"\\u0007"']),
)
def test_a_wrong_value_of_any_key_is_told_with_its_line(
    tmp_path_factory: pytest.TempPathFactory, line: int, wrong: str
) -> None:
    lines = TEXT.splitlines()
    key = lines[line - 1].split("=")[0].strip()
    lines[line - 1] = f"{key} = {wrong}"
    told = mistakes(tmp_path_factory.mktemp("config") / "station.toml", "\n".join(lines))
    assert any(mistake.startswith(f":{line}: ") and key in mistake for mistake in told), told


@given(line=st.sampled_from(KEY_LINES))
def test_a_misspelt_key_is_told_with_its_line_and_the_nearest_key(
    tmp_path_factory: pytest.TempPathFactory, line: int
) -> None:
    lines = TEXT.splitlines()
    key, rest = lines[line - 1].split("=", 1)
    lines[line - 1] = f"{key.strip()}x = {rest}"
    told = mistakes(tmp_path_factory.mktemp("config") / "station.toml", "\n".join(lines))
    assert any(mistake.startswith(f":{line}: ") and f"did you mean {key.strip()}?" in mistake for mistake in told), told


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(station: Path) -> None:
    text = TEXT.replace('exchange = "plc"', 'exchange = "manual"').replace("pose_x_mm = 150", "pose_x_mm = 1.5")
    text = text.replace("number = 2\n", "number = 31\n").replace("packs = 1", "packs = true")
    told = mistakes(station, text)
    assert len(told) == 4
    numbers = [int(mistake.split(":")[1]) for mistake in told]
    assert numbers == sorted(numbers)
    assert 'exchange = "manual": 只能是 "plc", "station" 之一 | must be one of "plc", "station"' in told[0]
    assert "limits.pose_x_mm = 1.5: " in told[1]
    assert "whole number from 1 to 500 mm" in told[1]
    assert "bays[1].number = 31: " in told[2]
    assert "battery_models[0].packs = true" in told[3]


CROSS = [
    ("number = 2", "number = 1", 1, "bay numbers must differ"),
    ("isolation = true", 'can = "can+socketcan://can9"', 0, "at least one bay must have isolation = true"),
    ("chargers = ", "", 0, "because bays 1, 2, 3, 4 are `charger`"),
    ('can = "can+socketcan://can5', "", 0, "a `direct` bay needs its CAN segment"),
    ('can = "can+socketcan://can6', 'can = "can+socketcan://can5?bitrate=250000"', 1, "CAN segment of its own"),
    ('can = "can+socketcan://can5', 'can = "can+socketcan://can0?bitrate=250000"', 1, "CAN segment of its own"),
    ("min_voltage_v", "min_voltage_v = 750", 1, "must be below max_voltage_v (750 V)"),
    ("max_current_a = 350.0             # highest", "max_current_a = 401", 1, "at most 400 A"),
    ("max_voltage_v = 730.0", "max_voltage_v = 760", 1, "no bay can give this, at most 750 V"),
    ("mass_tolerance_kg", "mass_tolerance_kg = 1600", 0, ""),
    ("battery_model =", 'battery_model = "LFP-999"', 1, 'there are "LFP-282"'),
    ("ready_soc_pct", "ready_soc_pct = 96", 1, "must not be above charge_target_soc_pct (95 %)"),
    ("shed_pct", "shed_pct = 20", 1, "must be below low_pct (20 %)"),
    ("stop_pct", "stop_pct = 10.5", 1, "must be below shed_pct (10 %)"),
    ("stop_pct", "stop_pct = 0.1", 1, "must be a number from 0.5 to 40 %"),
    ("ballast_mb", "ballast_mb = 1.5", 1, "must be a whole number from 0 to 10000 MB"),
    ("robot = ", 'robot = "modbus-rtu:///dev/ttyS1?baud=7"', 1, "baud = 7: allowed:"),
    ("robot = ", 'robot = "dlt645:///dev/ttyS1"', 1, "allowed schemes: modbus-tcp, modbus-rtu"),
    ("recipe = ", 'recipe = "side_fork"', 1, 'there are "bottom", "side", "top_lift"'),
    ("host = ", 'host = "0.0.0.0"', 1, "must be loopback"),
    ("packs = 1", 'packs = 1\nrecipes = ["side"]', 0, 'battery LFP-282 can be exchanged only by "side"'),
    ("packs = 1", 'packs = 1\nrecipes = ["fork"]', 0, "must be a list of 1 - 10 different values: no such recipe"),
    ('recipe = "top_lift"               # how', 'recipe = "fork"', 1, "no such recipe"),
    ("vehicle_type", 'vehicle_type = "boat"', 1, '"heavy_truck", "dump_truck", "loader"'),
    ("positions", 'positions = ["a", "a"]', 1, "must be a list of 1 - 3 different values"),
    ("positions", 'positions = ["a", "b", "c", "d"]', 1, "must be a list of 1 - 3 different"),
    ("positions", "positions = []", 1, "must be a list of 1 - 3 different values"),
    ("max_soc_spread_pct", "max_soc_spread_pct = -1", 1, "must be a number from 0 to 100 %"),
    ('name = "LFP', 'name = "OTHER"', 0, 'there are "OTHER"'),
    ("number = 2", "number = 2\nneighbours = [1, 99]", 0, "must be a list of bay numbers"),
    ("number = 2", "number = 2\nneighbours = [2]", 0, "of 1, 3, 4"),
    ("number = 2", "number = 2\nneighbours = [29]", 0, "of 1, 3, 4"),
    ("sources = ", 'sources = ["truck_code", "presence_a"]', 1, '"truck_code", "truck_presence", "bms_serial"'),
    ("minimum = ", "minimum = 4", 1, "whole number from 1 to 3"),
    ("sources = ", 'sources = ["bms_serial", "hoist_mass"]', 0, "and a person's word are 1"),
]


@pytest.mark.parametrize(("line_start", "replacement", "same_line", "said"), CROSS)
def test_contradictions_between_fields_are_told(
    station: Path, line_start: str, replacement: str, same_line: int, said: str
) -> None:
    text, line = changed(line_start, replacement)
    told = mistakes(station, text)
    assert len(told) == 1
    assert said in told[0]
    assert not same_line or told[0].startswith(f":{line}: ")


def test_a_truck_model_may_have_its_own_recipe(station: Path) -> None:
    text = TEXT.replace("packs = 1", 'packs = 1\nrecipes = ["side", "top_lift"]')
    text += '\n[[truck_models]]\nname = "dumper"\nplc_number = 2\nbattery_model = "LFP-282"\n'
    text += 'vehicle_type = "dump_truck"\nrecipe = "side"\npositions = ["left", "right"]\n'
    station.write_text(text, encoding="utf-8")
    config = load_config(station)
    tractor, dumper = config.truck_models
    assert (tractor.vehicle_type, config.recipe_of(tractor), tractor.positions) == (
        "heavy_truck",
        "top_lift",
        ("main",),
    )
    assert (dumper.vehicle_type, config.recipe_of(dumper)) == ("dump_truck", "side")
    assert dumper.positions == ("left", "right")
    assert config.recipes == ("top_lift", "side")


def test_a_current_above_400_a_is_fine_where_a_charger_controls_every_bay(station: Path) -> None:
    text = TEXT.replace('charging = "direct"', 'charging = "charger"').replace(
        "max_current_a = 350.0", "max_current_a = 500"
    )
    station.write_text(text, encoding="utf-8")
    assert load_config(station).battery_models[0].max_current_a == 500


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name = ", ":1: 不是正确的 TOML"),
        (b'name = "a"\nname = "b"\n', ":2: 不是正确的 TOML"),
        (b'name = "a"\n\n\xff\xfe', ":3: 文件必须是 UTF-8"),
        (b"", "links.robot: 缺少这一项 | is missing"),
        (b"bays = 3\nlinks = 4\n", "must be a table [links]"),
    ],
)
def test_broken_files_are_told_without_a_traceback(station: Path, content: bytes, said: str) -> None:
    station.write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        load_config(station)
    assert any(said in mistake for mistake in caught.value.mistakes)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot open the file"):
        load_config(tmp_path / "none.toml")


def test_the_hash_follows_the_settings_not_the_layout(station: Path) -> None:
    before = configuration_hash(load_config(EXAMPLE))
    station.write_text("# moved\n" + TEXT, encoding="utf-8")
    assert configuration_hash(load_config(station)) == before
    station.write_text(TEXT.replace("ready_soc_pct = 90.0", "ready_soc_pct = 91"), encoding="utf-8")
    assert configuration_hash(load_config(station)) != before


def test_a_bay_stops_with_those_beside_it_or_those_it_names(station: Path) -> None:
    station.write_text(TEXT.replace("number = 3\n", "number = 3\nneighbours = [1]\n"), encoding="utf-8")
    config = load_config(station)
    assert [config.beside(number) for number in (1, 2, 3)] == [{2}, {1, 3}, {1}]


@pytest.mark.parametrize(
    "line",
    [
        'intercom = "javascript:alert(1)"',
        'intercom = ""',
        'cameras = ["http://10.20.0.6/lane"]',
        'cameras = ["https://user:secret@10.20.0.6/lane"]',
        'cameras = ["https://10.20.0.6/lane?as=user:secret@"]',
    ],
)
def test_an_intercom_and_cameras_are_addresses_without_passwords(station: Path, line: str) -> None:
    text, number = changed("cabin_idle_minutes", line)
    (mistake,) = mistakes(station, text)
    assert mistake.startswith(f":{number}")
