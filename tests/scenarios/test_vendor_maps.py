"""A station whose site meter and charger controllers are known by a vendor's register map alone, in virtual time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.model.device import ChargerState
from tests.scenarios.test_whole_swap import events
from tests.scenarios.virtual_station import VirtualStation, virtual_station

EXAMPLES = Path(__file__).parents[2] / "examples"
SPEED = 60.0
BAY = 7


def vendor_maps(text: str) -> str:
    """The demo's station with the example maps in the place of DL/T 645 and of our own charger registers."""
    text = re.sub(r"^meter = .*$", 'meter = "modbus-tcp://127.0.0.1:0?unit=7"', text, flags=re.MULTILINE)
    maps = {name: EXAMPLES / f"{name}_map.toml" for name in ("meter", "charger")}
    lines = [line for name, path in maps.items() for line in (f'{name} = "modbus_map"', f'{name}_map = "{path}"')]
    return text.replace("[server]", "\n".join(["[adapters]", *lines, "", "[server]"]))


def charging(station: VirtualStation) -> bool:
    charger = station.snapshot.bay(BAY).charger.good
    return charger is not None and charger.state is ChargerState.CHARGING and charger.current_a > 100.0


def test_a_battery_is_charged_and_metered_through_vendor_maps(tmp_path: Path) -> None:
    with virtual_station(tmp_path, Exchange.STATION, Charging.CHARGER, SPEED, detour=vendor_maps) as station:
        plant = station.simulation.plant
        battery = plant.in_bay(BAY)
        assert battery is not None
        battery.set_soc(88.0)
        station.start_up()
        assert station.time.run(60.0, lambda: charging(station))
        station.time.run(5.0)
        meter = station.snapshot.meter.good
        assert meter is not None
        assert meter.power_kw == pytest.approx(plant.power_kw, rel=0.1)
        assert meter.energy_kwh == pytest.approx(plant.meter_kwh, rel=0.1, abs=2.0)
        assert len(meter.voltages_v) == len(meter.currents_a) == 3
        assert station.time.run(120.0, lambda: not charging(station) and battery.current_a == 0.0)
        station.time.run(3.0)
        assert battery.soc_pct == pytest.approx(station.config.limits.charge_target_soc_pct, abs=2.0)
        ended = [event.body for event in events(station) if event.kind == "ChargeEnded" and event.body["bay"] == BAY]
        assert len(ended) == 1
        assert ended[0]["energy_kwh"] == pytest.approx(battery.energy_in_kwh, rel=0.05)


def test_a_meter_off_its_line_is_stale_and_not_zero(tmp_path: Path) -> None:
    with virtual_station(tmp_path, Exchange.STATION, Charging.CHARGER, SPEED, detour=vendor_maps) as station:
        station.start_up()
        assert station.snapshot.meter.good is not None
        answer = station.control({"do": "fault", "name": "meter_silent", "on": True})
        assert answer["ok"], answer
        station.time.run(station.config.limits.meter_age_s + 3.0)
        meter = station.snapshot.meter
        assert (meter.good, meter.value is not None) == (None, True)
