"""`swapstation platform`: what the supervision platform was told, what waits, and acting on it through the server."""

from __future__ import annotations

import json
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import httpx2
import typer
from rich.table import Table

from swapstation.business.database import BUSINESS
from swapstation.business.platform_outbox import PlatformOutbox
from swapstation.cli.station_reading import StationFile, never_cut, print_json
from swapstation.config.file import load_config
from swapstation.config.server_settings import Server
from swapstation.errors import SwapstationError
from swapstation.model.platform_outbox import FOR_PEOPLE, MessageState, OutboxMessage

platform_app = typer.Typer(help="The supervision platform's link. 监管平台上报.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON. 输出 JSON.")]
Limit = Annotated[int, typer.Option(min=1, max=500, help="How many at most. 条数.")]
REFUSED, BAD_INPUT = 1, 2
KEY_VARIABLE = "SWAPSTATION_API_KEY"
ANSWER_S = 60.0


@platform_app.command()
def status(config: StationFile = Path("station.toml"), as_json: AsJson = False) -> None:
    """How many messages are in each state, since when the oldest waits. 上报状态."""
    with _outbox(config) as known:
        figures = known.figures()
    if as_json:
        print_json(figures)
        return
    table = Table(box=None, show_header=False)
    for state, count in figures.counts.items():
        table.add_row(state, str(count))
    table.add_row("最早待发 oldest pending", f"{figures.oldest_pending_at or '-'}")
    table.add_row("最近送达 last delivered", f"{figures.last_delivered_at or '-'}")
    table.add_row("事件游标 cursor", str(figures.cursor))
    never_cut().print(table)


@platform_app.command()
def outbox(config: StationFile = Path("station.toml"), limit: Limit = 50, as_json: AsJson = False) -> None:
    """The last messages, newest first. 上报报文."""
    _show(config, (), limit, as_json)


@platform_app.command()
def dead(config: StationFile = Path("station.toml"), limit: Limit = 50, as_json: AsJson = False) -> None:
    """Messages that wait for a person: dead, disputed, discarded. 待人工处理."""
    _show(config, FOR_PEOPLE, limit, as_json)


@platform_app.command()
def resend(
    numbers: Annotated[list[int], typer.Argument(metavar="NUMBER...", help="Numbers of messages. 报文编号.")],
    config: StationFile = Path("station.toml"),
) -> None:
    """Send messages again that wait for a person; the server must run. 重发. Exit 1: refused."""
    for number in numbers:
        _ask_server(config, "POST", f"messages/{number}/resend")
        typer.echo(f"{number}: 已重新排队 queued again")


@platform_app.command()
def retry(config: StationFile = Path("station.toml")) -> None:
    """Try the platform at once; the server must run. 立即重试."""
    _ask_server(config, "POST", "retry")
    typer.echo("已开始重试 trying")


@platform_app.command()
def reconcile(
    first: Annotated[str, typer.Option(help="First day, yyyy-mm-dd. 起始日.")],
    last: Annotated[str, typer.Option(help="Last day; the first when absent. 截止日.")] = "",
    config: StationFile = Path("station.toml"),
    as_json: AsJson = False,
) -> None:
    """Compare charges, what was told, and what the platform has; the server must run. 对账. Exit 1: they differ."""
    days = {"first": _day(first), "last": _day(last or first)}
    told = _ask_server(config, "POST", "reconcile", days)
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _tell(told)
    if told["missing"] or told["waiting"] or told["disputes"] or told["disputes"] is None:
        raise typer.Exit(REFUSED)


def _tell(told: dict[str, Any]) -> None:
    typer.echo(
        f"充电 charges {told['charges']}  已报 told {told['told']}  {told['energy_kwh']} kWh  {told['total_yuan']} 元"
    )
    typer.echo(f"漏报 missing {len(told['missing'])}  待报 waiting {len(told['waiting'])}")
    if told["disputes"] is None:
        typer.echo(f"平台未对账 not compared: Ret {told['ret']} {told['msg']}")
        return
    typer.echo(f"争议 disputes {len(told['disputes'])}")
    for each in told["disputes"]:
        typer.echo(f"  {each['order']}  {each['energy_kwh']} kWh  {each['total_yuan']}  reason {each['reason']}")


def _show(config: Path, states: tuple[MessageState, ...], limit: int, as_json: bool) -> None:
    with _outbox(config) as known:
        messages = known.messages(states, limit, None)
    if as_json:
        print_json(messages)
        return
    table = Table(box=None)
    for heading in (
        "编号 number",
        "发生 happened",
        "接口 interface",
        "键 key",
        "状态 state",
        "次数 tries",
        "原因 reason",
    ):
        table.add_column(heading)
    for each in messages:
        table.add_row(*_row(each))
    never_cut().print(table)


def _row(message: OutboxMessage) -> tuple[str, ...]:
    happened = f"{message.happened_at:%Y-%m-%d %H:%M:%S}"
    state, tries = message.state.value, str(message.attempts)
    return str(message.number), happened, message.interface, message.key, state, tries, message.reason or "-"


@contextmanager
def _outbox(config: Path) -> Iterator[PlatformOutbox]:
    """The outbox to read. Exit 2 where it cannot be."""
    try:
        engine = BUSINESS.open_reader(load_config(config).business_url)
        try:
            yield PlatformOutbox(engine)
        finally:
            engine.dispose()
    except SwapstationError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from error


def _ask_server(config: Path, method: str, path: str, body: Any = None) -> Any:
    """Ask the running server; a key of its own accounts is taken from the environment. Exit 1: refused."""
    try:
        server = load_config(config).server
    except SwapstationError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from error
    url, headers = f"{server.address}/api/v1/platform/{path}", {"Host": "127.0.0.1"}
    if key := os.environ.get(KEY_VARIABLE, ""):
        headers["Authorization"] = f"Bearer {key}"
    try:
        with httpx2.Client(verify=_trust(server), timeout=ANSWER_S, trust_env=False) as client:
            answer = client.request(method, url, json=body, headers=headers)
    except (httpx2.HTTPError, OSError) as error:
        typer.echo(f"{url}: 服务器没有应答 | the server does not answer: {error}", err=True)
        raise typer.Exit(BAD_INPUT) from error
    if answer.is_error:
        typer.echo(answer.text, err=True)
        raise typer.Exit(REFUSED)
    return answer.json()


def _trust(server: Server) -> ssl.SSLContext | bool:
    """On its own machine the server is known by its certificate's file, whatever name that was made for."""
    if server.certificate is None:
        return True
    trusted = ssl.create_default_context(cafile=server.certificate)
    trusted.check_hostname = False
    return trusted


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        typer.echo(f"{text}: 应为日期, 例如 2026-12-01 | must be a day such as 2026-12-01", err=True)
        raise typer.Exit(BAD_INPUT) from None
