"""A tariff for tests: the shipped tables of Shanxi with invented prices."""

from __future__ import annotations

from pathlib import Path

from swapstation.energy.tariff import Tariff
from swapstation.energy.tariff_files import load_tariff

TEXT = """
tables = ["shanxi-2021-479", "shanxi-2026-15"]
customer = "large_industry"

[[prices]]                        # invented
since = 2022-01-01
flat = "0.4000"
loss = "0.0100"
system_operation = "0.0200"
transmission = "0.1400"
funds = "0.0300"

[[prices]]                        # invented
since = 2026-05-01
flat = "0.5000"
transmission = "0.1500"

[[service]]                       # invented
since = 2022-01-01
fee = "0.2500"

[[service]]                       # invented
since = 2026-06-01
fee = "0.3000"
periods = { valley = "0.2000", deep_valley = "0.1000" }
"""


def tariff(folder: Path, text: str = TEXT) -> Tariff:
    """The tariff of a text, read from a file."""
    return load_tariff(tariff_file(folder, text))


def tariff_file(folder: Path, text: str = TEXT) -> Path:
    path = folder / "tariff.toml"
    path.write_text(text, encoding="utf-8")
    return path
