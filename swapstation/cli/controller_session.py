"""Commands that talk to the running controller at its own socket, without the server."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import structlog
import typer

from swapstation.cli.acting import acting_person
from swapstation.config.file import load_config
from swapstation.contract.controller_link import ControllerAway, ControllerLink
from swapstation.contract.texts import text
from swapstation.errors import SwapstationError
from swapstation.model.request import Accepted, Payload, Refused, Request
from swapstation.model.snapshot import Snapshot

REFUSED, CANNOT = 1, 2
PATIENCE_S = 3.0
ControllerFile = Annotated[Path, typer.Option("--config", help="The station's TOML file. 配置文件.")]

Found = TypeVar("Found")


def ask_controller(file: Path, payload: Payload) -> Accepted:
    """Put a request in the name of whoever runs the command; a refusal becomes a message and exit code 1."""
    answer = with_link(file, lambda link: link.request(Request(str(uuid.uuid4()), acting_person(), payload)))
    if isinstance(answer, Refused):
        said = text(answer.code)
        typer.echo(f"{said.zh} | {said.en}{': ' if answer.detail else ''}{answer.detail}", err=True)
        raise typer.Exit(REFUSED)
    return answer


def read_snapshot(file: Path) -> Snapshot:
    """The state of the station now; errors become a message and exit code 2."""
    return with_link(file, _snapshot)


def with_link(file: Path, use: Callable[[ControllerLink], Awaitable[Found]]) -> Found:
    """What `use` makes of a connection to the controller; errors become a message and exit code 2."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        return asyncio.run(_connected(load_config(file).controller_socket, use))
    except SwapstationError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(CANNOT) from error


async def _connected(socket: Path, use: Callable[[ControllerLink], Awaitable[Found]]) -> Found:
    link = ControllerLink(socket)
    async with link.running():
        if not link.connected:
            await link.wait_for_news(PATIENCE_S)
        if not link.connected:
            raise ControllerAway(f"控制器没有运行 | no controller runs at {socket}")
        return await use(link)


async def _snapshot(link: ControllerLink) -> Snapshot:
    if link.latest is None:
        await link.wait_for_news(PATIENCE_S)
    if link.latest is None:
        raise ControllerAway("控制器没有应答 | the controller tells nothing")
    return link.latest.snapshot
