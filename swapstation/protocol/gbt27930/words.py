"""The words of GB/T 27930-2015: parties, editions, enumerations; which bits say them is in gbt27930.dbc."""

from __future__ import annotations

from enum import IntEnum, StrEnum


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
    PARAMETERS_MISMATCH = "parameters_mismatch"  # edition 2023


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
    SELF_TEST_FAULT = "self_test_fault"  # edition 2023
    PRECHARGE_FAULT = "precharge_fault"  # edition 2023
    CURRENT_MISMATCH = "current_mismatch"
    VOLTAGE_ABNORMAL = "voltage_abnormal"
    PARAMETERS_MISMATCH = "parameters_mismatch"  # edition 2023


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
    BSM = "BSM"  # edition 2023, its place in CEM is not confirmed
    BSD = "BSD"
