"""`swapstation booking`: bookings at the controller's own socket, without the server."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from swapstation.cli.controller_session import CANNOT, ControllerFile, ask_controller, read_snapshot
from swapstation.cli.station_reading import never_cut, print_json
from swapstation.errors import InputError
from swapstation.model.inventory import Hold, HoldKind
from swapstation.model.request import CancelBooking, ChangeBooking, CreateBooking, Payload

booking_app = typer.Typer(no_args_is_help=True, help="Bookings: a battery held now, or promised for later. 预约.")
Name = Annotated[str, typer.Argument(metavar="BOOKING", help="Number of the booking. 预约号.")]
Soc = Annotated[float | None, typer.Option("--soc", metavar="PCT", help="Least charge that it needs. 最低 SOC, %.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON. 输出 JSON.")]
HEADINGS = (
    "预约 booking",
    "车 truck",
    "型号 model",
    "到站 comes",
    "SOC %",
    "电池 battery",
    "保留到 until",
    "操作人 by",
)
_AT_HELP = "When the truck comes, ISO 8601; without a zone, this machine's. 到站时间."


@booking_app.command("list")
def list_bookings(config: ControllerFile, as_json: Json = False) -> None:
    """Bookings that stand, the next truck first. 现有预约."""
    now = read_snapshot(config)
    holds = [hold for hold in now.inventory.holds if hold.kind is HoldKind.BOOKING]
    holds.sort(key=lambda hold: (hold.needed_at or now.at, hold.hold))
    if as_json:
        print_json(holds)
    else:
        never_cut().print(_table(holds))


@booking_app.command()
def add(
    config: ControllerFile,
    vin: Annotated[str, typer.Option(help="The truck. 车架号 VIN.")],
    model: Annotated[str, typer.Option(help="Battery model. 电池型号.")],
    at: Annotated[str | None, typer.Option(metavar="TIME", help=f"{_AT_HELP} Default: held now. 默认现在锁定.")] = None,
    minutes: Annotated[int | None, typer.Option(min=1, max=1440, help="Held for so long. 保留分钟.")] = None,
    soc: Soc = None,
    as_json: Json = False,
) -> None:
    """Hold a ready battery for a truck, or with --at promise it one for then. 预约电池. Exit 1: refused, with why."""
    arrives_at = None if at is None else _moment(at)
    _ask(config, CreateBooking(vin, model, minutes, arrives_at, soc), as_json)


@booking_app.command()
def change(
    booking: Name,
    config: ControllerFile,
    at: Annotated[str, typer.Option(metavar="TIME", help=_AT_HELP)],
    soc: Soc = None,
    as_json: Json = False,
) -> None:
    """The truck comes at another time: promised anew, or refused and the old promise stands. 改约."""
    _ask(config, ChangeBooking(booking, _moment(at), soc), as_json)


@booking_app.command()
def cancel(booking: Name, config: ControllerFile, as_json: Json = False) -> None:
    """End a booking. 取消预约."""
    _ask(config, CancelBooking(booking), as_json)


def _ask(file: Path, payload: Payload, as_json: bool) -> None:
    answer = ask_controller(file, payload)
    if as_json:
        print_json(answer.result)
    else:
        typer.echo(" ".join(("完成 done", *(f"{key}={value}" for key, value in answer.result.items()))))


def _moment(told: str) -> datetime:
    try:
        return datetime.fromisoformat(told).astimezone()
    except ValueError:
        error = InputError("at", told, "a time such as 2026-11-21T09:30 or 2026-11-21T01:30Z")
        typer.echo(str(error), err=True)
        raise typer.Exit(CANNOT) from None


def _table(holds: list[Hold]) -> Table:
    table = Table(*HEADINGS, box=None)
    for hold in holds:
        soc = "-" if hold.soc_pct is None else f"{hold.soc_pct:g}"
        comes = "已锁定 held now" if hold.needed_at is None else _local(hold.needed_at)
        table.add_row(
            hold.hold,
            hold.vin or "-",
            hold.model or "-",
            comes,
            soc,
            hold.battery or "-",
            "-" if hold.expires_at is None else _local(hold.expires_at),
            hold.person or "-",
        )
    return table


def _local(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M}"
