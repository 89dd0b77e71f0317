"""The far end of a vendor's register map: shows what the map says its points feed, and reads its orders back.

It reads the same file as the station's `modbus_map` adapter, by the meaning of its keys alone, so that any vendor's map
can be tried on the simulated plant.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swapstation.errors import InputError
from swapstation.protocol.register_bank import RegisterBank, RegisterWrite
from swapstation.protocol.register_files import register_map_of
from swapstation.protocol.registers import Point, Value
from swapstation.toml_lines import key_lines

_MEANING = {"unit", "bay_stride", "constants", "order", "vendor_alarm"}
_POINT_MEANING = {"to", "words"}
_AT_ONCE = ("LimitCharge", "SetStorePower")
"""Orders of parameters alone; those of any other are kept until its order is written."""
_FACTORS = {
    "Wh": 1e-3,
    "MWh": 1e3,
    "t": 1e3,
    "W": 1e-3,
    "MW": 1e3,
    "mV": 1e-3,
    "kV": 1e3,
    "mA": 1e-3,
    "kA": 1e3,
    "bar": 100.0,
    "MPa": 1000.0,
    "m3/h": 1000.0 / 60.0,
}
"""What a value in a point's unit is multiplied by for the unit of our fields (kWh, kW, V, A, kPa, L/min, kg)."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order that the station wrote: the place it is for (bay, or 0), its command, and the parameters it carried."""

    place: int
    command: str
    parameters: Mapping[str, Value]


class MapRegisters:
    """Registers of like devices behind one Modbus wire; `places` are their bays, or 0 for a device of no bay."""

    def __init__(self, path: Path, places: tuple[int, ...], wire_unit: int) -> None:
        text = path.read_text(encoding="utf-8")
        self._data = tomllib.loads(text)
        self._map = register_map_of(path, _registers_only(self._data), key_lines(text))
        self._wire_unit = wire_unit
        self._given: dict[int, dict[str, Value]] = {place: {} for place in places}
        self._ids: dict[int, Value] = {}
        self.bank = RegisterBank()
        for place in places:
            for block in self._map.blocks.values():
                unit, address = self._at(place, block.address)
                self.bank.define(unit, address, block.count, writable=block.access == "write")

    def show(self, place: int, fields: Mapping[str, Value]) -> None:
        """Lay out the values of one place by the fields they feed, such as "Meter.energy_kwh" or "Meter.voltages_v[1]".

        What a point cannot carry leaves its registers as they are.
        """
        for table in self._data["point"]:
            if table.get("to") in fields:
                point = self._map.points[table["block"]][table["name"]]
                self._put(place, point, _told(table, point, fields[table["to"]]))

    def take(self) -> Iterator[Order]:
        """The orders written since the last call; one whose id is that of the order before it is none."""
        for write in self.bank.take_writes():
            order = self._order(write)
            if order is None:
                continue
            command_id = order.parameters.get("command_id")
            if command_id is None or self._ids.get(order.place) != command_id:
                self._ids[order.place] = command_id
                yield order

    def _at(self, place: int, address: int) -> tuple[int, int]:
        if self._data.get("unit", "wire") == "bay":
            return place, address
        return self._wire_unit, address + max(place - 1, 0) * int(self._data.get("bay_stride", 0))

    def _put(self, place: int, point: Point, value: Value) -> None:
        unit, address = self._at(place, point.address)
        try:
            registers = point.encode(value, self.bank.get(unit, address, point.width))
        except InputError:
            return
        self.bank.set(unit, address, registers)

    def _order(self, write: RegisterWrite) -> Order | None:
        """Find the order that this write is; parameters written before it without an order belong to it."""
        for place, given in self._given.items():
            for table in self._data.get("order", ()):
                values = self._written(place, table["write"], write)
                if values is None:
                    continue
                if table["command"] in _AT_ONCE:
                    return Order(place, table["command"], values)
                given.update(values)
                if any(not _is_parameter(told) for told in table["write"].values()):
                    return Order(place, table["command"], dict(given))
        return None

    def _written(self, place: int, told: Mapping[str, Value], write: RegisterWrite) -> dict[str, Value] | None:
        """The parameters in a write, None when it is not the write that the map tells."""
        points = [points[name] for points in self._map.points.values() for name in told if name in points]
        places = {point.name: self._at(place, point.address) for point in points}
        covered = {(write.unit, write.address + index) for index in range(len(write.registers))}
        wanted = {
            (places[point.name][0], places[point.name][1] + index) for point in points for index in range(point.width)
        }
        if covered != wanted:
            return None
        values: dict[str, Value] = {}
        for point in points:
            start = places[point.name][1] - write.address
            value = point.decode(write.registers[start : start + point.width])
            expected = told[point.name]
            if _is_parameter(expected):
                values[str(expected)[1:-1]] = _scaled(value, _FACTORS.get(point.unit, 1.0))
            elif value != expected:
                return None
        return values


def _registers_only(data: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in data.items() if key not in _MEANING}
    kept["point"] = [
        {key: value for key, value in point.items() if key not in _POINT_MEANING} for point in data.get("point", ())
    ]
    return kept


def _told(table: Mapping[str, Any], point: Point, value: Value) -> Value:
    """A field's value in the point's own words and unit."""
    if point.enum:
        words = table.get("words", {})
        return next((name for name in point.enum if words.get(name, name) == value), None)
    return _scaled(value, 1.0 / _FACTORS.get(point.unit, 1.0))


def _scaled(value: Value, factor: float) -> Value:
    if isinstance(value, bool) or not isinstance(value, int | float) or factor == 1.0:
        return value
    return value * factor


def _is_parameter(told: Value) -> bool:
    return isinstance(told, str) and told.startswith("{")
