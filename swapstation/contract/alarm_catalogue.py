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
        catalogue = _DEFINITIONS.validate_python({code: {"code": code, **row} for code, row in rows.items()})
    except ValidationError as error:
        mistakes = [f"{source}: {'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise ConfigurationError(mistakes) from error
    mistakes = [mistake for code in catalogue for mistake in _unexplained(catalogue, code)]
    if mistakes:
        raise ConfigurationError([f"{source}: {mistake}" for mistake in mistakes])
    return catalogue


def _unexplained(catalogue: dict[str, AlarmDefinition], code: str) -> list[str]:
    """Explanations that are no alarm, and rings of them."""
    roots = [root.partition("@")[0] for root in catalogue[code].explained_by]
    unknown = [f"{code}.explained_by: {root!r} is no alarm of the catalogue" for root in roots if root not in catalogue]
    reached, open_roots = set(roots) & set(catalogue), [root for root in roots if root in catalogue]
    while open_roots:
        further = {each.partition("@")[0] for each in catalogue[open_roots.pop()].explained_by}
        open_roots += [each for each in further - reached if each in catalogue]
        reached |= further
    return [*unknown, *([f"{code}.explained_by: an alarm cannot explain itself"] if code in reached else [])]


@cache
def alarm_catalogue() -> dict[str, AlarmDefinition]:
    """The shipped catalogue."""
    return parse_alarm_catalogue(wire_file(SOURCE).read_text(encoding="utf-8"))
