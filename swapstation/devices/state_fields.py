"""Fields of device states that a vendor's map may feed: type, unit and plausible range, read off the dataclasses.

The unit is the field's suffix. A map may use a related unit (Wh for kWh); any other is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from enum import Enum
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from swapstation.devices.adapter import DeviceState
from swapstation.protocol.registers import Value

_UNITS: Mapping[str, tuple[str, Mapping[str, float]]] = {
    "_kwh": ("kWh", {"kWh": 1.0, "Wh": 0.001, "MWh": 1000.0}),
    "_kw": ("kW", {"kW": 1.0, "W": 0.001, "MW": 1000.0}),
    "_v": ("V", {"V": 1.0, "mV": 0.001, "kV": 1000.0}),
    "_a": ("A", {"A": 1.0, "mA": 0.001, "kA": 1000.0}),
    "_pct": ("%", {"%": 1.0}),
    "_c": ("degC", {"degC": 1.0}),
    "_kpa": ("kPa", {"kPa": 1.0, "bar": 100.0, "MPa": 1000.0}),
    "_lpm": ("L/min", {"L/min": 1.0, "m3/h": 1000.0 / 60.0}),
    "_kg": ("kg", {"kg": 1.0, "t": 1000.0}),
}
_RANGES: Mapping[str, tuple[float, float]] = {
    "_kwh": (0.0, 1e9),
    "_kw": (-1e5, 1e5),
    "_v": (-2000.0, 500_000.0),
    "_a": (-1e5, 1e5),
    "_pct": (0.0, 100.0),
    "_c": (-60.0, 250.0),
    "_kpa": (-100.0, 2000.0),
    "_lpm": (0.0, 1000.0),
    "_kg": (-10_000.0, 500_000.0),
}
"""What no real device reports is taken as nonsense from the wire (own design)."""


@dataclass(frozen=True, slots=True)
class StateField:
    """One field of a device state. `index` is the place in a tuple of phases, counted from 1; 0: the whole field."""

    state: type[DeviceState]
    name: str
    type: type[Any]
    optional: bool
    index: int = 0

    def __str__(self) -> str:
        return f"{self.state.__name__}.{self.name}" + (f"[{self.index}]" if self.index else "")

    def convert(self, value: Value) -> object:
        """The field's value of what a point reads in the field's unit. ValueError when it cannot be."""
        if issubclass(self.type, Enum):
            return self.type(value)
        if isinstance(value, bool) is not (self.type is bool) or isinstance(value, str) is not (self.type is str):
            raise ValueError(f"{self} = {value!r}: not {self.type.__name__}")
        if self.type is float:
            low, high = range_of(self.name)
            assert isinstance(value, int | float)
            if not low <= value <= high:
                raise ValueError(f"{self} = {value:g}: outside {low:g} to {high:g}")
        return value


def suffix_of(name: str) -> str:
    """The unit suffix of a field's name, "" when it has none."""
    found = re.search(r"_[a-z]+$", name)
    return found.group() if found and found.group() in _UNITS else ""


def range_of(name: str) -> tuple[float, float]:
    """What a value of a field called `name` may be, in the unit of its suffix."""
    return _RANGES.get(suffix_of(name), (float("-inf"), float("inf")))


def unit_factor(name: str, unit: str) -> float:
    """What a value in `unit` is multiplied by for a field or parameter called `name`. ValueError names the units."""
    suffix = suffix_of(name)
    if not suffix:
        if unit:
            raise ValueError(f"unit = {unit!r}, allowed: none, {name} has no unit")
        return 1.0
    _, factors = _UNITS[suffix]
    if unit not in factors:
        raise ValueError(f"unit = {unit!r}, allowed for {name}: {', '.join(factors)}")
    return factors[unit]


def field_of(path: str, states: Mapping[str, type[DeviceState]]) -> StateField:
    """The field that `State.field` or `State.field[1]` names. ValueError says what is allowed."""
    found = re.fullmatch(r"(\w+)\.(\w+)(?:\[([1-9])\])?", path)
    state = states.get(found[1]) if found else None
    if found is None or state is None:
        raise ValueError(f"allowed: {' or '.join(states)} with a field, for example {_example(states)}")
    hints = get_type_hints(state)
    if found[2] not in hints:
        raise ValueError(f"allowed for {found[1]}: {', '.join(hints)}")
    hint = hints[found[2]]
    if get_origin(hint) is tuple:
        if not found[3]:
            raise ValueError(f"needs a place such as {found[1]}.{found[2]}[1]")
        return StateField(state, found[2], get_args(hint)[0], optional=True, index=int(found[3]))
    if found[3]:
        raise ValueError(f"{found[1]}.{found[2]} has no places")
    kinds = [kind for kind in get_args(hint) if kind is not NoneType] or [hint]
    return StateField(state, found[2], kinds[0], optional=NoneType in get_args(hint))


def required_fields(state: type[DeviceState]) -> list[str]:
    """Fields without which the state cannot be told at all."""
    hints = get_type_hints(state)
    return [
        entry.name
        for entry in fields(state)
        if entry.default is MISSING and entry.default_factory is MISSING and NoneType not in get_args(hints[entry.name])
    ]


def _example(states: Mapping[str, type[DeviceState]]) -> str:
    name, state = next(iter(states.items()))
    return f"{name}.{required_fields(state)[-1]}"
