"""What a swap handed over: SOC at hand-out and return, as energy with its limit of error."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swapstation.config.energy_settings import Ledger
from swapstation.energy.swap_energy import swap_energy
from swapstation.model.inventory import PositionExchange

EXCHANGE = PositionExchange(1, "B1", "B3", 1, 3, fresh_soc_pct=95.0, returned_soc_pct=25.0)
CAPACITIES_KWH = {"B1": 282.0, "B3": 282.0}


def test_the_difference_is_what_the_truck_got() -> None:
    told = swap_energy(EXCHANGE, CAPACITIES_KWH, Ledger())
    assert told.fresh_kwh == pytest.approx(267.9)
    assert told.returned_kwh == pytest.approx(70.5)
    assert told.energy_kwh == pytest.approx(197.4)
    assert told.uncertainty_kwh == pytest.approx(25.4, abs=0.1)  # 4 % of 282 kWh twice, and a tenth of what was given


@pytest.mark.parametrize(
    ("exchange", "capacities"),
    [
        (replace(EXCHANGE, returned_soc_pct=None), CAPACITIES_KWH),
        (replace(EXCHANGE, fresh_soc_pct=None), CAPACITIES_KWH),
        (EXCHANGE, {"B1": 282.0}),
    ],
)
def test_what_is_not_known_is_not_invented(exchange: PositionExchange, capacities: dict[str, float]) -> None:
    told = swap_energy(exchange, capacities, Ledger())
    assert (told.energy_kwh, told.uncertainty_kwh) == (None, None)
