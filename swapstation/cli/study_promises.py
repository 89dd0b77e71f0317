"""`swapstation study promises`: whether trucks that book get what was promised."""

from __future__ import annotations

import json
import logging
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.table import Table

from swapstation.cli.seeds import seeds_of
from swapstation.study.promises import Bookings, Kept, keep, vins
from swapstation.study.site import Case

_HOW = Bookings()
TRUCKS = 40


def promises(
    per_h: Annotated[float, typer.Option(min=0.1, max=20.0, help="Trucks an hour. 每小时车辆")] = _HOW.per_h,
    booked_share: Annotated[float, typer.Option(min=0.0, max=1.0, help="Of them book. 预约比例")] = _HOW.booked_share,
    notice_min: Annotated[
        float, typer.Option(min=1.0, max=720.0, help="How long ahead. 提前预约分钟")
    ] = _HOW.notice_min,
    punctual_sd_min: Annotated[
        float, typer.Option(min=0.0, max=30.0, help="Early or late, sd. 到站偏差标准差")
    ] = _HOW.punctual_sd_min,
    takes_later_min: Annotated[
        float, typer.Option(min=0.0, max=720.0, help="A later offer is taken up to. 可接受的推迟")
    ] = _HOW.takes_later_min,
    tells_eta: Annotated[
        bool, typer.Option("--tells-eta/--silent", help="Late trucks say so. 晚点时报告到站时间")
    ] = _HOW.tells_eta,
    batteries: Annotated[int, typer.Option(min=1, max=27, help="Spare packs. 备用电池数")] = 7,
    site_kw: Annotated[float, typer.Option(min=20.0, help="Site power, AC. 全站功率")] = 1000.0,
    days: Annotated[float, typer.Option(min=0.02, max=60.0, help="Simulated days. 仿真天数")] = 7.0,
    seeds: Annotated[str, typer.Option(help="One number, or A-B. 种子")] = "1",
    workers: Annotated[int, typer.Option(min=1, help="Processes. 进程数")] = os.cpu_count() or 1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object. 输出 JSON")] = False,
) -> None:
    """Promises that the real controller kept on the simulated plant; a week takes half an hour. 预约承诺兑现率。"""
    case = Case(batteries, site_kw, trucks=vins(TRUCKS))
    how = Bookings(per_h, booked_share, notice_min, punctual_sd_min, takes_later_min, tells_eta)
    chosen = seeds_of(seeds)
    quiet = structlog.make_filtering_bound_logger(logging.CRITICAL)
    with ProcessPoolExecutor(workers, initializer=partial(structlog.configure, wrapper_class=quiet)) as pool:
        found = list(pool.map(partial(keep, case, how, days), chosen))
    if as_json:
        runs = [{"seed": seed, **each.document()} for seed, each in zip(chosen, found, strict=True)]
        told = {"batteries": batteries, "site_kw": site_kw, "days": days, **asdict(how), "runs": runs}
        typer.echo(json.dumps(told, indent=2))
        return
    Console().print(_table(found))


def _table(found: list[Kept]) -> Table:
    table = Table("预约 asked", "承诺 promised", "改期 later", "到期 due", "兑现 kept", "最晚 latest min", box=None)
    for each in found:
        share = f"{each.kept} ({each.kept / each.due:.1%})" if each.due else "-"
        table.add_row(*map(str, (each.asked, each.promised, each.later, each.due)), share, f"{each.latest_min:.1f}")
    return table
