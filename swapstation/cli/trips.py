"""`swapstation trips`: what trucks carried, from CSV files, for the reports. Changed only while no server runs."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Annotated

import typer

from swapstation.business.trip_file import read_trips
from swapstation.business.trips import keep_trips, trips_between
from swapstation.cli.acting import acting_person
from swapstation.cli.business_reading import changing, reading
from swapstation.cli.station_reading import StationFile, print_json
from swapstation.energy.tariff import LOCAL_ZONE
from swapstation.errors import InputError
from swapstation.reports.period import named_period

trips_app = typer.Typer(no_args_is_help=True, help="Trips of trucks: tonnes and kilometres. 运量.")
_FILE = Path("station.toml")


@trips_app.command("import")
def import_command(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV: trip,vin,ended_at,tonnes,distance_km[,fleet]. 文件.")
    ],
    config: StationFile = _FILE,
    fleet: Annotated[str, typer.Option(help="Fleet of trips whose line names none. 车队.")] = "",
) -> None:
    """Keep the trips of a CSV file; the same id of a fleet again replaces it. 导入运量."""
    with changing(config) as changes:
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError("file", str(file), f"a CSV file in UTF-8 that can be read ({error})") from error
        told = read_trips(text, fleet)
        new = keep_trips(changes.connection, told, acting_person())
        changes.note("trips_told", fleet, {"trips": len(told), "file": file.name})
    typer.echo(f"完成 done: {len(told)}, {new} 新 new")


@trips_app.command("list")
def list_command(
    period: Annotated[str, typer.Argument(help="2026-11-30 a day, 2026-11 a month, 2026 a year. 时段.")],
    config: StationFile = _FILE,
) -> None:
    """The trips of a period as JSON. 运量列表."""
    with reading(config) as (station, connection):
        span = named_period(period, LOCAL_ZONE, station.reports.shift_times)
        first, last = (each.astimezone(UTC) for each in (span.first, span.last))
        print_json(trips_between(connection, first, last))
