"""Contracts of a headquarters in their file: whole or not at all, and what fails is tried again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from swapstation.config.contracts_source import headquarters_contracts
from swapstation.config.headquarters_settings import Headquarters
from swapstation.errors import SwapstationError
from swapstation.server.uplinks.headquarters_contracts import keep_contracts
from tests.inventory.stock import station_config

TEXT = '[[fleets]]\nname = "pit"\nlabel = "矿"\n'


def test_contracts_that_cannot_be_kept_now_are_tried_again(tmp_path: Path) -> None:
    config = replace(
        station_config(tmp_path / "data"),
        headquarters=Headquarters("https://hq.example/api", "S1", tmp_path / "token"),
    )
    with pytest.raises(SwapstationError, match=r"headquarters_contracts\.toml"):
        keep_contracts(config, TEXT)  # there is no folder
    config.data.mkdir()
    file = headquarters_contracts(config)
    file.write_bytes(b"\xff\xfe half of a file")
    assert keep_contracts(config, TEXT) == ()
    assert (file.read_text(encoding="utf-8"), file.stat().st_mode & 0o777) == (TEXT, 0o600)
    assert "contracts:" in keep_contracts(config, TEXT + "[[fleets]]\n")[0]
    assert [each.name for each in config.data.iterdir()] == [file.name], "nothing is left beside it"
