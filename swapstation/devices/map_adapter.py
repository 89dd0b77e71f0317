"""The adapter of any polled Modbus device that a vendor's map describes: meters, chargers, climate units, stores,
barriers, weighbridges.

A wire carries one device, or one per bay: with `unit = "bay"` told apart by unit id, else `bay_stride` registers apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict

from swapstation.devices.adapter import (
    OUT_OF_RANGE,
    Adapter,
    AdapterKind,
    AdapterSettings,
    Refusal,
    Role,
    Update,
    refuse_bay,
    refuse_unknown,
)
from swapstation.devices.device_map import DeviceMap, Values, Write
from swapstation.devices.device_map_files import COMMAND_ID, load_device_map, parameter_of
from swapstation.devices.register_write import registers_of
from swapstation.devices.state_fields import suffix_of, unit_factor
from swapstation.errors import ConfigurationError, InputError
from swapstation.model.command import Command, StartCharge
from swapstation.model.vendor_alarm import VendorAlarms
from swapstation.protocol.modbus import Request
from swapstation.protocol.modbus import write as write_request
from swapstation.protocol.modbus_client import ModbusClient, Poll
from swapstation.protocol.modbus_framing import Framing
from swapstation.protocol.registers import Point, Value
from swapstation.wire_address import MODBUS_WIRES, WireProtocol
from swapstation.wire_files import wire_file

_STATION = 0
_EPOCH_STEP = 251


class MapAdapter:
    """Polls what the map reads and writes what it says an order is; an order leaves once, never again by itself."""

    def __init__(self, role: Role, device_map: DeviceMap, settings: AdapterSettings) -> None:
        self.role = role
        self.orders: frozenset[type[Command]] = frozenset(device_map.orders)
        self.bays = frozenset(settings.bays)
        self._map = device_map
        self._ratio = settings.ratio if role is Role.METER else 1.0
        self._unit = settings.wire.unit
        self._stops = settings.epoch * _EPOCH_STEP
        self._nonsense: dict[int, tuple[float, ...]] = {}
        framing = Framing.RTU if settings.wire.protocol is WireProtocol.MODBUS_RTU else Framing.TCP
        polls = [self._poll(name, bay) for bay in self._places for name in device_map.polled]
        self.node = ModbusClient(framing, polls, baud=settings.wire.baud)

    @property
    def malformed(self) -> int:
        return self.node.counts.malformed

    @property
    def _places(self) -> tuple[int, ...]:
        return tuple(sorted(self.bays)) or (_STATION,)

    def _poll(self, name: str, bay: int) -> Poll:
        block = self._map.registers.blocks[name]
        unit, address = self._at(block.address, bay)
        assert block.period_s is not None
        return Poll(unit, address, block.count, block.period_s, block.function)

    def _at(self, address: int, bay: int) -> tuple[int, int]:
        """Unit id and address of a register of one bay's device."""
        if self._map.unit == "bay":
            return bay, address
        return self._unit, address + max(bay - 1, 0) * self._map.bay_stride

    def updates(self, now_s: float) -> Iterator[Update]:
        for bay in self._places:
            values = self._values(bay)
            try:
                for state, received_s in list(self._map.states(values, now_s, self._ratio)):
                    yield Update(state, received_s, bay)
            except ValueError:
                self._count_nonsense(bay, values)
            yield from self._vendor_alarms(bay, values)

    def _values(self, bay: int) -> Values:
        values: dict[str, tuple[Mapping[str, Value], float]] = {}
        for name in self._map.polled:
            block = self._map.registers.blocks[name]
            latest = self.node.latest(*self._at(block.address, bay), block.function)
            if latest is not None:
                values[name] = (self._map.registers.decode(name, latest[0]), latest[1])
        return values

    def _count_nonsense(self, bay: int, values: Values) -> None:
        """Count each reading once that says what the map does not know; no state comes of it."""
        read_s = tuple(received_s for _, received_s in values.values())
        if self._nonsense.get(bay) != read_s:
            self._nonsense[bay] = read_s
            self.node.counts.malformed += 1

    def _vendor_alarms(self, bay: int, values: Values) -> Iterator[Update]:
        blocks = {bit.block for bit in self._map.alarms}
        if blocks and blocks <= set(values):
            yield Update(VendorAlarms(self._map.complaints(values)), min(values[block][1] for block in blocks), bay)

    def order(self, command: Command, command_id: int, now_s: float) -> Refusal | None:
        """Write what the map says the order is; all its writes are checked before the first one leaves."""
        if type(command) not in self.orders:
            return refuse_unknown(command, self.orders)
        bay = getattr(command, "bay", _STATION)
        if bay not in self._places:
            return refuse_bay(bay, self.bays)
        try:
            writes = [self._request(write, command, command_id, bay) for write in self._map.orders[type(command)]]
        except InputError as error:
            return Refusal(OUT_OF_RANGE, str(error))
        for unit, request in writes:
            self.node.submit(unit, request)
        return None

    def cycle(self, now_s: float) -> None:
        """Nothing is sent. Outcomes of writes do not pile up: whether the device did it shows in its state."""
        self.node.take_outcomes()

    def _request(self, write: Write, command: Command, command_id: int, bay: int) -> tuple[int, Request]:
        values = {
            name: self._value(self._map.registers.points[write.block][name], value, command, command_id)
            for name, value in write.values.items()
        }
        address, registers = registers_of(self._map.registers, write.block, values)
        unit, address = self._at(address, bay)
        return unit, write_request(address, registers, self._map.registers.blocks[write.block].function)

    def _value(self, point: Point, value: Value, command: Command, command_id: int) -> Value:
        parameter = parameter_of(value)
        if parameter is None:
            return value
        if parameter == COMMAND_ID:
            return self._wire_id(command, command_id, 16 * point.width)
        given: Value = asdict(command)[parameter]
        if not suffix_of(parameter) or not isinstance(given, int | float):
            return given
        return given / unit_factor(parameter, point.unit)

    def _wire_id(self, command: Command, command_id: int, bits: int) -> int:
        """An id that differs from the one before: starts by the journal in the lower half, stops in the upper."""
        half = 1 << bits - 1
        if isinstance(command, StartCharge):
            return (command_id - 1) % (half - 1) + 1
        self._stops += 1
        return half + self._stops % half


def _kind(role: Role) -> AdapterKind:
    def make(settings: AdapterSettings) -> Adapter:
        assert settings.map is not None
        device_map = load_device_map(settings.map, role)
        if len(settings.bays) > 1 and device_map.unit == "wire" and not device_map.bay_stride:
            raise ConfigurationError([f'{settings.map}:1: several bays need unit = "bay" or a bay_stride'])
        return MapAdapter(role, device_map, settings)

    return AdapterKind(make, MODBUS_WIRES, needs_map=True)


def _reference(role: Role) -> AdapterKind:
    """The device of firmware_proto/registers/ROLE.toml."""

    def make(settings: AdapterSettings) -> Adapter:
        return MapAdapter(role, load_device_map(wire_file("registers", f"{role}.toml"), role), settings)

    return AdapterKind(make, MODBUS_WIRES)


METER = _kind(Role.METER)
BAY_METER = _kind(Role.BAY_METER)
CHARGER = _kind(Role.CHARGER)
CLIMATE = _kind(Role.CLIMATE)
STORE = _kind(Role.STORE)
GATE = _kind(Role.GATE)
WEIGHER = _kind(Role.WEIGHER)
REFERENCE_CLIMATE = _reference(Role.CLIMATE)
REFERENCE_STORE = _reference(Role.STORE)
REFERENCE_GATE = _reference(Role.GATE)
REFERENCE_WEIGHER = _reference(Role.WEIGHER)
