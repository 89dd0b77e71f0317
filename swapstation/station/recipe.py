"""Recipes: the steps of a swap as data, read from TOML, checked, hashed and stamped on every swap.

Beside its steps a recipe has ways out (recipes/ways_out.toml): what leads from a failed step to a defined end.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal

from swapstation.errors import ConfigurationError
from swapstation.model.alarm import AlarmDefinition
from swapstation.model.inventory import Cause
from swapstation.station.conditions import CONDITIONS
from swapstation.station.facts import FACTS
from swapstation.station.interlocks import INTERLOCKS
from swapstation.station.orders import BUILDERS
from swapstation.station.situation import ANY_POSE, PoseLimits

ACTIONS = ("allocate", "choose_another", "close", "close_failed")
"""Steps that change the record instead of moving something."""
WAYS_OUT = "ways_out.toml"
MOST_RETRIES = 9
POSE_KEYS = {"pose_x_mm": "x_mm", "pose_y_mm": "y_mm", "pose_yaw_mrad": "yaw_mrad"}
MOST_POSE = 500
"""Largest offset that a recipe may name (mm or mrad)."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a recipe: who owns it, what it orders, what proves it, how long people wait before an alarm (s).

    `target_s` is the time that the step should take (s), None where nobody has set one; it moves nothing. While a step
    has `watch_truck`, a truck that gives up its parked state holds the station at once. While the truck has another
    battery position to exchange, the swap goes on from this step at the one named `again`.
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
    target_s: float | None = None
    ends: str | None = None
    again: str = ""

    @property
    def ends_order_of(self) -> str:
        """The step whose order is done with once this one is left: its own, unless `ends` names another ("" = none)."""
        return self.name if self.ends is None else self.ends


@dataclass(frozen=True, slots=True)
class Way:
    """One way out of a swap that cannot go on: for which causes, what must be so (`when`), its steps, where it leads.

    `then` names the way or the step of the recipe that follows; "" when the last step closes the swap.
    """

    name: str
    title_zh: str
    title_en: str
    causes: tuple[Cause, ...]
    when: tuple[str, ...]
    steps: tuple[Step, ...] = ()
    then: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A sequence for one way of exchanging, and the ways out of it; `hash` identifies their exact text.

    `pose` is how far the truck may stand from the ideal place where the recipe asks for more than the settings. With
    `transit` the returned battery goes to the transit place and is stored when the truck has left.
    """

    name: str
    exchange: str
    title_zh: str
    title_en: str
    steps: tuple[Step, ...]
    hash: str
    ways: tuple[Way, ...] = ()
    pose: PoseLimits = ANY_POSE
    transit: bool = False
    _ahead: dict[str, tuple[Step, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def step(self, name: str) -> Step:
        return self.ahead(name)[0]

    def ahead(self, name: str) -> tuple[Step, ...]:
        """The step of this name and all that follow it, through the ways that its own way leads to."""
        if name not in self._ahead:
            self._ahead[name] = self._found_ahead(name)  # asked many times in every cycle
        return self._ahead[name]

    def _found_ahead(self, name: str) -> tuple[Step, ...]:
        for path, then in self._paths():
            names = [step.name for step in path]
            if name in names:
                return (*path[names.index(name) :], *self.entered_by(then))
        raise KeyError(name)

    def entered_by(self, name: str) -> tuple[Step, ...]:
        """The steps that a way (or a step of the recipe) begins; none for ""."""
        way = next((way for way in self.ways if way.name == name), None)
        if way is not None:
            return (*way.steps, *self.entered_by(way.then))
        return self.ahead(name) if name else ()

    def after(self, name: str) -> Step | None:
        """The step that follows, None after the last."""
        following = self.ahead(name)[1:]
        return following[0] if following else None

    @property
    def exchanges_several(self) -> bool:
        """Whether it goes on with the next battery position of a truck that has several."""
        return any(step.again for step in self.steps)

    def _paths(self) -> tuple[tuple[tuple[Step, ...], str], ...]:
        return ((self.steps, ""), *((way.steps, way.then) for way in self.ways))


def parse_recipe(text: str, source: str, alarms: dict[str, AlarmDefinition], ways_out: str = "") -> Recipe:
    """Read a recipe and its ways out; ConfigurationError names every step and key that is wrong and what is allowed."""
    table, out = _table(text, source), _table(ways_out, WAYS_OUT)
    rows, ways = _rows(table, "step"), _rows(out, "way")
    mistakes = [mistake for row in rows for mistake in _mistakes(row, source, alarms)]
    mistakes += [mistake for way in ways for mistake in _way_mistakes(way, rows, ways, alarms)]
    out_rows = [row for way in ways for row in _rows(way, "step")]
    mistakes += [mistake for row in (*rows, *out_rows) for mistake in _again_mistakes(row, rows, source)]
    names = [str(row.get("name")) for row in (*rows, *ways, *out_rows)]
    mistakes += [f"{source}: step {name!r} appears twice" for name in sorted(set(names)) if names.count(name) > 1]
    header = ("name", "exchange", "title_zh", "title_en")
    mistakes += [f"{source}: {key} is missing" for key in header if key not in table]
    mistakes += [
        f"{source}: {key} is not a key of a recipe"
        for key in table
        if key not in (*header, *POSE_KEYS, "transit", "step")
    ]
    mistakes += [
        f"{source}: {key} = {table[key]!r}: a number from 0 to {MOST_POSE}"
        for key in POSE_KEYS
        if not _within(table.get(key, 0), MOST_POSE)
    ]
    if not isinstance(table.get("transit", False), bool):
        mistakes.append(f"{source}: transit = {table['transit']!r}: true or false")
    if not rows:
        mistakes.append(f"{source}: no [[step]]")
    if mistakes:
        raise ConfigurationError(mistakes)
    digest = hashlib.sha256((text + ways_out).encode()).hexdigest()[:16]
    head = (table["name"], table["exchange"], table["title_zh"], table["title_en"])
    pose = PoseLimits(**{name: table[key] for key, name in POSE_KEYS.items() if key in table})
    return Recipe(
        *head,
        tuple(_step(row) for row in rows),
        digest,
        tuple(_way(way) for way in ways),
        pose,
        table.get("transit", False),
    )


def _table(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError([f"{source}: {error}"]) from error


def _rows(table: dict[str, Any], key: str) -> list[dict[str, Any]]:
    rows = table.get(key)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _step(row: dict[str, Any]) -> Step:
    return Step(**{**row, "interlocks": tuple(row.get("interlocks", ()))})


def _way(row: dict[str, Any]) -> Way:
    return Way(
        name=row["name"],
        title_zh=row["title_zh"],
        title_en=row["title_en"],
        causes=tuple(Cause(cause) for cause in row["causes"]),
        when=tuple(row["when"]),
        steps=tuple(_step(step) for step in _rows(row, "step")),
        then=row.get("then", ""),
    )


def _way_mistakes(
    way: dict[str, Any], rows: list[dict[str, Any]], ways: list[dict[str, Any]], alarms: dict[str, AlarmDefinition]
) -> list[str]:
    where = f"{WAYS_OUT}: way {way.get('name', '?')!r}"
    found = [
        f"{where}: {key} is missing" for key in ("name", "title_zh", "title_en", "causes", "when") if key not in way
    ]
    found += [f"{where}: {key} is not a key of a way" for key in way if key not in (*Way.__dataclass_fields__, "step")]
    for key, allowed in (("causes", tuple(Cause)), ("when", tuple(CONDITIONS))):
        listed = way.get(key, [])
        wrong = listed if not isinstance(listed, list) else [name for name in listed if name not in allowed]
        if wrong or not listed:
            found.append(f"{where}: {key} = {listed!r}: a list of {', '.join(sorted(allowed))}")
    names = [str(other.get("name")) for other in (*ways, *rows)]
    if way.get("then", "") not in ("", *names) or way.get("then") == way.get("name"):
        found.append(f"{where}: then = {way['then']!r}: one of {', '.join(names)}")
    if not _rows(way, "step") and not way.get("then"):
        found.append(f"{where}: neither [[way.step]] nor then")
    if _leads_round(way, ways):
        found.append(f"{where}: then leads back to it")
    return found + [mistake for row in _rows(way, "step") for mistake in _mistakes(row, WAYS_OUT, alarms)]


def _leads_round(way: dict[str, Any], ways: list[dict[str, Any]]) -> bool:
    following = {str(other.get("name")): str(other.get("then", "")) for other in ways}
    name = str(way.get("then", ""))
    for _ in ways:
        if name == way.get("name"):
            return True
        name = following.get(name, "")
    return False


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
    most_s = row.get("timeout_s", 0)
    if not _within(row.get("target_s", 0), most_s if _within(most_s, 3600) else 3600):
        found.append(f"{where}: target_s = {row['target_s']!r}: seconds from 0 to timeout_s")
    if not _within(row.get("retries", 0), MOST_RETRIES) or isinstance(row.get("retries"), float):
        found.append(f"{where}: retries = {row['retries']!r}: 0 to {MOST_RETRIES}")
    if row.get("owner") == "plc" and "command" in row:
        found.append(f"{where}: a step with owner = 'plc' orders nothing")
    return found


def _again_mistakes(row: dict[str, Any], rows: list[dict[str, Any]], source: str) -> list[str]:
    """A step goes on with the next position at a step of the recipe, one before it if it is itself one of these."""
    names = [str(each.get("name")) for each in rows]
    own = str(row.get("name"))
    allowed = names[: names.index(own)] if own in names else names
    if "again" not in row or row["again"] in allowed:
        return []
    return [f"{source}: step {own!r}: again = {row['again']!r}: one of {', '.join(allowed)}"]


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
    if not (_shipped() / source).is_file():
        raise ConfigurationError([f"recipe {name!r} for exchange = {exchange!r} does not exist ({source})"])
    texts = [(_shipped() / each).read_text(encoding="utf-8") for each in (source, WAYS_OUT)]
    return parse_recipe(texts[0], source, alarms, texts[1])


def load_recipes(names: Iterable[str], exchange: str, alarms: dict[str, AlarmDefinition]) -> tuple[Recipe, ...]:
    """Load several shipped recipes; ConfigurationError as for one."""
    return tuple(load_recipe(name, exchange, alarms) for name in names)


def read_recipe(path: Path, alarms: dict[str, AlarmDefinition]) -> Recipe:
    """Read a recipe from a file, with the ways_out.toml beside it or else the shipped one."""
    beside = path.parent / WAYS_OUT
    try:
        text = path.read_text(encoding="utf-8")
        ways_out = (beside if beside.is_file() else _shipped() / WAYS_OUT).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{path}: {error}"]) from None
    return parse_recipe(text, str(path), alarms, ways_out)


def _shipped() -> Traversable:
    return files("swapstation.station") / "recipes"
