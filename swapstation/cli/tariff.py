"""`swapstation tariff`: what a kWh costs at a moment or through a day, and whether a tariff file is right."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from swapstation.cli.inventory_session import BAD_INPUT
from swapstation.cli.station_reading import StationFile, never_cut, print_json
from swapstation.config.file import load_config
from swapstation.energy.tariff import Stretch, Tariff
from swapstation.energy.tariff_files import load_tariff, station_tariff
from swapstation.errors import ConfigurationError, InputError

tariff_app = typer.Typer(help="Electricity price and service fee. 电价和服务费.", no_args_is_help=True)
WRONG = 2


@tariff_app.command()
def show(
    config: StationFile = Path("station.toml"),
    at: Annotated[str | None, typer.Option(metavar="TIME", help="A moment, ISO 8601; default now. 时刻.")] = None,
    day: Annotated[str | None, typer.Option(metavar="DAY", help="A whole day, YYYY-MM-DD. 日期.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON. 输出 JSON.")] = False,
) -> None:
    """The price at a moment, or all prices of a day. 显示电价. Exit 2: no tariff, or a time that it does not know."""
    try:
        tariff = station_tariff(load_config(config))
        if tariff is None:
            raise InputError("tariff.file", None, "[tariff] file of the station file")
        told = _day(tariff, day) if day is not None else _moment(tariff, at)
    except (ConfigurationError, InputError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from error
    if as_json:
        print_json(told)
    else:
        never_cut().print(_table(tariff, told))


@tariff_app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The tariff file. 电价文件.")],
) -> None:
    """Check a tariff file and the tables it names. Exit 2: every mistake with its line. 检查电价文件."""
    try:
        tariff = load_tariff(file)
    except ConfigurationError as error:
        for mistake in error.mistakes:
            typer.echo(mistake, err=True)
        raise typer.Exit(WRONG) from error
    table = Table(show_header=False, box=None)
    for version in tariff.tables:
        table.add_row("电价表 table", f"{version.in_force} {version.name} {version.notice}")
    for price in tariff.energy_prices:
        table.add_row("电价 price", f"{price.since} flat {price.flat} + fixed {price.fixed}")
    for fee in tariff.service_fees:
        table.add_row(
            "服务费 service", f"{fee.since} {fee.fee} {' '.join(f'{at}={its}' for at, its in fee.periods.items())}"
        )
    years = sorted({holiday.last.year for holiday in tariff.holidays.all})
    expected = [str(year) for year in years if not tariff.holidays.official_in(year)]
    table.add_row("节假日 holidays", f"{years[0]} - {years[-1]}; 未见通知 no notice yet: {', '.join(expected) or '-'}")
    if tariff.spot is not None:
        table.add_row("现货 market", f"{tariff.spot.since}, {len(tariff.spot.days)} d")
    never_cut().print(table)


def _moment(tariff: Tariff, at: str | None) -> list[Stretch]:
    try:
        moment = datetime.now(UTC) if at is None else datetime.fromisoformat(at)
    except ValueError:
        raise InputError("at", at, "a time such as 2026-07-01T18:00 or 2026-07-01T10:00Z") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=tariff.zone)
    return [Stretch(moment, moment, tariff.at(moment))]


def _day(tariff: Tariff, day: str) -> list[Stretch]:
    try:
        first = datetime.combine(date.fromisoformat(day), time(), tariff.zone)
    except ValueError:
        raise InputError("day", day, "a day such as 2026-07-01") from None
    return list(tariff.stretches(first, datetime.combine(first.date() + timedelta(days=1), time(), tariff.zone)))


def _table(tariff: Tariff, told: list[Stretch]) -> Table:
    table = Table(box=None)
    for heading in ("时间 time", "时段 period", "电费 electricity", "服务费 service", "合计 total", "版本 version"):
        table.add_column(heading)
    for stretch in told:
        start, end = (each.astimezone(tariff.zone) for each in (stretch.start, stretch.end))
        span = f"{start:%Y-%m-%d %H:%M}" + (f" - {end:%m-%d %H:%M}" if end > start else "")
        price = stretch.price
        period = f"{price.period} (缺现货价 no market price)" if price.fallback else price.period.value
        table.add_row(
            span, period, *(str(each) for each in (price.electricity, price.service, price.total)), price.version
        )
    return table
