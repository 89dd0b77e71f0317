"""The check-up of a battery: figures from charges, thresholds of its model, which one is suspect and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.config.energy_settings import Ledger
from swapstation.config.health_settings import HealthLimits
from swapstation.config.settings import BatteryModel
from swapstation.energy.health import health_card, resistance_25c, windows
from swapstation.model.health import HealthCard, HealthFinding, HealthGrade, Observation
from swapstation.model.inventory import Battery

AT = datetime(2026, 7, 1, tzinfo=UTC)
MODEL = BatteryModel("LFP-282", 282.0, 3100.0, 150.0, 750.0, 350.0)
BATTERY = Battery("B1", "LFP-282", ("C" * 24,), "bay-1", 80.0)
STORED_KWH = 282.0 * 0.6 / Ledger().battery_efficiency
GOOD = Observation(AT, 1, 30.0, 90.0, STORED_KWH, 2.0, 50.0, 25.0, 3.45, 3.40, 32.0, 3.0, (), 120, "2024-07-01")


def charges(*changes: dict[str, Any]) -> list[Observation]:
    return [replace(GOOD, at=AT + timedelta(hours=hour), **change) for hour, change in enumerate(changes)]


def card(observations: list[Observation], model: BatteryModel = MODEL, charged_kwh: float = 0.0) -> HealthCard:
    return health_card(BATTERY, model, observations, charged_kwh, Ledger(), AT)


def finding(told: HealthCard, figure: str) -> HealthFinding:
    return next(each for each in told.findings if each.figure == figure)


def test_a_good_battery() -> None:
    told = card(charges(*[{}] * 12), charged_kwh=282.0 * 200)
    assert told.grade is HealthGrade.GOOD
    assert {each.figure: each.grade for each in told.findings} == dict.fromkeys(
        ("capacity", "resistance_rise", "cell_spread", "temperature_spread", "insulation_faults", "full_cycles", "age"),
        HealthGrade.GOOD,
    )
    capacity = finding(told, "capacity")
    assert capacity.value == pytest.approx(100.0)
    assert capacity.uncertainty == pytest.approx(9.5, abs=0.2)  # 4 % of SOC at both ends of a 60 % window
    assert finding(told, "full_cycles").value == pytest.approx(200.0)
    assert finding(told, "age").value == pytest.approx(2.0, abs=0.01)
    assert (told.observations, told.charge_count, told.reasons) == (12, 120, ())


def test_without_charges_everything_is_unknown() -> None:
    told = card([])
    assert told.grade is HealthGrade.UNKNOWN
    assert {each.grade for each in told.findings} == {HealthGrade.UNKNOWN}


@pytest.mark.parametrize(
    ("change", "figure", "grade"),
    [
        ({"dc_kwh": STORED_KWH * 0.75}, "capacity", HealthGrade.WORN),
        ({"dc_kwh": STORED_KWH * 0.60}, "capacity", HealthGrade.WORN),  # below 65 %, but not by its uncertainty
        ({"dc_kwh": STORED_KWH * 0.50}, "capacity", HealthGrade.SUSPECT),
        ({"max_cell_v": 3.70}, "cell_spread", HealthGrade.WORN),
        ({"max_cell_v": 3.90}, "cell_spread", HealthGrade.SUSPECT),
        ({"temperature_spread_c": 12.0}, "temperature_spread", HealthGrade.WORN),
        ({"temperature_spread_c": 20.0}, "temperature_spread", HealthGrade.SUSPECT),
        ({"faults": ("insulation_fault",)}, "insulation_faults", HealthGrade.SUSPECT),
    ],
)
def test_a_figure_beyond_its_threshold_grades_the_battery(
    change: dict[str, Any], figure: str, grade: HealthGrade
) -> None:
    told = card(charges(*[change] * 5))
    assert (finding(told, figure).grade, told.grade) == (grade, grade)
    assert told.reasons == ((figure,) if grade is HealthGrade.SUSPECT else ())


def test_a_rising_resistance_makes_a_battery_worn_and_then_suspect() -> None:
    new: list[dict[str, Any]] = [{}] * 10
    risen = [card(charges(*new, *[{"resistance_mohm": mohm}] * 10)).grade for mohm in (60.0, 80.0, 120.0)]
    assert risen == [HealthGrade.GOOD, HealthGrade.WORN, HealthGrade.SUSPECT]


def test_a_models_own_resistance_is_what_a_rise_is_measured_from() -> None:
    model = replace(MODEL, health=HealthLimits(resistance_mohm=30.0))
    assert finding(card(charges(*[{}] * 5), model), "resistance_rise").value == pytest.approx(66.7, abs=0.1)


def test_cold_makes_no_battery_old() -> None:
    cold = 50.0 * (1.0 + 0.015 * 20.0)
    seen = replace(GOOD, resistance_mohm=cold, resistance_temperature_c=5.0)
    assert resistance_25c(seen, HealthLimits()) == pytest.approx(50.0)
    assert resistance_25c(replace(seen, resistance_temperature_c=None), HealthLimits()) is None


def test_one_bad_reading_makes_no_suspect() -> None:
    told = card(charges(*[{}] * 4, {"max_cell_v": 4.2, "temperature_spread_c": 30.0}))
    assert told.grade is HealthGrade.GOOD


def test_years_and_cycles_alone_make_a_battery_worn_only() -> None:
    told = card(charges(*[{"production_date": "2010-01-01"}] * 5), charged_kwh=282.0 * 9000)
    assert (told.grade, told.reasons) == (HealthGrade.WORN, ())


def test_a_production_date_that_is_none_is_not_believed() -> None:
    assert finding(card(charges(*[{"production_date": "2024-13-01"}] * 5)), "age").grade is HealthGrade.UNKNOWN


@pytest.mark.parametrize(
    "change", [{"start_soc_pct": 50.0}, {"dc_kwh": None}, {"start_soc_pct": None}, {"dc_kwh": 0.0}]
)
def test_narrow_or_unmetered_windows_do_not_count(change: dict[str, Any]) -> None:
    assert windows(charges(change), MODEL, Ledger()) == []


@given(
    truth=st.floats(50.0, 110.0),
    spans=st.lists(
        st.tuples(st.floats(0.0, 45.0), st.floats(50.0, 55.0), st.floats(-1.0, 1.0)), min_size=1, max_size=15
    ),
)
def test_the_capacity_lies_within_its_uncertainty(truth: float, spans: list[tuple[float, float, float]]) -> None:
    """SOC of the BMS is off by up to its uncertainty, half of it each way at the two ends."""
    off_pct = Ledger().soc_uncertainty_pct
    seen = [
        replace(
            GOOD,
            start_soc_pct=start,
            end_soc_pct=start + span + error * off_pct,
            dc_kwh=282.0 * truth / 100.0 * span / 100.0 / Ledger().battery_efficiency,
        )
        for start, span, error in spans
        if span + error * off_pct >= MODEL.health.least_window_pct
    ]
    told = finding(card(seen), "capacity")
    if told.value is not None:
        assert told.uncertainty is not None
        assert abs(told.value - truth) <= told.uncertainty * 1.1
