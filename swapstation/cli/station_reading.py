"""Commands that only read a station's database: its file, the connection, how results are printed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter
from rich.console import Console

from swapstation.cli.inventory_session import BAD_INPUT
from swapstation.config.file import load_config
from swapstation.config.settings import Config
from swapstation.errors import SwapstationError
from swapstation.inventory.database import open_reader, storage_errors

NEVER_CUT_COLUMNS = 200
StationFile = Annotated[Path, typer.Option("--config", metavar="FILE", help="The station's TOML file. 配置文件.")]


@contextmanager
def station_database(file: Path) -> Iterator[tuple[Config, Any]]:
    """The configuration and a connection that only reads; errors become messages and exit code 2."""
    try:
        config = load_config(file)
        engine = open_reader(config.station_database_url)
        try:
            with storage_errors(), engine.connect() as connection:
                yield config, connection
        finally:
            engine.dispose()
    except SwapstationError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from error


def print_json(value: object, file: Path | None = None) -> None:
    """A result as JSON, money as text; into a file or on the screen."""
    text = json.dumps(TypeAdapter(Any).dump_python(value, mode="json"), ensure_ascii=False, indent=2)
    if file is None:
        typer.echo(text)
    else:
        file.write_text(text + "\n", encoding="utf-8")
        typer.echo(str(file))


def never_cut() -> Console:
    """A console that keeps lines whole also in a pipe."""
    return Console(width=NEVER_CUT_COLUMNS, highlight=False, markup=False)
