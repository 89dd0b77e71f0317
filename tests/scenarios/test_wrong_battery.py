"""Batteries that are not where the record has them: doubtful, alarmed and not charged, over real wire bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from tests.scenarios.virtual_station import VirtualStation, virtual_station

LIMIT_S = 60.0


def doubtful(station: VirtualStation) -> set[str]:
    return {battery.battery for battery in station.snapshot.inventory.batteries if battery.doubtful}


def told(station: VirtualStation, code: str) -> list[str]:
    return [alarm.source for alarm in station.snapshot.alarms if alarm.code == code]


@pytest.mark.parametrize("charging", Charging)
def test_two_batteries_exchanged_while_the_controller_was_down_are_alarmed_and_not_charged(
    tmp_path: Path, charging: Charging
) -> None:
    with virtual_station(tmp_path, Exchange.STATION, charging) as station:
        plant = station.simulation.plant
        first, second = plant.batteries["LFP-005"], plant.batteries["LFP-006"]
        first.place, second.place = second.place, first.place
        station.restart(5.0)
        station.start_up()
        assert station.time.run(LIMIT_S, lambda: doubtful(station) == {"LFP-005", "LFP-006"}), station.snapshot.alarms
        station.time.run(30.0)
        assert sorted(told(station, "BATTERY_IDENTITY_MISMATCH")) == ["bay-5", "bay-6"]
        assert (first.energy_in_kwh, second.energy_in_kwh) == (0.0, 0.0)
        assert {battery.battery: battery.place for battery in station.snapshot.inventory.batteries}[
            "LFP-005"
        ] == "bay-5"


def test_one_identity_in_two_bays_puts_both_in_doubt_within_a_second(tmp_path: Path) -> None:
    with virtual_station(tmp_path, Exchange.STATION, Charging.DIRECT) as station:
        plant = station.simulation.plant
        plant.batteries["LFP-006"].codes = plant.batteries["LFP-005"].codes
        station.start_up()

        def live() -> bool:
            charges = [station.snapshot.bay(number).charge.good for number in (5, 6)]
            return all(charge is not None and charge.serial is not None for charge in charges)

        assert station.time.run(LIMIT_S, live)
        station.time.run(1.0)
        assert told(station, "BATTERY_IDENTITY_DUPLICATE") == ["bay-5"]
        assert doubtful(station) == {"LFP-005", "LFP-006"}
        charged_kwh = [plant.batteries[name].energy_in_kwh for name in ("LFP-005", "LFP-006")]
        station.time.run(20.0)
        assert [plant.batteries[name].energy_in_kwh for name in ("LFP-005", "LFP-006")] == pytest.approx(charged_kwh)
