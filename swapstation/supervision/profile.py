"""Profiles of platforms as data: which interfaces exist and where, spellings, rates. T/CEC 102-2016 is shipped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from swapstation.config.reading import Reader, Wrong, located, parsed, read_text
from swapstation.config.rule_kinds import Allowed, Flag, Listed, Number, Rule, Text
from swapstation.errors import ConfigurationError
from swapstation.supervision.interfaces import INTERFACES, QUERY_TOKEN
from swapstation.supervision.wire_fields import Spelling

SHIPPED = ("tcec102-2016",)
_PATH = Text(r"[A-Za-z0-9._/-]{1,100}", "应为接口路径", "must be the path of an interface")
_NAME = Text(r"[A-Za-z][A-Za-z0-9_]{0,60}", "应为字段名", "must be the name of a field")


@dataclass(frozen=True, slots=True)
class Rates:
    """How much is sent and asked, and for how long things count; s and per s."""

    messages_per_s: float = 5.0
    questions_per_s: float = 2.0
    question_burst: int = 10
    answer_timeout_s: float = 10.0
    token_life_s: int = 7200
    clock_window_s: int = 600
    stats_days: int = 31


@dataclass(frozen=True, slots=True)
class Profile:
    """How one platform speaks. `paths`: interface -> path after the URL; an interface without one does not exist.

    `spelling`: canonical name -> name on the wire. `also_read`: other name on the wire -> canonical, read from the peer
    but never written. `own_spelling`: spelling that counts in one interface alone. `state_ids`: whether a state that is
    told carries the operator's and the station's id.
    """

    name: str
    paths: Mapping[str, str]
    spelling: Mapping[str, str] = field(default_factory=dict)
    also_read: Mapping[str, str] = field(default_factory=dict)
    own_spelling: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    numbers_as_text: bool = False
    state_ids: tuple[str, ...] = ()
    rates: Rates = field(default_factory=Rates)

    def spells(self, interface: str) -> Spelling:
        """How names are written in an interface."""
        written = {**self.spelling, **self.own_spelling.get(interface, {})}
        return Spelling(written, self.also_read, self.numbers_as_text)


_RATES: Mapping[str, Rule] = {
    "messages_per_s": Number(0.1, 100.0, "1/s"),
    "questions_per_s": Number(0.1, 100.0, "1/s"),
    "question_burst": Number(1, 1000, whole=True),
    "answer_timeout_s": Number(1.0, 120.0, "s"),
    "token_life_s": Number(60, 604_800, "s", whole=True),
    "clock_window_s": Number(10, 86_400, "s", whole=True),
    "stats_days": Number(1, 366, whole=True),
}
_SCALARS: Mapping[str, Rule] = {
    "name": Text(r"[a-z0-9._-]{1,60}", "应为配置名称", "must be 1 to 60 of a-z, 0-9, . _ -"),
    "numbers_as_text": Flag(),
    "state_ids": Listed(
        Text(r"OperatorID|StationID", '"OperatorID" 或 "StationID"', '"OperatorID" or "StationID"'), 0, 2
    ),
}
_NAME_TABLES: Mapping[str, Rule] = {"paths": _PATH, "spelling": _NAME, "also_read": _NAME}


def load_profile(name: str) -> Profile:
    """A shipped profile by its name, or one from a TOML file. Raises ConfigurationError with a line per mistake."""
    if name in SHIPPED:
        return read_profile(Path(str(files("swapstation.supervision") / "profiles" / f"{name}.toml")))
    if not name.endswith(".toml"):
        listed = ", ".join(f'"{each}"' for each in SHIPPED)
        zh, en = (
            f"没有这个平台配置, 现有 {listed} 或 TOML 文件",
            f"no such profile, there are {listed} and files of TOML",
        )
        raise ConfigurationError([f"platform.profile = {name!r}: {zh} | {en}"])
    return read_profile(Path(name))


def read_profile(path: Path) -> Profile:
    """A profile from its file. Raises ConfigurationError."""
    raw, reader = parsed(path, read_text(path)), Reader()
    tables = {name: _names(reader, raw, name, rule) for name, rule in _NAME_TABLES.items()}
    own = raw.get("own_spelling", {})
    own_spelling = {name: _names(reader, own, name, _NAME) for name in own} if isinstance(own, dict) else {}
    rates = reader.part(raw.get("rates", {}), ("rates",), Rates, _RATES)
    known = [*_SCALARS, *_NAME_TABLES, "own_spelling", "rates"]
    scalars = {key: value for key, value in raw.items() if key not in known or key in _SCALARS}
    values = reader.values(scalars, (), Profile, _SCALARS, known)
    _check_interfaces(reader, {"paths": tables["paths"], "own_spelling": own_spelling})
    if QUERY_TOKEN not in tables["paths"]:
        reader.mistakes.append(Wrong(("paths", QUERY_TOKEN), None, Allowed("缺少这一项", "is missing")))
    if reader.mistakes or rates is None:
        raise ConfigurationError(located(path, reader.mistakes))
    everything: dict[str, Any] = values | tables
    return Profile(**everything, own_spelling=own_spelling, rates=rates)


def _names(reader: Reader, raw: dict[str, Any], name: str, rule: Rule) -> dict[str, str]:
    """A table of texts, each of which `rule` allows."""
    table = raw.get(name, {})
    if not isinstance(table, dict):
        reader.mistakes.append(Wrong((name,), table, Allowed(f"应为表 [{name}]", f"must be a table [{name}]")))
        return {}
    read = {key: rule.read(value) for key, value in table.items()}
    reader.mistakes += [Wrong((name, key), table[key], each) for key, each in read.items() if isinstance(each, Allowed)]
    return {key: each for key, each in read.items() if isinstance(each, str)}


def _check_interfaces(reader: Reader, tables: Mapping[str, Mapping[str, Any]]) -> None:
    listed = ", ".join(INTERFACES)
    for table, entries in tables.items():
        for name in entries.keys() - INTERFACES.keys():
            allowed = Allowed(f"没有这个接口, 现有 {listed}", f"no such interface, there are {listed}")
            reader.mistakes.append(Wrong((table, name), None, allowed))
