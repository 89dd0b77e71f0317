"""`swapstation audit`: check the chain of the audit, look at it, write it out. Exit 1: something was changed."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.table import Table

from swapstation.business import audit as chain
from swapstation.business.audit_check import Fault, Finding, check, read_heads
from swapstation.cli.business_reading import reading
from swapstation.cli.station_reading import StationFile, never_cut, print_json

audit_app = typer.Typer(help="The audit: who did what. 审计记录.", no_args_is_help=True)

CHANGED = 1
_FILE = Path("station.toml")
_SAID = {
    Fault.ALTERED: ("内容与其哈希不符, 已被修改", "does not match its own hash: it was altered"),
    Fault.MISSING: ("缺失", "not there"),
    Fault.OUT_OF_CHAIN: (
        "与前一行不相接: 被插入, 移动或替换",
        "does not follow the row before: put in, moved or replaced",
    ),
    Fault.TRUNCATED: ("末尾被截去", "cut off the end"),
    Fault.REWRITTEN: ("与导出的链头不符: 链被重写", "another row than when its head was exported: written anew"),
    Fault.UNKNOWN_HEAD: ("没有任何一行具有给出的哈希", "no row has the given hash"),
}


@audit_app.command()
def verify(
    config: StationFile = _FILE,
    head: Annotated[
        list[str] | None, typer.Option(metavar="HASH", help="A head that was noted. 记下的链头哈希.")
    ] = None,
    heads: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Exported heads; default the server's own. 导出的链头文件.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON. 输出 JSON.")] = False,
) -> None:
    """Read every row and name each that was altered, taken out, put in, moved or cut off. 校验审计链."""
    with reading(config) as (station, connection):
        exported = read_heads(heads or station.audit_heads_file)
        checked = check(chain.read(connection), exported, head or ())
    if as_json:
        print_json(checked)
    else:
        for finding in checked.findings:
            typer.echo(_told(finding))
        typer.echo(f"{checked.rows} 行 rows, 链头 head {checked.head.number} {checked.head.hash}")
        typer.echo(f"对照导出的链头 compared with exported heads: {len(exported)}")
    if checked.findings:
        raise typer.Exit(CHANGED)


@audit_app.command("list")
def list_command(
    config: StationFile = _FILE,
    last: Annotated[int, typer.Option(min=1, max=10_000, help="So many of the newest. 最近几行.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON. 输出 JSON.")] = False,
) -> None:
    """The newest rows. 最近的审计记录."""
    with reading(config) as (_, connection):
        rows = chain.last_rows(connection, last)
    if as_json:
        print_json(list(rows))
        return
    table = Table(box=None)
    for heading in ("#", "时间 at", "事项 kind", "人 actor", "角色 role", "来自 from", "对象 subject", "详情 detail"):
        table.add_column(heading)
    for row in rows:
        who = (row.kind, row.actor, row.role, row.address, row.subject, row.detail)
        table.add_row(str(row.number), f"{row.at:%F %T}", *who)
    never_cut().print(table)


@audit_app.command()
def export(
    config: StationFile = _FILE,
    after: Annotated[int, typer.Option(min=0, help="Only rows after this number. 从此行之后.")] = 0,
    file: Annotated[Path | None, typer.Option(metavar="FILE", help="Default: print. 输出文件.")] = None,
) -> None:
    """Write rows as JSON lines, each with its hash, for a copy elsewhere. 导出."""
    with reading(config) as (_, connection), file.open("w", encoding="ascii") if file else _stdout() as out:
        for row in chain.read(connection, after):
            out.write(json.dumps(asdict(row), default=str) + "\n")


def _told(finding: Finding) -> str:
    zh, en = _SAID[finding.fault]
    rows = f"{finding.number}" if finding.last == finding.number else f"{finding.number}-{finding.last}"
    return f"{rows}: {zh} | {en}"


def _stdout() -> nullcontext[TextIO]:
    return nullcontext(sys.stdout)
