"""`swapstation report`: figures of a shift, day, month or year."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from swapstation.business.database import BUSINESS
from swapstation.cli.inventory_session import BAD_INPUT
from swapstation.cli.inventory_texts import Language, language_of_the_system
from swapstation.cli.station_reading import StationFile, never_cut, print_json, station_database
from swapstation.config.settings import Config
from swapstation.energy.tariff import LOCAL_ZONE
from swapstation.errors import InputError, SwapstationError
from swapstation.maintenance.plan_file import station_plan
from swapstation.records.telemetry.power_quality import PowerQuality, power_quality
from swapstation.reports.beside import Beside, read_beside
from swapstation.reports.gather import gather
from swapstation.reports.period import Period, named_period
from swapstation.reports.report_csv import report_csv
from swapstation.reports.sections import say, sections


def report(
    period: Annotated[
        str, typer.Argument(help="2026-11-30/1 a shift, 2026-11-30 a day, 2026-11 a month, 2026 a year. 报表时段.")
    ],
    config: StationFile = Path("station.toml"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON. 输出 JSON.")] = False,
    csv: Annotated[Path | None, typer.Option(metavar="FILE", help="Write CSV. 输出 CSV.")] = None,
    pdf: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a PDF with plots. 输出 PDF.")] = None,
    language: Annotated[Language | None, typer.Option(help="zh or en; default from LANG. 语言.")] = None,
) -> None:
    """Swaps, promises, energy, money, demand, alarms, availability of a period. 运营报表. Exit 2: bad input."""
    words = (language or language_of_the_system()).value
    with station_database(config) as (station, connection):
        try:
            span = named_period(period, LOCAL_ZONE, station.reports.shift_times)
        except InputError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(BAD_INPUT) from error
        now = datetime.now(UTC)
        quality = _quality(station, span)
        made = gather(connection, station, span, now, _beside(station, span, now), quality)
    if csv is not None:
        csv.write_text(report_csv(made, words), encoding="utf-8", newline="")
        typer.echo(str(csv))
    if pdf is not None:
        from swapstation.reports.report_paper import report_pdf  # noqa: PLC0415 - nothing else needs the PDF library

        pdf.write_bytes(report_pdf(made, words))
        typer.echo(str(pdf))
    if as_json:
        print_json(made)
    elif csv is None and pdf is None:
        console = never_cut()
        for section in sections(made, words):
            console.print(f"\n{say(section.name, words)}")
            for name, value in section.facts:
                console.print(f"  {say(name, words)}: {value}")
            for row in section.rows:
                told = zip(section.heads, row, strict=True)
                console.print("  " + ", ".join(f"{say(head, words)} {value}" for head, value in told))


def _beside(station: Config, span: Period, at: datetime) -> Beside | None:
    """None where there is no business database, which a station without a server has not."""
    try:
        engine = BUSINESS.open_reader(station.business_url)
        try:
            with BUSINESS.errors(), engine.connect() as connection:
                return read_beside(connection, station_plan(station), span, at)
        finally:
            engine.dispose()
    except SwapstationError as error:
        typer.echo(str(error), err=True)
        return None


def _quality(station: Config, span: Period) -> PowerQuality | None:
    """None where no telemetry is kept."""
    if not station.telemetry.enabled:
        return None
    first, last = span.first.astimezone(UTC), span.last.astimezone(UTC)
    return power_quality(station.data / "telemetry", station.reports.nominal_v, first, last)
