"""What changed between two recipes, step by step, as words that people can read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from swapstation.station.recipe import Recipe, Step


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: `kind` is a word of CHANGES; about a step or a way, a key of it, its values before and after."""

    kind: str
    step: str
    key: str = ""
    before: str = ""
    after: str = ""


CHANGES = {
    "added": ("{step}: 新增 (在 {after} 之后)", "{step}: added after {after}"),
    "removed": ("{step}: 删除", "{step}: removed"),
    "moved": ("{step}: 移到 {after} 之后 (原来在 {before} 之后)", "{step}: moved after {after} (was after {before})"),
    "again": (
        "{step}: 还有电池位时转到 {after} (原来 {before})",
        "{step}: with another battery position it goes on at {after} (was {before})",
    ),
    "changed": ("{step}: {key} 由 {before} 改为 {after}", "{step}: {key} changed from {before} to {after}"),
}
"""Sentences in Chinese and English."""

_START = "-"


def differences(before: Recipe, after: Recipe) -> tuple[Change, ...]:
    """Every difference from one recipe to another, in the order of the new one; removals last."""
    old, new = _steps(before), _steps(after)
    return (*_header(before, after), *_of_steps(old, new), *_of_ways(before, after))


def _header(before: Recipe, after: Recipe) -> Iterator[Change]:
    for key in ("name", "exchange", "title_zh", "title_en", "transit"):
        if getattr(before, key) != getattr(after, key):
            yield Change("changed", _START, key, str(getattr(before, key)), str(getattr(after, key)))


def _steps(recipe: Recipe) -> dict[str, tuple[Step, str]]:
    """Every step with the one before it on its path."""
    found: dict[str, tuple[Step, str]] = {}
    for path in (recipe.steps, *(way.steps for way in recipe.ways)):
        earlier = _START
        for step in path:
            found[step.name] = (step, earlier)
            earlier = step.name
    return found


def _of_steps(old: dict[str, tuple[Step, str]], new: dict[str, tuple[Step, str]]) -> Iterator[Change]:
    for name, (step, earlier) in new.items():
        if name not in old:
            yield Change("added", name, after=earlier)
            continue
        known, was_after = old[name]
        if was_after != earlier and was_after in new and earlier in (*old, _START):
            yield Change("moved", name, before=was_after, after=earlier)
        for field in fields(Step):
            values = (getattr(known, field.name), getattr(step, field.name))
            if values[0] != values[1]:
                kind = "again" if field.name == "again" else "changed"
                yield Change(kind, name, field.name, *map(_said, values))
    yield from (Change("removed", name) for name in old if name not in new)


def _of_ways(before: Recipe, after: Recipe) -> Iterator[Change]:
    old, new = {way.name: way for way in before.ways}, {way.name: way for way in after.ways}
    for name, way in new.items():
        if name not in old:
            yield Change("added", name, after=_START)
            continue
        for key in ("causes", "when", "then"):
            values = (getattr(old[name], key), getattr(way, key))
            if values[0] != values[1]:
                yield Change("changed", name, key, *map(_said, values))
    yield from (Change("removed", name) for name in old if name not in new)


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or _START
    return _START if value in (None, "") else str(value)
