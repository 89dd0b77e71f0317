"""`swapstation records`: telemetry, lives, case files. Exit 0: done; 1: damaged; 2: bad input."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from swapstation import __version__
from swapstation.business import audit
from swapstation.cli.business_reading import reading
from swapstation.cli.inventory_session import BAD_INPUT
from swapstation.cli.station_reading import never_cut, print_json, station_database
from swapstation.config.file import load_config
from swapstation.config.settings import Config
from swapstation.errors import SwapstationError
from swapstation.inventory.lives import Life, Span, battery_life, bay_life, truck_life
from swapstation.inventory.report_queries import events_between
from swapstation.records.event_folders import event_folders
from swapstation.records.evidence import Case, build, event_manifest, span_of_event
from swapstation.records.signing import fingerprint, public_pem, signing_key
from swapstation.records.telemetry import query, retention
from swapstation.records.telemetry.archive import damage, files_of
from swapstation.records.telemetry.export import Export, export, schema
from swapstation.records.telemetry.kinds import KINDS

DAMAGED = 1
MOST_EVENTS = 100_000
KEPT_DAYS = 1827

records_app = typer.Typer(help="Telemetry, lives of batteries and trucks, case files. 运行记录.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON. 输出 JSON.")]
First = Annotated[datetime | None, typer.Option(help="From, UTC. 起.", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])]
Last = Annotated[
    datetime | None, typer.Option(help="Until before, UTC. 止.", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])
]
Limit = Annotated[int, typer.Option(min=1, max=5000, help="How many of each at most. 条数.")]


@records_app.callback()
def records(
    context: typer.Context,
    config: Annotated[Path, typer.Option(metavar="FILE", help="The station's TOML file. 配置文件.")] = Path(
        "station.toml"
    ),
) -> None:
    """Telemetry, lives of batteries and trucks, case files. 运行记录."""
    context.obj = config


@contextmanager
def _station(context: typer.Context) -> Iterator[Config]:
    """The configuration; errors become messages and exit code 2."""
    try:
        yield load_config(context.obj)
    except (SwapstationError, sqlite3.Error) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from error


def _span(first: datetime | None, last: datetime | None, days: int) -> tuple[datetime, datetime]:
    until = (last or datetime.now(UTC)).replace(tzinfo=UTC)
    return (first or until - timedelta(days=days)).replace(tzinfo=UTC), until


@records_app.command("schemas")
def schemas_command(context: typer.Context) -> None:
    """Every kind of telemetry as a JSON schema. 字段说明."""
    print_json({name: schema(kind) for name, kind in KINDS.items()})


@records_app.command("signal")
def signal_command(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(help="pack, cells, robot, meter, environment, link")],
    series: Annotated[str, typer.Argument(help="Battery, device or link. 序列.")],
    column: Annotated[str, typer.Argument(help="As current_a. 列.")],
    first: First = None,
    last: Last = None,
    buckets: Annotated[int, typer.Option(min=1, max=query.MOST_BUCKETS)] = 24,
    as_json: AsJson = False,
) -> None:
    """A signal, down-sampled; by default of the last day. 信号曲线."""
    with _station(context) as config:
        window = query.Window(kind, series, column, *_span(first, last, 1), buckets)
        told = query.signal(config.data / "telemetry", window)
    if as_json:
        print_json(told)
        return
    table = Table("时间 at (UTC)", "最小 min", "最大 max", "平均 mean", "行 rows", box=None)
    for each in told.buckets:
        table.add_row(f"{each.at:%F %T}", *(f"{value:g}" for value in (each.min, each.max, each.mean)), str(each.rows))
    never_cut().print(table)
    for name in told.broken:
        typer.echo(f"{name}: 文件损坏, 未计入 | broken, left out", err=True)


@records_app.command("battery")
def battery_command(
    context: typer.Context, battery: str, first: First = None, last: Last = None, limit: Limit = 500
) -> None:
    """One battery's life, with its cell spread by month, as JSON. 电池箱履历."""
    with _station(context) as config, station_database(context.obj) as (_, connection):
        span = Span(*_span(first, last, KEPT_DAYS), limit)
        life = battery_life(connection, battery, span)
        spread = query.spread(config.data / "telemetry", battery, span.first, span.last)
    print_json({**_told(life, battery), "cell_spread": asdict(spread)})


@records_app.command("truck")
def truck_command(context: typer.Context, vin: str, first: First = None, last: Last = None, limit: Limit = 500) -> None:
    """One truck's life as JSON. 车辆履历."""
    with station_database(context.obj) as (_, connection):
        life = truck_life(connection, vin, Span(*_span(first, last, KEPT_DAYS), limit))
    print_json(_told(life, vin))


@records_app.command("bay")
def bay_command(
    context: typer.Context, number: int, first: First = None, last: Last = None, limit: Limit = 500
) -> None:
    """One bay's life as JSON. 充电仓履历."""
    with station_database(context.obj) as (config, connection):
        known = any(bay.number == number for bay in config.bays)
        life = bay_life(connection, number, Span(*_span(first, last, KEPT_DAYS), limit)) if known else None
    print_json(_told(life, str(number)))


def _told(life: Life | None, name: str) -> dict[str, object]:
    if life is None:
        typer.echo(f"{name}: 没有记录 | is on no record", err=True)
        raise typer.Exit(BAD_INPUT)
    return asdict(life)


@records_app.command("export")
def export_command(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(help="pack, cells, robot, meter, environment, link")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The zip to write. 输出文件.")],
    first: First = None,
    last: Last = None,
    form: Annotated[str, typer.Option("--format", help="csv, parquet, json")] = "csv",
    series: Annotated[str | None, typer.Option(help="Only this battery, device or link. 序列.")] = None,
) -> None:
    """Rows of a kind, a month at most, as a zip with data and schema.json. 导出."""
    with _station(context) as config:
        broken = export(config.data / "telemetry", Export(kind, *_span(first, last, 1), form, series), file.absolute())
    typer.echo(str(file))
    for name in broken:
        typer.echo(f"{name}: 文件损坏, 未计入 | broken, left out", err=True)


@records_app.command("storage")
def storage_command(context: typer.Context) -> None:
    """What telemetry takes, its budget, when that is used up, as JSON. 存储占用与预测."""
    with _station(context) as config:
        free, settings = shutil.disk_usage(config.data).free, config.telemetry
        today = datetime.now(UTC).date()
        told = retention.storage(config.data / "telemetry", free, settings.budget_gb, today, settings.early_days)
    print_json(told)


@records_app.command("verify")
def verify_command(context: typer.Context) -> None:
    """Check every file of the archive against its description. Exit 1: one is damaged. 校验归档."""
    with _station(context) as config:
        paths = [path for name in KINDS for path in files_of(config.data / "telemetry", name).values()]
        wrongs = {path.name: wrong for path in paths if (wrong := damage(path)) is not None}
    for name, wrong in wrongs.items():
        typer.echo(f"{name}: {wrong}")
    typer.echo(f"{len(paths)} 个文件 files, {len(wrongs)} 损坏 damaged")
    if wrongs:
        raise typer.Exit(DAMAGED)


@records_app.command("case-file")
def case_file_command(
    context: typer.Context,
    event: Annotated[str, typer.Argument(metavar="EVENT", help="Name of the event, or its beginning. 事件名.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The tar.gz to write. 输出文件.")],
) -> None:
    """The signed case file of a safety event, for others to read and verify. 事件证据包."""
    with _station(context) as config:
        folders = [each for each in event_folders(config.data / "black_box") if each.name.startswith(event)]
        if len(folders) != 1:
            known = ", ".join(each.name for each in event_folders(config.data / "black_box")) or "-"
            typer.echo(f"event = {event!r}: 应为其中之一 | one of {known}", err=True)
            raise typer.Exit(BAD_INPUT)
        first, last = span_of_event(event_manifest(folders[0]))
        with station_database(context.obj) as (_, connection), reading(context.obj) as (_, business):
            further = {
                "events.jsonl": _lines(map(asdict, events_between(connection, first, last, MOST_EVENTS))),
                "audit.jsonl": _lines(map(asdict, audit.rows_between(business, first, last))),
            }
        signed = build(Case(folders[0], config.data, config.name, __version__, further), file.absolute())
    typer.echo(f"{file}\n密钥指纹 key fingerprint (SHA-256): {signed}")


@records_app.command("key")
def key_command(context: typer.Context) -> None:
    """The public key that signs case files, and its fingerprint: publish it before it is needed. 签名公钥."""
    with _station(context) as config:
        key = signing_key(config.data)
    typer.echo(f"{public_pem(key).decode()}{fingerprint(key)}")


def _lines(rows: Iterable[object]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows).encode()
