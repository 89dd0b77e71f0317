"""Register maps: shipped maps load, values survive a round trip, mistakes are explained with their line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.errors import ConfigurationError, InputError
from swapstation.protocol.register_files import load_register_map, read_register_map
from swapstation.protocol.registers import TYPES, WORD_ORDERS, Point, RegisterMap, Value

ROBOT = load_register_map("robot_plc")
CHARGER = load_register_map("charger")

MAP = """\
name = "test"
version = 1
word_order = "little"

[blocks.a]
address = 10
count = 4
access = "read"

[[point]]
block = "a"
name = "total"
address = 10
type = "i32"
scale = 0.01

[[point]]
block = "a"
name = "flag"
address = 12
type = "bool"
bit = 3
"""


def load(tmp_path: Path, text: str) -> RegisterMap:
    path = tmp_path / "map.toml"
    path.write_text(text, encoding="utf-8")
    return read_register_map(path)


def test_the_shipped_maps_load() -> None:
    assert (ROBOT.blocks["robot"].address, ROBOT.blocks["robot"].count, ROBOT.blocks["robot"].period_s) == (
        100,
        48,
        0.1,
    )
    assert ROBOT.points["station"]["order_id"] == Point(
        "station", "order_id", 12, "u32", text="command id, written in the same FC 16"
    )
    assert CHARGER.blocks["charger"].age_limit_s == 2.0


def test_decodes_types_scale_bits_enums_and_absence() -> None:
    registers = [0] * 24
    registers[0], registers[2:6], registers[6], registers[7] = 3, [6528, 1000, 1, 2], 65535, 1
    values = CHARGER.decode("charger", registers)
    assert values["state"] == "CHARGING"
    assert values["voltage"] == 652.8
    assert values["energy"] == 655.38  # 1 x 65536 + 2
    assert values["soc"] is None
    assert values["contactor_closed"] is True
    registers[0] = 99
    assert CHARGER.decode("charger", registers)["state"] is None


def test_signed_values_and_word_order(tmp_path: Path) -> None:
    assert ROBOT.decode("robot", ROBOT.encode("robot", {"x_mm": -2, "pose_yaw_mrad": -60}))["x_mm"] == -2
    little = load(tmp_path, MAP)
    assert little.encode("a", {"total": -0.02, "flag": True}) == [0xFFFE, 0xFFFF, 8, 0]
    assert little.decode("a", [0xFFFE, 0xFFFF, 8, 0]) == {"total": -0.02, "flag": True}


VENDOR = """\
name = "vendor"
version = 1
word_order = "big"

[blocks.readings]
address = 100
count = 20
access = "read"
fc = 4

[blocks.orders]
address = 0
count = 1
access = "write"
fc = 6
"""


def point(name: str, address: int, type_: str, **keys: object) -> str:
    lines = "".join(f"{key} = {value!r}\n" for key, value in keys.items())
    return f"\n[[point]]\nblock = 'readings'\nname = '{name}'\naddress = {address}\ntype = '{type_}'\n{lines}"


def test_a_vendor_map_names_functions_types_and_word_order_per_point(tmp_path: Path) -> None:
    """Known numbers: 50.0 as f32 is 4248 0000, 230.5 as f64 is 406C D000 0000 0000 (IEEE 754)."""
    vendor = load(
        tmp_path,
        VENDOR
        + point("frequency_hz", 100, "f32")
        + point("swapped_hz", 102, "f32", word_order="little")
        + point("voltage_v", 104, "f64")
        + point("energy_wh", 108, "u64")
        + point("current_a", 112, "u16", scale=0.1, offset=-400.0)
        + point("power_kw", 113, "i32", scale=-0.001)
        + point("serial", 115, "ascii", count=4),
    )
    assert (vendor.blocks["readings"].function, vendor.blocks["orders"].function) == (4, 6)
    words = "4248 0000  0000 4248  406C D000 0000 0000  0020 0000 0000 0001  0FA0  FFFF FC18  4142 2D31 3200 0000  0000"
    registers = [int(word, 16) for word in words.split()]
    values = vendor.decode("readings", registers)
    assert values == {
        "frequency_hz": 50.0,
        "swapped_hz": 50.0,
        "voltage_v": 230.5,
        "energy_wh": 0x20_0000_0000_0001,
        "current_a": 0.0,
        "power_kw": 1.0,
        "serial": "AB-12",
    }
    assert vendor.encode("readings", values) == registers


def test_what_is_no_number_and_no_text_is_none(tmp_path: Path) -> None:
    vendor = load(tmp_path, VENDOR + point("power_kw", 100, "f32") + point("serial", 102, "ascii", count=2))
    for words in ("7FC0 0000 0000 0000", "7F80 0000 FFFF FFFF", "FF80 0000 0701 4141", "7FC0 0001 2020 2020"):
        registers = [*(int(word, 16) for word in words.split()), *[0] * 16]
        assert vendor.decode("readings", registers) == {"power_kw": None, "serial": None}, words


@pytest.mark.parametrize(
    "values", [{"power_kw": 1e39}, {"power_kw": "1"}, {"power_kw": float("nan")}, {"serial": "12345"}, {"serial": "电"}]
)
def test_what_a_vendor_point_cannot_carry_is_refused(tmp_path: Path, values: dict[str, Value]) -> None:
    vendor = load(tmp_path, VENDOR + point("power_kw", 100, "f32") + point("serial", 102, "ascii", count=2))
    with pytest.raises(InputError, match="allowed: "):
        vendor.encode("readings", values)


def test_encoding_keeps_the_base_around_a_bit(tmp_path: Path) -> None:
    assert load(tmp_path, MAP).encode("a", {"flag": False}, base=[1, 2, 0xFFFF, 4]) == [1, 2, 0xFFF7, 4]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"command": "JUMP"}, "allowed: NONE, HOME"),
        ({"from_bay": -1}, "0 to 65535"),
        ({"from_bay": 65536}, "0 to 65535"),
        ({"from_bay": None}, "0 to 65535"),
        ({"nothing": 1}, "allowed: heartbeat"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(values: dict[str, Value], told: str) -> None:
    with pytest.raises(InputError) as error:
        ROBOT.encode("station", values)
    assert told in str(error.value)


def test_a_wrong_number_of_registers_is_refused() -> None:
    with pytest.raises(InputError, match="48 registers"):
        ROBOT.decode("robot", [0] * 47)


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        (
            'type = "i32"',
            'type = "u8"',
            10,
            "allowed: u16, i16, u32, i32, u64, i64, f32, f64, bool, ascii",
        ),
        ("address = 12", "address = 11", 17, "point flag: overlaps point total"),
        ("address = 12", "address = 14", 17, "allowed in block a: 10 to 13"),
        ("bit = 3", "bit = 16", 17, "bit = 16, allowed: 0 to 15"),
        ("bit = 3", "", 17, "bit = None"),
        ('block = "a"\nname = "flag"', 'block = "b"\nname = "flag"', 17, "block = 'b', allowed: a"),
        ('"flag"', '"total"', 17, "name is used twice"),
        ("scale = 0.01", "scale = 0", 10, "scale = 0.0, offset = 0.0, allowed: numbers, the scale not 0"),
        ("scale = 0.01", "offset = nan", 10, "offset = nan, allowed: numbers"),
        ("scale = 0.01", "count = 2", 10, "count = 2, allowed: 1 or more registers, for type ascii"),
        ("scale = 0.01", 'word_order = "mixed"', 10, "word_order = 'mixed', allowed: big, little"),
        ('type = "i32"\nscale = 0.01', 'type = "f32"\nenum = { ON = 1 }', 10, "enum: allowed for whole numbers"),
        ("count = 4", "count = 4\nfc = 16", 8, "block a: fc = 16, allowed: 3, 4"),
        ('"read"', '"write"\nfc = 4', 9, "block a: fc = 4, allowed: 16, 6"),
        ("count = 4", "count = 126", 5, "1 to 125"),
        ('access = "read"', 'access = "any"', 5, "allowed: read, write"),
        ('"little"', '"middle"', 3, "allowed: big, little"),
        ("scale = 0.01", "factor = 0.01", 15, "unknown key 'factor'"),
        ("address = 12", 'address = "12"', 20, "allowed: a whole number"),
        ("count = 4", "count = [", 1, "map.toml"),
    ],
)
def test_a_wrong_map_is_refused_with_line_and_what_is_allowed(
    tmp_path: Path, old: str, new: str, line: int, told: str
) -> None:
    with pytest.raises(ConfigurationError) as error:
        load(tmp_path, MAP.replace(old, new))
    assert told in str(error.value)
    assert f"map.toml:{line}: " in str(error.value) or told == "map.toml"


@given(st.lists(st.integers(0, 0xFFFF), min_size=48, max_size=48))
def test_any_registers_decode_and_known_values_encode_back(registers: list[int]) -> None:
    values = ROBOT.decode("robot", registers)
    known = {name: value for name, value in values.items() if value is not None}
    assert ROBOT.decode("robot", ROBOT.encode("robot", known, registers)) == values


@given(st.sampled_from(TYPES), st.sampled_from(WORD_ORDERS), st.lists(st.integers(0, 0xFFFF), min_size=4, max_size=4))
def test_any_registers_of_any_type_are_a_value_or_none(type_: str, word_order: str, registers: list[int]) -> None:
    any_point = Point("b", "p", 0, type_, bit=5 if type_ == "bool" else None, word_order=word_order)
    words = registers[: any_point.width]
    value = any_point.decode(words)
    if value is not None:
        assert any_point.decode(any_point.encode(value, words)) == value


@given(st.lists(st.integers(0, 0xFFFF), min_size=24, max_size=24))
def test_scaled_values_survive_a_round_trip(registers: list[int]) -> None:
    values = CHARGER.decode("charger", registers)
    known = {name: value for name, value in values.items() if value is not None}
    assert CHARGER.encode("charger", known, registers) == registers
