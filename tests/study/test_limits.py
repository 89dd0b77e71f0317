"""The limit formulas against the worked table, by hand."""

from __future__ import annotations

import pytest

from swapstation.study import limits

PACK_KWH = 282.0 * 0.65
CHARGE_H = PACK_KWH / 250.0


def station(packs: int, site_kw: float) -> limits.Plant:
    return limits.Plant(packs, site_kw, 0.95, 300.0, 240.0, CHARGE_H, PACK_KWH)


@pytest.mark.parametrize(
    ("packs", "site_kw", "robot", "battery", "grid", "limit"),
    [
        (7, 1600.0, 12.0, 8.75, 8.29, 8.29),
        (10, 2400.0, 12.0, 12.5, 12.44, 12.0),
        (12, 3000.0, 12.0, 15.0, 15.55, 12.0),
        (7, 1000.0, 12.0, 8.75, 5.18, 5.18),
    ],
)
def test_the_four_cases(packs: int, site_kw: float, robot: float, battery: float, grid: float, limit: float) -> None:
    plant = station(packs, site_kw)
    assert limits.parts(plant) == pytest.approx({"robot": robot, "battery": battery, "grid": grid}, rel=0.02)
    assert limits.limit_per_h(plant) == pytest.approx(limit, abs=0.01)


def test_each_formula_by_hand() -> None:
    assert limits.robot_per_h(240.0) == 15.0
    assert limits.batteries_per_h(6, charge_h=0.9, handling_s=360.0) == pytest.approx(6.0)
    assert limits.grid_per_h(1000.0, 0.9, 180.0) == 5.0


def test_a_charge_is_the_integral_of_energy_over_power() -> None:
    assert limits.charge_h(2.5, 30.0, 90.0, lambda soc_pct: 150.0) == pytest.approx(1.0)
    halved = limits.charge_h(2.5, 30.0, 90.0, lambda soc_pct: 150.0 if soc_pct < 60.0 else 75.0)
    assert halved == pytest.approx(1.5, rel=0.01)
