"""Binds the layouts of firmware_proto/aaf5.toml to the messages, and decodes and encodes by them.

Decoding is lenient to longer data (later editions append fields) and strict otherwise; what cannot be read is
`Malformed`. Encoding raises InputError naming field, value and what is allowed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_type_hints

from swapstation.errors import ConfigurationError
from swapstation.protocol.aaf5 import Aaf5Frame
from swapstation.protocol.aaf5_fields import INTEGERS, TIME_BYTES, TO_THE_END, TYPES, Field, Unreadable
from swapstation.protocol.aaf5_messages import ChargerMessage, Message, StationMessage
from swapstation.protocol.node import Malformed
from swapstation.toml_lines import KeyPath, key_lines
from swapstation.wire_files import wire_file

_FIELD_KEYS = {"name", "type", "size", "scale", "offset", "unit", "enum", "none", "text"}
_UNITS = {"": "", "V": "_v", "A": "_a", "kW": "_kw", "kWh": "_kwh", "%": "_pct", "degC": "_c", "s": "_s", "min": "_min"}
_SENDERS = {"charger": get_args(ChargerMessage), "station": get_args(StationMessage)}
_KINDS: dict[str, type[Message]] = {kind.__name__: kind for kinds in _SENDERS.values() for kind in kinds}


@dataclass(frozen=True, slots=True)
class LinkRules:
    """Times in s and bounds of a connection; see [link] in the layout file."""

    info: int
    longest_frame: int
    sign_in_s: float
    heartbeat_s: float
    heartbeats_lost: int
    status_period_s: int
    answer_s: float
    most_sendings: int
    echoes_sequence: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """One message: command number, class, fields in the order of their bytes; those to skip have no name."""

    command: int
    kind: Callable[..., Message]
    fields: tuple[Field, ...]

    def decode(self, data: bytes) -> Message | Malformed:
        values: dict[str, Any] = {}
        position = 0
        for field in self.fields:
            end = position + field.size if field.size else len(data)
            if end > len(data):
                return Malformed(f"aaf5 {self.command}", f"{len(data)} bytes, {field.name} ends at {end}", data)
            try:
                if field.name:
                    values[field.name] = field.read(data[position:end])
            except Unreadable as error:
                return Malformed(f"aaf5 {self.command}", str(error), data)
            position = end
        return self.kind(**values)

    def encode(self, message: Message) -> bytes:
        return b"".join(field.write(getattr(message, field.name) if field.name else None) for field in self.fields)


class Aaf5Layouts:
    """All messages of both sides, and the rules of a connection; `Aaf5Layouts.load` reads the file once per process."""

    def __init__(self, link: LinkRules, layouts: tuple[Layout, ...]) -> None:
        self.link = link
        self._by_command = {layout.command: layout for layout in layouts}
        self._by_kind = {layout.kind: layout for layout in layouts}

    @staticmethod
    @cache
    def load() -> Aaf5Layouts:
        """Read firmware_proto/aaf5.toml. Raises ConfigurationError with every mistake and its line."""
        return read_layouts(wire_file("aaf5.toml"))

    def decode(self, frame: Aaf5Frame) -> Message | Malformed | None:
        """The message in a frame, None when its command is not of these layouts."""
        layout = self._by_command.get(frame.command)
        return layout.decode(frame.data) if layout else None

    def encode(self, message: Message, sequence: int) -> Aaf5Frame:
        """The frame of a message; InputError for a value the wire cannot say."""
        layout = self._by_kind[type(message)]
        return Aaf5Frame(layout.command, layout.encode(message), sequence, self.link.info)


def read_layouts(path: Path) -> Aaf5Layouts:
    """The layouts in a TOML file. Raises ConfigurationError: file, line, message, and what is allowed."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise ConfigurationError([f"{path}: {error}"]) from None
    lines, mistakes = key_lines(text), list[str]()

    def attempt(at: KeyPath, build: Callable[[Any], Any], table: Any) -> Any:
        try:
            return build(table)
        except (ValueError, TypeError, KeyError) as error:
            mistakes.append(f"{path}:{lines.get(at, 1)}: {error}")
            return None

    link = attempt(("link",), _link, data.get("link", {}))
    tables = data.get("message", [])
    layouts = tuple(attempt(("message", index), _layout, table) for index, table in enumerate(tables))
    missing = sorted(set(_KINDS) - {table.get("name") for table in tables})
    mistakes += [f"{path}: message {name} is missing" for name in missing]
    numbers = [table.get("command") for table in tables]
    mistakes += [f"{path}: command {number} is used twice" for number in {n for n in numbers if numbers.count(n) > 1}]
    if mistakes:
        raise ConfigurationError(mistakes)
    return Aaf5Layouts(link, layouts)


def _link(table: dict[str, Any]) -> LinkRules:
    hints = get_type_hints(LinkRules)
    if set(table) != set(hints):
        raise ValueError(f"link: {', '.join(sorted(set(table) ^ set(hints)))}; allowed, each once: {', '.join(hints)}")
    for name, value in table.items():
        fits = isinstance(value, hints[name]) and isinstance(value, bool) is (hints[name] is bool)
        if not fits or (hints[name] is not bool and value <= 0):
            raise ValueError(f"{name} = {value!r}, allowed: {hints[name].__name__}, a number more than 0")
    return LinkRules(**table)


def _layout(table: dict[str, Any]) -> Layout:
    name, command, sender = table.get("name"), table.get("command"), table.get("sender")
    if name not in _KINDS:
        raise ValueError(f"name = {name!r}, allowed: {', '.join(_KINDS)}")
    kind = _KINDS[name]
    if not isinstance(command, int) or not 0 < command <= 0xFFFF:
        raise ValueError(f"message {name}: command = {command!r}, allowed: 1 to 65535")
    if sender not in _SENDERS or kind not in _SENDERS[sender]:
        raise ValueError(f"message {name}: sender = {sender!r}, allowed: who sends it")
    hints = get_type_hints(kind)
    try:
        fields = tuple(_field(each, hints) for each in table.get("fields", []))
    except ValueError as error:
        raise ValueError(f"message {name}: {error}") from None
    names = [field.name for field in fields if field.name]
    if names != list(hints):
        raise ValueError(f"message {name}: fields {', '.join(names)}; the software has {', '.join(hints)}")
    if any(not field.size for field in fields[:-1]):
        raise ValueError(f"message {name}: only the last field may go up to the end")
    return Layout(command, kind, fields)


def _field(table: dict[str, Any], hints: dict[str, Any]) -> Field:
    type_, unit = table.get("type", ""), table.get("unit", "")
    if set(table) - _FIELD_KEYS or type_ not in TYPES or unit not in _UNITS:
        raise ValueError(f"field {table}: allowed keys {sorted(_FIELD_KEYS)}, types {TYPES}, units {list(_UNITS)}")
    size = _size(type_, table.get("size", 0))
    if type_ == "skip":
        return Field("", type_, size)
    name = f"{table.get('name', '')}{_UNITS[unit]}"
    if name not in hints:
        raise ValueError(f"field {name!r}, allowed: {', '.join(hints)}")
    hint, none = hints[name], table.get("none")
    optional = NoneType in get_args(hint)
    if type_ in INTEGERS and optional != (none is not None):
        raise ValueError(f"field {name}: none = {none!r}, allowed: where, and only where, not known is foreseen")
    choices = {number: hint(word) for word, number in table.get("enum", {}).items()}
    if choices and set(choices.values()) != set(hint):
        raise ValueError(f"field {name}: enum {', '.join(choices.values())}; the software has {', '.join(hint)}")
    return Field(name, type_, size, table.get("scale", 1.0), table.get("offset", 0.0), none, choices)


def _size(type_: str, stated: int) -> int:
    if type_ in ("text", "skip"):
        if not isinstance(stated, int) or stated < 1:
            raise ValueError(f"size = {stated!r} of {type_}, allowed: 1 or more bytes")
        return stated
    if stated:
        raise ValueError(f"size = {stated!r}, allowed: for text and skip alone")
    if type_ in TO_THE_END:
        return 0
    return TIME_BYTES if type_ == "time" else INTEGERS[type_][0]
