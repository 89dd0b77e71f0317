"""`swapstation config`: sign, verify, compare and roll back the configuration of a station. Exit 1: not as signed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from swapstation.cli.acting import acting_person
from swapstation.cli.inventory_session import BAD_INPUT
from swapstation.cli.station_reading import StationFile, never_cut, print_json
from swapstation.errors import SwapstationError
from swapstation.operations import config_versions
from swapstation.operations.signing import SignatureRefused, make_key

config_app = typer.Typer(help="Signed versions of the configuration. 配置签名与版本.", no_args_is_help=True)

NOT_AS_SIGNED = 1
_FILE = Path("station.toml")
Key = Annotated[Path, typer.Option("--key", metavar="FILE", help="Private key, kept off the station. 私钥文件.")]
Comment = Annotated[str, typer.Option("--comment", help="Why. 变更说明.")]


@config_app.command()
def key(file: Annotated[Path, typer.Argument(metavar="FILE", help="NAME.pem. 新私钥文件.")]) -> None:
    """Make a key pair; put the public one into trusted_keys beside the station file. 生成密钥对."""
    with _exit_codes():
        typer.echo(str(make_key(file)))


@config_app.command("sign")
def sign_command(key: Key, comment: Comment, config: StationFile = _FILE) -> None:
    """Sign the files as they are now as the next version. 签名当前配置."""
    with _exit_codes():
        _say(config_versions.sign_version(config, key, acting_person(), comment))


@config_app.command()
def verify(config: StationFile = _FILE) -> None:
    """Whether the files are the newest signed version. 校验."""
    with _exit_codes():
        _say(config_versions.verify_version(config))


@config_app.command()
def diff(
    old: Annotated[int | None, typer.Argument(help="Version; default the newest. 旧版本.")] = None,
    new: Annotated[int | None, typer.Argument(help="Version; default the files as they are. 新版本.")] = None,
    config: StationFile = _FILE,
) -> None:
    """What changed between two versions, or since the newest. 比较."""
    with _exit_codes():
        for line in config_versions.changes(config, old, new):
            typer.echo(line.rstrip("\n"))


@config_app.command()
def rollback(
    version: Annotated[int, typer.Argument(help="Whose files to put back. 版本号.")],
    key: Key,
    comment: Comment,
    config: StationFile = _FILE,
) -> None:
    """Put an earlier version's files back and sign them as the next version. 回退."""
    with _exit_codes():
        _say(config_versions.roll_back(config, version, key, acting_person(), comment))


@config_app.command()
def history(
    config: StationFile = _FILE,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON. 输出 JSON.")] = False,
) -> None:
    """Every version. 版本历史."""
    with _exit_codes():
        every = config_versions.versions(config)
    if as_json:
        print_json(every)
        return
    table = Table(box=None)
    for heading in ("版本 version", "时间 made at", "人 by", "说明 comment", "回退到 back to", "hash"):
        table.add_column(heading)
    for each in every:
        back = str(each.rolled_back_to or "")
        when = f"{each.made_at:%F %T}"
        table.add_row(str(each.version), when, each.made_by, each.comment, back, each.configuration_hash[:16])
    never_cut().print(table)


def _say(version: config_versions.Version) -> None:
    typer.echo(f"版本 version {version.version} {version.configuration_hash[:16]} {version.made_by} {version.comment}")


@contextmanager
def _exit_codes() -> Iterator[None]:
    try:
        yield
    except SignatureRefused as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(NOT_AS_SIGNED) from refused
    except SwapstationError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from error
