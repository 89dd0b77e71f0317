"""Writes the golden vectors as a C program: every vector decoded and encoded by the codecs that C firmware uses.

`python -m tests.firmware.vector_cases FOLDER` writes FOLDER/vector_cases.c; see firmware_proto/README.md.
Not asked of the generated code is what it leaves to its user: that texts are ASCII, that nothing is too long, and that
a number which a short form cuts in two is absent.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cantools
from cantools.database.can.c_source import camel_to_snake_case

from swapstation.wire_files import wire_file

DATABASES = ("station", "gbt27930")
HEAD = """/* Written from firmware_proto/vectors by tests/firmware/vector_cases.py. */
#include "gbt27930.h"
#include "station.h"
#include "vector_checks.h"
"""


def written(folder: Path) -> Path:
    """Write the program; returns its path."""
    path = folder / "vector_cases.c"
    path.write_text("\n".join(_program()) + "\n", encoding="ascii")
    return path


def _program() -> Iterator[str]:
    yield HEAD
    calls: list[str] = []
    for database in DATABASES:
        loaded = cantools.database.load_file(str(wire_file("dbc", f"{database}.dbc")))
        assert isinstance(loaded, cantools.database.Database)
        messages = {message.name: message for message in loaded.messages}
        yield from (_pack_filled(database, message) for message in messages.values())
        for vector in _vectors(database):
            if not _is_for_codec(vector, messages[vector["message"]]):
                continue
            name = f"case_{len(calls)}"
            calls.append(_titled(f"{vector['message']} {vector['data'][:47]}", f"{name}();"))
            yield from _case(name, database, messages[vector["message"]], vector)
    calls += [_titled(vector["line"], _slcan(vector)) for vector in _vectors("slcan")]
    calls += [_titled(f"id {vector['can_id']:08X}", _identifier(vector)) for vector in _vectors("j1939", "identifier")]
    calls += [_titled(f"transfer {vector['message']}", _transfer(vector)) for vector in _vectors("j1939", "transfer")]
    yield "\nint main(void)\n{"
    yield from calls
    yield f'    printf("{len(calls)} vectors, %u failures\\n", failures);'
    yield "    return failures != 0;\n}"


def _vectors(file: str, table: str = "vector") -> list[dict[str, Any]]:
    document = tomllib.loads(wire_file("vectors", f"{file}.toml").read_text("utf-8"))
    return list(document[table])


def _titled(title: str, call: str) -> str:
    return f'    vector = "{title}";\n    {call}'


def _slcan(vector: dict[str, Any]) -> str:
    if not vector["valid"]:
        return f'slcan_case("{vector["line"]}", NULL, false);'
    sent = "true" if "direction" not in vector else "false"
    return f'slcan_case("{vector["line"]}", &{_frame(vector, vector["extended"])}, {sent});'


def _identifier(vector: dict[str, Any]) -> str:
    parts = (vector[name] for name in ("priority", "pgn", "destination", "source"))
    return f'check(j1939_id({", ".join(f"{part}u" for part in parts)}) == {vector["can_id"]}u, "another identifier");'


def _transfer(vector: dict[str, Any]) -> str:
    data, frames = bytes.fromhex(vector["data"]), [_frame(each, True) for each in vector["frames"]]
    whole = f"(const uint8_t[]){_bytes(data)}, {len(data)}"
    said = f"(const struct frame[]){{{', '.join(frames)}}}, {len(frames)}"
    return f"transfer_case({vector['pgn']}u, {whole}, {said});"


def _frame(vector: dict[str, Any], extended: bool) -> str:
    data = bytes.fromhex(vector["data"])
    told = f"{{{vector['can_id']}u, {len(data)}, {_bytes(data)}, {'true' if extended else 'false'}}}"
    return f"(const struct frame){told}"


def _bytes(data: bytes) -> str:
    return f"{{{', '.join(f'0x{byte:02X}' for byte in data) or '0'}}}"


def _is_for_codec(vector: dict[str, Any], message: cantools.database.Message) -> bool:
    too_long = len(bytes.fromhex(vector["data"])) > message.length
    return bool(vector["valid"]) or not (too_long or vector["why"] == "not ASCII")


def _pack_filled(database: str, message: cantools.database.Message) -> str:
    return f"DEFINE_PACK_FILLED({_name(database, message)}, {message.length})"


def _case(name: str, database: str, message: cantools.database.Message, vector: dict[str, Any]) -> Iterator[str]:
    data = bytes.fromhex(vector["data"])
    yield f"\nstatic void {name}(void)\n{{"
    yield f"    static const uint8_t wire[] = {_bytes(data)};"
    if vector["valid"]:
        yield from _valid(_name(database, message), message, vector, data)
    else:
        yield from _refused(_name(database, message), message, data)
    yield "}"


def _valid(name: str, message: cantools.database.Message, vector: dict[str, Any], data: bytes) -> Iterator[str]:
    """Decode, compare, encode, compare; a short form is filled up with ones first, a repeated item taken one by one."""
    items = _items(vector.get("values", {}), message)
    sent = vector.get("direction") != "receive"
    yield f"    struct {name}_t message;\n    uint8_t data[LONGEST];\n"
    yield f"    memset(data, 0xFF, sizeof(data));\n    memcpy(data, wire, {len(data)});"
    for number, values in enumerate(items):
        at = number * message.length
        yield f'    check({name}_unpack(&message, data + {at}, {message.length}) == 0, "not unpacked");'
        yield from (
            _decoded(name, signal, values)
            for signal in message.signals
            if signal.name in values or signal.start + signal.length <= 8 * len(data)
        )
        if sent:
            yield "    memset(&message, 0xFF, sizeof(message));"
            yield from (_encoded(name, signal, values) for signal in message.signals if signal.name in values)
            yield f"    {name}_pack_filled(data + {at}, &message);"
    for text in vector.get("texts", {}).values():
        yield f'    memcpy(data + 24, "{text}", {len(text)});'
    if sent:
        yield f'    check(memcmp(data, wire, {len(data)}) == 0, "encoded otherwise");'


def _refused(name: str, message: cantools.database.Message, data: bytes) -> Iterator[str]:
    """A message that is too short, or a value beyond its limits."""
    if len(data) < message.length:
        yield f"    struct {name}_t message;\n"
        yield f'    check({name}_unpack(&message, wire, {len(data)}) != 0, "short and unpacked");'
    else:
        signals = [camel_to_snake_case(signal.name) for signal in message.signals]
        inside = " && ".join(f"{name}_{signal}_is_in_range(message.{signal})" for signal in signals)
        yield f"    struct {name}_t message;\n"
        yield f'    check({name}_unpack(&message, wire, {len(data)}) == 0, "not unpacked");'
        yield f'    check(!({inside}), "all within limits");'


def _items(values: dict[str, Any], message: cantools.database.Message) -> list[dict[str, Any]]:
    """The values of each item; a message that is not repeated has one."""
    lengths = {len(value) for value in values.values() if isinstance(value, list)}
    if not lengths:
        return [values]
    (count,) = lengths
    return [
        {name: value[number] for name, value in values.items() if value[number] != "absent"} for number in range(count)
    ]


def _decoded(name: str, signal: cantools.database.Signal, values: dict[str, Any]) -> str:
    field = camel_to_snake_case(signal.name)
    if signal.name not in values:
        words = [f"message.{field} != {raw}u" for raw in signal.choices or ()]
        return f"    ABSENT({name}, {field}, 0x{(1 << signal.length) - 1:X}u, {' && '.join(words) or 'false'});"
    if _is_raw(signal):
        return f"    READ_RAW({name}, {field}, {values[signal.name]}u);"
    return f"    DECODED({name}, {field}, {float(values[signal.name])!r});"


def _encoded(name: str, signal: cantools.database.Signal, values: dict[str, Any]) -> str:
    field = camel_to_snake_case(signal.name)
    if _is_raw(signal):
        return f"    WRITTEN_RAW({name}, {field}, {values[signal.name]}u);"
    return f"    ENCODED({name}, {field}, {float(values[signal.name])!r});"


def _is_raw(signal: cantools.database.Signal) -> bool:
    """Whether the number on the wire is the value; as a double a text would lose its last characters."""
    return signal.scale == 1 and signal.offset == 0


def _name(database: str, message: cantools.database.Message) -> str:
    return f"{database}_{camel_to_snake_case(message.name)}"


if __name__ == "__main__":
    print(written(Path(sys.argv[1])))
