"""`swapstation study`: what a station can do, simulated with the product's own controller."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.table import Table

from swapstation.cli.seeds import seeds_of
from swapstation.cli.study_energy import energy
from swapstation.cli.study_fleet import fleet
from swapstation.cli.study_forecast import forecast
from swapstation.cli.study_limits import limits
from swapstation.cli.study_promises import promises
from swapstation.cli.study_stagger import stagger
from swapstation.study.plot import chart
from swapstation.study.result import Result, results
from swapstation.study.site import CASES, Case
from swapstation.study.throughput import LOADS, WARM_UP_H

study_app = typer.Typer(no_args_is_help=True, help="Study a station by simulation. 仿真研究。")
study_app.command()(energy)
study_app.command()(fleet)
study_app.command()(forecast)
study_app.command()(limits)
study_app.command()(promises)
study_app.command()(stagger)


@study_app.command()
def throughput(
    hours: Annotated[float, typer.Option(min=0.5, max=1000.0, help="Simulated hours after a warm-up. 仿真小时")] = 8.0,
    seeds: Annotated[str, typer.Option(help="One number, or A-B. 种子")] = "1",
    batteries: Annotated[int | None, typer.Option(min=1, max=27, help="Spare packs. 备用电池数")] = None,
    site_kw: Annotated[float | None, typer.Option(min=20.0, help="Site power, AC. 全站功率")] = None,
    loads: Annotated[bool, typer.Option("--poisson", help="Random arrivals too. 随机到达")] = False,
    mixed: Annotated[bool, typer.Option(help="Two vehicle types in turn. 混合车型")] = False,
    lost_bay: Annotated[int | None, typer.Option(min=1, help="A bay whose charger failed. 故障仓")] = None,
    slow_kw: Annotated[float | None, typer.Option(min=1.0, help="The charger of bay 1. 1号仓限功率")] = None,
    direct: Annotated[bool, typer.Option(help="The station leads the charges itself. 直控充电")] = False,
    ambient_c: Annotated[float, typer.Option(min=-40.0, max=50.0, help="Air; no cold derating. 环境温度")] = 20.0,
    plot: Annotated[Path | None, typer.Option(help="Chart, FILE.png. 图")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes. 进程数")] = os.cpu_count() or 1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object. 输出 JSON")] = False,
) -> None:
    """Swaps per hour against the physical limit, for four stations or one. 每小时换电次数与物理极限。"""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    if plot is not None and plot.suffix != ".png":
        raise typer.BadParameter(f"{plot}: 只能是 .png 文件 | must be a file.png", param_hint="--plot")
    cases = [
        replace(case, lost_bay=lost_bay, slow_kw=slow_kw, ambient_c=ambient_c, mixed=mixed, direct=direct)
        for case in _chosen(batteries, site_kw)
    ]
    for case in cases:
        if lost_bay is not None and lost_bay not in case.bays:
            raise typer.BadParameter(f"{lost_bay}: 1 - {case.batteries + 1}", param_hint="--lost-bay")
    found = list(results(cases, hours, seeds_of(seeds), LOADS if loads else (), workers))
    if plot is not None:
        chart(found).savefig(plot)
    if as_json:
        typer.echo(json.dumps({"cases": [each.document() for each in found]}, ensure_ascii=False, indent=2))
    else:
        Console().print(_table(found, hours))


def _chosen(batteries: int | None, site_kw: float | None) -> tuple[Case, ...]:
    if batteries is None and site_kw is None:
        return CASES
    if batteries is None or site_kw is None:
        raise typer.BadParameter("两项要一起给 | both or none", param_hint="--batteries, --site-kw")
    return (Case(batteries, site_kw),)


def _table(found: list[Result], hours: float) -> Table:
    """A row per case; which limit is the least, and what the simulated station needs itself."""
    title = f"{hours:g} h, 预热 warm-up {WARM_UP_H:g} h"
    columns = (
        "电池 packs",
        "kW",
        "极限 limit/h",
        "由 by",
        "仿真 simulated/h",
        "比值 ratio",
        "车道 t_c s",
        "处理 t_h s",
    )
    table = Table(*columns, "每次 kWh", "等待 mean wait min", box=None, title=title, title_justify="left")
    for result in found:
        told = result.document()
        table.add_row(
            str(told["batteries"]),
            f"{told['site_kw']:g}",
            f"{told['limit_swaps_per_h']:.2f}",
            min(told["limits"], key=told["limits"].__getitem__),
            f"{told['simulated_swaps_per_h']:.2f}",
            f"{told['ratio']:.3f}",
            f"{told['lane_cycle_s']:.0f}",
            f"{told['handling_s']:.0f}",
            f"{told['pack_kwh']:.1f}",
            ", ".join(f"{each['load']:g}: {each['mean_wait_min']:g}" for each in told["waits"]) or "-",
        )
    return table
