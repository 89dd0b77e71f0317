"""What every `swapstation inventory` command starts from: the configuration, the language, the acting person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from swapstation.cli.inventory_texts import Language, say
from swapstation.config.file import load_config
from swapstation.config.settings import Config
from swapstation.errors import InputError, SwapstationError

REFUSED = 1
BAD_INPUT = 2
Reason = Annotated[str, typer.Option(help="Why, in words. 原因.")]


@dataclass(frozen=True, slots=True)
class Session:
    """The options in front of the command."""

    config_file: Path
    language: Language
    person: str

    def say(self, text: str) -> str:
        return say(text, self.language)


@contextmanager
def opened(context: typer.Context) -> Iterator[tuple[Session, Config]]:
    """Load the configuration and turn the product's errors into messages and exit codes."""
    session: Session = context.obj
    try:
        yield session, load_config(session.config_file)
    except InputError as mistake:
        typer.echo(f"{session.say('bad_input')}: {mistake}", err=True)
        raise typer.Exit(BAD_INPUT) from mistake
    except SwapstationError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from error
