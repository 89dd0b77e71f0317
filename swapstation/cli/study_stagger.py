"""`swapstation study stagger`: what staggering advice spares a mine's trucks."""

from __future__ import annotations

import json
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from swapstation.cli.case_file import defaults_from
from swapstation.cli.seeds import seeds_of
from swapstation.study.stagger import MineCase, Waiting, run_mine, waiting

_CASE = MineCase()
NAMES = ("none", "advice")


def stagger(
    trucks: Annotated[int, typer.Option(min=1, max=1000, help="Trucks. 车辆数")] = _CASE.trucks,
    spares: Annotated[int, typer.Option(min=1, max=100, help="Spare packs. 备用电池数")] = _CASE.spares,
    trip_min: Annotated[float, typer.Option(min=5.0, max=600.0, help="A round trip. 往返分钟")] = _CASE.trip_min,
    trip_pct: Annotated[float, typer.Option(min=0.5, max=50.0, help="SOC of a trip. 往返耗电")] = _CASE.trip_pct,
    start_spread_pct: Annotated[
        float, typer.Option(min=0.0, max=75.0, help="SOC at the begin, below full. 起始电量差异")
    ] = _CASE.start_spread_pct,
    charge_kw: Annotated[float, typer.Option(min=15.0, max=2000.0, help="One charger, DC. 充电功率")] = _CASE.charge_kw,
    swap_min: Annotated[float, typer.Option(min=0.5, max=60.0, help="A swap. 换电分钟")] = _CASE.swap_min,
    early_pct: Annotated[
        float, typer.Option(min=0.0, max=100.0, help="Nobody is asked to come above. 建议到站的最高电量")
    ] = _CASE.early_pct,
    days: Annotated[float, typer.Option(min=0.1, max=60.0, help="Simulated days. 仿真天数")] = _CASE.days,
    seeds: Annotated[str, typer.Option(help="One number, or A-B. 种子")] = "1-5",
    file: Annotated[
        Path | None,
        typer.Option(is_eager=True, callback=defaults_from, help="TOML with keys like the flags, _ for -. 参数文件"),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes. 进程数")] = os.cpu_count() or 1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object. 输出 JSON")] = False,
) -> None:
    """Waiting of a mine's trucks with and without staggering advice, same seeds. 错峰到站建议的效果。"""
    case = MineCase(
        trucks=trucks,
        spares=spares,
        trip_min=trip_min,
        trip_pct=trip_pct,
        start_spread_pct=start_spread_pct,
        charge_kw=charge_kw,
        swap_min=swap_min,
        early_pct=early_pct,
        days=days,
    )
    chosen = seeds_of(seeds)
    with ProcessPoolExecutor(workers) as pool:
        runs = {name: [pool.submit(run_mine, case, seed, name == "advice") for seed in chosen] for name in NAMES}
        told = {name: waiting([run.result() for run in each]) for name, each in runs.items()}
    if as_json:
        figures = {name: {key: round(value, 2) for key, value in asdict(each).items()} for name, each in told.items()}
        typer.echo(json.dumps({"case": asdict(case), "seeds": list(chosen), "policies": figures}, indent=2))
        return
    Console().print(_table(told))


def _table(told: dict[str, Waiting]) -> Table:
    table = Table(
        "", "换电 swaps", "趟 trips", "平均等待 mean min", "最长 longest", "> 5 min %", "> 15 min %", box=None
    )
    for name, each in told.items():
        waits = each.mean_wait_min, each.longest_wait_min, each.over_5_min_pct, each.over_15_min_pct
        table.add_row(name, str(each.swaps), str(each.trips), *(f"{figure:.1f}" for figure in waits))
    return table
