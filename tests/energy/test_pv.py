"""What PV is expected to give: told days before the usual one, wrong files with their line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.config.energy_settings import Pv
from swapstation.config.settings import Config
from swapstation.energy.day_series import COUNTS, read_day_folders, told_at, write_day
from swapstation.energy.plan_input import step_lengths
from swapstation.energy.pv import PvForecast, pv_value, station_pv
from swapstation.energy.tariff import LOCAL_ZONE
from swapstation.errors import ConfigurationError
from tests.inventory.stock import station_config

USUAL = tuple(max(0.0, 100.0 - 20.0 * abs(hour - 12)) for hour in range(24))
DAY = date(2026, 7, 2)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return replace(station_config(tmp_path), pv=Pv(300.0, USUAL, tmp_path / "pv"))


def noon(day: date = DAY) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=LOCAL_ZONE)


def test_without_pv_nothing_is_expected_of_it(config: Config) -> None:
    assert station_pv(replace(config, pv=Pv())) is None


def test_the_usual_day_counts_until_a_day_is_told_and_the_last_told_counts(config: Config) -> None:
    assert config.pv.folder is not None
    values = [None, *[Decimal(50)] * 23]
    write_day(pv_value(config), config.pv.folder, DAY, [Decimal(9)] * 96)
    write_day(pv_value(config), config.pv_forecast_folder, DAY, [Decimal(7)] * 24)
    write_day(pv_value(config), config.pv_forecast_folder, DAY, values)
    forecast = station_pv(config)
    assert forecast is not None
    assert (forecast.at(noon()).kw, forecast.at(noon()).told) == (50.0, True)
    assert forecast.at(noon().replace(hour=0)).told is False, "an hour that nobody told"
    other = forecast.at(noon(date(2026, 7, 3)))
    assert (other.kw, other.told) == (100.0, False)


def test_more_than_the_peak_is_refused_with_its_line(config: Config) -> None:
    assert config.pv.folder is not None
    config.pv.folder.mkdir()
    lines = ["start,kw", *(f"{hour:02}:00,{400 if hour == 11 else 0}" for hour in range(24))]
    (config.pv.folder / "2026-07-02.csv").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"02\.csv:13: 400: .* from 0 to 300\.0 kW"):
        station_pv(config)


def test_each_step_of_a_plan_has_the_value_of_its_quarter() -> None:
    quarters = tuple(Decimal(number) for number in range(96))
    forecast = PvForecast(told={DAY: quarters})
    starts_at = noon().replace(minute=7, second=30)
    step_s = step_lengths(starts_at.minute * 60.0 + starts_at.second, horizon_h=12.0)
    course_kw = forecast.course_kw(starts_at, step_s)
    assert course_kw[0] == 48.0
    assert course_kw[-1] == 0.0, "after midnight nobody says anything"
    assert sum(kw * length_s for kw, length_s in zip(course_kw, step_s, strict=True)) == pytest.approx(
        sum(number * 900.0 for number in range(48, 96)) - 48 * 450.0
    )


DAYS = st.sampled_from(COUNTS).flatmap(
    lambda count: st.lists(st.decimals(0, 300, places=3), min_size=count, max_size=count)
)


@given(DAYS)
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, values: list[Decimal]) -> None:
    folder = tmp_path_factory.mktemp("days")
    kind = pv_value(replace(station_config(folder), pv=Pv(300.0)))
    write_day(kind, folder, DAY, values)
    days = read_day_folders(kind, folder)
    assert list(days[DAY]) == values
    assert told_at(days, noon()) == values[len(values) // 2]
