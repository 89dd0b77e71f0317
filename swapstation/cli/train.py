"""`swapstation train`: a training station on this machine."""

from __future__ import annotations

import signal
import tempfile
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from swapstation.config.settings import Charging, Exchange
from swapstation.demo.processes import ProcessDied
from swapstation.demo.run import START_PATIENCE_S, DemoFailed, station
from swapstation.demo.station_file import DemoOptions, free_ports
from swapstation.errors import SwapstationError

FAILED = 1
LOOK_S = 1.0


def train(
    speed: Annotated[float, typer.Option(min=0.1, max=200.0, help="Motion and charging faster than real. 倍速.")] = 1.0,
    exchange: Annotated[
        Exchange, typer.Option(help="Who owns the steps of an exchange. 换电动作由谁执行.")
    ] = Exchange.STATION,
    charging: Annotated[Charging, typer.Option(help="Who speaks to the battery. 由谁与电池通信.")] = Charging.DIRECT,
    seed: Annotated[int, typer.Option(help="Seed of what is random in the plant. 随机种子.")] = 1,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the console; 0 = any free one. 操作台端口.")] = 0,
) -> None:
    """Run a station of the simulator for people to train at, until ended: nothing happens that nobody asks for.

    在本机运行培训站: 教员注入故障, 学员处置, 自动评分。
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    options = DemoOptions(0, speed, "tcp", exchange, charging, seed, planner=True, training=True)
    with tempfile.TemporaryDirectory(prefix="swapstation-") as folder:
        try:
            _run(options, Path(folder), port or free_ports(1)[0])
        except KeyboardInterrupt:
            typer.echo("training ended 培训结束", err=True)
        except (DemoFailed, ProcessDied, SwapstationError) as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(FAILED) from error


def _run(options: DemoOptions, data: Path, port: int) -> None:
    with station(options, data, port, data / "logs") as running:
        running.until("the console answers", START_PATIENCE_S, lambda: running.snapshot() or None)
        typer.echo(f"console 操作台: http://127.0.0.1:{port}")
        typer.echo("log in 登录: " + ", ".join(f"{name} PIN {pin}" for name, pin in running.pins.items()))
        typer.echo("Ctrl-C ends the training 按 Ctrl-C 结束")
        while True:
            running.pause(LOOK_S)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
