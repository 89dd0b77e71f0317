"""What the commands about people and audit start from: the business database, written or read, errors as exit codes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import typer

from swapstation.business import audit
from swapstation.business.audit import Entry
from swapstation.business.database import BUSINESS, Connection, DatabaseOwned, open_business_database
from swapstation.cli.acting import acting_person
from swapstation.cli.inventory_session import BAD_INPUT
from swapstation.config.file import load_config
from swapstation.config.settings import Config
from swapstation.errors import InputError, SwapstationError

ADDRESS = "station pc"
"""Where what a command does comes from, in the audit."""


@contextmanager
def reading(file: Path) -> Iterator[tuple[Config, Connection]]:
    """The business database, read only: also while the server runs."""
    with _exit_codes():
        config = load_config(file)
        engine = BUSINESS.open_reader(config.business_url)
        try:
            with BUSINESS.errors(), engine.connect() as connection:
                yield config, connection
        finally:
            engine.dispose()


@contextmanager
def changing(file: Path) -> Iterator[Changes]:
    """The business database as its writer, while no server runs; all or nothing, with its rows in the audit."""
    with _exit_codes():
        config = load_config(file)
        engine = open_business_database(config)
        try:
            with BUSINESS.errors(), engine.begin() as connection:
                changes = Changes(config, connection)
                yield changes
                audit.append(connection, changes.entries, datetime.now(UTC))
        finally:
            engine.dispose()


class Changes:
    """An open transaction and what it will leave in the audit."""

    def __init__(self, config: Config, connection: Connection) -> None:
        self.config, self.connection = config, connection
        self.at = datetime.now(UTC)
        self.entries: list[Entry] = []

    def note(self, kind: str, subject: str, detail: dict[str, object] | None = None) -> None:
        self.entries.append(Entry(kind, acting_person(), "", ADDRESS, subject, detail or {}))


@contextmanager
def _exit_codes() -> Iterator[None]:
    try:
        yield
    except DatabaseOwned as owned:
        typer.echo(
            "服务正在运行, 账号请在操作台上管理, 或先停止服务 (控制器继续运行) | "
            "the server is running: manage accounts there, or stop it first (the controller goes on)",
            err=True,
        )
        raise typer.Exit(BAD_INPUT) from owned
    except InputError as mistake:
        typer.echo(f"输入不正确 bad input: {mistake}", err=True)
        raise typer.Exit(BAD_INPUT) from mistake
    except SwapstationError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from error
