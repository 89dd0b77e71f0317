"""Signed configuration: what is altered, foreign, older or unsigned is refused; a rollback is a version of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from swapstation.cli.main import command_line
from swapstation.config.file import load_config
from swapstation.errors import ConfigurationError
from swapstation.operations.config_versions import TRUSTED, VERSIONS, require_signed, sign_version, verify_version
from swapstation.operations.signing import SignatureRefused, make_key

EXAMPLE = Path(__file__).parents[2] / "examples" / "demo.toml"
run = CliRunner().invoke


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return tmp_path / "release.pem"


@pytest.fixture
def station(tmp_path: Path, key: Path) -> Path:
    """A station file whose first version is signed and whose key is trusted."""
    folder = tmp_path / "etc"
    (folder / TRUSTED).mkdir(parents=True)
    shutil.copy(make_key(key), folder / TRUSTED)
    file = folder / "station.toml"
    shutil.copy(EXAMPLE, file)
    for beside in ("tariff.toml", "contracts.toml"):
        shutil.copy(EXAMPLE.with_name(beside), folder)
    sign_version(file, key, "li", "first")
    return file


def config(*arguments: str | Path) -> tuple[int, str]:
    result = run(command_line("config"), ["config", *map(str, arguments)])
    return result.exit_code, result.output


def rename(station: Path, name: str) -> None:
    lines = station.read_text(encoding="utf-8").splitlines()
    lines[next(i for i, line in enumerate(lines) if line.startswith("name ="))] = f'name = "{name}"'
    station.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_what_was_signed_may_start_and_what_was_changed_may_not(station: Path) -> None:
    settings = load_config(station)
    signed = require_signed(station, settings)
    assert signed is not None
    assert signed.version == 1
    rename(station, "north")
    with pytest.raises(ConfigurationError, match=r"station\.toml: .*differs from signed version 1"):
        require_signed(station, settings)
    assert config("verify", "--config", station)[0] == 1


def test_without_trusted_keys_nothing_is_demanded(station: Path) -> None:
    shutil.rmtree(station.parent / TRUSTED)
    rename(station, "north")
    assert require_signed(station, load_config(station)) is None


def test_a_rollback_is_the_next_version_and_history_tells_it(station: Path, key: Path) -> None:
    first = station.read_text(encoding="utf-8")
    rename(station, "north")
    assert '+name = "north"' in config("diff", "--config", station)[1]
    assert config("sign", "--key", key, "--comment", "renamed", "--config", station)[0] == 0
    assert config("rollback", "1", "--key", key, "--comment", "wrong name", "--config", station)[0] == 0
    assert station.read_text(encoding="utf-8") == first
    assert verify_version(station).version == 3
    assert '"rolled_back_to": 1' in config("history", "--json", "--config", station)[1]
    assert '-name = "north"' in config("diff", "2", "3", "--config", station)[1]


def test_a_foreign_key_an_altered_manifest_and_a_missing_version_are_refused(station: Path, tmp_path: Path) -> None:
    make_key(tmp_path / "foreign.pem")
    rename(station, "north")
    sign_version(station, tmp_path / "foreign.pem", "mallory", "mine")
    with pytest.raises(SignatureRefused, match="not signed by a trusted key"):
        verify_version(station)
    shutil.rmtree(station.parent / VERSIONS / "0002")
    manifest = station.parent / VERSIONS / "0001" / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"first"', '"worst"'), encoding="utf-8")
    with pytest.raises(SignatureRefused, match="not signed by a trusted key"):
        verify_version(station)
    shutil.rmtree(manifest.parent)
    with pytest.raises(SignatureRefused, match="no signed version"):
        verify_version(station)


def test_an_older_version_than_the_station_has_run_is_refused(station: Path, key: Path) -> None:
    first = station.read_text(encoding="utf-8")
    rename(station, "north")
    sign_version(station, key, "li", "second")
    require_signed(station, load_config(station))
    shutil.rmtree(station.parent / VERSIONS / "0002")
    station.write_text(first, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="older than 2"):
        require_signed(station, load_config(station))


def test_a_private_key_is_read_by_its_owner_only_and_never_overwritten(key: Path, tmp_path: Path) -> None:
    make_key(key)
    assert key.stat().st_mode & 0o777 == 0o600
    assert config("key", key)[0] == 2
