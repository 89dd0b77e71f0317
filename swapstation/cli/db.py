"""`swapstation db`: back the databases and records up, put a backup back, verify. Exit 1: damaged, 2: refused."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer

from swapstation.cli.inventory_session import BAD_INPUT
from swapstation.cli.station_reading import StationFile, print_json
from swapstation.config.file import load_config
from swapstation.config.own_files import own_files
from swapstation.config.settings import Config
from swapstation.database.store import DatabaseOwned
from swapstation.errors import SwapstationError
from swapstation.operations.backup import back_up, read_manifest, verify_backup, verify_live
from swapstation.operations.restore import drill, restore

db_app = typer.Typer(help="Databases and records: backup, restore, verify. 备份与恢复.", no_args_is_help=True)

DAMAGED = 1
_FILE = Path("station.toml")
_POLITE = 10
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON. 输出 JSON.")]


@db_app.command()
def backup(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where backups lie, on another disk. 备份目录.")],
    config: StationFile = _FILE,
    keep: Annotated[int | None, typer.Option(min=1, help="Keep so many; older ones are deleted. 保留份数.")] = None,
    as_json: AsJson = False,
) -> None:
    """Back the station up while it runs. 在线备份."""
    with suppress(OSError):
        os.nice(_POLITE)
    started_s = time.monotonic()
    with _station(config) as settings:
        made = back_up(settings, folder, own_files(settings, config), keep)
        manifest = read_manifest(made)
    took_s = round(time.monotonic() - started_s, 2)
    if as_json:
        print_json({"backup": str(made), "bytes": manifest.bytes, "files": len(manifest.files), "seconds": took_s})
    else:
        typer.echo(f"{made}: {manifest.bytes / 1e6:.1f} MB, {len(manifest.files)} 个文件 files, {took_s:g} s")


@db_app.command("restore")
def restore_command(
    backup: Annotated[Path, typer.Argument(metavar="BACKUP", help="One backup's folder. 备份.")],
    config: StationFile = _FILE,
    rehearse: Annotated[
        bool, typer.Option("--drill", help="Only try it in a folder of its own, also while it runs. 恢复演练.")
    ] = False,
) -> None:
    """Put a backup in the place of the data, with controller and server stopped. 恢复备份."""
    started_s = time.monotonic()
    with _station(config) as settings:
        if rehearse:
            _say(drill(settings, backup), f"{backup}: 可以恢复 can be restored, {time.monotonic() - started_s:.1f} s")
            return
        aside = restore(settings, backup)
    typer.echo(f"已恢复 restored, {time.monotonic() - started_s:.1f} s; 原文件在 what was there: {aside}")
    typer.echo("启动后请逐仓盘库再确认 | after the start count the stock bay by bay before you confirm")


@db_app.command()
def verify(
    backup: Annotated[
        Path | None, typer.Argument(metavar="[BACKUP]", help="A backup; default the station's own data. 备份.")
    ] = None,
    config: StationFile = _FILE,
    as_json: AsJson = False,
) -> None:
    """Read everything: pages, keys, schema, events, audit chain. Also while the station runs. 校验."""
    with _station(config) as settings:
        found = verify_backup(backup) if backup else verify_live(settings)
    if as_json:
        print_json({"sound": not found, "findings": found})
    else:
        _say(found, "完好 sound")
    if found:
        raise typer.Exit(DAMAGED)


def _say(found: list[str], sound: str) -> None:
    for line in found or (sound,):
        typer.echo(line)
    if found:
        raise typer.Exit(DAMAGED)


@contextmanager
def _station(file: Path) -> Iterator[Config]:
    try:
        yield load_config(file)
    except DatabaseOwned as owned:
        stop = "站正在运行: 先停止控制器和服务 | the station runs: stop controller and server first"
        typer.echo(f"{stop} ({owned})", err=True)
        raise typer.Exit(BAD_INPUT) from owned
    except SwapstationError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from error
