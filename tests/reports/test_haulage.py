"""Tonnage and diesel saved, by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from swapstation.config.savings_settings import Savings
from swapstation.model.inventory import SwapResult
from swapstation.model.trip import Trip
from swapstation.reports.energy_figures import energy_figures
from swapstation.reports.haulage import haulage_figures
from tests.reports.test_figures import ZONE, swap

AT = datetime(2026, 5, 1, tzinfo=UTC)
ENERGY = replace(energy_figures((), ZONE), energy_kwh=Decimal("800.00"), electricity_yuan=Decimal("400.00"))
FACTORS = Savings(2.0, 7.5, 2.63, 0.5)
TRIPS = (
    Trip("1", "V1", AT, 30.0, 20.0, "pit"),
    Trip("2", "V1", AT, 40.0, 10.0, "pit"),
    Trip("1", "V2", AT, 10.0, 10.0),
)
SWAPS = (
    replace(swap(1, 0, 60), vin="V1"),
    replace(swap(2, 9, 60), vin="V2"),
    replace(swap(3, 9, 60), vin="V2"),
    swap(4, 9, 60),
    replace(swap(5, 9, 60, SwapResult.FAILED), vin="V1"),
)


def test_the_figures_follow_the_formulas() -> None:
    told = haulage_figures(TRIPS, SWAPS, ENERGY, FACTORS)
    assert (told.trips, told.trucks, told.tonnes, told.tonne_km) == (3, 2, 80.0, 1100.0)
    assert told.swap_share_pct == 75.0, "three of four completed swaps"
    assert (told.electricity_kwh, told.electricity_yuan) == (600.0, 300.0)
    assert (told.diesel_l, told.diesel_yuan) == (22.0, 165.0)
    assert told.saving_yuan == -135.0, "what costs more is no saving"
    assert told.saving_kg_co2 == pytest.approx(22 * 2.63 - 600 * 0.5, abs=0.01)
    assert [(each.fleet, each.tonne_km, each.diesel_l) for each in told.fleets] == [
        ("-", 100.0, 2.0),
        ("pit", 1000.0, 20.0),
    ]
    assert told.formulas == ("L = t km x 2 / 100", "yuan = L x 7.5 - kWh yuan", "kg CO2 = L x 2.63 - kWh x 0.5")


def test_without_factors_or_swaps_nothing_is_claimed() -> None:
    told = haulage_figures(TRIPS, SWAPS, ENERGY, Savings())
    assert (told.tonne_km, told.diesel_l, told.saving_yuan, told.saving_kg_co2, told.formulas) == (
        1100.0,
        None,
        None,
        None,
        (),
    )
    told = haulage_figures(TRIPS, (), ENERGY, FACTORS)
    assert (told.diesel_l, told.electricity_kwh, told.saving_yuan) == (22.0, None, None)
    assert haulage_figures((), SWAPS, ENERGY, FACTORS).fleets == ()
