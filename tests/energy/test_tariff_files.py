"""Wrong tariff files are refused, every mistake with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.energy.day_series import read_day_file
from swapstation.energy.tariff import SPOT_PRICE
from swapstation.energy.tariff_files import SHIPPED, load_holidays, load_table, shipped_tables
from swapstation.errors import ConfigurationError
from tests.energy.tariffs import TEXT, tariff

TABLE = (SHIPPED / "shanxi-2026-15.toml").read_text(encoding="utf-8")


def test_the_tables_of_shanxi_are_shipped() -> None:
    assert shipped_tables() == ("shanxi-2021-479", "shanxi-2026-15")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('flat = "0.4000"', "flat = 0.4", "tariff.toml:7: prices[0].flat = 0.4: "),
        ('flat = "0.4000"', 'flat = "0,4"', 'prices[0].flat = "0,4": '),
        ('loss = "0.0100"', 'losses = "0.0100"', "did you mean loss?"),
        ("since = 2022-01-01\nflat", 'since = "2022-01-01"\nflat', "must be a date without quotes"),
        ('"large_industry"', '"industry"', 'must be one of "large_industry", "general"'),
        ('"shanxi-2026-15"', '"shanxi"', 'no such table, there are "shanxi-2021-479", "shanxi-2026-15"'),
        ('"shanxi-2026-15"', '"mine.toml"', "mine.toml:1: "),
        ("since = 2026-05-01", "since = 2022-01-01", "two versions begin on one day"),
        ('valley = "0.2000"', 'night = "0.2000"', "must be a table with some of sharp, peak"),
        ('valley = "0.2000"', 'valley = "-1"', "must be a decimal from 0 to 20"),
        ("[[service]]", "[[fees]]", "service: 缺少这一项 | is missing"),
        ('customer = "large_industry"', 'customer = "general"\nholidays = "none.toml"', "none.toml:1: "),
        ('customer = "large_industry"', 'customer = "general"\nspot = { since = 1 }', "spot.since = 1"),
    ],
)
def test_a_wrong_tariff_file_is_refused_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in TEXT
    with pytest.raises(ConfigurationError) as refused:
        tariff(tmp_path, TEXT.replace(old, new))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('peak = ["06-08", "17-24"]', 'peak = ["06-08", "17-23"]', "must cover the 24 h of a day once: 23:00-24:00"),
        ('peak = ["06-08", "17-24"]', 'peak = ["06-09", "17-24"]', "must cover the 24 h of a day once: 08:00-09:00"),
        ('peak = ["06-08", "17-24"]', 'peak = ["06-08", "17-25"]', "on quarters of an hour"),
        ('peak = ["06-08", "17-24"]', 'peak = ["06-08", "17:10-24"]', "on quarters of an hour"),
        ("months = [3, 4, 5]", "months = [3, 4]", "no season has months 5"),
        ("months = [3, 4, 5]", "months = [3, 4, 5, 6]", "a month belongs to one season"),
        ('sharp = "1.92"', "", "factors.sharp: 表里有这个时段"),
        ('deep_valley = "0.36"', "", "factors.deep_valley: 表里有这个时段"),
        ('hours = ["13-15"]', 'hours = ["13-15", "14-16"]', "hours must not overlap"),
        ('"Asia/Shanghai"', '"Asia/Taiyuan"', "must be the name of a time zone"),
        ("in_force = 2026-05-01", "in_force = 2026-05-01T00:00:00", "must be a date without quotes"),
    ],
)
def test_a_wrong_table_is_refused_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in TABLE
    path = tmp_path / "table.toml"
    path.write_text(TABLE.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        load_table(path)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ("first = 2027-10-07\nlast = 2027-10-01", "must be within 30 days after `first`"),
        ("first = 2027-10-01\nlast = 2027-12-01", "must be within 30 days after `first`"),
    ],
)
def test_wrong_holidays_are_refused(tmp_path: Path, days: str, said: str) -> None:
    path = tmp_path / "holidays.toml"
    path.write_text(f'[[holidays]]\nname = "national_day"\n{days}\n', encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        load_holidays(path)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("2026-07-02.csv", "start,price\n00:00,0.3\n", "must be 24, 48, 96 values"),
        ("2026-07-02.csv", "hour,price\n", "the first line must be start,price"),
        ("2026-07-02.csv", "start,price\n" + "00:00,0.3\n" * 24, "csv:3: 00:00,0.3: 应为 01:00"),
        ("2026-07-02.toml", "prices = 3", "must be prices ="),
        ("2026-07-02.toml", "prices = [" + '"0.3", ' * 23 + '"1e3"]', "must be a decimal from -5 to 50"),
        ("2026-07-02.toml", "prices = ", "not valid TOML"),
    ],
)
def test_wrong_spot_prices_are_refused(tmp_path: Path, name: str, text: str, said: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        read_day_file(SPOT_PRICE, path)
    assert said in str(refused.value)
