"""Writes the golden vectors as a C program: every vector decoded and encoded by the codecs that C firmware uses.

`python -m tests.firmware.vector_cases FOLDER` writes FOLDER/vector_cases.c; see firmware_proto/README.md.
Not asked of the generated code is what a DBC does not say: that texts are ASCII, and that a number which a short form
cuts in two is absent.
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
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "fill.h"
#include "gbt27930.h"
#include "station.h"

#define LONGEST 512
#define RESOLUTION 1e-6

static const char *vector;
static unsigned failures;

static void check(bool right, const char *what)
{
    if (!right) {
        failures++;
        printf("%s: %s\\n", vector, what);
    }
}

#define DECODED(NAME, SIGNAL, VALUE)                                                                \\
    check(NAME##_##SIGNAL##_is_in_range(message.SIGNAL)                                             \\
              && fabs(NAME##_##SIGNAL##_decode(message.SIGNAL) - (VALUE)) < RESOLUTION, #SIGNAL)
#define ABSENT(NAME, SIGNAL, ONES, UNKNOWN)                                                         \\
    check(message.SIGNAL == (ONES) || !NAME##_##SIGNAL##_is_in_range(message.SIGNAL) || (UNKNOWN),  \\
          #SIGNAL " is not absent")
#define ENCODED(NAME, SIGNAL, VALUE) message.SIGNAL = NAME##_##SIGNAL##_encode(VALUE)
#define READ_RAW(NAME, SIGNAL, RAW) check(message.SIGNAL == (RAW), #SIGNAL)
#define WRITTEN_RAW(NAME, SIGNAL, RAW) message.SIGNAL = (RAW)
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
        for vector in tomllib.loads(wire_file("vectors", f"{database}.toml").read_text("utf-8"))["vector"]:
            if vector.get("why") == "not ASCII":
                continue
            name = f"case_{len(calls)}"
            calls.append(f'    vector = "{len(calls)} {vector["message"]} {vector["data"][:47]}";\n    {name}();')
            yield from _case(name, database, messages[vector["message"]], vector)
    yield "int main(void)\n{"
    yield from calls
    yield f'    printf("{len(calls)} vectors, %u failures\\n", failures);'
    yield "    return failures != 0;\n}"


def _pack_filled(database: str, message: cantools.database.Message) -> str:
    return f"DEFINE_PACK_FILLED({_name(database, message)}, {message.length})"


def _case(name: str, database: str, message: cantools.database.Message, vector: dict[str, Any]) -> Iterator[str]:
    data = bytes.fromhex(vector["data"])
    yield f"\nstatic void {name}(void)\n{{"
    yield f"    static const uint8_t wire[] = {{{', '.join(f'0x{byte:02X}' for byte in data)}}};"
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
    yield "    memset(data, 0xFF, sizeof(data));\n    memcpy(data, wire, sizeof(wire));"
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
        yield '    check(memcmp(data, wire, sizeof(wire)) == 0, "encoded otherwise");'


def _refused(name: str, message: cantools.database.Message, data: bytes) -> Iterator[str]:
    """A wrong length, which the generated code notices only when it is too short, or a value beyond its limits."""
    if len(data) < message.length:
        yield f"    struct {name}_t message;\n"
        yield f'    check({name}_unpack(&message, wire, sizeof(wire)) != 0, "short and unpacked");'
    elif len(data) > message.length:
        yield f'    check(sizeof(wire) != {message.length}, "too long");'
    else:
        signals = [camel_to_snake_case(signal.name) for signal in message.signals]
        inside = " && ".join(f"{name}_{signal}_is_in_range(message.{signal})" for signal in signals)
        yield f"    struct {name}_t message;\n"
        yield f'    check({name}_unpack(&message, wire, sizeof(wire)) == 0, "not unpacked");'
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
