"""The GB/T 27930 settings of a bay: one table behind the defaults, the range checks and the page of the manual."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.config.file import load_config
from swapstation.config.gbt27930 import EditionChoice, Gbt27930, settings_of
from swapstation.config.rule_kinds import Allowed
from swapstation.config.rules import GBT27930
from swapstation.config.settings import Bay
from swapstation.errors import ConfigurationError
from tests.config.gbt27930_page import PAGE, page

_STATION = (Path(__file__).parents[2] / "examples" / "station.toml").read_text(encoding="utf-8")
_DIRECT = """
[[bays]]
number = 21
charging = "direct"
can = "can+socketcan://can21?bitrate=250000"
"""


def load(folder: Path, extra: str) -> Bay:
    path = folder / "station.toml"
    path.write_text(_STATION + _DIRECT + extra, encoding="utf-8")
    return load_config(path).bay(21)


def mistakes(folder: Path, extra: str) -> list[str]:
    with pytest.raises(ConfigurationError) as refused:
        load(folder, extra)
    return [mistake.partition(": ")[2] for mistake in refused.value.mistakes]


def test_a_bay_names_its_edition_and_settings(tmp_path: Path) -> None:
    bay = load(tmp_path, 'edition = "auto"\n[bays.gbt27930]\nbsd_s = 5\naux_cycle_s = 3.0\nbsm_replug = false\n')
    assert bay.edition is EditionChoice.AUTO
    assert bay.gbt27930 == Gbt27930(bsd_s=5.0, aux_cycle_s=3.0, bsm_replug=False)


def test_a_bay_that_says_nothing_has_the_defaults(tmp_path: Path) -> None:
    bay = load(tmp_path, "")
    assert bay.edition is EditionChoice.GB2015
    assert bay.gbt27930 == Gbt27930()


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ('edition = "2025"\n', 'edition = "2025": 只能是 "auto", "2011", "2015", "2023" 之一'),
        ("gbt27930 = 5\n", "gbt27930 = 5: 应为表 | must be a table"),
        ("[bays.gbt27930]\nbcl_s = 30\n", "gbt27930.bcl_s = 30: 应为 0.2 到 5 s 的数值 | must be a number from 0.2"),
        ("[bays.gbt27930]\nbsm_replug = 1\n", "gbt27930.bsm_replug = 1: 应为 true 或 false | must be true or false"),
        ("[bays.gbt27930]\nbcl_ss = 1\n", "gbt27930.bcl_ss = 1: 没有这一项, 是不是 bcl_s? | no such key"),
        ("[bays.gbt27930]\nreconnects = 4\n", "gbt27930.reconnects = 4: 应为 0 到 3 的整数 | must be a whole number"),
        (
            "max_current_a = 20.0\n[bays.gbt27930]\nmin_current_a = 30\n",
            "gbt27930.min_current_a = 30.0: 不能大于 max_current_a (20 A) | must not be above",
        ),
        ("max_current_a = 401.0\n", "max_current_a = 401.0: direct 仓最多 400 A"),
        (
            "max_power_kw = 400.0\n",
            "max_power_kw = 400.0: 最多 400 A x 750 V = 300 kW: 需要 533 A",
        ),
    ],
)
def test_what_is_out_of_range_is_named_with_what_is_allowed(tmp_path: Path, extra: str, told: str) -> None:
    (mistake,) = mistakes(tmp_path, extra)
    assert told in mistake


def test_the_line_of_a_mistake_in_the_inner_table_is_its_own(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load(tmp_path, "\n[bays.gbt27930]\nbrm_s = 5.0\nbcl_s = 99\n")
    line = (_STATION + _DIRECT).count("\n") + 4
    assert f":{line}: " in refused.value.mistakes[0]


@pytest.mark.parametrize("name", settings_of())
def test_every_default_is_within_its_own_range(name: str) -> None:
    default, setting = settings_of()[name]
    assert not isinstance(GBT27930[name].read(default), Allowed)
    assert setting.confidence in ("A", "B", "C", "own")


def test_the_page_of_the_manual_is_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.config.gbt27930_page"
