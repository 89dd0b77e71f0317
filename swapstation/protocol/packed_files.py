"""Reads the layout of packed messages from TOML and explains every mistake with its line."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from swapstation.errors import ConfigurationError
from swapstation.protocol.packed_struct import CODES, HEADER_BYTES, Field, MessageLayout, PackedLayout
from swapstation.toml_lines import KeyPath, key_lines
from swapstation.wire_files import wire_file

_MESSAGE, _FIELD = TypeAdapter(MessageLayout), TypeAdapter(Field)
_MESSAGE_KEYS = {"id", "size", "sender", "period_s", "text"}
_FIELD_KEYS = {"message", *Field.__dataclass_fields__}
_SENDERS = ("station", "plc")

Part = TypeVar("Part")
Mistake = tuple[KeyPath, str]


@cache
def load_packed_layout(name: str) -> PackedLayout:
    """The layout firmware_proto/NAME.toml. Raises ConfigurationError with every mistake in it."""
    return read_packed_layout(wire_file(f"{name}.toml"))


def read_packed_layout(path: Path) -> PackedLayout:
    """The layout in a TOML file. Raises ConfigurationError: file, line, message or field, and what is allowed."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise ConfigurationError([f"{path}: {error}"]) from None
    mistakes: list[Mistake] = []
    layout = _layout(data, mistakes)
    if layout is None:
        lines = key_lines(text)
        raise ConfigurationError([f"{path}:{_line(lines, at)}: {mistake}" for at, mistake in mistakes])
    return layout


def _line(lines: Mapping[KeyPath, int], at: KeyPath) -> int:
    while at and at not in lines:
        at = at[:-1]
    return lines.get(at, 1)


def _layout(data: dict[str, Any], mistakes: list[Mistake]) -> PackedLayout | None:
    fields: dict[str, dict[str, Field]] = {}
    for index, row in enumerate(data.get("field", [])):
        at: KeyPath = ("field", index)
        read = _read(_FIELD, row, _FIELD_KEYS, at, mistakes)
        if read is not None:
            own = fields.setdefault(str(row.get("message")), {})
            wrong = list(_wrong_field(read, own.values()))
            mistakes += [(at, f"field {read.name}: {each}") for each in wrong]
            if not wrong:
                own[read.name] = read
    messages: dict[str, MessageLayout] = {}
    for name, row in data.get("messages", {}).items():
        at = ("messages", name)
        whole = {**row, "name": name, "fields": fields.pop(name, {})}
        message = _read(_MESSAGE, whole, {*_MESSAGE_KEYS, "name", "fields"}, at, mistakes)
        if message is not None:
            mistakes += [(at, f"message {name}: {each}") for each in _wrong_message(message, messages.values())]
            messages[name] = message
    mistakes += [(("field",), f"message = {name!r}, allowed: {', '.join(messages)}") for name in fields]
    mistakes += [((key,), f"{key} is missing") for key in ("name", "version", "magic") if key not in data]
    return None if mistakes else PackedLayout(data["name"], data["version"], data["magic"], messages)


def _read(kind: TypeAdapter[Part], row: Any, known: set[str], at: KeyPath, mistakes: list[Mistake]) -> Part | None:
    mistakes += [((*at, key), f"unknown key {key!r}, allowed: {', '.join(sorted(known))}") for key in set(row) - known]
    try:
        return kind.validate_python(row)
    except ValidationError as error:
        mistakes += [
            ((*at, *each["loc"]), f"{'.'.join(map(str, each['loc']))}: {each['msg']}") for each in error.errors()
        ]
        return None


def _wrong_field(field: Field, others: Iterable[Field]) -> Iterator[str]:
    if field.type not in CODES:
        yield f"type = {field.type!r}, allowed: {', '.join(CODES)}"
        return
    if field.offset < HEADER_BYTES:
        yield f"offset = {field.offset}, allowed: from {HEADER_BYTES}"
    if field.bit is not None and (field.type != "bool" or not 0 <= field.bit <= 7):
        yield f"bit = {field.bit}, allowed: 0 to 7, for type bool alone"
    if field.count is not None and field.count < 1:
        yield f"count = {field.count}, allowed: from 1"
    for other in others:
        if other.name == field.name:
            yield "the name is used twice"
        elif _overlap(field, other):
            yield f"overlaps field {other.name}"


def _overlap(one: Field, other: Field) -> bool:
    if one.bit is not None and other.bit is not None:
        return (one.offset, one.bit) == (other.offset, other.bit)
    return one.offset < other.offset + other.size and other.offset < one.offset + one.size


def _wrong_message(message: MessageLayout, others: Iterable[MessageLayout]) -> Iterator[str]:
    if not 0 <= message.id <= 255:
        yield f"id = {message.id}, allowed: 0 to 255"
    if message.sender not in _SENDERS:
        yield f"sender = {message.sender!r}, allowed: {', '.join(_SENDERS)}"
    if not message.period_s > 0:
        yield f"period_s = {message.period_s}, allowed: more than 0"
    for field in message.fields.values():
        if field.offset + field.size > message.size:
            yield f"size = {message.size}: field {field.name} ends at {field.offset + field.size}"
    if message.id in [other.id for other in others]:
        yield f"id = {message.id} is used twice"
