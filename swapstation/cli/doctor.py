"""`swapstation doctor`: what is wrong and what to do. Exit 0: all is well, 1: something is wrong, 2: configuration."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from swapstation.cli.station_reading import StationFile, never_cut, print_json
from swapstation.config.settings import Config
from swapstation.contract.controller_link import ControllerLink
from swapstation.controller.plugging import load_station
from swapstation.energy.tariff import LOCAL_ZONE
from swapstation.errors import ConfigurationError, SwapstationError
from swapstation.inventory.database import open_reader, storage_errors
from swapstation.inventory.event_gaps import newest_event_at
from swapstation.model.snapshot import Snapshot
from swapstation.operations.config_versions import require_signed
from swapstation.operations.doctor import Finding, Grade, examination
from swapstation.operations.due_maintenance import due_maintenance

SOMETHING_WRONG, WRONG_CONFIGURATION = 1, 2
_PATIENCE_S = 3.0
_MARKS = {Grade.GOOD: "完好 ok", Grade.WARNING: "注意 warning", Grade.WRONG: "故障 WRONG"}


def doctor(
    config: StationFile = Path("station.toml"),
    backups: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Where backups lie. 备份目录.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON. 输出 JSON.")] = False,
) -> None:
    """Look at clock, disk, databases, wires, certificate, secrets, configuration; say what to do. 体检."""
    settings, found = _configuration(config)
    if settings is not None:
        snapshot = asyncio.run(_snapshot(settings))
        now = datetime.now(UTC)
        found += examination(settings, snapshot, _newest_event_at(settings), backups, now)
        found += due_maintenance(settings, now, LOCAL_ZONE)
    if as_json:
        print_json(found)
    else:
        _print(found)
    if settings is None:
        raise typer.Exit(WRONG_CONFIGURATION)
    if any(finding.grade is Grade.WRONG for finding in found):
        raise typer.Exit(SOMETHING_WRONG)


def _configuration(file: Path) -> tuple[Config | None, list[Finding]]:
    about, do = "configuration", ("改正后用 swapstation check-config 检查", "correct it, try swapstation check-config")
    try:
        config = load_station(file)
    except ConfigurationError as error:
        return None, [Finding(about, Grade.WRONG, each, each, *do) for each in error.mistakes]
    try:
        signed = require_signed(file, config)
    except ConfigurationError as error:
        sign = ("swapstation config diff; 签名或回退", "swapstation config diff; then sign it or roll back")
        return config, [Finding(about, Grade.WRONG, each, each, *sign) for each in error.mistakes]
    version = "未要求签名 no signature demanded" if signed is None else f"签名版本 signed version {signed.version}"
    return config, [Finding(about, Grade.GOOD, f"{file}: {version}", f"{file}: {version}")]


async def _snapshot(config: Config) -> Snapshot | None:
    link, until_s = ControllerLink(config.controller_socket), time.monotonic() + _PATIENCE_S
    if not config.controller_socket.exists():
        return None
    async with link.running():
        while link.latest is None and time.monotonic() < until_s:
            await link.wait_for_news(0.1)
    return link.latest.snapshot if link.latest is not None else None


def _newest_event_at(config: Config) -> datetime | None:
    """None where the database cannot be read: what is wrong with it is told by its own check."""
    try:
        engine = open_reader(config.station_database_url)
        try:
            with storage_errors(), engine.connect() as connection:
                return newest_event_at(connection)
        finally:
            engine.dispose()
    except SwapstationError:
        return None


def _print(found: list[Finding]) -> None:
    table = Table(box=None)
    for heading in ("", "对象 about", "情况 how it is", "处理 what to do"):
        table.add_column(heading, overflow="fold")
    for each in found:
        said = each.zh if each.zh == each.en else f"{each.zh} | {each.en}"
        todo = each.do_zh if each.do_zh == each.do_en else f"{each.do_zh} | {each.do_en}"
        table.add_row(_MARKS[each.grade], each.about, said, todo)
    never_cut().print(table)
