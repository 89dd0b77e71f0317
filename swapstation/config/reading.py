"""Read a TOML file against rules: every mistake is collected with its key path and told with its line."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

from swapstation.config.rule_kinds import Allowed, Rule, Table, Tables
from swapstation.errors import ConfigurationError
from swapstation.toml_lines import KeyPath, key_lines

Part = TypeVar("Part")

_MISSING = object()


@dataclass(frozen=True, slots=True)
class Wrong:
    """One mistake at a key path."""

    path: KeyPath
    value: object
    allowed: Allowed | str


def read_text(path: Path) -> str:
    """The text of a UTF-8 file. Raises ConfigurationError with the line."""
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise ConfigurationError([f"{path}:1: 打不开文件 | cannot open the file: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigurationError([f"{path}:{line}: 文件必须是 UTF-8 | the file must be UTF-8"]) from error


def parsed(path: Path, text: str) -> dict[str, Any]:
    """The tables of a TOML text. Raises ConfigurationError with the line."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"at line (\d+)", str(error))
        line = int(place.group(1)) if place else text.count("\n") + 1
        raise ConfigurationError([f"{path}:{line}: 不是正确的 TOML | not valid TOML: {error}"]) from error


def located(path: Path, wrongs: list[Wrong]) -> list[str]:
    """One line per mistake in a configuration file, in its order: `file:line: field = value: what is allowed`."""
    lines = key_lines(read_text(path))
    told = sorted((_line(lines, wrong.path), _told(wrong)) for wrong in wrongs)
    return [f"{path}:{line}: {what}" for line, what in told]


@dataclass(slots=True)
class Reader:
    """Turns parsed tables into settings and collects what is wrong."""

    mistakes: list[Wrong] = field(default_factory=list)

    def part(
        self, raw: dict[str, Any], path: KeyPath, kind: type[Part], table_rules: Mapping[str, Rule]
    ) -> Part | None:
        before = len(self.mistakes)
        values = self.values(raw, path, kind, table_rules, known=list(table_rules))
        return kind(**values) if len(self.mistakes) == before else None

    def values(
        self, raw: dict[str, Any], path: KeyPath, kind: type[Any], table_rules: Mapping[str, Rule], known: list[str]
    ) -> dict[str, Any]:
        for key in raw.keys() - table_rules.keys():
            self.mistakes.append(Wrong((*path, key), raw[key], _unknown(key, known)))
        values: dict[str, Any] = {}
        for name, rule in table_rules.items():
            value = raw.get(name, _MISSING)
            if value is _MISSING:
                if _required(kind, name):
                    self.mistakes.append(Wrong((*path, name), None, Allowed("缺少这一项", "is missing")))
                continue
            values[name] = rule.read(value)
            if isinstance(values[name], Allowed):
                self.mistakes.append(Wrong((*path, name), value, values[name]))
            elif isinstance(rule, Table):
                values[name] = self.part(value, (*path, name), rule.kind, rule.rules)
            elif isinstance(rule, Tables):
                elements = [((*path, name, index), element) for index, element in enumerate(value)]
                values[name] = tuple(self.part(element, at, rule.kind, rule.rules) for at, element in elements)
        return values


def _line(lines: Mapping[KeyPath, int], path: KeyPath) -> int:
    """The line of a key; of its nearest table when the key is not in the file."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _told(wrong: Wrong) -> str:
    name = ""
    for part in wrong.path:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else part
    if wrong.value is None:
        return f"{name}: {wrong.allowed}"
    if isinstance(wrong.value, dict | list):
        return f"{name} = {'{...}' if isinstance(wrong.value, dict) else '[...]'}: {wrong.allowed}"
    return f"{name} = {json.dumps(wrong.value, ensure_ascii=False, default=str)}: {wrong.allowed}"


def _required(kind: type[Any], name: str) -> bool:
    assert is_dataclass(kind)
    declared = next(entry for entry in fields(kind) if entry.name == name)
    return declared.default is MISSING and declared.default_factory is MISSING


def _unknown(key: str, known: list[str]) -> Allowed:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    if near:
        return Allowed(f"没有这一项, 是不是 {near[0]}?", f"no such key, did you mean {near[0]}?")
    return Allowed(f"没有这一项, 可用的有 {', '.join(known)}", f"no such key, there are {', '.join(known)}")
