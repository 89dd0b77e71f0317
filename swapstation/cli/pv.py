"""`swapstation pv`: what the PV is expected to give through a day, as the charging plan counts on it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from swapstation.cli.inventory_session import BAD_INPUT
from swapstation.cli.station_reading import StationFile, never_cut, print_json
from swapstation.config.file import load_config
from swapstation.config.settings import Config
from swapstation.energy.pv import PvExpected, station_pv
from swapstation.energy.tariff import LOCAL_ZONE
from swapstation.energy.tariff_files import station_tariff
from swapstation.energy.tariff_table import DAY_MINUTES, STEP_MINUTES
from swapstation.errors import ConfigurationError, InputError

pv_app = typer.Typer(help="Forecast of the site's PV. 光伏预测.", no_args_is_help=True)


@pv_app.callback()
def _verbs() -> None:
    """A verb with one command keeps the command's name."""


@pv_app.command()
def show(
    config: StationFile = Path("station.toml"),
    day: Annotated[str | None, typer.Option(metavar="DAY", help="YYYY-MM-DD; default today. 日期.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON. 输出 JSON.")] = False,
) -> None:
    """What is expected of a day, and whether somebody told it. 显示光伏预测. Exit 2: no PV, or a file that is wrong."""
    try:
        expected = _day(load_config(config), day)
    except (ConfigurationError, InputError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from error
    if as_json:
        print_json([{"at": at, "kw": each.kw, "told": each.told} for at, each in expected])
        return
    table = Table("时间 from", "kW", "来源 source", box=None)
    for number, (at, each) in enumerate(expected):
        if number == 0 or each != expected[number - 1][1]:
            table.add_row(f"{at:%Y-%m-%d %H:%M}", f"{each.kw:g}", "预测 told" if each.told else "通常 usual day")
    never_cut().print(table)


def _day(config: Config, day: str | None) -> list[tuple[datetime, PvExpected]]:
    """Each quarter of a local day with what is expected then."""
    forecast, tariff = station_pv(config), station_tariff(config)
    if forecast is None:
        raise InputError("pv.peak_kw", config.pv.peak_kw, "above 0 kW, [pv] of the station file")
    zone = LOCAL_ZONE if tariff is None else tariff.zone
    try:
        first = datetime.combine(date.fromisoformat(day) if day else datetime.now(zone).date(), time(), zone)
    except ValueError:
        raise InputError("day", day, "a day such as 2026-07-01") from None
    starts = [first + timedelta(minutes=minutes) for minutes in range(0, DAY_MINUTES, STEP_MINUTES)]
    return [(at, forecast.at(at)) for at in starts]
