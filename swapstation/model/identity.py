"""Identification codes: GB/T 34014-2017 battery codes and GB 16735 vehicle numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from swapstation.errors import InputError

_PACK_CODE = re.compile(r"[0-9A-Z]{3}[PMC][A-GZ][0-9A-Z]{2}[0-9A-Z]{7}[1-9A-HJ-NPR-Y][1-9ABC][1-9A-HJ-NPR-Y][0-9]{7}")
_VIN = re.compile(r"[0-9A-HJ-NPR-Z]{17}")
_VIN_LETTER_VALUES = [*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)]
_VIN_VALUES = dict(zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", [*range(10), *_VIN_LETTER_VALUES], strict=True))
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


@dataclass(frozen=True, slots=True)
class PackCode:
    """A battery code of GB/T 34014-2017: 24 characters, no check digit.

    `maker` is the assigned 3-character code, `serial` the 7-digit running number that a BMS also reports in BRM.
    """

    text: str

    def __post_init__(self) -> None:
        if not _PACK_CODE.fullmatch(self.text):
            allowed = "GB/T 34014: maker(3) product(P/M/C) chemistry spec(2) trace(7) year month day serial(7)"
            raise InputError("pack code", self.text, allowed)

    @property
    def maker(self) -> str:
        return self.text[:3]

    @property
    def serial(self) -> int:
        return int(self.text[17:])


def check_vin(vin: str) -> None:
    """Raise InputError unless `vin` has the form of ISO 3779: 17 characters, no I, O or Q."""
    if not _VIN.fullmatch(vin):
        raise InputError("vin", vin, "17 characters 0-9 A-Z without I, O, Q")


def vin_check_digit_matches(vin: str) -> bool:
    """Tell whether position 9 is the GB 16735 check digit; a foreign VIN may fail, so callers warn and go on."""
    check_vin(vin)
    total = sum(_VIN_VALUES[character] * weight for character, weight in zip(vin, _VIN_WEIGHTS, strict=True))
    return "0123456789X"[total % 11] == vin[8]
