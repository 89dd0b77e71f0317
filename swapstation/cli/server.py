"""`swapstation server FILE`: the HTTP API and the operator page of one station."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from swapstation.config.file import load_config
from swapstation.database.store import DatabaseError
from swapstation.errors import ConfigurationError
from swapstation.operations.config_versions import require_signed
from swapstation.server.serve import serve

WRONG_CONFIGURATION = 2


def server(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The station's TOML file. 配置文件.")],
) -> None:
    """Serve the API and the operator page on this machine. Exit 2: wrong configuration or database. 启动操作台服务."""
    try:
        config = load_config(file)
        require_signed(file, config)
        serve(config, file)
    except ConfigurationError as error:
        for mistake in error.mistakes:
            typer.echo(mistake, err=True)
        raise typer.Exit(WRONG_CONFIGURATION) from error
    except DatabaseError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(WRONG_CONFIGURATION) from error
