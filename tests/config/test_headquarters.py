"""`[headquarters]`: off without the table; refused with its line where it is wrong; a token only its owner can read."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.config.file import load_config
from swapstation.config.headquarters_settings import Headquarters, Offline
from swapstation.errors import ConfigurationError
from swapstation.server.uplinks.headquarters_client import read_token
from tests.config.test_config_file import TEXT

TABLE = """
[headquarters]
url = "https://hq.example/api"
station_id = "S1"
token = "headquarters_token"
"""


def written(folder: Path, table: str) -> Path:
    path = folder / "station.toml"
    path.write_text(TEXT + table, encoding="utf-8")
    return path


def test_a_headquarters_with_the_least_that_it_needs(tmp_path: Path) -> None:
    assert load_config(written(tmp_path, "")).headquarters is None
    told = load_config(written(tmp_path, TABLE)).headquarters
    assert told == Headquarters("https://hq.example/api", "S1", tmp_path / "headquarters_token")
    assert told.offline is Offline.KNOWN


@pytest.mark.parametrize(
    ("right", "wrong", "allowed"),
    [
        ('"https://hq.example/api"', '"http://hq.example/api"', "must be https"),
        ('"https://hq.example/api"', '"https://hq.example/"', "without a slash"),
        ('"https://hq.example/api"', '"https://user:word@hq.example"', "without a slash"),
        ('"S1"', '"../S1"', "letters, digits"),
        ('token = "headquarters_token"', 'token = "t"\noffline = "never"', '"listed"'),
    ],
)
def test_a_wrong_table_is_refused(tmp_path: Path, right: str, wrong: str, allowed: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load_config(written(tmp_path, TABLE.replace(right, wrong)))
    assert allowed in str(refused.value)


@pytest.mark.parametrize(("mode", "text"), [(0o644, "a" * 20), (0o600, "short"), (0o600, "two words and more of it")])
def test_a_token_that_others_can_read_or_that_is_none_is_refused(tmp_path: Path, mode: int, text: str) -> None:
    path = tmp_path / "headquarters_token"
    path.write_text(text, encoding="ascii")
    path.chmod(mode)
    settings = Headquarters("https://hq.example/api", "S1", path)
    with pytest.raises(ConfigurationError, match="token"):
        read_token(settings.token)
    with pytest.raises(ConfigurationError, match="token"):
        read_token(tmp_path / "none")
