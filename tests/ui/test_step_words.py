"""The console has a name for every step of every recipe: a replay tells steps by their names only."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
RECIPES = sorted((ROOT / "swapstation/station/recipes").glob("*.toml"))
WORD = re.compile(r'^  "swap_step\.(\w+)": "(.*)",$', re.MULTILINE)


def _steps(node: Any) -> Iterator[tuple[str, str, str]]:
    if isinstance(node, list):
        for each in node:
            yield from _steps(each)
    if isinstance(node, dict):
        if "title_zh" in node:
            yield node["name"], node["title_zh"], node["title_en"]
        for each in node.values():
            yield from _steps(each)


def _words(language: str) -> dict[str, str]:
    text = (ROOT / f"ops_ui/src/texts/steps.{language}.ts").read_text(encoding="utf-8")
    return dict(WORD.findall(text))


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda file: file.stem)
def test_every_step_has_a_name_in_both_languages(recipe: Path) -> None:
    steps = list(_steps(tomllib.loads(recipe.read_text(encoding="utf-8"))))
    zh, en = _words("zh"), _words("en")
    assert steps
    assert [name for name, _, _ in steps if name not in zh or name not in en] == []
    if recipe.stem == "top_lift_station":
        assert [(zh[name], en[name]) for name, _, _ in steps] == [(in_zh, in_en) for _, in_zh, in_en in steps]
