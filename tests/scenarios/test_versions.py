"""A device whose firmware speaks another version of the wire contract is refused with an alarm; the rest works."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.demo.station_file import TRUCKS
from swapstation.model.device import Charger, ChargingModule
from swapstation.model.request import RequestSwap
from swapstation.model.seen import Quality, Seen
from swapstation.model.snapshot import StationState
from tests.scenarios.test_whole_swap import drive_in, run_swap
from tests.scenarios.virtual_station import VirtualStation, virtual_station

OLD_BAY, SOUND_BAY = 5, 6
VIN = TRUCKS[0]
SPEED = 8.0


def speak(station: VirtualStation, firmware: str, other: bool = True) -> None:
    """Let a firmware show another version, or ours again."""
    answer = station.control({"do": "fault", "name": "other_version", "target": firmware, "on": other})
    assert answer["ok"], answer


def alarms(station: VirtualStation) -> dict[str, str]:
    return {alarm.alarm: alarm.detail for alarm in station.snapshot.alarms}


def output_of(station: VirtualStation, number: int, charging: Charging) -> Seen[ChargingModule] | Seen[Charger]:
    bay = station.snapshot.bay(number)
    return bay.modules if charging is Charging.DIRECT else bay.charger


def current_a(station: VirtualStation, bay: int) -> float:
    return station.simulation.plant.bays[bay].modules.current_a


@pytest.mark.parametrize(
    ("charging", "detail"),
    [
        (Charging.DIRECT, "rack I/O 2, charging modules 2; station 1"),
        (Charging.CHARGER, "rack I/O 2, charger 2; station 1"),
    ],
)
def test_a_bay_of_another_version_is_not_charged_and_the_rest_swaps_and_charges(
    tmp_path: Path, charging: Charging, detail: str
) -> None:
    with virtual_station(tmp_path, Exchange.STATION, charging, SPEED) as station:
        station.start_up()
        assert station.time.run(30.0, lambda: current_a(station, OLD_BAY) > 100 and current_a(station, SOUND_BAY) > 100)
        speak(station, str(OLD_BAY))
        station.time.run(8.0)
        assert alarms(station) == {f"PROTOCOL_VERSION_MISMATCH@bay-{OLD_BAY}": detail}
        assert station.snapshot.bay(OLD_BAY).io.quality is Quality.REFUSED
        assert output_of(station, OLD_BAY, charging).quality is Quality.REFUSED
        assert current_a(station, OLD_BAY) == 0.0
        assert current_a(station, SOUND_BAY) > 100.0
        drive_in(station)
        run_swap(station)
        speak(station, str(OLD_BAY), other=False)
        assert station.time.run(60.0, lambda: current_a(station, OLD_BAY) > 100.0)


def test_a_truck_of_another_version_is_not_swapped_until_it_speaks_ours(tmp_path: Path) -> None:
    with virtual_station(tmp_path, Exchange.STATION, Charging.DIRECT, SPEED) as station:
        station.start_up()
        speak(station, "truck")
        answer = station.control({"do": "truck_arrives", "vin": VIN, "soc_pct": 30})
        assert answer["ok"]
        station.time.run(5.0)
        assert alarms(station) == {"PROTOCOL_VERSION_MISMATCH@truck": "truck link 2; station 1"}
        refused = station.ask(RequestSwap(VIN))
        assert refused.status == "refused"
        speak(station, "truck", other=False)
        station.time.run(2.0)
        run_swap(station)


def test_a_robot_of_another_version_gets_no_order_and_its_safety_inputs_let_nothing_be_charged(tmp_path: Path) -> None:
    with virtual_station(tmp_path, Exchange.STATION, Charging.DIRECT, SPEED) as station:
        station.start_up()
        assert station.time.run(30.0, lambda: current_a(station, SOUND_BAY) > 100.0)
        drive_in(station)
        speak(station, "robot")
        station.time.run(3.0)
        assert alarms(station) == {"ROBOT_VERSION_MISMATCH@robot": "robot PLC 2; station 1"}
        assert station.ask(RequestSwap(VIN)).status == "refused"
        assert station.simulation.plc.running_id == 0
        assert station.snapshot.safety.quality is Quality.REFUSED, "its bits may mean anything, fire among them"
        assert current_a(station, SOUND_BAY) == 0.0
        speak(station, "robot", other=False)
        assert station.time.run(60.0, lambda: current_a(station, SOUND_BAY) > 100.0)


def test_a_robot_that_changes_its_version_in_a_swap_is_held(tmp_path: Path) -> None:
    with virtual_station(tmp_path, Exchange.STATION, Charging.DIRECT, SPEED) as station:
        station.start_up()
        drive_in(station)
        assert station.ask(RequestSwap(VIN)).status == "accepted"
        assert station.time.run(
            60.0, lambda: station.snapshot.swap is not None and station.snapshot.swap.step == "grip"
        )
        speak(station, "robot")
        assert station.time.run(10.0, lambda: station.snapshot.state is StationState.HOLDING)
        station.time.run(1.0)
        at = station.simulation.plant.robot.at
        station.time.run(5.0)
        assert station.simulation.plant.robot.at == at
        assert station.snapshot.state is StationState.HOLDING, "nobody tells that it stands still"
