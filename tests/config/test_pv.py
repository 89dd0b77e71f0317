"""`[pv]`: read, and refused with its line where it contradicts itself or the site."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.config.energy_settings import Pv
from swapstation.config.file import load_config
from tests.config.test_config_file import EXAMPLE, TEXT, mistakes

SITE = "[site]\ngeneration_kw = 400.0\n"
USUAL = "hour_kw = [" + "0.0, " * 12 + "300.0, " * 12 + "]\n"


def test_there_is_none_without_the_table() -> None:
    assert load_config(EXAMPLE).pv == Pv()


def test_its_folder_lies_beside_the_station_file(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    path.write_text(f'{TEXT}{SITE}[pv]\npeak_kw = 400.0\nfolder = "sun"\n{USUAL}', encoding="utf-8")
    pv = load_config(path).pv
    assert (pv.peak_kw, pv.hour_kw[11:13], pv.folder) == (400.0, (0.0, 300.0), tmp_path / "sun")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("peak_kw = -1.0\n", "must be a number from 0 to 100000 kW"),
        ("peak_kw = 400.0\nhour_kw = [1.0]\n", "must be a list of 24 numbers"),
        ("peak_kw = 400.0\n" + USUAL.replace("300.0", '"much"', 1), "each must be a number from 0 to 100000 kW"),
        ("peak_kw = 250.0\n" + USUAL, "none may be above peak_kw (250 kW)"),
        ("peak_kw = 500.0\n", "must not be above [site] generation_kw (400 kW)"),
        ("peek_kw = 400.0\n", "did you mean peak_kw?"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    start = f"{TEXT}{SITE}[pv]\n"
    (told,) = mistakes(tmp_path / "station.toml", start + text)
    assert said in told
    wrong = told.split(" = ")[0].rsplit(".", 1)[-1]
    assert told.startswith(f":{(start + text)[: (start + text).rindex(wrong)].count(chr(10)) + 1}: ")
