"""`swapstation study limits`: does the station keep its contract at the meter?"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.table import Table

from swapstation.study.demand import Kept, keep
from swapstation.study.site import Case

LEAST_KW = 500.0


def limits(
    days: Annotated[float, typer.Option(min=0.02, max=60.0, help="Simulated days. 仿真天数")] = 7.0,
    seeds: Annotated[int, typer.Option(min=1, max=100, help="Runs, seeds from 1. 种子数")] = 1,
    batteries: Annotated[int, typer.Option(min=1, max=27, help="Spare packs. 备用电池数")] = 7,
    contract_kw: Annotated[float, typer.Option(min=LEAST_KW, help="At the meter, all in. 合同功率")] = 1000.0,
    direct: Annotated[bool, typer.Option(help="The station leads the charges itself. 直控充电")] = False,
    workers: Annotated[int, typer.Option(min=1, help="Processes. 进程数")] = os.cpu_count() or 1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object. 输出 JSON")] = False,
) -> None:
    """Quarter-hour demand and power at a meter that loses readings, with guns and a robot beside. 需量与功率上限。"""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    case = Case(batteries, contract_kw, direct=direct, contract=True)
    with ProcessPoolExecutor(workers) as pool:
        runs = [pool.submit(keep, case, days, seed) for seed in range(1, seeds + 1)]
        found = [run.result() for run in runs]
    if as_json:
        typer.echo(json.dumps({"runs": [each.document() for each in found]}, indent=2))
    else:
        Console().print(_table(found))


def _table(found: Sequence[Kept]) -> Table:
    columns = (
        "种子 seed",
        "kW",
        "最高需量 demand kW",
        "超限刻钟 over",
        "最高功率 highest kW",
        ">105 % s",
        "换电 swaps",
    )
    table = Table(*columns, "丢失读数 lost", box=None, title=f"{found[0].days:g} d", title_justify="left")
    for each in found:
        told = (each.highest_demand_kw, each.quarters_over, each.highest_kw, each.longest_over_s, each.swaps)
        figures = [f"{figure:.1f}" if isinstance(figure, float) else str(figure) for figure in told]
        lost = f"{each.readings_lost} / {each.readings}"
        table.add_row(str(each.seed), f"{each.contract_kw:g}", *figures, lost)
    return table
