"""Recipes: the steps of a swap as data, read from TOML, checked, hashed and stamped on every swap."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

from swapstation.errors import ConfigurationError
from swapstation.model.alarm import AlarmDefinition
from swapstation.station.conditions import CONDITIONS
from swapstation.station.facts import FACTS
from swapstation.station.interlocks import INTERLOCKS
from swapstation.station.orders import BUILDERS

ACTIONS = ("allocate", "close")
"""Steps that change the record instead of moving something."""
MOST_RETRIES = 9


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a recipe: who owns it, what it orders, what proves it, how long people wait before an alarm (s).

    While a step has `watch_truck`, a truck that gives up its parked state holds the station at once.
    """

    name: str
    title_zh: str
    title_en: str
    done: str
    timeout_s: float
    alarm: str
    owner: Literal["station", "plc"] = "station"
    command: str | None = None
    action: str | None = None
    fact: str | None = None
    interlocks: tuple[str, ...] = ()
    retries: int = 0
    watch_truck: bool = False
    ends: str | None = None

    @property
    def ends_order_of(self) -> str:
        """The step whose order is done with once this one is left: its own, unless `ends` names another ("" = none)."""
        return self.name if self.ends is None else self.ends


@dataclass(frozen=True, slots=True)
class Recipe:
    """A sequence for one way of exchanging; `hash` identifies its exact text."""

    name: str
    exchange: str
    title_zh: str
    title_en: str
    steps: tuple[Step, ...]
    hash: str

    def index(self, step: str) -> int:
        return next(index for index, candidate in enumerate(self.steps) if candidate.name == step)

    def step(self, name: str) -> Step:
        return self.steps[self.index(name)]

    def after(self, step: str) -> Step | None:
        """The step that follows, None after the last."""
        following = self.index(step) + 1
        return self.steps[following] if following < len(self.steps) else None


def parse_recipe(text: str, source: str, alarms: dict[str, AlarmDefinition]) -> Recipe:
    """Read a recipe; ConfigurationError names every step and key that is wrong and what is allowed."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError([f"{source}: {error}"]) from error
    rows = _rows(table)
    mistakes = [mistake for row in rows for mistake in _mistakes(row, source, alarms)]
    names = [str(row.get("name")) for row in rows]
    mistakes += [f"{source}: step {name!r} appears twice" for name in sorted(set(names)) if names.count(name) > 1]
    header = ("name", "exchange", "title_zh", "title_en")
    mistakes += [f"{source}: {key} is missing" for key in header if key not in table]
    if not rows:
        mistakes.append(f"{source}: no [[step]]")
    if mistakes:
        raise ConfigurationError(mistakes)
    steps = tuple(Step(**{**row, "interlocks": tuple(row.get("interlocks", ()))}) for row in rows)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return Recipe(table["name"], table["exchange"], table["title_zh"], table["title_en"], steps, digest)


def _rows(table: dict[str, Any]) -> list[dict[str, Any]]:
    steps = table.get("step")
    return [row for row in steps if isinstance(row, dict)] if isinstance(steps, list) else []


def _mistakes(row: dict[str, Any], source: str, alarms: dict[str, AlarmDefinition]) -> list[str]:
    where = f"{source}: step {row.get('name', '?')!r}"
    required = ("name", "title_zh", "title_en", "done", "timeout_s", "alarm")
    found = [f"{where}: {key} is missing" for key in required if key not in row]
    found += [f"{where}: {key} is not a key of a step" for key in row if key not in Step.__dataclass_fields__]
    tables: tuple[tuple[str, Any], ...] = (
        ("done", CONDITIONS),
        ("command", BUILDERS),
        ("action", ACTIONS),
        ("fact", FACTS),
        ("alarm", alarms),
        ("owner", ("station", "plc")),
    )
    for key, allowed in tables:
        names = sorted(allowed)
        if key in row and row[key] not in names:
            found.append(f"{where}: {key} = {row[key]!r}: one of {', '.join(names)}")
    found += [f"{where}: {mistake}" for mistake in _interlock_mistakes(row.get("interlocks", []))]
    if not _within(row.get("timeout_s", 0), 3600):
        found.append(f"{where}: timeout_s = {row['timeout_s']!r}: seconds from 0 to 3600")
    if not _within(row.get("retries", 0), MOST_RETRIES) or isinstance(row.get("retries"), float):
        found.append(f"{where}: retries = {row['retries']!r}: 0 to {MOST_RETRIES}")
    if row.get("owner") == "plc" and "command" in row:
        found.append(f"{where}: a step with owner = 'plc' orders nothing")
    return found


def _interlock_mistakes(interlocks: object) -> list[str]:
    if not isinstance(interlocks, list):
        return [f"interlocks = {interlocks!r}: a list of names"]
    known = sorted(INTERLOCKS)
    return [f"interlock {name!r}: one of {', '.join(known)}" for name in interlocks if name not in known]


def _within(value: object, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most


def load_recipe(name: str, exchange: str, alarms: dict[str, AlarmDefinition]) -> Recipe:
    """Load a shipped recipe, `name` and `exchange` as in the configuration (for example top_lift, station)."""
    source = f"{name}_{exchange}.toml"
    resource = files("swapstation.station") / "recipes" / source
    if not resource.is_file():
        raise ConfigurationError([f"recipe {name!r} for exchange = {exchange!r} does not exist ({source})"])
    return parse_recipe(resource.read_text(encoding="utf-8"), source, alarms)
