"""`swapstation truck`: cards of trucks, with every change in the audit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from swapstation.config.file import load_config
from tests.cli.test_account_and_audit import run
from tests.config.test_config_file import TEXT

VIN, FOREIGN = "LZZ5BLSJ4MA000123", "LZZ5BLSJ5MA000123"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "station.toml"
    file.write_text(TEXT.replace('"/var/lib/swapstation"', '"data"'), encoding="utf-8")
    return file


def test_trucks_are_taken_on_and_listed(file: Path) -> None:
    model = load_config(file).truck_models[0].name
    assert run(file, f"truck add {VIN} --model {model} --plate P-1 --rfid E2001").exit_code == 0
    warned = run(file, f"truck add {FOREIGN} --model {model} --plate P-2")
    assert (warned.exit_code, "校验位" in warned.output) == (0, True)
    listed = json.loads(run(file, "truck list --json").stdout)
    assert [(each["vin"], each["plate"], each["rfid"]) for each in listed] == [
        (VIN, "P-1", "E2001"),
        (FOREIGN, "P-2", ""),
    ]
    for wrong in (
        f"truck add {FOREIGN} --model {model} --plate P-1",
        f"truck add {VIN} --model boat",
        "truck add X --model m",
    ):
        assert run(file, wrong).exit_code == 2
    assert "truck_taken_on" in run(file, "audit list").output
