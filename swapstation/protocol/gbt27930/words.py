"""The words of GB/T 27930-2015: parties, editions, enumerations and the meaning of every bit pair (tables 14-28)."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import TypeVar

W = TypeVar("W", bound=StrEnum)


class Party(IntEnum):
    """The two fixed addresses (no address claim)."""

    CHARGER = 0x56
    BMS = 0xF4

    @property
    def peer(self) -> Party:
        return Party.BMS if self is Party.CHARGER else Party.CHARGER


class Edition(StrEnum):
    """Edition of GB/T 27930 that a partner speaks."""

    GB2011 = "2011"
    GB2015 = "2015"
    GB2023 = "2023"


def spoken_edition(bhm_seen: bool, brm_version: str, brm_bytes: int) -> Edition:
    """Edition of a battery: 2015 when it sent BHM, or a BRM of 49 bytes that says 1.1 or later; else 2011."""
    return Edition.GB2015 if bhm_seen or (brm_bytes == 49 and brm_version != "1.0") else Edition.GB2011


class BatteryType(IntEnum):
    """BRM byte 4."""

    LEAD_ACID = 1
    NIMH = 2
    LFP = 3
    LMO = 4
    LCO = 5
    TERNARY = 6
    POLYMER = 7
    LTO = 8
    OTHER = 0xFF


class ChargeMode(IntEnum):
    """BCL byte 5."""

    CONSTANT_VOLTAGE = 1
    CONSTANT_CURRENT = 2


class BatteryFault(StrEnum):
    """State pairs of BSM; any of them ends the charging process."""

    CELL_VOLTAGE_HIGH = "cell_voltage_high"
    CELL_VOLTAGE_LOW = "cell_voltage_low"
    CELL_VOLTAGE_UNKNOWN = "cell_voltage_unknown"
    SOC_HIGH = "soc_high"
    SOC_LOW = "soc_low"
    SOC_UNKNOWN = "soc_unknown"
    OVER_CURRENT = "over_current"
    CURRENT_UNTRUSTED = "current_untrusted"
    CURRENT_UNKNOWN = "current_unknown"
    OVER_TEMPERATURE = "over_temperature"
    TEMPERATURE_UNTRUSTED = "temperature_untrusted"
    TEMPERATURE_UNKNOWN = "temperature_unknown"
    INSULATION_FAULT = "insulation_fault"
    INSULATION_UNTRUSTED = "insulation_untrusted"
    INSULATION_UNKNOWN = "insulation_unknown"
    CONNECTOR_FAULT = "connector_fault"
    CONNECTOR_UNTRUSTED = "connector_untrusted"
    CONNECTOR_UNKNOWN = "connector_unknown"


class BmsStop(StrEnum):
    """Why a BMS stops (BST)."""

    SOC_REACHED = "soc_reached"
    VOLTAGE_REACHED = "voltage_reached"
    CELL_VOLTAGE_REACHED = "cell_voltage_reached"
    CHARGER_STOPPED = "charger_stopped"
    INSULATION_FAULT = "insulation_fault"
    CONNECTOR_OVER_TEMPERATURE = "connector_over_temperature"
    COMPONENT_OVER_TEMPERATURE = "component_over_temperature"
    CONNECTOR_FAULT = "connector_fault"
    PACK_OVER_TEMPERATURE = "pack_over_temperature"
    HV_RELAY_FAULT = "hv_relay_fault"
    DETECTION_POINT_FAULT = "detection_point_fault"
    OTHER_FAULT = "other_fault"
    OVER_CURRENT = "over_current"
    VOLTAGE_ABNORMAL = "voltage_abnormal"


class ChargerStop(StrEnum):
    """Why a charger stops (CST)."""

    CONDITION_REACHED = "condition_reached"
    MANUAL = "manual"
    FAULT = "fault"
    BMS_STOPPED = "bms_stopped"
    CHARGER_OVER_TEMPERATURE = "charger_over_temperature"
    CONNECTOR_FAULT = "connector_fault"
    INTERNAL_OVER_TEMPERATURE = "internal_over_temperature"
    ENERGY_NOT_DELIVERED = "energy_not_delivered"
    EMERGENCY_STOP = "emergency_stop"
    OTHER_FAULT = "other_fault"
    CURRENT_MISMATCH = "current_mismatch"
    VOLTAGE_ABNORMAL = "voltage_abnormal"


class BmsTimeout(StrEnum):
    """What a BMS waited for in vain (BEM): the name of the charger's message."""

    CRM_00 = "CRM_00"
    CRM_AA = "CRM_AA"
    CTS_CML = "CTS_CML"
    CRO = "CRO"
    CCS = "CCS"
    CST = "CST"
    CSD = "CSD"


class ChargerTimeout(StrEnum):
    """What a charger waited for in vain (CEM): the name of the BMS's message."""

    BRM = "BRM"
    BCP = "BCP"
    BRO = "BRO"
    BCS = "BCS"
    BCL = "BCL"
    BST = "BST"
    BSD = "BSD"


def bit(byte: int, bit_of_byte: int = 1) -> int:
    """Position in the payload of the standard's byte and bit, both counted from 1."""
    return (byte - 1) * 8 + bit_of_byte - 1


def pairs(words: dict[int, W], value: int) -> tuple[tuple[int, int, StrEnum], ...]:
    """The words of a message's bit pairs, all for the same value of the pair."""
    return tuple((position, value, word) for position, word in words.items())


BSM_STATES: tuple[tuple[int, int, StrEnum], ...] = tuple(
    (bit(byte, first), raw, word)
    for byte, first, *words in (
        (6, 1, BatteryFault.CELL_VOLTAGE_HIGH, BatteryFault.CELL_VOLTAGE_LOW, BatteryFault.CELL_VOLTAGE_UNKNOWN),
        (6, 3, BatteryFault.SOC_HIGH, BatteryFault.SOC_LOW, BatteryFault.SOC_UNKNOWN),
        (6, 5, BatteryFault.OVER_CURRENT, BatteryFault.CURRENT_UNTRUSTED, BatteryFault.CURRENT_UNKNOWN),
        (6, 7, BatteryFault.OVER_TEMPERATURE, BatteryFault.TEMPERATURE_UNTRUSTED, BatteryFault.TEMPERATURE_UNKNOWN),
        (7, 1, BatteryFault.INSULATION_FAULT, BatteryFault.INSULATION_UNTRUSTED, BatteryFault.INSULATION_UNKNOWN),
        (7, 3, BatteryFault.CONNECTOR_FAULT, BatteryFault.CONNECTOR_UNTRUSTED, BatteryFault.CONNECTOR_UNKNOWN),
    )
    for raw, word in enumerate(words, start=1)
)

BST_PAIRS = {
    bit(1, 1): BmsStop.SOC_REACHED,
    bit(1, 3): BmsStop.VOLTAGE_REACHED,
    bit(1, 5): BmsStop.CELL_VOLTAGE_REACHED,
    bit(1, 7): BmsStop.CHARGER_STOPPED,
    bit(2, 1): BmsStop.INSULATION_FAULT,
    bit(2, 3): BmsStop.CONNECTOR_OVER_TEMPERATURE,
    bit(2, 5): BmsStop.COMPONENT_OVER_TEMPERATURE,
    bit(2, 7): BmsStop.CONNECTOR_FAULT,
    bit(3, 1): BmsStop.PACK_OVER_TEMPERATURE,
    bit(3, 3): BmsStop.HV_RELAY_FAULT,
    bit(3, 5): BmsStop.DETECTION_POINT_FAULT,
    bit(3, 7): BmsStop.OTHER_FAULT,
    bit(4, 1): BmsStop.OVER_CURRENT,
    bit(4, 3): BmsStop.VOLTAGE_ABNORMAL,
}

CST_PAIRS = {
    bit(1, 1): ChargerStop.CONDITION_REACHED,
    bit(1, 3): ChargerStop.MANUAL,
    bit(1, 5): ChargerStop.FAULT,
    bit(1, 7): ChargerStop.BMS_STOPPED,
    bit(2, 1): ChargerStop.CHARGER_OVER_TEMPERATURE,
    bit(2, 3): ChargerStop.CONNECTOR_FAULT,
    bit(2, 5): ChargerStop.INTERNAL_OVER_TEMPERATURE,
    bit(2, 7): ChargerStop.ENERGY_NOT_DELIVERED,
    bit(3, 1): ChargerStop.EMERGENCY_STOP,
    bit(3, 3): ChargerStop.OTHER_FAULT,
    bit(4, 1): ChargerStop.CURRENT_MISMATCH,
    bit(4, 3): ChargerStop.VOLTAGE_ABNORMAL,
}

BEM_PAIRS = {
    bit(1, 1): BmsTimeout.CRM_00,
    bit(1, 3): BmsTimeout.CRM_AA,
    bit(2, 1): BmsTimeout.CTS_CML,
    bit(2, 3): BmsTimeout.CRO,
    bit(3, 1): BmsTimeout.CCS,
    bit(3, 3): BmsTimeout.CST,
    bit(4, 1): BmsTimeout.CSD,
}

CEM_PAIRS = {
    bit(1, 1): ChargerTimeout.BRM,
    bit(2, 1): ChargerTimeout.BCP,
    bit(2, 3): ChargerTimeout.BRO,
    bit(3, 1): ChargerTimeout.BCS,
    bit(3, 3): ChargerTimeout.BCL,
    bit(3, 5): ChargerTimeout.BST,
    bit(4, 1): ChargerTimeout.BSD,
}
