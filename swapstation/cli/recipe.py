"""`swapstation recipe`: check a recipe exhaustively, say what changed between two."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from swapstation.contract.alarm_catalogue import alarm_catalogue
from swapstation.errors import ConfigurationError
from swapstation.station.recipe import Recipe, read_recipe
from swapstation.station.recipe_check import FAULTS, explore
from swapstation.station.recipe_diff import CHANGES, differences

recipe_app = typer.Typer(help="Check and compare swap recipes. 检查和比较换电工艺。", no_args_is_help=True)

RecipeFile = Annotated[
    Path, typer.Argument(help="Recipe, TOML; a ways_out.toml beside it replaces the shipped one. 换电工艺文件")
]


@recipe_app.command("check")
def check(
    file: RecipeFile, as_json: Annotated[bool, typer.Option("--json", help="One JSON object. 输出 JSON")] = False
) -> None:
    """Explore everything that can happen in a recipe; exit 1 when it can end badly. 穷举检查工艺。"""
    recipe = _read(file)
    found = explore(recipe)
    if as_json:
        typer.echo(
            json.dumps({"recipe": recipe.name, "hash": recipe.hash, **asdict(found)}, ensure_ascii=False, indent=2)
        )
    else:
        for fault in found.faults:
            zh, en = FAULTS[fault.fault]
            detail = f" ({', '.join(fault.detail)})" if fault.detail else ""
            typer.echo(f"{fault.step}: {zh}{detail} | {en}{detail}")
        typer.echo(
            f"{file}: 状态 {found.states} 个, 结果 {found.outcomes} 个, 问题 {len(found.faults)} 个 | "
            f"{found.states} states, {found.outcomes} outcomes, {len(found.faults)} faults"
        )
    raise typer.Exit(1 if found.faults else 0)


@recipe_app.command("diff")
def diff(before: RecipeFile, after: RecipeFile) -> None:
    """Say in words what changed from one recipe to another; exit 1 when anything did. 说明两个工艺的差别。"""
    changes = differences(_read(before), _read(after))
    for change in changes:
        zh, en = (sentence.format(**asdict(change)) for sentence in CHANGES[change.kind])
        typer.echo(f"{zh} | {en}")
    if not changes:
        typer.echo("没有差别 | no difference")
    raise typer.Exit(1 if changes else 0)


def _read(file: Path) -> Recipe:
    try:
        return read_recipe(file, alarm_catalogue())
    except ConfigurationError as error:
        for mistake in error.mistakes:
            typer.echo(mistake, err=True)
        raise typer.Exit(2) from None
