"""Where the standard puts every word: byte and bit counted from 1, and the value of the pair."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import pytest

from swapstation.protocol.gbt27930.messages import Bem, Bsm, Bst, Cem, Cst, Message
from swapstation.protocol.gbt27930.table import type_of
from swapstation.protocol.gbt27930.words import (
    BatteryFault,
    BmsStop,
    BmsTimeout,
    ChargerStop,
    ChargerTimeout,
    Edition,
    spoken_edition,
)

BST = {
    (1, 1): BmsStop.SOC_REACHED,
    (1, 3): BmsStop.VOLTAGE_REACHED,
    (1, 5): BmsStop.CELL_VOLTAGE_REACHED,
    (1, 7): BmsStop.CHARGER_STOPPED,
    (2, 1): BmsStop.INSULATION_FAULT,
    (2, 3): BmsStop.CONNECTOR_OVER_TEMPERATURE,
    (2, 5): BmsStop.COMPONENT_OVER_TEMPERATURE,
    (2, 7): BmsStop.CONNECTOR_FAULT,
    (3, 1): BmsStop.PACK_OVER_TEMPERATURE,
    (3, 3): BmsStop.HV_RELAY_FAULT,
    (3, 5): BmsStop.DETECTION_POINT_FAULT,
    (3, 7): BmsStop.OTHER_FAULT,
    (4, 1): BmsStop.OVER_CURRENT,
    (4, 3): BmsStop.VOLTAGE_ABNORMAL,
    (4, 5): BmsStop.PARAMETERS_MISMATCH,
}
CST = {
    (1, 1): ChargerStop.CONDITION_REACHED,
    (1, 3): ChargerStop.MANUAL,
    (1, 5): ChargerStop.FAULT,
    (1, 7): ChargerStop.BMS_STOPPED,
    (2, 1): ChargerStop.CHARGER_OVER_TEMPERATURE,
    (2, 3): ChargerStop.CONNECTOR_FAULT,
    (2, 5): ChargerStop.INTERNAL_OVER_TEMPERATURE,
    (2, 7): ChargerStop.ENERGY_NOT_DELIVERED,
    (3, 1): ChargerStop.EMERGENCY_STOP,
    (3, 3): ChargerStop.OTHER_FAULT,
    (3, 5): ChargerStop.SELF_TEST_FAULT,
    (3, 7): ChargerStop.PRECHARGE_FAULT,
    (4, 1): ChargerStop.CURRENT_MISMATCH,
    (4, 3): ChargerStop.VOLTAGE_ABNORMAL,
    (4, 5): ChargerStop.PARAMETERS_MISMATCH,
}
BEM = {
    (1, 1): BmsTimeout.CRM_00,
    (1, 3): BmsTimeout.CRM_AA,
    (2, 1): BmsTimeout.CTS_CML,
    (2, 3): BmsTimeout.CRO,
    (3, 1): BmsTimeout.CCS,
    (3, 3): BmsTimeout.CST,
    (4, 1): BmsTimeout.CSD,
}
CEM = {
    (1, 1): ChargerTimeout.BRM,
    (2, 1): ChargerTimeout.BCP,
    (2, 3): ChargerTimeout.BRO,
    (3, 1): ChargerTimeout.BCS,
    (3, 3): ChargerTimeout.BCL,
    (3, 5): ChargerTimeout.BST,
    (3, 7): ChargerTimeout.BSM,
    (4, 1): ChargerTimeout.BSD,
}
BSM = {
    (6, 1): (BatteryFault.CELL_VOLTAGE_HIGH, BatteryFault.CELL_VOLTAGE_LOW, BatteryFault.CELL_VOLTAGE_UNKNOWN),
    (6, 3): (BatteryFault.SOC_HIGH, BatteryFault.SOC_LOW, BatteryFault.SOC_UNKNOWN),
    (6, 5): (BatteryFault.OVER_CURRENT, BatteryFault.CURRENT_UNTRUSTED, BatteryFault.CURRENT_UNKNOWN),
    (6, 7): (BatteryFault.OVER_TEMPERATURE, BatteryFault.TEMPERATURE_UNTRUSTED, BatteryFault.TEMPERATURE_UNKNOWN),
    (7, 1): (BatteryFault.INSULATION_FAULT, BatteryFault.INSULATION_UNTRUSTED, BatteryFault.INSULATION_UNKNOWN),
    (7, 3): (BatteryFault.CONNECTOR_FAULT, BatteryFault.CONNECTOR_UNTRUSTED, BatteryFault.CONNECTOR_UNKNOWN),
}
CAUSES: list[tuple[type[Any], tuple[int, int], StrEnum]] = [
    (kind, place, word)
    for kind, places in ((Bst, BST), (Cst, CST), (Bem, BEM), (Cem, CEM))
    for place, word in places.items()
]


def pair(data: bytes, place: tuple[int, int]) -> int:
    byte, bit = place
    return data[byte - 1] >> (bit - 1) & 0b11


@pytest.mark.parametrize(("kind", "place", "word"), CAUSES, ids=[f"{k.__name__} {w}" for k, _, w in CAUSES])
def test_a_cause_is_its_pair_of_bits_alone(kind: type[Any], place: tuple[int, int], word: StrEnum) -> None:
    row = type_of(kind)
    others = [at for cause, at, _ in CAUSES if cause is kind and at != place]
    for value, message in ((0b01, kind((word,))), (0b10, kind((), (word,)))):
        data = row.encode(message, Edition.GB2023)
        assert pair(data, place) == value
        assert {pair(data, other) for other in others} == {0}
        assert row.decode(data) == message


@pytest.mark.parametrize(
    ("place", "value", "word"),
    [(place, value, word) for place, words in BSM.items() for value, word in enumerate(words, start=1)],
)
def test_a_battery_fault_is_a_value_of_its_pair(place: tuple[int, int], value: int, word: BatteryFault) -> None:
    message: Message = Bsm(1, 25.0, 1, 25.0, 1, (word,), True)
    data = type_of(Bsm).encode(message)
    assert pair(data, place) == value
    assert {pair(data, other) for other in BSM if other != place} == {0}
    assert (pair(data, (7, 5)), pair(data, (7, 7))) == (0b01, 0b11)
    assert type_of(Bsm).decode(data) == message


def test_every_word_has_a_place() -> None:
    for words, places in ((BmsStop, BST), (ChargerStop, CST), (BmsTimeout, BEM), (ChargerTimeout, CEM)):
        assert list(words) == list(places.values())
    assert list(BatteryFault) == [word for words in BSM.values() for word in words]


@pytest.mark.parametrize(
    ("bhm_seen", "version", "length", "edition"),
    [
        (True, "1.1", 49, Edition.GB2015),
        (True, "1.0", 41, Edition.GB2015),
        (False, "1.1", 49, Edition.GB2015),
        (False, "1.0", 49, Edition.GB2011),
        (False, "1.1", 41, Edition.GB2011),
    ],
)
def test_the_edition_of_a_battery_is_told_by_bhm_or_a_whole_brm(
    bhm_seen: bool, version: str, length: int, edition: Edition
) -> None:
    assert spoken_edition(bhm_seen, version, length) is edition
