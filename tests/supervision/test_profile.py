"""Profiles: the shipped one, one of an own file, and what is wrong in a file told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.errors import ConfigurationError
from swapstation.supervision.interfaces import ORDER_NOTICE, STATION_STATS, SWAP_RECORD
from swapstation.supervision.profile import load_profile


def test_the_shipped_profile_knows_no_swap_record() -> None:
    profile = load_profile("tcec102-2016")
    assert profile.name == "tcec102-2016"
    assert SWAP_RECORD not in profile.paths
    assert profile.spells(ORDER_NOTICE).write("TotalServiceMoney") == "TotalSeviceMoney"


def test_an_own_profile_spells_one_interface_differently(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        'name = "own"\nstate_ids = ["OperatorID"]\n'
        '[paths]\nquery_token = "evcs/sdk/query_token"\nswap_record = "swap"\n'
        '[own_spelling.query_station_stats]\nStartTime = "StarTime"\n[rates]\nmessages_per_s = 20.0\n'
    )
    profile = load_profile(str(tmp_path / "own.toml"))
    assert profile.spells(STATION_STATS).write("StartTime") == "StarTime"
    assert profile.spells(ORDER_NOTICE).write("StartTime") == "StartTime"
    assert (profile.rates.messages_per_s, profile.state_ids) == (20.0, ("OperatorID",))


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('name = "x"\n[paths]\nquery_token = "a b"\n', 3, "paths.query_token"),
        ('name = "x"\n[paths]\nquery_token = "t"\nquery_swap = "q"\n', 4, "paths.query_swap"),
        ('name = "x"\n[paths]\n', 2, "paths.query_token"),
        ('name = "x"\nsped = 1\n[paths]\nquery_token = "t"\n', 2, "sped"),
        ('name = "x"\n[paths]\nquery_token = "t"\n[rates]\nmessages_per_s = 0\n', 5, "rates.messages_per_s"),
        ('name = "x"\n[paths]\nquery_token = "t"\n[own_spelling.nowhere]\nA = "B"\n', 4, "own_spelling.nowhere"),
    ],
)
def test_mistakes_are_told_with_their_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    (tmp_path / "own.toml").write_text(text)
    with pytest.raises(ConfigurationError) as refused:
        load_profile(str(tmp_path / "own.toml"))
    assert any(each.startswith(f"{tmp_path / 'own.toml'}:{line}: {said}") for each in refused.value.mistakes)
