"""`swapstation battery`: the check-up of a battery, from what its charges showed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from swapstation.cli.inventory_session import BAD_INPUT
from swapstation.cli.inventory_texts import Language, language_of_the_system
from swapstation.cli.station_reading import StationFile, never_cut, print_json, station_database
from swapstation.inventory.health import battery_health
from swapstation.model.health import HealthCard

battery_app = typer.Typer(help="Check-up of a battery. 电池体检.", no_args_is_help=True)


@battery_app.callback()
def battery() -> None:
    """Check-up of a battery. 电池体检."""


@battery_app.command()
def health(
    asset: Annotated[str, typer.Argument(metavar="BATTERY", help="Asset id of the battery. 电池箱编号.")],
    config: StationFile = Path("station.toml"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON. 输出 JSON.")] = False,
    pdf: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the card as a PDF. 输出 PDF.")] = None,
    language: Annotated[Language | None, typer.Option(help="zh or en; default from LANG. 语言.")] = None,
) -> None:
    """The health card of a battery. 电池健康卡. Exit 2: no such battery."""
    with station_database(config) as (station, connection):
        card = battery_health(connection, station, asset, datetime.now(UTC))
    if card is None:
        typer.echo(f"{asset}: 没有这块电池 | there is no such battery", err=True)
        raise typer.Exit(BAD_INPUT)
    if pdf is not None:
        from swapstation.records.health_card import health_pdf  # noqa: PLC0415 - no other command needs the PDF library

        pdf.write_bytes(health_pdf(card, station.name, (language or language_of_the_system()).value))
        typer.echo(str(pdf))
    if as_json:
        print_json(card)
    elif pdf is None:
        never_cut().print(_table(card))


def _table(card: HealthCard) -> Table:
    table = Table(box=None, title=f"{card.battery} {card.model}: {card.grade}", title_justify="left")
    for heading in ("项目 figure", "数值 value", "±", "关注 worn", "异常 suspect", "样本 samples", "结论 grade"):
        table.add_column(heading)
    for finding in card.findings:
        figures = (finding.value, finding.uncertainty, finding.worn, finding.suspect)
        told = ("-" if figure is None else f"{figure:.3g} {finding.unit}".strip() for figure in figures)
        table.add_row(finding.figure, *told, str(finding.from_count), finding.grade.value)
    return table
