"""`swapstation power`: the site's power limits at the controller's own socket, without the server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter
from rich.console import Console
from rich.tree import Tree

from swapstation.cli.controller_session import ControllerFile, ask_controller, read_snapshot
from swapstation.contract.texts import text
from swapstation.model.dispatch import SITE, DispatchKind, DispatchSource
from swapstation.model.dispatch_request import EndDispatch, PutDispatch
from swapstation.model.power import LimitCause, PowerState
from swapstation.model.request import Payload

_STATE = TypeAdapter(PowerState)
power_app = typer.Typer(no_args_is_help=True, help="Power limits and dispatch records. 功率上限与调度指令。")
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the record. 指令名称.")]


@power_app.command()
def show(
    config: ControllerFile, as_json: Annotated[bool, typer.Option("--json", help="One JSON object. 输出 JSON")] = False
) -> None:
    """What counts now and why: limits, the tree, demand, records. 现行上限及原因。"""
    power = read_snapshot(config).power
    if as_json:
        typer.echo(_STATE.dump_json(power, indent=2).decode())
    else:
        Console().print(_tree(power))


@power_app.command()
def dispatch(
    name: Name,
    config: ControllerFile,
    kind: Annotated[DispatchKind, typer.Option(help="What is asked. 类型")],
    value: Annotated[float, typer.Option(help="kW AC; % for soc_target; 0 to 3 for shed_level. 数值")],
    minutes: Annotated[float, typer.Option(min=1.0, max=527_040.0, help="For so long from now on. 持续分钟")],
    source: Annotated[DispatchSource, typer.Option(help="Who asks. 来源")] = DispatchSource.OPERATOR,
    node: Annotated[str, typer.Option(help="site, a feeder, bay-N. 节点")] = SITE,
    ramp_kw_per_min: Annotated[float | None, typer.Option(min=0.1, help="Down and up again. 爬坡")] = None,
) -> None:
    """Follow a dispatch record from now on, or replace the one of this name. 下达或替换调度指令。"""
    starts_at = datetime.now(UTC)
    ends_at = starts_at + timedelta(minutes=minutes)
    record = PutDispatch(name, source, kind, value, starts_at, ends_at, ramp_kw_per_min, node=node, issued_at=starts_at)
    _ask(config, record)


@power_app.command()
def end(name: Name, config: ControllerFile, reason: Annotated[str, typer.Option(help="Why. 原因")]) -> None:
    """End a dispatch record before its time. 提前结束调度指令。"""
    _ask(config, EndDispatch(name, reason))


def _ask(file: Path, payload: Payload) -> None:
    answer = ask_controller(file, payload)
    typer.echo(" ".join(f"{key}={value}" for key, value in answer.result.items()))


def _tree(power: PowerState) -> Tree:
    """The tree with what each node may take, then demand and records."""
    root = Tree("全站 site")
    branches = {SITE: root}
    for node in power.nodes:
        takes = f"{node.taken_kw:.0f} kW, 可能 may take {node.may_take_kw:.0f} kW"
        told = f"{node.node}: {takes}, {_limit(node.limit_kw, node.cause)}"
        branches[node.node] = root.add(told) if not node.parent else branches[node.parent].add(told)
    limit = _limit(power.charging_kw, power.causes[0] if power.causes else None)
    root.add(f"全部充电 all charging: {limit}; 其他 other {power.other_kw:.0f} kW")
    if power.demand is not None:
        used = f"{power.demand.used_kwh:.1f} kWh{' (估计 estimated)' if power.demand.estimated else ''}"
        left = "-" if power.demand.allowed_kw is None else f"{power.demand.allowed_kw:.0f} kW"
        root.add(
            f"本刻钟 this quarter: {used}, 余下可用 left {left}; 本月最大 month {power.demand.month_peak_kw:.0f} kW"
        )
    for each in power.dispatches:
        record = each.dispatch
        until = f"{record.ends_at:%Y-%m-%d %H:%M} UTC"
        root.add(f"{record.dispatch}: {record.source} {record.kind} {record.value:g}, {each.phase}, 至 until {until}")
    return root


def _limit(kw: float | None, cause: LimitCause | None) -> str:
    if kw is None:
        return "无上限 no limit"
    said = text(cause.code) if cause is not None else None
    return f"上限 limit {kw:.0f} kW" + (f" ({said.zh} | {said.en})" if said else "")
