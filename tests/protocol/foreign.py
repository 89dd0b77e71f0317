"""What a class of ours must hold, told from what cantools reads: the same signals, our names, words and sign."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeAlias

import cantools
from msgspec.structs import asdict

from swapstation.protocol.can_fields import Choice, Field, Flag, Number, Text
from swapstation.protocol.can_layout import Codec
from swapstation.protocol.gbt27930.fields import ClockField, VersionField, WordsField
from swapstation.wire_files import wire_file

Raws: TypeAlias = Mapping[str, int]


def database(file: str) -> cantools.database.can.Database:
    """A DBC of the wire contract as cantools reads it."""
    path = wire_file("dbc", file)
    return cantools.database.load_file(str(path), encoding="utf-8")  # type: ignore[return-value]


def raws_read(foreign: cantools.database.Message, data: bytes) -> Raws:
    """Raw value of each signal as cantools reads it; all ones behind the end of a message that was cut short."""
    read = foreign.decode(data.ljust(foreign.length, b"\xff"), decode_choices=False, scaling=False)
    return {name: int(raw) for name, raw in read.items()}  # type: ignore[union-attr, arg-type]


def raws_said(foreign: cantools.database.Message, values: Mapping[str, float]) -> Raws:
    """Raw value of each signal from physical values; all ones for a signal that is not named."""
    return {signal.name: _raw(signal, values.get(signal.name)) for signal in foreign.signals}


def expected(codec: Codec[Any], foreign: cantools.database.Message, raws: Raws) -> dict[str, Any]:
    """Value of each field of our class that has signals in the DBC, told without our reading code."""
    signals = {signal.name: signal for signal in foreign.signals}
    told = {}
    for name, field in codec.fields:
        if isinstance(field, VersionField | ClockField | WordsField):
            told[name] = _joined(field, signals, raws)
        elif field.signal.name in signals:  # type: ignore[attr-defined]
            signal = signals[field.signal.name]  # type: ignore[attr-defined]
            told[name] = _plain(field, signal, raws[signal.name])
    return told


def _raw(signal: cantools.database.Signal, value: float | None) -> int:
    if value is None:
        return _ones(signal)
    if isinstance(value, int) and signal.scale == 1:
        return value - int(signal.offset)
    return round((value - float(signal.offset)) / float(signal.scale))


def _ones(signal: cantools.database.Signal) -> int:
    return (1 << signal.length) - 1


def _joined(field: Field, signals: Mapping[str, cantools.database.Signal], raws: Raws) -> object:
    match field:
        case VersionField():
            return f"{raws['VersionMajor']}.{raws['VersionMinor']}"
        case ClockField():
            digits = "".join(f"{raws[name]:02X}" for name in _CLOCK)
            return re.sub(r"(....)(..)(..)(..)(..)(..)", r"\1-\2-\3 \4:\5:\6", digits) if digits.isdecimal() else None
        case WordsField():
            named = {signal.start: raws[name] for name, signal in signals.items()}
            return tuple(word for bit, raw, word in field.words if named[bit] == raw)
    raise AssertionError(field)


_CLOCK = ("YearHigh", "YearLow", "Month", "Day", "Hour", "Minute", "Second")


def _plain(field: Field, signal: cantools.database.Signal, raw: int) -> object:
    choices: Mapping[int, object] = signal.choices or {}
    named = str(choices.get(raw, ""))
    match field:
        case Flag():
            return {"No": False, "Yes": True}.get(named)
        case Choice():
            member: Enum | None = next((each for each in field.kind if _same(each.name, named)), None)
            return member or next((each for each in field.kind if each.name == "OTHER"), None)
        case Text():
            return _text(field, raw.to_bytes(signal.length // 8, "little"))
        case Number():
            value = raw * float(signal.scale) + float(signal.offset)
            highest = raw >> max(signal.length - 8, 0)
            absent = (signal.length >= 8 and raw == _ones(signal)) or (field.rules.error_indicator and highest >= 0xFE)
            if absent or not float(signal.minimum or 0) - 1e-9 <= value <= float(signal.maximum or 0) + 1e-9:
                return None
            turned = field.rules.charge_negative and signal.unit == "A"
            return -value if turned else value
    raise AssertionError(field)


def _text(field: Text, data: bytes) -> str | None:
    if not field.rules.lenient:
        return data.rstrip(b"\xff").decode()
    shown = "".join(chr(byte) if 0x20 <= byte <= 0x7E else "?" for byte in data.rstrip(b"\x00\xff "))
    return shown or None


def _same(name: str, word: str) -> bool:
    return name.replace("_", "").lower() == word.lower()


def differences(message: Any, told: Mapping[str, Any]) -> dict[str, tuple[object, object]]:
    """Fields in which a message differs from what is expected: ours, expected. Numbers are equal to a millionth."""
    ours = asdict(message)
    return {
        name: (ours[name], value)
        for name, value in told.items()
        if not (ours[name] == value or _close(ours[name], value))
    }


def _close(ours: object, told: object) -> bool:
    both = isinstance(ours, int | float) and isinstance(told, int | float)
    return both and abs(ours - told) < 1e-6  # type: ignore[operator]
