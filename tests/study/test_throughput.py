"""A saturated station keeps its site limit and its trucks moving, in both arrangements of charging."""

from __future__ import annotations

from random import Random

import pytest

from swapstation.simulation.plant.bay import STANDBY_KW
from swapstation.study import limits, throughput
from swapstation.study.site import Case, station_of
from swapstation.study.throughput import charge_h, own_limit, saturate
from swapstation.study.traffic import Traffic, run, saturated

SHORT = Case(3, 300.0)
"""Three packs on little more than the power of one charger: somebody always has to give way."""


def test_a_short_saturated_case_comes_near_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throughput, "WARM_UP_H", 0.5)
    measured = saturate(SHORT, 1.5, 1)
    plant = own_limit(SHORT, measured)
    assert limits.parts(plant)["grid"] == limits.limit_per_h(plant)
    assert measured.holds == 0
    assert 0.7 < measured.swaps_per_h / limits.limit_per_h(plant) < 1.3, "so few swaps say no more"


def test_more_trucks_than_the_limit_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throughput, "WARM_UP_H", 0.2)
    assert throughput.arrive(SHORT, 8.0, 0.8, 2).wait_min > 5.0


@pytest.mark.parametrize("direct", [False, True])
@pytest.mark.parametrize("lossy", [False, True])
def test_charging_never_takes_more_than_the_site_allows(direct: bool, lossy: bool) -> None:
    """Modules that stand by take power that no limit knows of. `lossy`: orders get lost, or arrive twice."""
    case = Case(4, 400.0, direct=direct)
    with station_of(case, 1) as twin:
        twin.noise.lost = twin.noise.doubled = 0.2 if lossy else 0.0
        highest_kw = run(twin, Traffic(twin, saturated(), Random(1)), 1200.0)
        least_kw = 0.9 * case.site_kw
        assert least_kw < highest_kw <= 1.0001 * case.site_kw + STANDBY_KW * len(case.bays)


def test_a_mean_charge_takes_its_energy_and_the_taper() -> None:
    assert 183.3 / 250.0 < charge_h() < 1.1 * 183.3 / 250.0
