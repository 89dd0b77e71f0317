"""Whole charges in virtual time: our controller core, and chargers that connect to it over AA F5."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.model.device import ChargePhase, ChargerState
from swapstation.simulation.firmware.aaf5_charger import Aaf5Charger
from tests.scenarios.test_whole_swap import drive_in, events, run_swap
from tests.scenarios.virtual_station import VirtualStation, virtual_station

SPEED = 60.0
BAY = 5


def aaf5(text: str) -> str:
    """The demo's station with AA F5 chargers in the place of the gateway, and without an ear on their CAN segments."""
    text = re.sub(r"^chargers = .*$", 'chargers = "aaf5+tcp-listen://127.0.0.1:0"', text, flags=re.MULTILINE)
    text = re.sub(r"^can = .*$", "", text, flags=re.MULTILINE)
    ids = "\n".join(f'"PILE-{bay}" = {bay}' for bay in range(1, 9))
    adapters = f'[adapters]\ncharger = "aaf5_charger"\n\n[adapters.charger_ids]\n{ids}\n\n'
    return text.replace("[server]", f"{adapters}[server]")


@pytest.fixture
def station(tmp_path: Path) -> Iterator[VirtualStation]:
    with virtual_station(tmp_path, Exchange.STATION, Charging.CHARGER, SPEED, detour=aaf5) as station:
        for other in (6, 7):
            battery = station.simulation.plant.in_bay(other)
            assert battery is not None
            battery.set_soc(95.0)
        yield station


def pile(station: VirtualStation) -> Aaf5Charger:
    return station.simulation.aaf5_chargers[BAY]


def charging(station: VirtualStation) -> bool:
    charger = station.snapshot.bay(BAY).charger.good
    return charger is not None and charger.state is ChargerState.CHARGING and charger.current_a > 50.0


def test_a_battery_is_charged_to_its_target(station: VirtualStation) -> None:
    battery = station.simulation.plant.in_bay(BAY)
    assert battery is not None
    station.start_up()
    assert station.time.run(60.0, lambda: charging(station))
    station.time.run(12.0)
    bay = station.snapshot.bay(BAY)
    charger, charge, cells = bay.charger.good, bay.charge.good, bay.cells.good
    assert charger is not None
    assert charge is not None
    assert cells is not None
    assert charger.contactor_closed
    assert charger.current_a == pytest.approx(battery.current_a, rel=0.05)
    assert charge.phase is ChargePhase.CHARGING
    assert charge.soc_pct == pytest.approx(battery.soc_pct, abs=2.0)
    assert charge.max_current_a == battery.model.max_current_a
    assert charge.bms_age_s is not None
    assert charge.bms_age_s <= station.config.limits.bms_age_s
    assert len(cells.voltages_v) == battery.cells
    assert cells.voltages_v[0] == pytest.approx(battery.cell_voltages_v[0], abs=0.02)

    target_pct = station.config.limits.charge_target_soc_pct
    assert station.time.run(600.0, lambda: battery.soc_pct >= target_pct - 1.0)
    assert station.time.run(60.0, lambda: not charging(station) and battery.current_a == 0.0)
    station.time.run(5.0)
    assert not station.simulation.plant.bays[BAY].contactor_closed
    ended = [event.body for event in events(station) if event.kind == "ChargeEnded" and event.body["bay"] == BAY]
    assert len(ended) == 1
    assert ended[0]["energy_kwh"] == pytest.approx(battery.energy_in_kwh, rel=0.03)


def test_a_charger_that_drops_and_signs_in_again_goes_on_and_is_not_started_twice(station: VirtualStation) -> None:
    station.start_up()
    assert station.time.run(60.0, lambda: charging(station))
    node = pile(station).node
    node.wants_reopen = True
    assert station.time.run(2.0, lambda: not node.signed_in)
    assert station.time.run(5.0, lambda: node.signed_in)
    assert station.time.run(5.0, lambda: charging(station))
    station.time.run(10.0)
    started = [event for event in events(station) if event.kind == "ChargeStarted" and event.body["bay"] == BAY]
    assert len(started) == 1
    charge = station.snapshot.bay(BAY).charge.good
    assert charge is not None
    assert charge.nominal_energy_kwh is not None, "what the battery said at the start is mirrored again"


def test_a_truck_gets_a_battery_and_its_old_one_is_charged(station: VirtualStation) -> None:
    station.simulation.speed = 8.0
    station.start_up()
    drive_in(station)
    run_swap(station)
    returned = station.snapshot.inventory.at("bay-8")
    assert returned is not None

    def begun() -> bool:
        charger = station.snapshot.bay(8).charger.good
        return charger is not None and charger.state is ChargerState.CHARGING

    assert station.time.run(40.0, begun)


def test_the_record_of_a_charge_reaches_the_station_once(station: VirtualStation) -> None:
    battery = station.simulation.plant.in_bay(BAY)
    assert battery is not None
    battery.set_soc(85.0)
    station.start_up()
    assert station.time.run(60.0, lambda: charging(station))
    assert station.time.run(200.0, lambda: not charging(station))
    station.time.run(30.0)
    assert pile(station).records == 1
    assert pile(station).node.records_waiting == 0, "answered, and forgotten by the charger"
