"""`swapstation study forecast`: the trucks of the next day and week, and what another station would do with them."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.table import Table

from swapstation.cli.inventory_session import BAD_INPUT
from swapstation.cli.seeds import seeds_of
from swapstation.cli.station_reading import StationFile, never_cut, print_json, station_database
from swapstation.config.settings import Config
from swapstation.energy.tariff import LOCAL_ZONE
from swapstation.energy.tariff_files import station_tariff
from swapstation.errors import InputError
from swapstation.inventory.queries import arrivals_since, load_inventory
from swapstation.model.inventory import PlaceKind, place_kind
from swapstation.planner.demand import HISTORY
from swapstation.study.energy_case import TARIFF, parse_tariff
from swapstation.study.outlook import Outlook, WhatIf, case_of, outlook, variants, what_if

NOT_ENOUGH = 1
DAY_H, WEEK_H = 24, 168


def forecast(
    config: StationFile = Path("station.toml"),
    model: Annotated[str | None, typer.Option(help="Battery model; default the station's first. 电池型号.")] = None,
    at: Annotated[datetime | None, typer.Option(help="As known then, UTC; default now. 以该时刻的记录预测.")] = None,
    more_kw: Annotated[
        float, typer.Option(min=1.0, max=20_000.0, help="What-if: so much more power. 增加功率")
    ] = 250.0,
    more_batteries: Annotated[int, typer.Option(min=1, max=20, help="What-if: so many more. 增加电池")] = 2,
    tariff: Annotated[
        str | None, typer.Option(help="What-if prices, HOUR=YUAN,...; default the station's today. 假设电价")
    ] = None,
    what_ifs: Annotated[
        bool, typer.Option("--what-if/--no-what-if", help="Simulate other stations, too. 假设分析")
    ] = True,
    seeds: Annotated[str, typer.Option(help="One number, or A-B. 种子")] = "1-2",
    workers: Annotated[int, typer.Option(min=1, help="Processes. 进程数")] = os.cpu_count() or 1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object. 输出 JSON")] = False,
) -> None:
    """Trucks of the next day and week with their peaks, and what-if: bay, power, batteries, prices. 需求预测。"""
    now = (at or datetime.now(UTC)).replace(tzinfo=UTC)
    with station_database(config) as (station, connection):
        models = {each.name: each for each in station.battery_models}
        chosen = model or next(iter(models))
        if chosen not in models:
            _wrong(InputError("model", chosen, f"one of {', '.join(models)}"))
        of_trucks = {each.name: each.battery_model for each in station.truck_models}
        seen = outlook(arrivals_since(connection, now - HISTORY, of_trucks), chosen, now, LOCAL_ZONE)
        spares = sum(
            battery.model == chosen and place_kind(battery.place) not in (PlaceKind.TRUCK, PlaceKind.AWAY)
            for battery in load_inventory(connection).batteries
        )
    if seen is None:
        typer.echo(
            "记录不足三天, 无法预测 | less than three days of trucks are on record: nothing to learn from", err=True
        )
        raise typer.Exit(NOT_ENOUGH)
    try:
        prices = parse_tariff(tariff) if tariff else _prices(station, now)
        cases = variants(case_of(seen, station, models[chosen], spares, prices), more_kw, more_batteries)
    except InputError as error:
        _wrong(error)
    rows: list[WhatIf] = []
    if what_ifs:
        with ProcessPoolExecutor(workers) as pool:
            begun = [pool.submit(what_if, name, case, seeds_of(seeds)) for name, case in cases.items()]
            rows = [each.result() for each in begun]
    if as_json:
        peaks = {"day": seen.peaks(DAY_H), "week": seen.peaks(WEEK_H)}
        print_json({"outlook": seen, "per_day": round(seen.per_day, 1), "peaks": peaks, "what_if": rows})
        return
    _show(seen, rows)


def _wrong(error: InputError) -> NoReturn:
    typer.echo(str(error), err=True)
    raise typer.Exit(BAD_INPUT)


def _prices(station: Config, now: datetime) -> tuple[tuple[float, float], ...]:
    """The station's electricity price of each hour of today; the study's invented one where it has no tariff."""
    told = station_tariff(station)
    if told is None:
        return TARIFF
    midnight = now.astimezone(told.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    hourly = [(float(hour), float(told.price(midnight + timedelta(hours=hour)))) for hour in range(24)]
    return tuple(each for number, each in enumerate(hourly) if number == 0 or each[1] != hourly[number - 1][1])


def _show(seen: Outlook, rows: list[WhatIf]) -> None:
    console = never_cut()
    covered = "-" if seen.coverage_pct is None else f"{seen.coverage_pct:g} %"
    console.print(f"{seen.model}: {seen.per_day:.1f} 车/日 trucks a day, {seen.known_days:g} 天记录 days on record")
    console.print(f"上周落在 80% 区间内的小时 | hours of last week within their 80 % interval: {covered}")
    for hours, title in ((DAY_H, "明日高峰 peaks of the next day"), (WEEK_H, "一周高峰 peaks of the next week")):
        table = Table("时间 at", "车次/小时 trucks per h", "80 %", box=None, title=title, title_justify="left")
        for each in seen.peaks(hours):
            table.add_row(f"{each.at:%m-%d %H:%M}", f"{each.trucks:.1f}", f"{each.low:.1f}-{each.high:.1f}")
        console.print(table)
    if rows:
        heads = ("", "电池 batteries", "kW", "上限 most/day", "等待 wait min", "> 5 min %", "> 15 min %", "元/kWh")
        table = Table(*heads, box=None, title="假设分析 what if", title_justify="left")
        for row in rows:
            waits = (row.mean_wait_min, row.over_5_min_pct, row.over_15_min_pct)
            told = (f"{row.site_kw:g}", f"{row.most_swaps_per_day:.0f}", *(f"{each:.1f}" for each in waits))
            table.add_row(row.station, str(row.batteries), *told, f"{row.yuan_per_kwh:.4f}")
        console.print(table)
