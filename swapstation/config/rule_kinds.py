"""Kinds of rules for the fields of a configuration file: what is allowed, said in zh and en."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, Protocol

from swapstation.config.adapter_names import installed_adapters
from swapstation.errors import InputError
from swapstation.wire_address import WireProtocol, parse_wire


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a field may hold, said in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.zh} | {self.en}"


class Rule(Protocol):
    """One field: `read` gives the value as the settings hold it, or what would have been allowed."""

    def read(self, raw: object) -> object | Allowed: ...


@dataclass(frozen=True, slots=True)
class Number:
    """A number from `low` to `high` in `unit`; `whole` refuses fractions."""

    low: float
    high: float
    unit: str = ""
    whole: bool = False

    def read(self, raw: object) -> object | Allowed:
        kinds = int if self.whole else (int, float)
        if isinstance(raw, kinds) and not isinstance(raw, bool) and self.low <= raw <= self.high:
            return raw if self.whole else float(raw)
        unit = f" {self.unit}" if self.unit else ""
        return Allowed(
            f"应为 {self.low:g} 到 {self.high:g}{unit} 的{'整数' if self.whole else '数值'}",
            f"must be a {'whole ' if self.whole else ''}number from {self.low:g} to {self.high:g}{unit}",
        )


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false."""

    def read(self, raw: object) -> object | Allowed:
        return raw if isinstance(raw, bool) else Allowed("应为 true 或 false", "must be true or false")


@dataclass(frozen=True, slots=True)
class Word:
    """One of an enumeration's words."""

    words: type[StrEnum]

    def read(self, raw: object) -> object | Allowed:
        if isinstance(raw, str) and raw in [word.value for word in self.words]:
            return self.words(raw)
        listed = ", ".join(f'"{word}"' for word in self.words)
        return Allowed(f"只能是 {listed} 之一", f"must be one of {listed}")


@dataclass(frozen=True, slots=True)
class Words:
    """Some of an enumeration's words, each once."""

    words: type[StrEnum]

    def read(self, raw: object) -> object | Allowed:
        known = [word.value for word in self.words]
        if isinstance(raw, list) and raw and all(word in known for word in raw) and len(set(raw)) == len(raw):
            return tuple(self.words(word) for word in raw)
        listed = ", ".join(f'"{word}"' for word in known)
        return Allowed(f"应为列表, 每项只能是 {listed} 之一且不重复", f"must be a list of {listed}, each once")


@dataclass(frozen=True, slots=True)
class Table:
    """A table of its own inside another one; its fields have rules themselves."""

    kind: type[Any]
    rules: Mapping[str, Rule]

    def read(self, raw: object) -> object | Allowed:
        return raw if isinstance(raw, dict) else Allowed("应为表", "must be a table")


@dataclass(frozen=True, slots=True)
class Tables:
    """A list of tables, at least one; the fields of each have rules themselves."""

    kind: type[Any]
    rules: Mapping[str, Rule]

    def read(self, raw: object) -> object | Allowed:
        if isinstance(raw, list) and raw and all(isinstance(element, dict) for element in raw):
            return raw
        return Allowed("至少要有一个表", "needs at least one table")


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text that fully matches `pattern`."""

    pattern: str
    zh: str
    en: str

    def read(self, raw: object) -> object | Allowed:
        if isinstance(raw, str) and re.fullmatch(self.pattern, raw):
            return raw
        return Allowed(self.zh, self.en)


@dataclass(frozen=True, slots=True)
class Day:
    """A date without quotes."""

    def read(self, raw: object) -> object | Allowed:
        if isinstance(raw, date) and not isinstance(raw, datetime):
            return raw
        return Allowed("应为日期, 不加引号, 例如 2026-05-01", "must be a date without quotes, such as 2026-05-01")


@dataclass(frozen=True, slots=True)
class Bays:
    """A list of bay numbers; it may be empty."""

    def read(self, raw: object) -> object | Allowed:
        if isinstance(raw, list) and all(type(number) is int and 1 <= number <= 30 for number in raw):
            return tuple(raw)
        return Allowed("应为仓号列表, 例如 [1, 3]", "must be a list of bay numbers such as [1, 3]")


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder's path; the reader resolves a relative one against the file's own folder."""

    def read(self, raw: object) -> object | Allowed:
        if isinstance(raw, str) and raw.strip() and "\0" not in raw:
            return Path(raw)
        return Allowed(
            "应为文件夹路径, 例如 /var/lib/swapstation", "must be a folder path such as /var/lib/swapstation"
        )


@dataclass(frozen=True, slots=True)
class Recipe:
    """The name of a swap recipe that is installed."""

    def read(self, raw: object) -> object | Allowed:
        names = recipe_names()
        if isinstance(raw, str) and raw in names:
            return raw
        listed = ", ".join(f'"{name}"' for name in names)
        return Allowed(f"没有这个换电工艺, 现有 {listed}", f"no such recipe, there are {listed}")


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of `least` to `most` different values, each of which `each` allows."""

    each: Rule
    least: int
    most: int

    def read(self, raw: object) -> object | Allowed:
        values = [self.each.read(value) for value in raw] if isinstance(raw, list) else []
        refused = next((value for value in values if isinstance(value, Allowed)), None)
        if self.least <= len(values) <= self.most and refused is None and len(set(values)) == len(values):
            return tuple(values)
        zh, en = (f": {refused.zh}", f": {refused.en}") if refused else ("", "")
        count = f"{self.least} - {self.most}"
        return Allowed(f"应为 {count} 项不重复的列表{zh}", f"must be a list of {count} different values{en}")


@dataclass(frozen=True, slots=True)
class Numbers:
    """A list of exactly `count` numbers, each of which `each` allows."""

    each: Number
    count: int

    def read(self, raw: object) -> object | Allowed:
        values = [self.each.read(value) for value in raw] if isinstance(raw, list) else []
        refused = next((value for value in values if isinstance(value, Allowed)), None)
        if len(values) == self.count and refused is None:
            return tuple(values)
        zh, en = (f", 每项{refused.zh}", f", each {refused.en}") if refused else ("", "")
        return Allowed(f"应为 {self.count} 个数的列表{zh}", f"must be a list of {self.count} numbers{en}")


@dataclass(frozen=True, slots=True)
class IpAddress:
    """An address of this machine to listen on."""

    def read(self, raw: object) -> object | Allowed:
        if isinstance(raw, str):
            try:
                return raw if raw == "localhost" else str(ip_address(raw))
            except ValueError:
                pass
        return Allowed(
            "应为 IP 地址, 例如 127.0.0.1 或 192.168.10.5", "must be an IP address such as 127.0.0.1 or 192.168.10.5"
        )


_LINK_LOCAL = (ip_network("169.254.0.0/16"), ip_network("fe80::/10"))


@dataclass(frozen=True, slots=True)
class IpNetwork:
    """A network that this machine may be told to reach; never a link-local one."""

    def read(self, raw: object) -> object | Allowed:
        if isinstance(raw, str):
            try:
                network = ip_network(raw)
            except ValueError:
                pass
            else:
                if not any(each.overlaps(network) for each in _LINK_LOCAL if each.version == network.version):
                    return str(network)
        return Allowed(
            "应为不含链路本地地址的网段, 例如 10.20.0.0/16", "must be a network such as 10.20.0.0/16, none link-local"
        )


@dataclass(frozen=True, slots=True)
class Address:
    """The URL of a wire that speaks one of `protocols`; `optional` allows an empty text."""

    protocols: frozenset[WireProtocol]
    example: str
    optional: bool = False

    def read(self, raw: object) -> object | Allowed:
        if self.optional and raw == "":
            return raw
        wanted = f"must be a URL such as {self.example}"
        if isinstance(raw, str):
            try:
                parse_wire("", raw, self.protocols)
                return raw
            except InputError as error:
                part = f"{error.field.strip()} = {error.value}: " if error.field else ""
                wanted += f" ({part}{error.allowed})"
        return Allowed(f"应为线路地址, 例如 {self.example}", wanted)


@dataclass(frozen=True, slots=True)
class AdapterName:
    """The name of an adapter that is installed for `role`."""

    role: str

    def read(self, raw: object) -> object | Allowed:
        names = installed_adapters(self.role)
        if isinstance(raw, str) and raw in names:
            return raw
        listed = ", ".join(f'"{name}"' for name in names) or "-"
        return Allowed(f"没有安装这个适配器, 现有 {listed}", f"no such adapter is installed, there are {listed}")


@dataclass(frozen=True, slots=True)
class ChargerIds:
    """A table from the id with which a charger signs in to its bay; each bay at most once."""

    def read(self, raw: object) -> object | Allowed:
        if isinstance(raw, dict):
            ids = all(re.fullmatch(r"[\x21-\x7e]{1,32}", each) for each in raw)
            bays = all(isinstance(bay, int) and not isinstance(bay, bool) and 1 <= bay <= 30 for bay in raw.values())
            if ids and bays and len(set(raw.values())) == len(raw):
                return raw
        return Allowed(
            '应为 "充电机编号" = 仓号, 编号 1 到 32 个 ASCII 字符, 仓号不重复',
            'must be a table of "ID" = bay: ids of 1 to 32 ASCII characters, each bay once',
        )


@dataclass(frozen=True, slots=True)
class MapFile:
    """A file's path; the reader resolves a relative one against the station file's own folder."""

    def read(self, raw: object) -> object | Allowed:
        if isinstance(raw, str) and raw.strip() and "\0" not in raw:
            return Path(raw)
        return Allowed("应为文件路径, 例如 meter.toml", "must be a file's path such as meter.toml")


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Tell whether `host` names this machine only."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def recipe_names() -> tuple[str, ...]:
    """Names of the installed swap recipes: files NAME_EXCHANGE.toml."""
    folder = files("swapstation") / "station" / "recipes"
    matches = (re.fullmatch(r"(.+)_(?:plc|station)\.toml", entry.name) for entry in folder.iterdir())
    return tuple(sorted({match.group(1) for match in matches if match}))


def needs_transit(recipe: str) -> bool:
    """Whether an installed recipe puts the returned battery into the transit place (`transit = true` in its file)."""
    folder = files("swapstation") / "station" / "recipes"
    texts = (entry.read_text(encoding="utf-8") for entry in folder.iterdir() if _is_of(recipe, entry.name))
    return any(tomllib.loads(text).get("transit", False) for text in texts)


def _is_of(recipe: str, name: str) -> bool:
    return name in (f"{recipe}_plc.toml", f"{recipe}_station.toml")
