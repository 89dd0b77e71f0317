"""Battery codes (GB/T 34014-2017) and vehicle numbers (GB 16735): published examples, and every wrong place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.errors import InputError
from swapstation.model.identity import PackCode, check_vin, vin_check_digit_matches

CODE = "999PB0A0000001E6K0000042"
VALID_VINS = (
    "1M8GDM9AXKP042788",
    "11111111111111111",
    "WBAAF931XMEE68337",
    "LZZ1CLSB7RA000001",
    "LZZ5BLSJ4MA000123",
    "LGAX5DEC4N3000001",
)


@pytest.mark.parametrize(
    ("text", "maker", "serial"),
    [
        ("04QCB76836300JBC40000903", "04Q", 903),
        ("001CB240000003B3C0221953", "001", 221953),
        ("X12MCPM27KLPCLX2M2382320", "X12", 2382320),
        (CODE, "999", 42),
    ],
)
def test_published_battery_codes_are_read(text: str, maker: str, serial: int) -> None:
    code = PackCode(text)
    assert (code.maker, code.serial) == (maker, serial)


@pytest.mark.parametrize(
    ("position", "character"),
    [
        (1, "a"),
        (4, "X"),
        (5, "H"),
        (6, "-"),
        (8, " "),
        (15, "I"),
        (15, "0"),
        (16, "D"),
        (16, "0"),
        (17, "O"),
        (17, "0"),
    ],
)
def test_a_wrong_character_in_a_battery_code_is_refused(position: int, character: str) -> None:
    with pytest.raises(InputError, match="pack code"):
        PackCode(CODE[: position - 1] + character + CODE[position:])


@pytest.mark.parametrize(
    "text", ["", CODE[:-1], CODE[:-1] + "A", CODE[:-1] + "٣", CODE + "1", CODE + "\n", CODE.lower()]
)
def test_a_battery_code_of_the_wrong_length_case_or_serial_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        PackCode(text)


@pytest.mark.parametrize("vin", VALID_VINS)
def test_published_vehicle_numbers_have_their_check_digit(vin: str) -> None:
    assert vin_check_digit_matches(vin)


@pytest.mark.parametrize("vin", VALID_VINS)
@pytest.mark.parametrize("digit", "0123456789X")
def test_any_other_check_digit_does_not_match(vin: str, digit: str) -> None:
    assert vin_check_digit_matches(vin[:8] + digit + vin[9:]) is (digit == vin[8])


@pytest.mark.parametrize("vin", ["", "LZZ1CLSB7RA00000", "LZZ1CLSB7RA0000011", "LZZ1CLSB7RA00000\n"])
@pytest.mark.parametrize("check", [check_vin, vin_check_digit_matches])
def test_a_vehicle_number_of_the_wrong_length_is_refused(check: object, vin: str) -> None:
    assert callable(check)
    with pytest.raises(InputError, match="vin"):
        check(vin)


@pytest.mark.parametrize("character", "IOQa-一 ")
@given(position=st.integers(0, 16))
def test_a_character_that_no_vehicle_number_has_is_refused(character: str, position: int) -> None:
    vin = VALID_VINS[0]
    with pytest.raises(InputError):
        check_vin(vin[:position] + character + vin[position + 1 :])
