"""A study's parameters from a TOML file, with keys like the flags."""

from __future__ import annotations

import tomllib
from pathlib import Path

import typer


def defaults_from(context: typer.Context, path: Path | None) -> Path | None:
    """The keys of a TOML file become the defaults of the flags, checked as flags are; a flag outweighs the file."""
    if path is None:
        return None
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{path}: {error}") from None
    known = sorted(str(each.name) for each in context.command.params if each.name not in ("file", "help"))
    for key, value in told.items():
        if key not in known:
            raise typer.BadParameter(f"{path}: {key}: 不认识 | unknown; 允许 allowed: {', '.join(known)}")
        if isinstance(value, dict | list):
            raise typer.BadParameter(f"{path}: {key} = {value}: 一个值 | one value, as after the flag")
    context.default_map = told
    return path
