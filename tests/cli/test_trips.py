"""`swapstation trips`: a CSV file becomes trips; a wrong line keeps the whole file out."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.test_account_and_audit import run
from tests.config.test_config_file import TEXT

LINES = "trip,vin,ended_at,tonnes,distance_km\nT1,LFWSRXSJ7M1F00001,2026-11-30T17:03+08:00,31.5,18.2\n"


def test_a_file_is_imported_whole_or_not_at_all(tmp_path: Path) -> None:
    file, trips = tmp_path / "station.toml", tmp_path / "trips.csv"
    file.write_text(TEXT.replace('"/var/lib/swapstation"', '"data"'), encoding="utf-8")
    trips.write_text(LINES, encoding="utf-8")
    assert run(file, f"trips import {trips} --fleet pit").exit_code == 0
    trips.write_text(f"{LINES}T2,LFWSRXSJ7M1F00001,2026-11-30T18:03+08:00,999,18.2\n", encoding="utf-8")
    wrong = run(file, f"trips import {trips} --fleet pit")
    assert (wrong.exit_code, "trips[1].tonnes" in wrong.output) == (2, True)
    (kept,) = json.loads(run(file, "trips list 2026-11").stdout)
    assert (kept["fleet"], kept["trip"], kept["tonnes"]) == ("pit", "T1", 31.5)
    assert run(file, f"trips import {tmp_path / 'nothing.csv'}").exit_code == 2
