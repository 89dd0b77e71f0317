"""`swapstation study fleet`: loads of a closed fleet of trucks against the physical limit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from swapstation.cli.case_file import defaults_from
from swapstation.errors import InputError
from swapstation.study.fleet import PUBLISHED_LOADS, FleetCase, limits, loads
from swapstation.study.fleet_plot import chart

_CASE = FleetCase()


def fleet(
    trucks: Annotated[int, typer.Option(min=1, max=10_000, help="Trucks. 车辆数")] = _CASE.trucks,
    sets: Annotated[int, typer.Option(min=1, max=20_000, help="Sets of packs, one a truck. 电池组数")] = _CASE.sets,
    road_km: Annotated[float, typer.Option(min=0.1, max=1000.0, help="Loading to unloading. 运距")] = _CASE.road_km,
    station_km: Annotated[float, typer.Option(min=0.0, help="Station from loading. 站距装点")] = _CASE.station_km,
    speed_km_h: Annotated[float, typer.Option(min=1.0, max=120.0, help="Speed. 车速")] = _CASE.speed_km_h,
    headway_s: Annotated[float, typer.Option(min=0.1, max=3600.0, help="Between trucks. 车间时距")] = _CASE.headway_s,
    empty_pct_per_min: Annotated[
        float, typer.Option(min=0.01, max=50.0, help="SOC that an empty truck takes. 空车耗电")
    ] = _CASE.empty_pct_per_min,
    loaded_pct_per_min: Annotated[
        float, typer.Option(min=0.01, max=50.0, help="SOC that a loaded truck takes. 重车耗电")
    ] = _CASE.loaded_pct_per_min,
    floor_pct: Annotated[float, typer.Option(min=0.0, max=90.0, help="Never below. 最低电量")] = _CASE.floor_pct,
    load_min: Annotated[float, typer.Option(min=0.0, max=600.0, help="Loading. 装车分钟")] = _CASE.load_min,
    unload_min: Annotated[float, typer.Option(min=0.0, max=600.0, help="Unloading. 卸车分钟")] = _CASE.unload_min,
    swap_min: Annotated[float, typer.Option(min=0.0, max=600.0, help="A swap. 换电分钟")] = _CASE.swap_min,
    charge_h: Annotated[float, typer.Option(min=0.01, max=100.0, help="A charge. 充电小时")] = _CASE.charge_h,
    hours: Annotated[float, typer.Option(min=1.0, max=100_000.0, help="Hours simulated. 仿真小时")] = _CASE.hours,
    keep_empty: Annotated[bool, typer.Option(help="Empty sets wait on their truck. 空电池留在车上")] = False,
    file: Annotated[
        Path | None,
        typer.Option(is_eager=True, callback=defaults_from, help="TOML with keys like the flags, _ for -. 参数文件"),
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Loads by the station's place, FILE.png. 图")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object. 输出 JSON")] = False,
) -> None:
    """Loads that a fleet on one road carries, against the limit; defaults: Shenzhen Cup 2022 C. 封闭车队运量。"""
    if plot is not None and plot.suffix != ".png":
        raise typer.BadParameter(f"{plot}: 只能是 .png 文件 | must be a file.png", param_hint="--plot")
    try:
        case = FleetCase(
            trucks=trucks,
            sets=sets,
            road_km=road_km,
            station_km=station_km,
            speed_km_h=speed_km_h,
            headway_s=headway_s,
            empty_pct_per_min=empty_pct_per_min,
            loaded_pct_per_min=loaded_pct_per_min,
            floor_pct=floor_pct,
            load_min=load_min,
            unload_min=unload_min,
            swap_min=swap_min,
            charge_h=charge_h,
            hours=hours,
            keeps_empty=keep_empty,
        )
    except InputError as error:
        raise typer.BadParameter(str(error)) from None
    told = _document(case)
    if plot is not None:
        chart(case).savefig(plot)
    if as_json:
        typer.echo(json.dumps(told, indent=2))
        return
    least = min(limits(case).items(), key=lambda limit: limit[1])
    typer.echo(f"运量 loads: {told['loads']:,}")
    typer.echo(f"极限 limit ({least[0]}): {told['limit_loads']:,}; 比值 ratio: {told['ratio_to_limit']}")
    if told["ratio_to_published"] is not None:
        typer.echo(f"对已发表解 to the published solution ({PUBLISHED_LOADS:,}): {told['ratio_to_published']}")


def _document(case: FleetCase) -> dict[str, float | None]:
    """The result as a JSON object; only the case itself can be compared with what was published for it."""
    carried, limit = loads(case), min(limits(case).values())
    return {
        "loads": carried,
        "limit_loads": round(limit),
        "ratio_to_limit": round(carried / limit, 4),
        "ratio_to_published": round(carried / PUBLISHED_LOADS, 4) if case == _CASE else None,
    }
