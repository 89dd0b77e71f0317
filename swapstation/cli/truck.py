"""`swapstation truck`: trucks' cards in the business database, read at any time, changed while no server runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from swapstation.business.queue import list_trucks, take_on
from swapstation.cli.acting import acting_person
from swapstation.cli.business_reading import changing, reading
from swapstation.cli.station_reading import StationFile, never_cut, print_json
from swapstation.errors import InputError
from swapstation.model.identity import vin_check_digit_matches
from swapstation.model.queue import KnownTruck

truck_app = typer.Typer(no_args_is_help=True, help="Trucks: take them on, list them. 车辆登记.")
Json = Annotated[bool, typer.Option("--json", help="Print JSON. 输出 JSON.")]
_FILE = Path("station.toml")
HEADINGS = ("VIN", "车型 model", "车牌 plate", "标签 tag", "备注 note", "校验位 check digit")


@truck_app.command("list")
def list_command(config: StationFile = _FILE, as_json: Json = False) -> None:
    """Trucks that were taken on. 已登记车辆."""
    with reading(config) as (_, connection):
        trucks = list_trucks(connection)
    if as_json:
        print_json(trucks)
        return
    table = Table(*HEADINGS, box=None)
    for truck in trucks:
        digit = "正确 right" if vin_check_digit_matches(truck.vin) else "不符 differs"
        table.add_row(truck.vin, truck.truck_model, truck.plate or "-", truck.rfid or "-", truck.note, digit)
    never_cut().print(table)


@truck_app.command()
def add(
    vin: Annotated[str, typer.Argument(metavar="VIN", help="17 characters. 车架号.")],
    model: Annotated[str, typer.Option(help="Truck model of the station file. 车型.")],
    config: StationFile = _FILE,
    plate: Annotated[str, typer.Option(help="Number plate. 车牌.")] = "",
    rfid: Annotated[str, typer.Option(help="Id of its RFID tag. 射频标签.")] = "",
    note: Annotated[str, typer.Option(help="A remark. 备注.")] = "",
) -> None:
    """Take a truck on, or change its card; `inventory` makes it one that the station swaps. 登记车辆."""
    with changing(config) as changes:
        models = [each.name for each in changes.config.truck_models]
        if model not in models:
            raise InputError("model", model, f"one of {', '.join(models)}")
        right = vin_check_digit_matches(vin)
        take_on(changes.connection, KnownTruck(vin, model, plate, rfid, note, acting_person(), changes.at))
        changes.note("truck_taken_on", vin, {"truck_model": model, "plate": plate, "rfid": rfid, "note": note})
    if not right:
        typer.echo("VIN 校验位不符, 请核对 | the check digit of this VIN does not fit: look again", err=True)
    typer.echo(f"完成 done: {vin} {model}")
