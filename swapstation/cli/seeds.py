"""Seeds as people type them: one number, or a range with both ends."""

from __future__ import annotations

import re

import typer


def seeds_of(text: str) -> range:
    """`A` or `A-B` inclusive; raises typer.BadParameter."""
    found = re.fullmatch(r"(\d{1,9})(?:-(\d{1,9}))?", text)
    if found is None or int(found[2] or found[1]) < int(found[1]):
        raise typer.BadParameter(f"{text!r}: 一个数, 或 A-B | one number, or A-B", param_hint="--seeds")
    return range(int(found[1]), int(found[2] or found[1]) + 1)
