"""Faults that devices report over their wires: one root alarm each, with the maker's words."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.model.alarm import Alarm
from swapstation.model.request import RequestSwap
from swapstation.station.charge_state import charge_is_active
from tests.scenarios.test_packed_plc import packed
from tests.scenarios.test_whole_swap import LIMIT_S, SPEED, VIN, drive_in
from tests.scenarios.virtual_station import VirtualStation, virtual_station


def _of_devices(station: VirtualStation) -> dict[str, Alarm]:
    return {alarm.alarm: alarm for alarm in station.snapshot.alarms if alarm.code.startswith("DEVICE_")}


def _set(station: VirtualStation, name: str, target: str = "") -> None:
    assert station.control({"do": "fault", "name": name, "target": target, "on": True})["ok"]


@pytest.mark.parametrize("maker", ["reference", "packed"])
def test_a_drive_fault_of_the_robot_is_told_in_words_under_the_robot_fault(tmp_path: Path, maker: str) -> None:
    detour = packed if maker == "packed" else str
    with virtual_station(tmp_path, Exchange.PLC, Charging.CHARGER, SPEED, detour=detour) as station:
        station.start_up()
        drive_in(station)
        assert station.ask(RequestSwap(VIN)).status == "accepted"
        assert station.time.run(LIMIT_S, lambda: station.snapshot.swap is not None)
        _set(station, "robot_fault")
        assert station.time.run(LIMIT_S, lambda: "DEVICE_FAULT@robot:W1.2" in _of_devices(station))
        told = _of_devices(station)["DEVICE_FAULT@robot:W1.2"]
        assert (told.detail, told.root) == ("驱动故障 / drive fault", "ROBOT_FAULT@robot")
        station.time.run(2.0)
        assert {alarm.alarm for alarm in station.snapshot.alarms if not alarm.root} == {"ROBOT_FAULT@robot"}


@pytest.mark.parametrize(
    ("charging", "alarm", "detail"),
    [
        (Charging.CHARGER, "DEVICE_FAULT@bay-5:3", "充电模块故障 / charging modules failed"),
        (Charging.DIRECT, "DEVICE_FAULT@bay-5:FAULT", "故障，设备未给出代码 / fault, the device gives no code"),
    ],
)
def test_a_fault_of_a_charger_or_its_modules_is_one_root_alarm(
    tmp_path: Path, charging: Charging, alarm: str, detail: str
) -> None:
    with virtual_station(tmp_path, Exchange.PLC, charging, SPEED) as station:
        station.start_up()
        assert station.time.run(LIMIT_S, lambda: charge_is_active(station.snapshot.bay(5)))
        station.time.run(10.0)
        _set(station, "module_fault", "5")
        assert station.time.run(LIMIT_S, lambda: alarm in _of_devices(station)), station.snapshot.alarms
        assert _of_devices(station)[alarm].detail == detail
        station.time.run(60.0)
        assert {each.alarm for each in station.snapshot.alarms if not each.root} == {alarm}
