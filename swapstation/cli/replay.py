"""`swapstation replay FILE`: what charger and battery said in a recording. Exit 2: the file cannot be read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from swapstation import replay as replaying
from swapstation.cli.inventory_texts import Language, language_of_the_system
from swapstation.errors import InputError

BAD_INPUT = 2


def replay(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="candump .log, .asc, .blf or .csv. 录波文件.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object. 输出 JSON.")] = False,
    language: Annotated[Language | None, typer.Option(help="zh or en; by LANG if absent. 语言.")] = None,
) -> None:
    """Decode both sides of GB/T 27930 in a recording and tell what happened. 回放充电报文录波."""
    try:
        replayed = replaying.replay(file)
    except InputError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from error
    if as_json:
        typer.echo(replaying.to_json(replayed))
    else:
        replaying.report(replayed, Console(), (language or language_of_the_system()).value)
