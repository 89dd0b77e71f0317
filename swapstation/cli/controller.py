"""`swapstation controller FILE`: the wires and the decisions of one station."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from swapstation.controller.plugging import load_station
from swapstation.controller.process import run_controller
from swapstation.errors import ConfigurationError, SwapstationError
from swapstation.inventory.database import DatabaseDamaged
from swapstation.operations.config_versions import require_signed
from swapstation.transport.recorder import RecordFormat, RecordOptions
from swapstation.transport.rotating_file import MOST_KEPT

CANNOT_START = 2
DATABASE_DAMAGED = 3
_BYTES_PER_MB = 1_000_000


def controller(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The station's TOML file. 配置文件.")],
    record: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Record what passes on all wires here. 录波文件夹.")
    ] = None,
    record_format: Annotated[
        RecordFormat, typer.Option(help="CAN frames as candump .log or Vector .asc. CAN 录波格式.")
    ] = RecordFormat.LOG,
    record_mb: Annotated[int, typer.Option(min=1, max=10_000, help="Largest file in megabytes. 单个文件上限 MB.")] = 8,
    record_keep: Annotated[
        int, typer.Option(min=1, max=MOST_KEPT, help="Older files kept for each wire. 每条链路保留的旧文件数.")
    ] = 3,
) -> None:
    """Run the controller of a station until ended. It surveys and waits for a person's confirmation. 启动控制器.

    Exit code 2: it cannot start, 3: the station database is damaged.
    """
    options = RecordOptions(record, record_format, record_mb * _BYTES_PER_MB, record_keep) if record else None
    try:
        config = load_station(file)
        require_signed(file, config)
        asyncio.run(run_controller(config, options))
    except ConfigurationError as error:
        for mistake in error.mistakes:
            typer.echo(mistake, err=True)
        raise typer.Exit(CANNOT_START) from error
    except SwapstationError as error:
        typer.echo(str(error), err=True)
        damaged = isinstance(error, DatabaseDamaged)
        raise typer.Exit(DATABASE_DAMAGED if damaged else CANNOT_START) from error
