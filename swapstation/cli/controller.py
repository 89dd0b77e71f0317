"""`swapstation controller FILE`: the wires and the decisions of one station."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from swapstation.config.file import load_config
from swapstation.controller.process import run_controller
from swapstation.errors import ConfigurationError, SwapstationError

CANNOT_START = 2


def controller(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The station's TOML file. 配置文件.")],
    record: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write candump logs of the CAN wires here. 录波文件夹.")
    ] = None,
) -> None:
    """Run the controller of a station until ended. It surveys and waits for a person's confirmation. 启动控制器."""
    try:
        asyncio.run(run_controller(load_config(file), record))
    except ConfigurationError as error:
        for mistake in error.mistakes:
            typer.echo(mistake, err=True)
        raise typer.Exit(CANNOT_START) from error
    except SwapstationError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(CANNOT_START) from error
