"""The files that decide how a station works: its TOML file and what that names, without secrets."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from swapstation.config.settings import Config


def own_files(config: Config, station_file: Path | None) -> tuple[Path, ...]:
    """The station file first, then tariff, contracts, maintenance plan, maps and DBCs that are files of their own."""
    maps = [getattr(config.adapters, each.name) for each in fields(config.adapters) if each.name.endswith("_map")]
    dbcs = (model.can_dbc for model in config.battery_models)
    every = [station_file, config.tariff.file, config.money.contracts, config.maintenance.plan, *maps, *dbcs]
    return tuple(dict.fromkeys(file for file in every if file is not None))
