"""Read the configuration of a station from its TOML file; every mistake is told at once, with its line."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from swapstation.config import rules
from swapstation.config.checks import Draft, Wrong, cross_checks
from swapstation.config.rules import Allowed, Rule, Table
from swapstation.config.settings import (
    Adapters,
    BatteryModel,
    Bay,
    BlackBox,
    Config,
    Disk,
    Evidence,
    Fire,
    Limits,
    Links,
    Server,
    Site,
    TruckModel,
)
from swapstation.errors import ConfigurationError
from swapstation.toml_lines import KeyPath, key_lines
from swapstation.wire_files import shipped_file

Part = TypeVar("Part")

_TABLES: dict[str, tuple[type[Any], Mapping[str, Rule]]] = {
    "links": (Links, rules.LINKS),
    "adapters": (Adapters, rules.ADAPTERS),
    "limits": (Limits, rules.LIMITS),
    "evidence": (Evidence, rules.EVIDENCE),
    "disk": (Disk, rules.DISK),
    "site": (Site, rules.SITE),
    "server": (Server, rules.SERVER),
    "fire": (Fire, rules.FIRE),
    "black_box": (BlackBox, rules.BLACK_BOX),
}
_ARRAYS: dict[str, tuple[type[Any], Mapping[str, Rule]]] = {
    "bays": (Bay, rules.BAY),
    "battery_models": (BatteryModel, rules.BATTERY_MODEL),
    "truck_models": (TruckModel, rules.TRUCK_MODEL),
}
_MISSING = object()


def load_config(path: Path) -> Config:
    """Read and check a station's configuration file.

    Raises ConfigurationError with one line per mistake, `file:line: field = value: what is allowed (zh | en)`.
    """
    text = _text(path)
    reader = _Reader()
    config = reader.station(_parsed(path, text), path)
    if reader.mistakes or config is None:
        raise ConfigurationError(located(path, reader.mistakes))
    return config


def located(path: Path, wrongs: list[Wrong]) -> list[str]:
    """One line per mistake in a configuration file, in its order: `file:line: field = value: what is allowed`."""
    lines = key_lines(_text(path))
    told = sorted((_line(lines, wrong.path), _told(wrong)) for wrong in wrongs)
    return [f"{path}:{line}: {what}" for line, what in told]


def configuration_hash(config: Config) -> str:
    """SHA-256 over the canonical form of the settings: the same for any layout or comments of the file."""
    canonical = json.dumps(asdict(config), default=str, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise ConfigurationError([f"{path}:1: 打不开文件 | cannot open the file: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigurationError([f"{path}:{line}: 文件必须是 UTF-8 | the file must be UTF-8"]) from error


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"at line (\d+)", str(error))
        line = int(place.group(1)) if place else text.count("\n") + 1
        raise ConfigurationError([f"{path}:{line}: 不是正确的 TOML | not valid TOML: {error}"]) from error


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


@dataclass(slots=True)
class _Reader:
    """Turns the parsed tables into settings and collects what is wrong."""

    mistakes: list[Wrong] = field(default_factory=list)

    def station(self, raw: dict[str, Any], path: Path) -> Config | None:
        tables = {name: self._table(raw, name) for name in _TABLES}
        arrays = {name: self._array(raw, name) for name in _ARRAYS}
        sections = {*_TABLES, *_ARRAYS}
        scalars = {key: value for key, value in raw.items() if key not in sections}
        values = self._values(scalars, (), Config, rules.STATION, known=[*rules.STATION, *sections])
        self.mistakes += cross_checks(
            Draft(
                recipe=values["recipe"] if isinstance(values.get("recipe"), str) else None,
                links=tables["links"],
                limits=tables["limits"],
                evidence=tables["evidence"],
                disk=tables["disk"],
                site=tables["site"],
                **{name: [(at, part) for at, part in parts if part is not None] for name, parts in arrays.items()},
                bays_complete=all(part is not None for _, part in arrays["bays"]),
                models_complete=all(part is not None for _, part in arrays["battery_models"]),
            )
        )
        if self.mistakes:
            return None
        folder = path.parent.absolute()
        values["data"] = folder / values["data"]
        tables["adapters"] = _beside(folder, tables["adapters"])
        lists = {name: tuple(part for _, part in parts) for name, parts in arrays.items()}
        lists["battery_models"] = tuple(_with_dbc(folder, model) for model in lists["battery_models"])
        everything: dict[str, Any] = values | tables | lists
        return Config(**everything)

    def _table(self, raw: dict[str, Any], name: str) -> Any:
        kind, table_rules = _TABLES[name]
        table = raw.get(name, {})
        if not isinstance(table, dict):
            self.mistakes.append(Wrong((name,), table, Allowed(f"应为表 [{name}]", f"must be a table [{name}]")))
            return None
        return self._part(table, (name,), kind, table_rules)

    def _array(self, raw: dict[str, Any], name: str) -> list[tuple[KeyPath, Any]]:
        kind, table_rules = _ARRAYS[name]
        array = raw.get(name, [])
        if not isinstance(array, list) or not array or not all(isinstance(element, dict) for element in array):
            allowed = Allowed(f"至少要有一个 [[{name}]] 表", f"needs at least one table [[{name}]]")
            self.mistakes.append(Wrong((name,), array if name in raw else None, allowed))
            return [((name,), None)]
        paths: list[KeyPath] = [(name, index) for index in range(len(array))]
        return [
            (path, self._part(element, path, kind, table_rules)) for path, element in zip(paths, array, strict=True)
        ]

    def _part(
        self, raw: dict[str, Any], path: KeyPath, kind: type[Part], table_rules: Mapping[str, Rule]
    ) -> Part | None:
        before = len(self.mistakes)
        values = self._values(raw, path, kind, table_rules, known=list(table_rules))
        return kind(**values) if len(self.mistakes) == before else None

    def _values(
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
                values[name] = self._part(value, (*path, name), rule.kind, rule.rules)
        return values


def _beside(folder: Path, adapters: Adapters) -> Adapters:
    """Map files with their full path: a relative one lies beside the station file."""
    maps = {entry.name: getattr(adapters, entry.name) for entry in fields(adapters) if entry.name.endswith("_map")}
    return replace(adapters, **{name: folder / file for name, file in maps.items() if file is not None})


def _with_dbc(folder: Path, model: BatteryModel) -> BatteryModel:
    """The model with the full path of its DBC: one of the wire contract, or one beside the station file."""
    if model.can_dbc is None:
        return model
    shipped = shipped_file("dbc", str(model.can_dbc))
    return replace(model, can_dbc=shipped or folder / model.can_dbc)


def _required(kind: type[Any], name: str) -> bool:
    assert is_dataclass(kind)
    declared = next(entry for entry in fields(kind) if entry.name == name)
    return declared.default is MISSING and declared.default_factory is MISSING


def _unknown(key: str, known: list[str]) -> Allowed:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    if near:
        return Allowed(f"没有这一项, 是不是 {near[0]}?", f"no such key, did you mean {near[0]}?")
    return Allowed(f"没有这一项, 可用的有 {', '.join(known)}", f"no such key, there are {', '.join(known)}")
