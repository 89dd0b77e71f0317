"""`swapstation planner FILE`: the charging plans of one station."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from swapstation.config.file import load_config
from swapstation.errors import ConfigurationError
from swapstation.operations.config_versions import require_signed
from swapstation.planner.process import run_planner

CANNOT_START = 2


def planner(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The station's TOML file. 配置文件.")],
) -> None:
    """Plan the charging of a station until ended. Exit 2: wrong configuration, or it uses no planner. 启动充电计划."""
    try:
        config = load_config(file)
        require_signed(file, config)
        asyncio.run(run_planner(config))
    except ConfigurationError as error:
        for mistake in error.mistakes:
            typer.echo(mistake, err=True)
        raise typer.Exit(CANNOT_START) from error
