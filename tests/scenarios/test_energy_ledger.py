"""Whole charges in virtual time and what the energy ledger makes of them: readings, details, balances, cases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.inventory import energy_queries
from swapstation.inventory.database import open_reader
from swapstation.inventory.energy_queries import Charge, KnownCase
from swapstation.model.device import ChargerState
from swapstation.model.energy import BalanceKind, Counter
from swapstation.model.energy_request import CloseEnergyCase
from swapstation.model.health import Observation
from tests.energy.tariffs import tariff_file
from tests.scenarios import virtual_station as virtual
from tests.scenarios.test_aaf5_charging import aaf5
from tests.scenarios.virtual_station import VirtualStation, virtual_station

EXAMPLES = Path(__file__).parents[2] / "examples"
SPEED = 60.0
BAY = 5
BEFORE_SHARP = datetime(2026, 7, 1, 9, 59, 55, tzinfo=UTC)
"""5 s before 18:00 in Shanghai, when flat becomes sharp."""


def with_tariff(text: str) -> str:
    return text.replace("[server]", '[tariff]\nfile = "tariff.toml"\n\n[server]')


@pytest.fixture
def station(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualStation]:
    monkeypatch.setattr(virtual, "EPOCH", BEFORE_SHARP)
    tariff_file(tmp_path)
    detour = lambda text: with_tariff(aaf5(text))  # noqa: E731
    with virtual_station(tmp_path, Exchange.STATION, Charging.CHARGER, SPEED, detour=detour) as station:
        for other in (6, 7):
            battery = station.simulation.plant.in_bay(other)
            assert battery is not None
            battery.set_soc(95.0)
        yield station


def charges(station: VirtualStation) -> tuple[Charge, ...]:
    reader = open_reader(station.config.station_database_url)
    with reader.connect() as connection:
        told = energy_queries.list_charges(connection)
    reader.dispose()
    return tuple(charge for charge in told if charge.bay == BAY)


def cases(station: VirtualStation) -> tuple[KnownCase, ...]:
    reader = open_reader(station.config.station_database_url)
    with reader.connect() as connection:
        told = energy_queries.list_cases(connection)
    reader.dispose()
    return told


def observations(station: VirtualStation, battery: str) -> tuple[Observation, ...]:
    reader = open_reader(station.config.station_database_url)
    with reader.connect() as connection:
        told = energy_queries.observations_of(connection, battery)
    reader.dispose()
    return told


def charging(station: VirtualStation) -> bool:
    charger = station.snapshot.bay(BAY).charger.good
    return charger is not None and charger.state is ChargerState.CHARGING and charger.current_a > 50.0


def charge_to_the_end(station: VirtualStation) -> None:
    station.start_up()
    assert station.time.run(60.0, lambda: charging(station))
    assert station.time.run(600.0, lambda: not charging(station))
    station.time.run(10.0)


def test_a_charge_is_settled_by_period(station: VirtualStation) -> None:
    battery = station.simulation.plant.in_bay(BAY)
    assert battery is not None
    battery.set_soc(60.0)
    charge_to_the_end(station)
    (charge,) = charges(station)
    told = charge.settlement
    assert told is not None
    assert told.counter is Counter.DC_METER
    assert told.dc_kwh == pytest.approx(battery.energy_in_kwh, rel=0.01)
    assert [detail.period for detail in told.details] == ["flat", "sharp"]
    assert not any(detail.interpolated for detail in told.details)
    assert told.energy_kwh == sum(detail.energy_kwh for detail in told.details)
    sharp = told.details[1]
    assert sharp.electricity_price == Decimal("1.1100")
    assert told.electricity_yuan == sum(detail.electricity_yuan or 0 for detail in told.details)
    assert [balance.kind for balance in told.balances] == [
        BalanceKind.COUNTERS,
        BalanceKind.COUNTERS,
        BalanceKind.BATTERY,
    ]
    assert all(balance.agrees for balance in told.balances), told.balances
    assert cases(station) == ()


def bay_meters(text: str) -> str:
    """The demo's station with an AC and a DC meter at every bay, behind one gateway."""
    text = text.replace("[links]", '[links]\nbay_meters = "modbus-tcp://127.0.0.1:0"')
    return text.replace("[server]", f'[adapters]\nbay_meter_map = "{EXAMPLES / "bay_meter_map.toml"}"\n\n[server]')


def test_a_bay_that_we_charge_ourselves_is_metered_by_its_own_meters(tmp_path: Path) -> None:
    with virtual_station(tmp_path, Exchange.STATION, Charging.DIRECT, SPEED, detour=bay_meters) as station:
        plant = station.simulation.plant
        for bay in (BAY, 6, 7):
            battery = plant.in_bay(bay)
            assert battery is not None
            battery.set_soc(80.0 if bay == BAY else 95.0)
        station.start_up()
        assert station.time.run(60.0, lambda: plant.bays[BAY].modules.current_a > 50.0)
        assert station.time.run(600.0, lambda: not any(charge.settlement is None for charge in charges(station)))
        (charge,) = charges(station)
        told = charge.settlement
        assert told is not None
        assert (told.counter, told.faults) == (Counter.DC_METER, ())
        assert told.dc_kwh == pytest.approx(plant.bays[BAY].modules.energy_kwh, abs=0.05)
        assert told.ac_kwh == pytest.approx(plant.bays[BAY].modules.grid_kwh, abs=0.1)
        assert [balance.kind for balance in told.balances] == [BalanceKind.CONVERSION, BalanceKind.BATTERY]
        assert all(balance.agrees for balance in told.balances), told.balances


def test_a_charge_leaves_an_observation_of_its_battery(station: VirtualStation) -> None:
    battery = station.simulation.plant.in_bay(BAY)
    assert battery is not None
    battery.set_soc(60.0)
    charge_to_the_end(station)
    (seen,) = observations(station, battery.battery)
    assert seen.dc_kwh == pytest.approx(battery.energy_in_kwh, rel=0.01)
    assert seen.start_soc_pct == pytest.approx(60.0, abs=1.5)
    assert seen.resistance_mohm == pytest.approx(battery.resistance_ohm * 1000.0, rel=0.5)  # a minute in each second
    assert seen.cell_spread_v == pytest.approx(max(battery.cell_offsets_v) - min(battery.cell_offsets_v), abs=0.02)


def test_a_charge_goes_on_over_a_restart_with_its_readings(station: VirtualStation) -> None:
    battery = station.simulation.plant.in_bay(BAY)
    assert battery is not None
    battery.set_soc(60.0)
    station.start_up()
    assert station.time.run(60.0, lambda: charging(station))
    station.time.run(10.0)
    station.restart(2.0)
    charge_to_the_end(station)
    (charge,) = charges(station)
    assert charge.settlement is not None
    assert charge.settlement.dc_kwh == pytest.approx(battery.energy_in_kwh, rel=0.01)
    assert [detail.period for detail in charge.settlement.details] == ["flat", "sharp"]


def test_a_chargers_own_record_is_kept_before_it_may_forget_it(station: VirtualStation) -> None:
    charge_to_the_end(station)
    reader = open_reader(station.config.station_database_url)
    (charge,) = charges(station)
    assert charge.settlement is not None
    with reader.connect() as connection:
        command = energy_queries.start_order(connection, charge)
        assert command is not None
        (record,) = energy_queries.charger_records_of(connection, str(command))
    reader.dispose()
    assert record["energy_kwh"] == pytest.approx(charge.settlement.dc_kwh, abs=0.2)
    assert cases(station) == ()


def test_a_charger_that_counts_wrong_opens_a_case_that_a_person_closes(station: VirtualStation) -> None:
    battery = station.simulation.plant.in_bay(BAY)
    assert battery is not None
    battery.set_soc(70.0)
    assert station.control({"do": "fault", "name": "charger_counts_wrong", "target": str(BAY), "on": True})["ok"]
    charge_to_the_end(station)
    (opened,) = cases(station)
    case = opened.case
    assert case.kind is BalanceKind.COUNTERS
    assert {(wrong["kind"], wrong["counted_from"]) for wrong in case.evidence["wrong"]} == {
        ("counters", "charger"),
        ("counters", "process"),
        ("charger_record", "charger_record"),
    }
    assert case.evidence["charger_record"]["order_id"] == case.evidence["order"]
    assert case.battery == battery.battery
    assert case.evidence["settlement"]["bay"] == BAY
    assert case.evidence["tariff_versions"] == ["shanxi-2026-15/2026-05-01/2026-06-01"]
    assert len(case.evidence["readings"]) >= 3
    assert any(alarm.code == "ENERGY_CASE_OPEN" for alarm in station.snapshot.alarms)
    assert station.ask(CloseEnergyCase(case.case, "meter exchanged"), "li").status == "accepted"
    station.time.run(1.0)
    assert [known.closed_by for known in cases(station)] == ["li"]
    assert station.snapshot.energy.open_cases == ()
    assert station.ask(CloseEnergyCase(case.case, "again"), "li").status == "refused"
