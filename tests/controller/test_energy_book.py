"""What the book does with a battery that its check-up finds suspect: proposed, or taken out of circulation once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from swapstation.config.health_settings import Health, Suspects
from swapstation.controller.energy_book import EnergyBook
from swapstation.energy.check_ups import CheckUps
from swapstation.model.device import BatteryCharge, Charger, ChargerState
from swapstation.model.health import EnergyState, Suspect
from swapstation.model.inventory import Battery, Inventory
from swapstation.model.journal import BatteryQuarantined, ChargeEnded, ChargeStarted, Record
from swapstation.model.seen import Quality, Seen
from swapstation.model.snapshot import BayState, Snapshot, StationState
from swapstation.station.memory import Batch, Decision, Memory
from tests.inventory.stock import AT, station_config


class Charging:
    """One battery whose insulation is faulty, charged again and again."""

    def __init__(self, folder: Path, suspects: Suspects) -> None:
        config = replace(station_config(folder), health=Health(suspects))
        self.book = EnergyBook(config, lambda: None, CheckUps(config, {}, {}))
        self.battery = Battery("B1", "LFP-282", (), "bay-1")
        self.at = AT

    def cycle(self, record: Record, kwh: float) -> tuple[Record, ...]:
        charger = Charger(ChargerState.CHARGING, 600.0, 100.0, kwh, None, 0, contactor_closed=True)
        charge = BatteryCharge(soc_pct=20.0 + kwh / 3.0, faults=("insulation_fault",))
        bay = BayState(
            number=1,
            place="bay-1",
            isolation=False,
            charging="charger",
            battery="B1",
            charger=Seen(charger, 0.0, Quality.GOOD),
            charge=Seen(charge, 0.0, Quality.GOOD),
        )
        self.at += timedelta(minutes=5)
        inventory = Inventory(batteries=(self.battery,))
        station = "test", "station", StationState.IDLE
        snapshot = Snapshot(1, 1, 0.0, self.at, *station, bays=(bay,), inventory=inventory)
        batches = self.book.entered(snapshot, Decision(Memory(1), batches=(Batch((record,)),)), {})
        return tuple(each for batch in batches for each in batch.records)

    def charge(self) -> list[BatteryQuarantined]:
        self.cycle(ChargeStarted("B1", 1, 20.0, 95.0), 0.0)
        told = self.cycle(ChargeEnded("B1", 1, 70.0, 150.0, ()), 150.0)
        assert isinstance(told[0], ChargeEnded), "what was decided stays first"
        return [record for record in told if isinstance(record, BatteryQuarantined)]

    @property
    def state(self) -> EnergyState:
        return self.book.state(Inventory(batteries=(self.battery,)))


def test_a_suspect_battery_is_proposed(tmp_path: Path) -> None:
    station = Charging(tmp_path, Suspects.PROPOSE)
    assert station.state == EnergyState()
    assert station.charge() == []
    assert station.state.suspects == (Suspect("B1", ("insulation_faults",)),)
    station.battery = replace(station.battery, quarantined=True)
    assert not station.state.suspects


def test_a_suspect_battery_is_quarantined_once(tmp_path: Path) -> None:
    station = Charging(tmp_path, Suspects.QUARANTINE)
    (quarantined,) = station.charge()
    assert quarantined == BatteryQuarantined("B1", "check-up: insulation_faults", "", ("insulation_faults",))
    assert station.charge() == [], "two people may have released it since"


@pytest.mark.parametrize("suspects", list(Suspects))
def test_a_battery_in_quarantine_is_left_there(tmp_path: Path, suspects: Suspects) -> None:
    station = Charging(tmp_path, suspects)
    station.battery = replace(station.battery, quarantined=True)
    assert station.charge() == []
