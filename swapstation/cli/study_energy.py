"""`swapstation study energy`: what charging costs and how long trucks wait, under seven policies on the same trucks."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from swapstation.cli.case_file import defaults_from
from swapstation.cli.seeds import seeds_of
from swapstation.energy.plan_input import PlanRules
from swapstation.errors import InputError
from swapstation.study.energy_case import HOURLY, TARIFF, EnergyCase, parse_hourly, parse_tariff, tariff_text
from swapstation.study.energy_plot import plot as draw
from swapstation.study.energy_run import NAMES, EnergyResult, study

_CASE = EnergyCase(7, 1600.0, 40.0)
_HOURLY = ",".join(f"{each:g}" for each in HOURLY)


def energy(
    batteries: Annotated[int, typer.Option(min=1, max=60, help="Spare batteries. 备用电池数")] = _CASE.batteries,
    site_kw: Annotated[float, typer.Option(min=20.0, max=50_000.0, help="Site limit, kW AC. 全站功率")] = _CASE.site_kw,
    swaps_per_day: Annotated[float, typer.Option(min=0.1, help="Trucks a day. 日换电次数")] = _CASE.swaps_per_day,
    days: Annotated[int, typer.Option(min=1, max=60, help="Days studied. 天数")] = _CASE.days,
    seeds: Annotated[str, typer.Option(help="One number, or A-B inclusive. 种子")] = "1-5",
    tariff: Annotated[
        str, typer.Option(help="HOUR=YUAN,...: price per kWh AC from that hour on; the default is invented. 分时电价")
    ] = tariff_text(TARIFF),
    hourly: Annotated[str, typer.Option(help="24 numbers: relative arrivals in each hour. 各小时到站比例")] = _HOURLY,
    capacity_kwh: Annotated[float, typer.Option(min=1.0, help="Of a battery. 电池容量")] = _CASE.capacity_kwh,
    charger_kw: Annotated[float, typer.Option(min=1.0, help="Of a bay, kW DC. 充电机功率")] = _CASE.charger_kw,
    min_charge_kw: Annotated[
        float, typer.Option(min=0.0, help="Guaranteed to a running charge. 最小保证功率")
    ] = _CASE.min_charge_kw,
    efficiency: Annotated[float, typer.Option(min=0.5, max=1.0, help="AC to battery. 效率")] = _CASE.efficiency,
    taper_from_pct: Annotated[
        float, typer.Option(min=0.0, max=100.0, help="SOC from which power falls; 100: never. 降功率起点")
    ] = _CASE.taper_from_pct,
    taper_share: Annotated[
        float, typer.Option(min=0.01, max=1.0, help="Share of power left at 100 % SOC. 满电时功率占比")
    ] = _CASE.taper_share,
    soc_in_pct: Annotated[
        float, typer.Option(min=0.0, max=100.0, help="Mean SOC that trucks bring. 来车电量均值")
    ] = _CASE.soc_in_pct,
    soc_in_sd_pct: Annotated[
        float, typer.Option(min=0.0, max=50.0, help="Its standard deviation. 标准差")
    ] = _CASE.soc_in_sd_pct,
    soc_in_least_pct: Annotated[
        float, typer.Option(min=0.0, max=100.0, help="Least SOC brought. 最低")
    ] = _CASE.soc_in_least_pct,
    soc_in_most_pct: Annotated[
        float, typer.Option(min=0.0, max=100.0, help="Highest SOC brought. 最高")
    ] = _CASE.soc_in_most_pct,
    soc_out_pct: Annotated[
        float, typer.Option(min=1.0, max=100.0, help="SOC of a ready battery. 换出电量")
    ] = _CASE.soc_out_pct,
    robot_min: Annotated[int, typer.Option(min=1, max=60, help="Minutes of a swap. 换电分钟")] = _CASE.robot_min,
    timetable_reserve: Annotated[
        int, typer.Option(min=0, help="Ready batteries that the timetable keeps outside valley hours. 定时策略保底")
    ] = _CASE.timetable_reserve,
    history_days: Annotated[
        int, typer.Option(min=0, max=400, help="Days that the forecast has learned from before. 预测学习天数")
    ] = _CASE.history_days,
    reserve: Annotated[
        int, typer.Option(min=0, help="Batteries that the plan keeps ready at any time. 计划保底")
    ] = _CASE.reserve,
    replan_min: Annotated[
        int, typer.Option(min=1, max=60, help="A new plan at least so often. 重新计划间隔")
    ] = _CASE.replan_min,
    fine_h: Annotated[
        float, typer.Option(min=0.0, max=48.0, help="Hours planned in steps of 5 min, then 15. 细步长小时")
    ] = _CASE.fine_h,
    horizon_h: Annotated[
        float, typer.Option(min=1.0, max=48.0, help="How far a plan looks ahead. 计划时域")
    ] = _CASE.horizon_h,
    late_chance: Annotated[
        float, typer.Option(min=1e-6, max=0.5, help="Chance of a late truck that makes a charge urgent. 允许晚点概率")
    ] = _CASE.rules.late_chance,
    urgency: Annotated[
        float, typer.Option(min=0.0, max=10.0, help="Cost of an urgent charge, share of the mean price. 紧急附加")
    ] = _CASE.rules.urgency,
    margin_s: Annotated[
        float, typer.Option(min=0.0, max=3600.0, help="Ready so long before the truck. 提前就绪")
    ] = _CASE.rules.margin_s,
    file: Annotated[
        Path | None,
        typer.Option(is_eager=True, callback=defaults_from, help="TOML with keys like the flags, _ for -. 参数文件"),
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Picture, FILE.png. 图")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes. 进程数")] = os.cpu_count() or 1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object. 输出 JSON")] = False,
) -> None:
    """Cost of charging and waits of trucks: on arrival, timetable, threshold, plan, foresight. 充电成本与等待。"""
    if plot is not None and plot.suffix != ".png":
        raise typer.BadParameter(f"{plot}: 只能是 .png 文件 | must be a file.png", param_hint="--plot")
    try:
        case = EnergyCase(
            batteries=batteries,
            site_kw=site_kw,
            swaps_per_day=swaps_per_day,
            days=days,
            capacity_kwh=capacity_kwh,
            charger_kw=charger_kw,
            min_charge_kw=min_charge_kw,
            efficiency=efficiency,
            taper_from_pct=taper_from_pct,
            taper_share=taper_share,
            soc_in_pct=soc_in_pct,
            soc_in_sd_pct=soc_in_sd_pct,
            soc_in_least_pct=soc_in_least_pct,
            soc_in_most_pct=soc_in_most_pct,
            soc_out_pct=soc_out_pct,
            robot_min=robot_min,
            hourly=parse_hourly(hourly),
            tariff=parse_tariff(tariff),
            history_days=history_days,
            timetable_reserve=timetable_reserve,
            reserve=reserve,
            replan_min=replan_min,
            fine_h=fine_h,
            horizon_h=horizon_h,
            rules=PlanRules(late_chance=late_chance, urgency=urgency, margin_s=margin_s),
        )
    except InputError as error:
        raise typer.BadParameter(str(error), param_hint=f"--{error.field.replace('_', '-')}") from None
    result = study(case, seeds_of(seeds), workers)
    if plot is not None:
        draw(result, plot)
    if as_json:
        typer.echo(json.dumps(result.document(), ensure_ascii=False, indent=2))
    else:
        Console().print(_table(result))


def _table(result: EnergyResult) -> Table:
    """A row for each policy: the figures of the JSON, the mean wait, the highest import."""
    case, chosen = result.case, result.threshold
    title = (
        f"{case.batteries} x {case.capacity_kwh:g} kWh, {case.site_kw:g} kW, {case.swaps_per_day:g}/d, {case.days} d; "
        f"阈值 threshold: {chosen.most_price:g} CNY/kWh, {chosen.reserve}"
    )
    columns = ("策略 policy", "CNY/kWh", "/ foresight", "spread", ">5 min %", ">15 min %", "等待 wait min", "kW max")
    table = Table(*columns, box=None, title=title, title_justify="left")
    for name in NAMES:
        told, own = result.figures(name), result.outcomes[name]
        table.add_row(
            name,
            f"{told['cost_per_kwh']:.4f}",
            f"{told['ratio_to_foresight']:.4f}",
            f"{told['spread']:.4f}",
            f"{told['late_share_pct']:.2f}",
            f"{told['late15_share_pct']:.2f}",
            f"{sum(each.wait_min for each in own) / len(own):.2f}",
            f"{max(each.highest_kw for each in own):.0f}",
        )
    return table
