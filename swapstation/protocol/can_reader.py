"""Reads a message's bytes by looking them up: the one place in the product that writes and compiles source.

A message is cut into runs of whole bytes, as short as keeps every field in one run. The raw value of a run is looked up
in a dict that holds the values of its fields and fills as raw values are met, so that a value is computed once. What is
left per message is unpack, look up, build; written out per message (as `dataclasses` does for `__init__`) it takes half
the time of any loop over the runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any, TypeVar

from swapstation.protocol.can_fields import Field

MessageT = TypeVar("MessageT")

_REMEMBERED_BYTES = 2
_REMEMBERED = 4096  # raw values of one run; a run that has met more starts afresh


class Run(dict[int | bytes, Any]):
    """Some bytes of a message by raw value: the value of its only field, or a tuple of its fields' values."""

    def __init__(self, first: int, end: int, fields: Sequence[Field]) -> None:
        super().__init__()
        self.first = first
        self.end = end
        self._fields = fields
        self._remembers = end - first <= _REMEMBERED_BYTES

    def __missing__(self, raw: int | bytes) -> Any:
        value = self._read((raw if isinstance(raw, int) else int.from_bytes(raw, "little")) << 8 * self.first)
        if self._remembers:
            if len(self) >= _REMEMBERED:
                self.clear()
            self[raw] = value
        return value

    @property
    def several(self) -> bool:
        """Whether the value is a tuple of values."""
        return len(self._fields) > 1

    @property
    def format(self) -> str:
        """How `struct` reads the raw value."""
        size = self.end - self.first
        return {1: "B", 2: "H"}.get(size, f"{size}s")

    @property
    def absent(self) -> Any:
        """The value where the message was cut short before this run."""
        return self._read(((1 << 8 * (self.end - self.first)) - 1) << 8 * self.first)

    def _read(self, payload: int) -> Any:
        values = tuple(field.read(payload) for field in self._fields)
        return values if self.several else values[0]


def runs_of(fields: Sequence[Field]) -> list[Run]:
    """Fields in the order of their places (ValueError otherwise), gathered into runs that share no byte."""
    runs: list[tuple[int, int, list[Field]]] = []
    for field in fields:
        first, end = ((field.mask & -field.mask).bit_length() - 1) // 8, -(-field.mask.bit_length() // 8)
        if runs and first < runs[-1][1]:
            known_first, known_end, known = runs.pop()
            if first < known_first:
                raise ValueError("its fields are not in the order of their places")
            runs.append((known_first, max(end, known_end), [*known, field]))
        else:
            runs.append((first, end, [field]))
    return [Run(*run) for run in runs]


def reader(kind: Callable[..., MessageT], runs: Sequence[Run], length: int) -> Callable[[bytes], MessageT]:
    """A function that reads messages of exactly this length; `Refused` for what cannot be read."""
    names: dict[str, Any] = {"kind": kind}
    layout, raws, values, place = "<", "", [], 0
    for number, run in enumerate(runs):
        star = "*" if run.several else ""
        if run.end <= length:
            layout += f"{run.first - place}x{run.format}"
            place = run.end
            raws += f"r{number}, "
            names[f"run{number}"] = run
            values.append(f"{star}run{number}[r{number}]")
        else:
            names[f"absent{number}"] = run.absent
            values.append(f"{star}absent{number}")
    names["unpack"] = Struct(f"{layout}{length - place}x").unpack
    source = f"def read(data):\n    {raws}= unpack(data)\n    return kind({', '.join(values)})\n"
    exec(source, names)  # nothing of it comes from outside
    read: Callable[[bytes], MessageT] = names["read"]
    return read
