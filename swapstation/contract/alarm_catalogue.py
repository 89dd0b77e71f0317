"""The alarm catalogue of firmware_proto/alarms.toml, read once: code -> definition with texts in zh and en."""

from __future__ import annotations

import tomllib
from functools import cache

from pydantic import TypeAdapter, ValidationError

from swapstation.errors import ConfigurationError
from swapstation.model.alarm import AlarmDefinition
from swapstation.wire_files import wire_file

SOURCE = "alarms.toml"
_DEFINITIONS = TypeAdapter(dict[str, AlarmDefinition])


def parse_alarm_catalogue(text: str, source: str = SOURCE) -> dict[str, AlarmDefinition]:
    """Read a catalogue; ConfigurationError names each alarm and key that is missing or wrong."""
    try:
        rows = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError([f"{source}: {error}"]) from error
    try:
        return _DEFINITIONS.validate_python({code: {"code": code, **row} for code, row in rows.items()})
    except ValidationError as error:
        mistakes = [f"{source}: {'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise ConfigurationError(mistakes) from error


@cache
def alarm_catalogue() -> dict[str, AlarmDefinition]:
    """The shipped catalogue."""
    return parse_alarm_catalogue(wire_file(SOURCE).read_text(encoding="utf-8"))
