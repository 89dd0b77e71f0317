"""`swapstation maintenance`: register, due work, work orders, spare parts; changed only while no server runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from swapstation.business.spare_parts import move, stocks
from swapstation.business.upkeep import device_cards, due_at, finish
from swapstation.business.work_orders import add_step, list_orders, open_order
from swapstation.cli.acting import acting_person
from swapstation.cli.business_reading import changing, reading
from swapstation.cli.station_reading import StationFile, never_cut, print_json, station_database
from swapstation.energy.tariff import LOCAL_ZONE
from swapstation.inventory.queries import alarm_periods
from swapstation.inventory.use_queries import first_event_at
from swapstation.maintenance.asking import wanted_work
from swapstation.maintenance.plan_file import station_plan
from swapstation.model.maintenance import Due, DueState, PartMovement, WorkOrder, WorkState, WorkStep
from swapstation.reports.outages import device_reliability

maintenance_app = typer.Typer(no_args_is_help=True, help="Register, due work, work orders, spare parts. 维护.")
Json = Annotated[bool, typer.Option("--json", help="Print JSON. 输出 JSON.")]
Number = Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="Number of the work order. 工单号.")]
Words = Annotated[str, typer.Option("--text", help="What was found or done. 说明.")]
_FILE = Path("station.toml")
_STATES = {DueState.DUE: "到期 due", DueState.SOON: "临近 soon", DueState.FINE: "正常 fine"}


@maintenance_app.command()
def devices(config: StationFile = _FILE, as_json: Json = False) -> None:
    """The register of devices with their counters. 设备台账."""
    with reading(config) as (station, connection):
        cards = device_cards(connection, station_plan(station), station)
    if as_json:
        print_json(cards)
        return
    rows = [
        (
            card.device.device,
            f"{card.device.zh} {card.device.en}",
            " ".join(filter(None, (card.device.maker, card.device.model, card.device.serial))) or "-",
            ", ".join(f"{name} {value:g}" for name, value in card.counters.items()) or "-",
        )
        for card in cards
    ]
    _print(("设备 device", "名称 name", "厂家 maker", "计数 counters"), rows)


@maintenance_app.command()
def due(
    config: StationFile = _FILE,
    everything: Annotated[bool, typer.Option("--all", help="Also what is not due for long. 全部.")] = False,
    as_json: Json = False,
) -> None:
    """Tasks, calibrations, budgets of wear: when each is due. 到期的维护. Exit 1: something is due."""
    with reading(config) as (station, connection):
        found = due_at(connection, station_plan(station), datetime.now(UTC), LOCAL_ZONE)
    told = [each for each in found if everything or each.state is not DueState.FINE]
    if as_json:
        print_json(told)
    else:
        headings = ("状态 state", "设备 device", "项目 work", "到期 due on", "已用 used", "工单 order")
        _print(headings, [_due_row(each) for each in told])
    if any(each.state is DueState.DUE for each in found):
        raise typer.Exit(1)


@maintenance_app.command()
def orders(
    config: StationFile = _FILE,
    only_open: Annotated[bool, typer.Option("--open", help="Neither done nor cancelled. 未完成的.")] = False,
    as_json: Json = False,
) -> None:
    """Work orders, newest first. 工单."""
    with reading(config) as (_, connection):
        found = list_orders(connection, only_open=only_open)
    if as_json:
        print_json(found)
    else:
        headings = (
            "工单 order",
            "状态 state",
            "设备 device",
            "内容 work",
            "开单 opened",
            "开工 begun",
            "完成 done",
            "人 by",
        )
        _print(headings, [_order_row(each) for each in found])


@maintenance_app.command("open")
def open_command(
    device: Annotated[str, typer.Argument(metavar="DEVICE", help="Name in the register. 设备.")],
    config: StationFile = _FILE,
    text: Words = "",
    subject: Annotated[str, typer.Option(help="Task or budget of the plan. 计划项目.")] = "",
    alarm: Annotated[str, typer.Option(help="Alarm it comes from, CODE@source. 报警.")] = "",
) -> None:
    """Open a work order. 开工单."""
    with changing(config) as changes:
        wanted = wanted_work(station_plan(changes.config), device, text, subject, alarm)
        made = open_order(changes.connection, wanted, acting_person(), changes.at)
        changes.note("work_order_opened", str(made.number), {"device": device, "subject": subject, "alarm": alarm})
    typer.echo(f"完成 done: {made.number}")


@maintenance_app.command()
def begin(number: Number, config: StationFile = _FILE, text: Words = "") -> None:
    """The work begins. 开工."""
    _step(config, number, WorkState.BEGUN, text)


@maintenance_app.command("finish")
def finish_command(number: Number, config: StationFile = _FILE, text: Words = "") -> None:
    """The work is done: its task or budget begins anew. 完工."""
    with changing(config) as changes:
        plan = station_plan(changes.config)
        finish(changes.connection, plan, number, acting_person(), changes.at, text)
        changes.note("work_order_done", str(number))
    typer.echo(f"完成 done: {number}")


@maintenance_app.command()
def cancel(number: Number, config: StationFile = _FILE, text: Words = "") -> None:
    """The work will not be done. 取消工单."""
    _step(config, number, WorkState.CANCELLED, text)


@maintenance_app.command()
def parts(config: StationFile = _FILE, as_json: Json = False) -> None:
    """Spare parts in stock. 备件."""
    with reading(config) as (station, connection):
        found = stocks(connection, station_plan(station).parts)
    if as_json:
        print_json(found)
        return
    rows = [
        (each.part, f"{each.zh} {each.en}", str(each.stock), str(each.least), "不足 short" if each.short else "")
        for each in found
    ]
    _print(("备件 part", "名称 name", "库存 stock", "至少 least", ""), rows)


@maintenance_app.command("move")
def move_command(
    part: Annotated[str, typer.Argument(metavar="PART", help="Part of the plan. 备件.")],
    change: Annotated[int, typer.Option(help="How many came; less than 0: were used. 数量.")],
    config: StationFile = _FILE,
    note: Annotated[str, typer.Option(help="A remark. 备注.")] = "",
    order: Annotated[int | None, typer.Option(min=1, help="Work order they went into. 工单号.")] = None,
) -> None:
    """Write down that parts came or were used. 备件出入库."""
    with changing(config) as changes:
        movement = PartMovement(0, part, changes.at, change, acting_person(), note, order)
        stock = move(changes.connection, station_plan(changes.config).parts, movement)
        changes.note("parts_moved", part, {"change": change, "work_order": order})
    typer.echo(f"完成 done: {part} {stock.stock}")


@maintenance_app.command()
def reliability(
    config: StationFile = _FILE,
    days: Annotated[int, typer.Option(min=1, max=3660, help="The span, up to now. 天数.")] = 365,
    as_json: Json = False,
) -> None:
    """Availability, mean up time, mean time to restoration of every device. 可用率与平均修复时间."""
    last = datetime.now(UTC)
    first = last - timedelta(days=days)
    with station_database(config) as (station, connection):
        periods, known_from = alarm_periods(connection, first, last), first_event_at(connection)
        register = station_plan(station).devices
    with reading(config) as (_, business):
        found = device_reliability(register, periods, list_orders(business), (first, last), known_from)
    if as_json:
        print_json(found)
        return
    headings = (
        "设备 device",
        "可用率 % available",
        "故障 failures",
        "停 h down",
        "MUT h",
        "MTTR h",
        "等待 h waiting",
        "修 h repair",
    )
    rows = [
        (
            each.device,
            "-" if each.availability_pct is None else f"{each.availability_pct:g}",
            str(each.failures),
            *map(
                _hours, (each.down_s, each.mean_up_s, each.mean_restoration_s, each.mean_waiting_s, each.mean_repair_s)
            ),
        )
        for each in found
    ]
    _print(headings, rows)


def _step(file: Path, number: int, state: WorkState, text: str) -> None:
    with changing(file) as changes:
        add_step(changes.connection, number, WorkStep(state, acting_person(), changes.at, text))
        changes.note(f"work_order_{state}", str(number))
    typer.echo(f"完成 done: {number}")


def _due_row(each: Due) -> tuple[str, ...]:
    used = "-" if each.used is None else f"{each.used:g} / {each.limit:g} {each.counter}"
    order = "-" if each.order is None else str(each.order)
    return _STATES[each.state], each.device, f"{each.zh} {each.en}", str(each.due_on or "-"), used, order


def _order_row(order: WorkOrder) -> tuple[str, ...]:
    wanted = order.wanted
    times = (_local(order.at(state)) for state in (WorkState.OPEN, WorkState.BEGUN, WorkState.DONE))
    return str(order.number), order.state.value, wanted.device, wanted.text, *times, order.steps[-1].person


def _local(at: datetime | None) -> str:
    return "-" if at is None else f"{at.astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M}"


def _hours(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds / 3600:.2f}"


def _print(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    table = Table(*headings, box=None)
    for row in rows:
        table.add_row(*row)
    never_cut().print(table)
