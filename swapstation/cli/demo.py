"""`swapstation demo`: a whole station on this machine."""

from __future__ import annotations

import json
import signal
import tempfile
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from swapstation.config.settings import Charging, Exchange
from swapstation.demo.processes import ProcessDied
from swapstation.demo.run import DemoFailed, run_swaps, run_traffic, station
from swapstation.demo.station_file import CHARGING_BAYS, DemoOptions, free_ports
from swapstation.errors import SwapstationError
from swapstation.model.inventory import MOST_POSITIONS

FAILED = 1
BAD_INPUT = 2


class Plc(StrEnum):
    """How the robot's PLC talks."""

    REFERENCE = "reference"
    PACKED = "packed"


class Recipe(StrEnum):
    """How batteries are exchanged."""

    TOP_LIFT = "top_lift"
    TOP_LIFT_OVERLAP = "top_lift_overlap"
    SIDE = "side"
    BOTTOM = "bottom"


class Wires(StrEnum):
    """What carries the demo's wires."""

    TCP = "tcp"
    PTY = "pty"


def demo(
    swaps: Annotated[
        int, typer.Option(min=0, max=100_000, help="Swaps to run, then end; 0 = trucks without end. 换电次数.")
    ] = 0,
    speed: Annotated[
        float, typer.Option(min=0.1, max=200.0, help="Motion and charging faster than real. 倍速.")
    ] = 10.0,
    headless: Annotated[
        bool, typer.Option("--headless", help="No talk about the console; logs to stderr. 无界面.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object. 输出 JSON.")] = False,
    wires: Annotated[Wires, typer.Option(help="TCP sockets or pseudo terminals. 连线方式.")] = Wires.TCP,
    exchange: Annotated[
        Exchange, typer.Option(help="Who owns the steps of an exchange. 换电动作由谁执行.")
    ] = Exchange.STATION,
    charging: Annotated[Charging, typer.Option(help="Who speaks to the battery. 由谁与电池通信.")] = Charging.DIRECT,
    plc: Annotated[
        Plc, typer.Option(help="Reference PLC over Modbus, or one that connects and sends packed structs. PLC 类型.")
    ] = Plc.REFERENCE,
    recipe: Annotated[Recipe, typer.Option(help="How batteries are exchanged. 换电方式.")] = Recipe.TOP_LIFT,
    truck_batteries: Annotated[
        int, typer.Option(min=1, max=MOST_POSITIONS, help="Batteries on each truck. 每车电池数.")
    ] = 1,
    c_bay: Annotated[
        int | None,
        typer.Option(
            min=1, max=CHARGING_BAYS, help="Bay whose equipment is the C node, built with gcc. 由 C 节点扮演的仓."
        ),
    ] = None,
    planner: Annotated[
        bool | None,
        typer.Option(
            "--planner/--no-planner",
            help="Charge by plans, or on arrival; by plans unless with --c-bay. 按计划充电或到站即充.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of what is random in the plant. 随机种子.")] = 1,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the console; 0 = any free one. 操作台端口.")] = 0,
) -> None:
    """Run simulator, controller, planner and server as processes and have trucks swapped. Exit 0: all went well.

    在本机运行完整换电站演示。
    """
    for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell started us with SIGINT ignored
        signal.signal(number, _interrupt)
    if headless and swaps == 0:
        typer.echo("--headless: --swaps must be at least 1 (换电次数至少为 1)", err=True)
        raise typer.Exit(BAD_INPUT)
    if c_bay is not None and charging is not Charging.DIRECT:
        typer.echo("--c-bay: only with --charging direct (仅适用于 --charging direct)", err=True)
        raise typer.Exit(BAD_INPUT)
    if plc is Plc.PACKED and exchange is not Exchange.PLC:
        typer.echo("--plc packed: only with --exchange plc (仅适用于 --exchange plc)", err=True)
        raise typer.Exit(BAD_INPUT)
    if plc is Plc.PACKED and truck_batteries > 1:
        typer.echo("--plc packed: knows one battery per truck (只支持每车一块电池)", err=True)
        raise typer.Exit(BAD_INPUT)
    how = (swaps, speed, wires.value, exchange, charging, seed, c_bay, plc is Plc.PACKED, recipe.value)
    options = DemoOptions(*how, truck_batteries, planner=c_bay is None if planner is None else planner)
    with tempfile.TemporaryDirectory(prefix="swapstation-") as folder:
        try:
            code = _run(options, Path(folder), port or free_ports(1)[0], headless, as_json)
        except KeyboardInterrupt:
            typer.echo("demo ended 演示结束", err=True)
            code = 0 if swaps == 0 else FAILED
        except (DemoFailed, ProcessDied, SwapstationError) as error:
            typer.echo(str(error), err=True)
            code = FAILED
    raise typer.Exit(code)


def _run(options: DemoOptions, data: Path, port: int, headless: bool, as_json: bool) -> int:
    logs = None if headless else data / "logs"
    with station(options, data, port, logs) as running:
        if not headless:
            typer.echo(f"console 操作台: http://127.0.0.1:{port}", err=as_json)
            people = ", ".join(f"{name} PIN {pin}" for name, pin in running.pins.items())
            typer.echo(f"log in 登录: {people}", err=as_json)
            typer.echo(f"fleet key 车队密钥: {running.fleet_key} (examples/dispatcher.py)", err=as_json)
            typer.echo(f"data 数据: {data} (logs, station.toml; removed at the end 结束时删除)", err=as_json)
            typer.echo("Ctrl-C ends the demo 按 Ctrl-C 结束", err=as_json)
        if options.swaps == 0:
            run_traffic(running)
        result = run_swaps(running, options)
        ok = result.failed == 0 and len(result.swap_seconds) == options.swaps and result.every_battery_in_one_place
        if as_json:
            typer.echo(json.dumps(result.to_json(), ensure_ascii=False))
        else:
            typer.echo(f"{len(result.swap_seconds)} of {options.swaps} swaps completed: {result.swap_seconds} s")
    return 0 if ok else FAILED


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
