"""Commissioning: read the first stock of a station from a TOML file, everything or nothing.

    [[trucks]]
    vin = "LSWAPTRK7T0000001"              # 17 characters; a wrong GB 16735 check digit is only a warning
    model = "tractor-6x4"                  # one of the configuration's truck models
    seat_x_mm = 12                         # optional, and seat_y_mm, seat_z_mm: its seat is off the nominal

    [[batteries]]
    battery = "LFP-001"                    # asset id: letters, digits, dots, dashes, underscores
    model = "LFP-282"                      # one of the configuration's battery models
    codes = ["999PB0A0000001E6K0000001"]   # GB/T 34014-2017, one per pack
    place = "bay-1"                        # bay-N, isolation, transit, truck:VIN (#2, #3) of a truck above or known
    soc_pct = 80.0                         # optional

A file may be imported beside an existing stock; what contradicts it is a mistake like any other.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from swapstation.config.settings import Config
from swapstation.errors import ConfigurationError, InputError
from swapstation.inventory.changes import after, check_models, fitted, review
from swapstation.inventory.database import storage_errors
from swapstation.inventory.journal import TOOL_BOOT, write
from swapstation.inventory.queries import load_inventory
from swapstation.model.inventory import SeatOffset
from swapstation.model.journal import InventoryChanged
from swapstation.model.request import InventoryChange, ReceiveBattery
from swapstation.model.truck_request import RegisterTruck
from swapstation.toml_lines import KeyPath, key_lines

_WORDS = {str: "a text in quotes", list: "a list of texts", float: "a number", int: "a whole number"}
_SEAT = tuple(each.name for each in fields(SeatOffset))
_FIELDS: dict[str, dict[str, type]] = {
    "trucks": {"vin": str, "model": str, **dict.fromkeys(_SEAT, int)},
    "batteries": {"battery": str, "model": str, "codes": list, "place": str, "soc_pct": float},
}
_OPTIONAL = {"soc_pct", *_SEAT}


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import brought in."""

    trucks: int
    batteries: int
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Mistake:
    path: KeyPath
    text: str


def import_inventory(engine: sa.Engine, config: Config, file: Path, person: str, at: datetime) -> Imported:
    """Bring the trucks and batteries of a file into the stock record, in one transaction.

    Raises ConfigurationError with one line per mistake, `file:line: entry: field = value: what is allowed`.
    """
    text = _text(file)
    document = _parsed(file, text)
    mistakes = list(_shape_mistakes(document))
    changes: list[InventoryChange] = []
    warnings: list[str] = []
    if not mistakes:
        with storage_errors(), engine.connect() as connection:
            inventory = load_inventory(connection)
        for path, each in _changes(document):
            change = fitted(each, config)
            try:
                check_models(change, inventory, config)
                effect = review(change, inventory, at)
            except InputError as error:
                mistakes.append(_Mistake((*path, error.field), str(error)))
            else:
                inventory = after(inventory, effect)
                changes.append(change)
                warnings += effect.warnings
    if mistakes:
        raise ConfigurationError(_told(file, text, mistakes))
    write(engine, [InventoryChanged(change, person) for change in changes], at, TOOL_BOOT)
    trucks = sum(isinstance(change, RegisterTruck) for change in changes)
    return Imported(trucks, len(changes) - trucks, tuple(warnings))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError([f"{file}:1: cannot open the file: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError([f"{file}:1: the file must be UTF-8"]) from error


def _parsed(file: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"at line (\d+)", str(error))
        line = place.group(1) if place else text.count("\n") + 1
        raise ConfigurationError([f"{file}:{line}: not valid TOML: {error}"]) from error


def _shape_mistakes(document: dict[str, Any]) -> Iterator[_Mistake]:
    for section, entries in document.items():
        if section not in _FIELDS:
            yield _Mistake((section,), f"unknown; allowed are {' and '.join(f'[[{name}]]' for name in _FIELDS)}")
        elif not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            yield _Mistake((section,), f"must be written as [[{section}]]")
        else:
            for index, entry in enumerate(entries):
                yield from _entry_mistakes((section, index), entry, _FIELDS[section])


def _entry_mistakes(path: KeyPath, entry: dict[str, Any], fields: dict[str, type]) -> Iterator[_Mistake]:
    for name, value in entry.items():
        if name not in fields:
            yield _Mistake((*path, name), f"{name} = {value!r}: unknown; allowed are {', '.join(fields)}")
        elif not _fits(value, fields[name]):
            yield _Mistake((*path, name), f"{name} = {value!r}: must be {_WORDS[fields[name]]}")
    for name in fields.keys() - entry.keys() - _OPTIONAL:
        yield _Mistake(path, f"{name} is missing: {_WORDS[fields[name]]}")


def _fits(value: object, kind: type) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(value, list):
        return kind is list and all(isinstance(item, str) for item in value)
    return isinstance(value, kind) and not isinstance(value, bool)


def _changes(document: dict[str, Any]) -> Iterator[tuple[KeyPath, InventoryChange]]:
    """Trucks first: batteries may stand on them."""
    for index, truck in enumerate(document.get("trucks", [])):
        seat = SeatOffset(**{name: truck[name] for name in _SEAT if name in truck})
        yield ("trucks", index), RegisterTruck(truck["vin"], truck["model"], seat=seat)
    for index, battery in enumerate(document.get("batteries", [])):
        yield ("batteries", index), ReceiveBattery(**{**battery, "codes": tuple(battery["codes"])})


def _told(file: Path, text: str, mistakes: list[_Mistake]) -> list[str]:
    lines = key_lines(text)
    told = []
    for mistake in mistakes:
        section, *index = mistake.path[:2]
        entry = f"{section}[{index[0]}]" if index else section
        line = lines.get(mistake.path) or lines.get(mistake.path[:2]) or lines.get(mistake.path[:1], 1)
        told.append((line, f"{file}:{line}: {entry}: {mistake.text}"))
    return [text for _, text in sorted(told)]
