"""`swapstation black-box`: safety events on disk, read only. Exit 0: done; 1: damaged; 2: bad input."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from swapstation.config.file import load_config
from swapstation.errors import ConfigurationError
from swapstation.records.event_folders import EventState, Manifest, damage, event_folders, read_manifest
from swapstation.records.segments import lines_of

DAMAGED, BAD_INPUT = 1, 2
NEVER_CUT_COLUMNS = 200
COMPLETE = {EventState.RUNNING: "记录中 running", EventState.COMPLETE: "完整 complete"}

black_box_app = typer.Typer(help="Traces of safety events: list, show, verify. 黑匣子.", no_args_is_help=True)
Event = Annotated[str, typer.Argument(metavar="EVENT", help="Name of the event, or its beginning. 事件名.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON. 输出 JSON.")]


@black_box_app.callback()
def black_box(
    context: typer.Context,
    config: Annotated[Path, typer.Option(metavar="FILE", help="The station's TOML file. 配置文件.")] = Path(
        "station.toml"
    ),
    folder: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A black box itself, in the place of --config. 黑匣子目录.")
    ] = None,
) -> None:
    """Traces of safety events, from ten minutes before to sixty after. 安全事件记录."""
    if folder is None:
        try:
            folder = load_config(config).data / "black_box"
        except ConfigurationError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(BAD_INPUT) from error
    context.obj = folder


@black_box_app.command("list")
def list_command(context: typer.Context, as_json: AsJson = False) -> None:
    """Every event that is kept, oldest first. 事件清单."""
    manifests = [_manifest(folder) for folder in event_folders(context.obj)]
    if as_json:
        told = [_summary(each) for each in manifests]
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    table = Table("事件 event", "状态 state", "原因 causes", "秒 s", "缺失 gaps", "MB", box=None)
    for each in manifests:
        size_mb = f"{each.size / 1e6:.1f}"
        causes = str(len(each.causes) + each.causes_not_listed)
        table.add_row(each.event, COMPLETE[each.state], causes, f"{each.recorded_s:.0f}", str(len(each.gaps)), size_mb)
    Console(width=NEVER_CUT_COLUMNS, highlight=False).print(table)


@black_box_app.command()
def show(
    context: typer.Context,
    event: Event,
    lines: Annotated[bool, typer.Option("--lines", help="Every line of the trace, JSON. 输出全部记录行.")] = False,
    name: Annotated[str, typer.Option(help="Only signals whose name begins so, as bay-3. 信号名前缀.")] = "",
    as_json: AsJson = False,
) -> None:
    """What happened and what is missing, or with --lines the trace itself. 查看事件."""
    folder = _find(context.obj, event)
    manifest = _manifest(folder)
    if lines or name:
        for line in _trace(folder, manifest, name):
            typer.echo(json.dumps(line, ensure_ascii=False))
    elif as_json:
        typer.echo(json.dumps(_summary(manifest), ensure_ascii=False, indent=1))
    else:
        _print(manifest)


@black_box_app.command()
def verify(context: typer.Context, event: Event = "") -> None:
    """Check every file against its manifest. Exit 1: something is damaged or missing. 校验完整性."""
    folders = [_find(context.obj, event)] if event else event_folders(context.obj)
    found = {folder.name: damage(folder) for folder in folders}
    for name, wrongs in found.items():
        for wrong in wrongs or ("完好 sound",):
            typer.echo(f"{name}: {wrong}")
    if any(found.values()):
        raise typer.Exit(DAMAGED)


def _find(black_box: Path, event: str) -> Path:
    found = [folder for folder in event_folders(black_box) if folder.name.startswith(event)]
    if len(found) != 1:
        known = ", ".join(folder.name for folder in event_folders(black_box)) or "-"
        typer.echo(f"event = {event!r}: 应为其中之一 | one of {known}", err=True)
        raise typer.Exit(BAD_INPUT)
    return found[0]


def _manifest(folder: Path) -> Manifest:
    try:
        return read_manifest(folder)
    except (OSError, ValueError) as error:
        typer.echo(f"{folder.name}: {error}", err=True)
        raise typer.Exit(DAMAGED) from error


def _summary(manifest: Manifest) -> dict[str, Any]:
    return {
        "event": manifest.event,
        "state": manifest.state.value,
        "recorded_s": round(manifest.recorded_s, 1),
        "causes": [[f"{each.at:%FT%TZ}", each.code, each.source, each.detail] for each in manifest.causes],
        "boots": [[each.boot, each.version, each.configuration_hash] for each in manifest.boots],
        "segments": len(manifest.segments),
        "gaps": [[f"{each.since:%FT%TZ}", each.reason, each.moments] for each in manifest.gaps],
    }


def _print(manifest: Manifest) -> None:
    table = Table(show_header=False, box=None, title=manifest.event, title_justify="left", title_style="bold")
    table.add_row("状态 state", COMPLETE[manifest.state])
    table.add_row("时长 recorded", f"{manifest.recorded_s:.0f} s, {len(manifest.segments)} segments")
    for boot in manifest.boots:
        table.add_row("启动 boot", f"{boot.boot}, swapstation {boot.version}, {boot.configuration_hash[:16]}")
    for cause in manifest.causes:
        table.add_row("原因 cause", f"{cause.at:%F %T} UTC {cause.code}@{cause.source} {cause.detail}")
    for gap in manifest.gaps:
        until = f"{gap.until:%T}" if gap.until else "-"
        moments = "" if gap.moments is None else f" ({gap.moments})"
        table.add_row("缺失 gap", f"{gap.since:%F %T} - {until} UTC {gap.reason}{moments}")
    Console(width=NEVER_CUT_COLUMNS, highlight=False).print(table)


def _trace(folder: Path, manifest: Manifest, name: str) -> Iterator[dict[str, Any]]:
    for segment in manifest.segments:
        try:
            for line in lines_of((folder / segment.file).read_bytes()):
                if not name or str(line.get("name", "")).startswith(name):
                    yield line
        except (OSError, ValueError) as error:
            typer.echo(f"{segment.file}: {error}", err=True)
