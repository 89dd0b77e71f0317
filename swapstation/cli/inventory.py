"""`swapstation inventory`: look at the stock record and change it. Exit 0: done; 1: refused; 2: bad input.

While the controller runs it owns the database, so changes go to it as requests; otherwise they are written here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table

from swapstation.cli.acting import acting_person
from swapstation.cli.inventory_session import BAD_INPUT, REFUSED, Reason, Session, opened
from swapstation.cli.inventory_texts import Language, language_of_the_system
from swapstation.cli.inventory_work import work_app
from swapstation.config.settings import Config
from swapstation.errors import InputError
from swapstation.inventory import queries
from swapstation.inventory.database import open_reader
from swapstation.inventory.import_file import import_inventory
from swapstation.inventory.journal import open_station_database
from swapstation.inventory.submit import submit_change
from swapstation.model.inventory import Battery, Inventory, PlaceKind, SeatOffset, place_kind
from swapstation.model.request import (
    Accepted,
    ConfirmRelease,
    CorrectBattery,
    CountedPlace,
    InventoryChange,
    MoveBatteryRecord,
    QuarantineBattery,
    ReceiveBattery,
    ReleaseQuarantine,
    SendBatteryAway,
    StockCheck,
    TransferBattery,
)
from swapstation.model.truck_request import RegisterTruck

NEVER_CUT_COLUMNS = 200
EMPTY = "-"


inventory_app = typer.Typer(
    help="Batteries, places and trucks: look, receive, move, correct. 库存管理.", no_args_is_help=True
)
inventory_app.add_typer(work_app)
Asset = Annotated[str, typer.Argument(metavar="BATTERY", help="Asset id of the battery. 电池箱编号.")]
Place = Annotated[
    str, typer.Argument(metavar="PLACE", help="bay-N, isolation, transit, truck:VIN or truck:VIN#2. 位置.")
]
Code = Annotated[list[str], typer.Option("--code", help="GB/T 34014 code, once per pack. 电池包编码.")]
Soc = Annotated[float | None, typer.Option("--soc-pct", help="State of charge, 0 to 100. SOC, %.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON. 输出 JSON.")]


@inventory_app.callback()
def inventory(
    context: typer.Context,
    config: Annotated[Path, typer.Option(metavar="FILE", help="The station's TOML file. 配置文件.")] = Path(
        "station.toml"
    ),
    language: Annotated[Language | None, typer.Option(help="zh or en; default from LANG. 语言.")] = None,
) -> None:
    """Batteries, places and trucks of the station. 库存管理."""
    context.obj = Session(config, language or language_of_the_system(), acting_person())


@inventory_app.command("import")
def import_command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="TOML file with trucks and batteries. 库存文件.")],
) -> None:
    """Bring in the first stock, everything or nothing. 导入初始库存."""
    with opened(context) as (session, config):
        engine = open_station_database(config)
        try:
            imported = import_inventory(engine, config, file, session.person, datetime.now(UTC))
        finally:
            engine.dispose()
        counts = f"{imported.batteries} {session.say('batteries')}, {imported.trucks} {session.say('trucks')}"
        typer.echo(f"{session.say('imported')}: {counts}")
        for warning in imported.warnings:
            typer.echo(f"{session.say('warning')}: {warning}")


@inventory_app.command("list")
def list_command(context: typer.Context, as_json: AsJson = False) -> None:
    """Every place and what is in it. 库存清单."""
    with opened(context) as (session, config):
        stock = _read_inventory(config)
        if as_json:
            _print_json({"batteries": stock.batteries, "places": stock.places, "trucks": dict(stock.trucks)})
            return
        rows = []
        for place in sorted(stock.places, key=_place_order):
            battery = stock.at(place)
            rows.append((place, *(_cells(session, battery, stock) if battery else ())))
        _print_table(session, ("place", "battery", "model", "SOC %", "codes", "marks"), rows)


@inventory_app.command()
def show(context: typer.Context, battery: Asset, as_json: AsJson = False) -> None:
    """One battery. 查看电池箱."""
    with opened(context) as (session, config):
        stock = _read_inventory(config)
        found = stock.battery(battery)
        if found is None:
            raise InputError("battery", battery, "not in the stock record")
        if as_json:
            _print_json(found)
            return
        cells = (found.place, *_cells(session, found, stock))
        _print_table(session, ("place", "battery", "model", "SOC %", "codes", "marks"), [cells])


@inventory_app.command()
def history(context: typer.Context, battery: Asset, limit: int = 50, as_json: AsJson = False) -> None:
    """What happened to a battery, newest first. 电池箱履历."""
    with opened(context) as (session, config):
        engine = open_reader(config.station_database_url)
        try:
            with engine.connect() as connection:
                events = queries.battery_history(connection, battery, limit)
        finally:
            engine.dispose()
        if as_json:
            _print_json(events)
            return
        rows = [
            (str(event.sequence), f"{event.at.astimezone():%Y-%m-%d %H:%M:%S}", event.kind, _compact(event.body))
            for event in events
        ]
        _print_table(session, ("#", "time", "event", "details"), rows)


@inventory_app.command()
def receive(
    context: typer.Context,
    battery: Asset,
    place: Place,
    model: Annotated[str, typer.Option(help="Battery model of the configuration. 型号.")],
    code: Code,
    soc_pct: Soc = None,
) -> None:
    """A battery comes into the station. 入库."""
    _change(context, lambda: ReceiveBattery(battery, model, tuple(code), place, soc_pct))


@inventory_app.command()
def send_away(context: typer.Context, battery: Asset, reason: Reason) -> None:
    """A battery leaves the station. 出库."""
    _change(context, lambda: SendBatteryAway(battery, reason))


@inventory_app.command()
def transfer(
    context: typer.Context,
    battery: Asset,
    station: Annotated[str, typer.Option(help="Name of the other station. 目的站.")],
    papers: Annotated[str, typer.Option(help="Papers of the transport (UN 3480). 危险货物运输单据.")],
) -> None:
    """A battery leaves for another station. 调拨."""
    _change(context, lambda: TransferBattery(battery, station, papers))


@inventory_app.command("quarantine")
def quarantine_command(context: typer.Context, battery: Asset, reason: Reason) -> None:
    """A battery may be dangerous: no charging, no truck, until two people release it. 隔离."""
    _change(context, lambda: QuarantineBattery(battery, reason))


@inventory_app.command()
def release(context: typer.Context, battery: Asset, reason: Reason) -> None:
    """Ask for the end of a quarantine; a second person confirms within an hour. 申请解除隔离."""
    _change(context, lambda: ReleaseQuarantine(battery, reason))


@inventory_app.command()
def confirm_release(context: typer.Context, battery: Asset) -> None:
    """Agree, as the second person, to the end of a quarantine. 确认解除隔离."""
    _change(context, lambda: ConfirmRelease(battery))


@inventory_app.command()
def move(context: typer.Context, battery: Asset, place: Place) -> None:
    """A battery was moved by hand. 人工移位."""
    _change(context, lambda: MoveBatteryRecord(battery, place))


@inventory_app.command()
def correct(
    context: typer.Context,
    battery: Asset,
    reason: Reason,
    place: Annotated[str | None, typer.Option(help="Where it really is. 实际位置.")] = None,
    code: Annotated[
        list[str] | None, typer.Option("--code", help="GB/T 34014 code, once per pack. 电池包编码.")
    ] = None,
    soc_pct: Soc = None,
) -> None:
    """The record was wrong: set it right and clear its doubt. 更正记录."""
    _change(context, lambda: CorrectBattery(battery, reason, place, tuple(code) if code else None, soc_pct))


@inventory_app.command()
def register_truck(
    context: typer.Context,
    vin: Annotated[str, typer.Argument(metavar="VIN", help="17 characters. 车辆识别代号.")],
    model: Annotated[str, typer.Option(help="Truck model of the configuration. 车型.")],
    seat_x_mm: Annotated[int, typer.Option(help="Its seat's offset along the lane. 电池座纵向偏移.")] = 0,
    seat_y_mm: Annotated[int, typer.Option(help="The same across the lane. 横向偏移.")] = 0,
    seat_z_mm: Annotated[int, typer.Option(help="The same upwards. 高度偏移.")] = 0,
) -> None:
    """Make a truck known, or change its model and seat. 登记车辆."""
    seat = SeatOffset(seat_x_mm, seat_y_mm, seat_z_mm)
    _change(context, lambda: RegisterTruck(vin, model, seat=seat))


@inventory_app.command()
def stock_check(
    context: typer.Context,
    counted: Annotated[
        list[str], typer.Argument(metavar="PLACE=BATTERY...", help="What is in each place; PLACE= for empty. 盘点结果.")
    ],
) -> None:
    """Compare a physical count with the record; differences become doubtful. 盘库."""
    _change(context, lambda: StockCheck(tuple(_counted(each) for each in counted)))


def _counted(text: str) -> CountedPlace:
    place, equals, battery = text.partition("=")
    if not equals:
        raise InputError("counted", text, "PLACE=BATTERY, or PLACE= for an empty place")
    return CountedPlace(place, battery or None)


def _change(context: typer.Context, make: Callable[[], InventoryChange]) -> None:
    with opened(context) as (session, config):
        answer = submit_change(config, session.person, make(), datetime.now(UTC))
        if isinstance(answer, Accepted):
            typer.echo(session.say("recorded"))
            for name, text in answer.result.items():
                typer.echo(f"{session.say(name)}: {session.say(text)}")
            return
        typer.echo(f"{session.say(answer.code)}: {answer.detail}", err=True)
        raise typer.Exit(BAD_INPUT if answer.code == "bad_input" else REFUSED)


def _read_inventory(config: Config) -> Inventory:
    engine = open_reader(config.station_database_url)
    try:
        with engine.connect() as connection:
            return queries.load_inventory(connection)
    finally:
        engine.dispose()


def _cells(session: Session, battery: Battery, stock: Inventory) -> tuple[str, ...]:
    """Battery, model, SOC, codes and marks of one row."""
    marks = {
        "held": stock.held(battery=battery.battery) is not None,
        "quarantined": battery.quarantined,
        "doubtful": battery.doubtful,
    }
    soc = EMPTY if battery.soc_pct is None else f"{battery.soc_pct:.1f}"
    told = " ".join(session.say(mark) for mark, set_ in marks.items() if set_)
    return battery.battery, battery.model, soc, " ".join(battery.codes), told


def _place_order(place: str) -> tuple[int, int, str]:
    number = int(place[4:]) if place.startswith("bay-") else 0
    return list(PlaceKind).index(place_kind(place)), number, place


def _print_table(session: Session, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(box=None)
    for heading in headings:
        table.add_column(session.say(heading))
    for row in rows:
        table.add_row(*row)
    Console(width=NEVER_CUT_COLUMNS, highlight=False, markup=False).print(table)


def _print_json(value: object) -> None:
    plain = TypeAdapter(Any).dump_python(value, mode="json")
    typer.echo(json.dumps(plain, ensure_ascii=False, indent=2))


def _compact(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
