"""`swapstation simulate`: plant and device firmware at the other end of the station's wires."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from pathlib import Path
from typing import Annotated

import typer

from swapstation.config.file import load_config
from swapstation.errors import ConfigurationError, SwapstationError
from swapstation.service import Service
from swapstation.simulation.control import HIGHEST_SPEED, Control
from swapstation.simulation.control_socket import serve_control
from swapstation.simulation.face import WireFace
from swapstation.simulation.placement import load_placement
from swapstation.simulation.state_file import capture, encode_state, read_state, write_state
from swapstation.simulation.world import Simulation

CANNOT_START = 2
SAVE_PERIOD_S = 1.0


def simulate(
    config: Annotated[Path, typer.Option(metavar="FILE", help="The station's TOML file. 配置文件.")],
    inventory: Annotated[Path, typer.Option(metavar="FILE", help="Where every battery is at first. 初始盘点文件.")],
    speed: Annotated[
        float, typer.Option(min=0.0, max=HIGHEST_SPEED, help="Motion and charging faster than real. 加速倍数.")
    ] = 1.0,
    seed: Annotated[int, typer.Option(help="Seed of what is random. 随机种子.")] = 1,
    state: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep the truth here and go on from it. 状态文件.")
    ] = None,
    external_bay: Annotated[
        int | None,
        typer.Option(metavar="N", help="Bay that a program of its own plays, for example the C node. 外部节点仓号."),
    ] = None,
    control: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Unix socket for trucks, faults, speed. 控制套接字.")
    ] = None,
) -> None:
    """Simulate the equipment of a station at the wires of its configuration file, until ended. 模拟换电站设备."""
    try:
        settings = load_config(config)
        saved = read_state(state) if state else None
        simulation = Simulation(settings, load_placement(inventory, settings), seed, speed, saved, external_bay)
        asyncio.run(_serve(simulation, state, control))
    except ConfigurationError as error:
        for mistake in error.mistakes:
            typer.echo(mistake, err=True)
        raise typer.Exit(CANNOT_START) from error
    except (SwapstationError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(CANNOT_START) from error


async def _serve(simulation: Simulation, state: Path | None, control: Path | None) -> None:
    face = WireFace(simulation)
    ended = asyncio.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(ending, ended.set)
    async with contextlib.AsyncExitStack() as stack:
        if control is not None:
            await stack.enter_async_context(await serve_control(Control(simulation), control))
            stack.callback(control.unlink, missing_ok=True)
        for name, place in face.places.items():
            typer.echo(f"{name} {place}", err=True)
        serving = asyncio.create_task(face.run())
        waiting = asyncio.create_task(_wait(simulation, state, ended))
        await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
        ended.set()
        serving.cancel()
        await waiting
        with contextlib.suppress(asyncio.CancelledError):
            await serving


async def _wait(simulation: Simulation, state: Path | None, ended: asyncio.Event) -> None:
    """Until the end comes, save the truth every second, and once more then."""
    service = Service()
    while not ended.is_set():
        service.alive()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SAVE_PERIOD_S):
                await ended.wait()
        if state is not None:
            data = encode_state(capture(simulation.plant, simulation.plc))
            await asyncio.to_thread(write_state, state, data)
