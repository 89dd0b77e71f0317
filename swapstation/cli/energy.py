"""`swapstation energy`: charges with their details by tariff period, and cases of missing or surplus energy."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from swapstation.cli.acting import acting_person
from swapstation.cli.inventory_session import BAD_INPUT, REFUSED, Reason
from swapstation.cli.station_reading import StationFile, never_cut, print_json, station_database
from swapstation.config.file import load_config
from swapstation.errors import SwapstationError
from swapstation.inventory import energy_queries
from swapstation.inventory.submit import ask_controller
from swapstation.model.energy_request import CloseEnergyCase
from swapstation.model.request import Accepted, Request

energy_app = typer.Typer(help="Charges and cases of the energy ledger. 电量台账.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON. 输出 JSON.")]
Limit = Annotated[int, typer.Option(min=1, max=500, help="How many at most. 条数.")]


@energy_app.command()
def charges(
    config: StationFile = Path("station.toml"),
    battery: Annotated[str | None, typer.Option(help="Only of this battery. 电池箱编号.")] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """The last charges, newest first. 充电记录."""
    with station_database(config) as (_, connection):
        told = energy_queries.list_charges(connection, limit, battery=battery)
    if as_json:
        print_json(told)
        return
    table = Table(box=None)
    for heading in (
        "充电 charge",
        "开始 begun",
        "仓 bay",
        "电池箱 battery",
        "kWh",
        "电费 electricity",
        "服务费 service",
    ):
        table.add_column(heading)
    for charge in told:
        settled = charge.settlement
        figures = (settled.energy_kwh, settled.electricity_yuan, settled.service_yuan) if settled else (None,) * 3
        begun = f"{charge.started_at:%Y-%m-%d %H:%M:%S}" if charge.started_at else "-"
        shown = ("-" if figure is None else str(figure) for figure in figures)
        table.add_row(str(charge.charge), begun, str(charge.bay), charge.battery, *shown)
    never_cut().print(table)


@energy_app.command()
def packet(
    charge: Annotated[int, typer.Argument(metavar="CHARGE", help="Number of the charge. 充电编号.")],
    config: StationFile = Path("station.toml"),
    file: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it here. 输出文件.")] = None,
) -> None:
    """The dispute packet of a charge as JSON: readings, details, the charger's record, cases. 争议证据."""
    with station_database(config) as (_, connection):
        known = energy_queries.find_charge(connection, charge)
        told = energy_queries.charge_packet(connection, known) if known else None
    if told is None:
        typer.echo(f"{charge}: 没有这次充电 | there is no such charge", err=True)
        raise typer.Exit(BAD_INPUT)
    print_json(told, file)


@energy_app.command()
def cases(
    config: StationFile = Path("station.toml"),
    only_open: Annotated[bool, typer.Option("--open", help="Only open ones. 只看未结.")] = False,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """Cases of missing or surplus energy, newest first. 电量差异."""
    with station_database(config) as (_, connection):
        told = energy_queries.list_cases(connection, limit, only_open=only_open)
    if as_json:
        print_json(told)
        return
    table = Table(box=None)
    for heading in ("差异 case", "电池箱 battery", "差 kWh", "误差限 ± kWh", "结案 closed by", "原因 reason"):
        table.add_column(heading)
    for known in told:
        case = known.case
        off = f"{case.difference_kwh:+.2f}", f"{case.uncertainty_kwh:.2f}"
        table.add_row(case.case, case.battery or "-", *off, known.closed_by or "-", known.close_reason or "-")
    never_cut().print(table)


@energy_app.command()
def case(
    name: Annotated[str, typer.Argument(metavar="CASE", help="Name of the case. 差异编号.")],
    config: StationFile = Path("station.toml"),
    file: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it here. 输出文件.")] = None,
) -> None:
    """One case with its evidence, as JSON. 差异证据."""
    with station_database(config) as (_, connection):
        known = energy_queries.find_case(connection, name)
    if known is None:
        typer.echo(f"{name}: 没有这个电量差异 | there is no such case", err=True)
        raise typer.Exit(BAD_INPUT)
    print_json(known, file)


@energy_app.command()
def close_case(
    name: Annotated[str, typer.Argument(metavar="CASE", help="Name of the case. 差异编号.")],
    reason: Reason,
    config: StationFile = Path("station.toml"),
) -> None:
    """Close a case with what became of it; the controller must run. 差异结案. Exit 1: refused."""
    request = Request(str(uuid.uuid4()), acting_person(), CloseEnergyCase(name, reason))
    try:
        answer = ask_controller(load_config(config).controller_socket, request)
    except SwapstationError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from error
    if not isinstance(answer, Accepted):
        typer.echo(f"{answer.code}: {answer.detail}", err=True)
        raise typer.Exit(REFUSED)
    typer.echo("已记录 recorded")
