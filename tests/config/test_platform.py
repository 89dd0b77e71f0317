"""`[platform]`: off without the table; refused with its line where it is wrong; secrets only its owner can read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from swapstation.config.file import load_config
from swapstation.errors import ConfigurationError
from swapstation.supervision.secret_files import load_secrets
from tests.config.test_config_file import EXAMPLE, TEXT, mistakes
from tests.supervision.sample import BY_PLATFORM, BY_US, SECRETS_FILE

PLATFORM = """
[platform]
url = "https://platform.example/evcs/v20161110"
operator_id = "MA0SX0001"
station_id = "1409810001"
secrets = "platform_secrets.toml"

[platform.station]
area = "140981"
address = "示例路 1 号"
service_tel = "000-0000000"
longitude = 112.733
latitude = 38.722
"""


def test_the_example_tells_no_platform() -> None:
    assert load_config(EXAMPLE).platform is None


def test_a_platform_with_the_least_that_it_needs(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    path.write_text(TEXT + PLATFORM, encoding="utf-8")
    platform = load_config(path).platform
    assert platform is not None
    assert platform.secrets == tmp_path / "platform_secrets.toml"
    assert (platform.profile, platform.station.station_type) == ("tcec102-2016", 102)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"https://platform.example/evcs/v20161110"', '"ftp://platform.example"', "https://DOMAIN/evcs/v20161110"),
        ('"https://platform.example/evcs/v20161110"', '"https://platform.example/"', "without a slash"),
        ('operator_id = "MA0SX0001"', 'operator_id = "MA0SX"', "9 characters"),
        ('station_id = "1409810001"\n', "", "station_id: 缺少这一项"),
        ("longitude = 112.733", "longitude = 11.2", "73 to 136"),
        ('area = "140981"', 'area = "140981"\nstation_type = 7', "must be one of 1, 50, 100"),
        ('secrets = "platform_secrets.toml"', 'secret = "x"', "did you mean secrets?"),
        ('secrets = "platform_secrets.toml"', 'secrets = "s"\npath = "/api/v1"', "not beginning with /api/"),
        ("latitude = 38.722\n", "latitude = 38.722\n[[platform.cabinets]]\nbays = [1]\n", "every charging bay once"),
    ],
)
def test_a_mistake_is_told(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in PLATFORM
    told = mistakes(tmp_path / "station.toml", TEXT + PLATFORM.replace(old, new, 1))
    assert any(said in each for each in told)


def secrets(tmp_path: Path, text: str, mode: int = 0o600) -> Path:
    path = tmp_path / "platform_secrets.toml"
    path.touch(0o600)
    path.write_text(text)
    path.chmod(mode)
    return path


def test_secrets_of_both_directions(tmp_path: Path) -> None:
    pair = load_secrets(secrets(tmp_path, SECRETS_FILE))
    assert (pair.by_platform, pair.by_us) == (BY_PLATFORM, BY_US)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(ConfigurationError, match=f"{mode:04o}.*chmod 600"):
        load_secrets(secrets(tmp_path, SECRETS_FILE, mode))


def test_a_wrong_secret_is_refused_and_not_printed(tmp_path: Path) -> None:
    wrong = SECRETS_FILE.replace(BY_PLATFORM.data_secret, "far-too-short", 1)
    with pytest.raises(ConfigurationError) as refused:
        load_secrets(secrets(tmp_path, wrong))
    assert f"{tmp_path / 'platform_secrets.toml'}:4: by_platform.data_secret" in str(refused.value)
    assert "far-too-short" not in str(refused.value)


def test_a_missing_direction_and_a_missing_file_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="by_us"):
        load_secrets(secrets(tmp_path, SECRETS_FILE[: SECRETS_FILE.index("[by_us]")]))
    os.remove(tmp_path / "platform_secrets.toml")
    with pytest.raises(ConfigurationError, match="cannot open"):
        load_secrets(tmp_path / "platform_secrets.toml")
