"""A battery that comes back is as full as its truck says, never as full as when it left."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swapstation.model.journal import BatteryMeasured
from swapstation.station.sequence import run_swap
from tests.station.situations import draft, fresh, swap, swapping, truck, with_battery


@pytest.mark.parametrize(("told_pct", "known_pct"), [(31.5, 31.5), (None, None), (130.0, None)])
def test_the_soc_of_the_battery_that_comes_off_is_the_truck_s_word(
    told_pct: float | None, known_pct: float | None
) -> None:
    """Found by a saturated station: it came back at 30 %, was on record with 95 %, and was never charged again."""
    now = with_battery(swapping(truck=fresh(truck(soc_pct=told_pct))), "B3", soc_pct=94.6)
    now = replace(now, inventory=replace(now.inventory, swap=swap(step="allocate", allocated=False), holds=()))
    cycle = draft(now, step="allocate")
    run_swap(cycle)
    measured = [record for record in cycle.records if isinstance(record, BatteryMeasured)]
    assert measured == [BatteryMeasured("B3", known_pct)]
