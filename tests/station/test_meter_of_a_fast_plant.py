"""A simulated plant runs faster than time: its meter counts plant time and is still believed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swapstation.model.device import Meter
from swapstation.station.draft import Draft, Rules
from swapstation.station.memory import Memory
from swapstation.station.power import run_power
from tests.station.situations import fresh, rules, snapshot

SPEED, POWER_KW = 20.0, 300.0


def judged(plant_speed: float) -> str:
    """What is held against the meter of a plant that runs `SPEED` times as fast, after five minutes."""
    own = rules()
    site = replace(own.config.site, plant_speed=plant_speed)
    known, memory, now = Rules(replace(own.config, site=site), own.recipe, own.alarms), Memory(1), snapshot()
    for second in range(300):
        meter = Meter("000000000161", 1000.0 + POWER_KW * SPEED * second / 3600.0, POWER_KW)
        made = Draft(known, replace(now, now_s=now.now_s + second, meter=fresh(meter)), memory)
        run_power(made)
        memory = made.memory
    return memory.power.meter.why


@pytest.mark.parametrize(("plant_speed", "why"), [(SPEED, ""), (1.0, "meter_impossible")])
def test_its_speed_is_told_by_the_settings(plant_speed: float, why: str) -> None:
    assert judged(plant_speed) == why
