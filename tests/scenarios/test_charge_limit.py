"""A bay's power limit is kept by the plant in both arrangements: our set-points, and the register of the charger."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from tests.scenarios.virtual_station import virtual_station

LIMIT_KW = 60.0


@pytest.mark.parametrize("charging", Charging)
def test_no_bay_charges_above_its_limit(tmp_path: Path, charging: Charging) -> None:
    def limited(text: str) -> str:
        return text.replace("max_power_kw = 250.0", f"max_power_kw = {LIMIT_KW}")

    with virtual_station(tmp_path, Exchange.STATION, charging, detour=limited) as station:
        station.start_up()
        highest_kw = 0.0
        for _ in range(300):
            station.time.run(0.1)
            modules = station.simulation.plant.bays[5].modules
            highest_kw = max(highest_kw, modules.voltage_v * modules.current_a / 1000.0)
        assert 0.9 * LIMIT_KW < highest_kw <= 1.02 * LIMIT_KW
