"""`swapstation update`: install a signed release, or go back to the one before. Exit 1: rolled back, 2: refused."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from swapstation import __version__
from swapstation.cli.acting import acting_person
from swapstation.cli.inventory_session import BAD_INPUT
from swapstation.cli.station_reading import StationFile
from swapstation.config.file import load_config
from swapstation.errors import SwapstationError
from swapstation.operations import update
from swapstation.operations.config_versions import TRUSTED
from swapstation.operations.signing import trusted_keys

update_app = typer.Typer(help="Updates without network, with rollback. 离线更新.", no_args_is_help=True)

ROLLED_BACK = 1
_FILE = Path("station.toml")
Prefix = Annotated[Path, typer.Option(metavar="DIR", help="Where it is installed. 安装目录.")]
Start = Annotated[str, typer.Option(metavar="COMMAND", help="Starts all processes. 启动命令.")]
Stop = Annotated[str, typer.Option(metavar="COMMAND", help="Stops all processes. 停止命令.")]
Patience = Annotated[float, typer.Option(min=1, help="Seconds to come up in. 等待秒数.")]
_PREFIX = Path(sys.prefix).parent
_START, _STOP = "systemctl start swapstation.target", "systemctl stop swapstation.target"


@update_app.command()
def install(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="A signed bundle. 更新包.")],
    config: StationFile = _FILE,
    prefix: Prefix = _PREFIX,
    start: Start = _START,
    stop: Stop = _STOP,
    patience: Patience = 60.0,
) -> None:
    """Install a newer release while no swap runs; one that does not come up is rolled back. 安装更新."""
    place = update.Place(prefix, config, start, stop, patience)
    try:
        settings = load_config(config)
        trusted = trusted_keys(config.parent / TRUSTED)
        version = update.install(place, settings, bundle, trusted, acting_person())
    except update.UpdateFailed as failed:
        typer.echo(str(failed), err=True)
        raise typer.Exit(ROLLED_BACK) from failed
    except SwapstationError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from error
    typer.echo(f"{__version__} -> {version}, {prefix / update.CURRENT} -> {place.slot}")
    typer.echo("请核查后确认启动 | look at the survey and confirm the start-up")


@update_app.command()
def rollback(
    config: StationFile = _FILE,
    prefix: Prefix = _PREFIX,
    start: Start = _START,
    stop: Stop = _STOP,
    patience: Patience = 60.0,
) -> None:
    """Use the release before this one again. 退回上一版本."""
    place = update.Place(prefix, config, start, stop, patience)
    try:
        slot = update.roll_back(place, load_config(config), acting_person())
    except SwapstationError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from error
    typer.echo(f"{prefix / update.CURRENT} -> {slot}")


@update_app.command()
def status(prefix: Prefix = _PREFIX) -> None:
    """What is in use, and how the last update ended. 状态."""
    try:
        slot = update.Place(prefix, _FILE).slot
    except SwapstationError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from error
    typer.echo(f"{__version__} {slot}")
    file = prefix / update.STATE
    if file.exists():
        typer.echo(file.read_text(encoding="ascii").strip())
