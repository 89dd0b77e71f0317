"""Fault words and codes of devices: each listed one has its texts and its grade, an unlisted one keeps its number."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swapstation.config.adapter_names import installed_adapters
from swapstation.devices.adapter import DeviceState
from swapstation.devices.fault_texts import fault_texts, faults_of, parse_fault_texts, unlisted
from swapstation.errors import ConfigurationError
from swapstation.model.device import Charger, ChargerState, ChargingModule, LockState, ModuleState
from swapstation.model.vendor_alarm import Grade, VendorAlarm
from swapstation.simulation.firmware.charger import FaultCode
from swapstation.simulation.firmware.robot_words import Fault
from tests.station.situations import robot, truck

GOOD = """
[common]
FAULT = { grade = "stop", zh = "故障", en = "fault" }
[charger.maker]
"17" = { grade = "maintenance", zh = "缺相", en = "phase missing" }
"""
QUIET = Charger(ChargerState.IDLE, 0.0, 0.0, 0.0, None, 0, contactor_closed=False)
PLC, PACKED, CHARGER = "exchanger.reference_plc", "exchanger.packed_plc", "charger.reference_charger"


def _told(state: DeviceState, adapter: str) -> dict[str, Grade]:
    return {each.code: each.grade for each in faults_of(state, fault_texts(adapter))}


@pytest.mark.parametrize(
    ("state", "adapter", "told"),
    [
        (robot(), PLC, {}),
        (robot(fault_words=(0b100, 0)), PLC, {"W1.2": Grade.STOP}),
        (robot(fault_words=(0b1_0000_0001, 0)), PLC, {"W1.0": Grade.INFORMATION, "W1.8": Grade.INFORMATION}),
        (robot(fault_words=(0, 0x8000)), PLC, {"W2.15": Grade.MAINTENANCE}),
        (robot(fault_words=(0,) * 17 + (0b10,)), PACKED, {"W18.1": Grade.STOP}),
        (robot(fault_words=(0b100,)), "exchanger.of_another_maker", {"W1.2": Grade.MAINTENANCE}),
        (QUIET, CHARGER, {}),
        (replace(QUIET, fault_code=3), CHARGER, {"3": Grade.STOP}),
        (replace(QUIET, fault_code=99), CHARGER, {"99": Grade.MAINTENANCE}),
        (replace(QUIET, state=ChargerState.FAULT), CHARGER, {"FAULT": Grade.STOP}),
        (replace(QUIET, state=ChargerState.FAULT, fault_code=3), CHARGER, {"3": Grade.STOP}),
        (ChargingModule(ModuleState.ON, 700.0, 10.0, 30.0), "rack.reference_rack", {}),
        (ChargingModule(ModuleState.FAULT, 0.0, 0.0, 30.0), "rack.reference_rack", {"FAULT": Grade.STOP}),
        (truck(), "truck_link.dbc_map", {}),
        (truck(lock=LockState.FAULT), "truck_link.dbc_map", {"LOCK1": Grade.STOP}),
    ],
)
def test_what_a_state_complains_of(state: DeviceState, adapter: str, told: dict[str, Grade]) -> None:
    assert _told(state, adapter) == told


def test_a_code_without_a_row_is_told_by_its_number() -> None:
    (found,) = faults_of(replace(QUIET, fault_code=99), fault_texts(CHARGER))
    assert found == unlisted("99")
    assert "99" in found.zh
    assert "99" in found.en


@pytest.mark.parametrize("adapter", [PLC, PACKED])
def test_every_fault_of_the_simulated_robot_is_listed(adapter: str) -> None:
    own = [fault for fault in Fault if fault is not Fault.STATION_LINK_LOST or adapter == PLC]
    assert {f"W1.{int(fault)}" for fault in own} <= set(fault_texts(adapter))


def test_every_fault_of_the_simulated_charger_is_listed() -> None:
    assert {str(int(code)) for code in FaultCode if code is not FaultCode.NONE} <= set(fault_texts(CHARGER))


@pytest.mark.parametrize("adapter", [PLC, PACKED, CHARGER])
def test_every_row_has_both_texts(adapter: str) -> None:
    for found in fault_texts(adapter).values():
        assert not found.zh.isascii()
        assert found.en.isascii()


@pytest.mark.parametrize("adapter", [PLC, PACKED, CHARGER])
def test_every_table_belongs_to_an_adapter(adapter: str) -> None:
    role, _, name = adapter.partition(".")
    assert name in installed_adapters(role)


def test_the_faults_of_every_device_are_known_to_each_adapter() -> None:
    assert parse_fault_texts(GOOD)["charger.maker"] == {
        "FAULT": VendorAlarm("FAULT", "故障", "fault", Grade.STOP),
        "17": VendorAlarm("17", "缺相", "phase missing", Grade.MAINTENANCE),
    }


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('grade = "maintenance"', 'grade = "worrying"', "charger.maker.17.grade: Input should be"),
        (', en = "phase missing"', "", "charger.maker.17.en: Field required"),
        ("[charger.maker]", "[charger.maker", "faults.toml: Expected ']'"),
    ],
)
def test_a_wrong_row_is_named(before: str, after: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=r"faults\.toml") as refused:
        parse_fault_texts(GOOD.replace(before, after))
    assert told in str(refused.value)
