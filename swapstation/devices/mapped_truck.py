"""A truck's on-board swap controller of any maker: its DBC and a small map say what its messages mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from swapstation.devices.adapter import (
    AdapterKind,
    AdapterSettings,
    Refusal,
    Role,
    Update,
    refuse_position,
    refuse_unknown,
)
from swapstation.devices.can_outbox import CanOutbox
from swapstation.devices.truck import TruckAssembly
from swapstation.devices.truck_map import SignalUse, TruckMap
from swapstation.devices.truck_map_files import REQUIRED, load_truck_map
from swapstation.model.command import Command
from swapstation.model.device import PROTOCOL_VERSION, LockState
from swapstation.protocol.node import Frame
from swapstation.protocol.registers import Value
from swapstation.protocol.station_can import TruckBatteryCode, TruckState, TruckVin
from swapstation.wire_address import CAN_WIRES

HIGHEST_WIRE_ID = 65_000
"""The station's ids of truck orders count up to here and begin again."""

_WITHOUT_PRIORITY = 0x03FF_FFFF
_NEVER_ABSENT = {"lock", "receipt_id"}
"""Fields of which "not available" is no state at all; an absent flag counts as not safe."""


class MappedTruck:
    """Translates a maker's messages into those of our own truck link; itself the CAN node.

    The truck is as old as the oldest message that a required field comes from.
    """

    role = Role.TRUCK_LINK
    bays: frozenset[int] = frozenset()

    def __init__(self, truck_map: TruckMap) -> None:
        self.node = self
        self.malformed = 0
        self.orders: frozenset[type[Command]] = frozenset(truck_map.orders)
        self._map = truck_map
        self._messages = {can_id & _WITHOUT_PRIORITY: message for can_id, message in truck_map.can_ids.items()}
        self._needed = {truck_map.fields[name].message for name in REQUIRED}
        self._values: dict[str, Value] = {}
        self._told_s: dict[str, float] = {}
        self._truck = TruckAssembly(truck_map.gone_s, truck_map.vin.parts, truck_map.code.parts)
        self._outbox = CanOutbox()
        self._counted = 0
        self._ordered = (0, 0)

    def updates(self, now_s: float) -> Iterator[Update]:
        found = self._truck.state()
        if found is not None:
            yield Update(*found)

    def order(self, command: Command, command_id: int, now_s: float) -> Refusal | None:
        order = self._map.orders.get(type(command))
        if order is None:
            return refuse_unknown(command, self.orders)
        if (refusal := refuse_position(command)) is not None:
            return refusal
        number = self._number_of(command_id, order.highest_id)
        self._outbox.put(Frame(order.message.can_id, order.data(number, self._map.fill)), now_s)
        return None

    def _number_of(self, command_id: int, highest: int) -> int:
        """The id as the truck can carry it: a short one is counted, and is never the one that the truck shows now."""
        if highest >= HIGHEST_WIRE_ID:
            return command_id
        shown = self._values.get("receipt_id")
        self._counted = self._counted % highest + 1
        if self._counted == shown:
            self._counted = self._counted % highest + 1
        self._ordered = self._counted, command_id
        return self._counted

    def _receipt(self, shown: int) -> int:
        """The id of the command that the truck acted on last; 0 when a short number is not that of our last order."""
        if all(order.highest_id >= HIGHEST_WIRE_ID for order in self._map.orders.values()):
            return shown
        number, command_id = self._ordered
        return command_id if shown == number else 0

    def cycle(self, now_s: float) -> None:
        """Nothing: the truck watches the order's receipt, not a heartbeat."""

    def receive(self, frame: Frame, now_s: float) -> None:
        message = self._messages.get(frame.can_id & _WITHOUT_PRIORITY) if frame.extended else None
        if message is None:
            return
        if len(frame.data) != message.length:
            self.malformed += 1
            return
        word = int.from_bytes(frame.data, "little")
        try:
            values, texts = self._values_in(message.name, word), list(self._texts_in(message.name, word))
        except ValueError:
            self.malformed += 1
            return
        if values:
            self._take_values(message.name, values, now_s)
        for text in texts:
            if isinstance(text, TruckVin):
                self._truck.take_vin(text)
            else:
                self._truck.take_code(text)

    def _values_in(self, message: str, word: int) -> dict[str, Value]:
        values = {name: use.read(word) for name, use in self._map.fields.items() if use.message == message}
        for name in _NEVER_ABSENT & values.keys():
            if values[name] is None:
                raise ValueError(f"{name} is not available")
        return values

    def _texts_in(self, message: str, word: int) -> Iterator[TruckVin | TruckBatteryCode]:
        vin, code = self._map.vin, self._map.code
        if vin.text.message == message:
            yield TruckVin(_number(vin.part, word), vin.text.text(word))
        if code.text.message == message:
            battery = _number(code.battery, word) if code.battery else 1
            yield TruckBatteryCode(battery, _number(code.part, word), code.text.text(word))

    def _take_values(self, message: str, values: dict[str, Value], now_s: float) -> None:
        self._values |= values
        self._told_s[message] = now_s
        if self._needed <= self._told_s.keys():
            told_s = min(self._told_s[each] for each in self._needed)
            self._truck.take_state(self._state(self._values), told_s)

    def _state(self, told: dict[str, Any]) -> TruckState:
        return TruckState(
            lock=LockState(told["lock"]),
            parking_brake_set=told["parking_brake_set"],
            key_off=told["key_off"],
            gear_neutral=told["gear_neutral"],
            hv_powered_down=told["hv_powered_down"],
            connector_mated=told["connector_mated"],
            battery_present=told["battery_present"],
            soc_pct=told.get("soc_pct"),
            receipt_id=self._receipt(int(told["receipt_id"])),
            protocol_version=int(told.get("protocol_version") or PROTOCOL_VERSION),
            alive_counter=0,
        )

    def due(self, now_s: float) -> Iterable[Frame]:
        return self._outbox.due(now_s)

    def next_deadline(self) -> float:
        return self._outbox.next_deadline()


def _number(use: SignalUse, word: int) -> int:
    value = use.read(word)
    if not isinstance(value, int | float):
        raise ValueError(f"{use.signal.name} is not available")
    return int(value)


def _make(settings: AdapterSettings) -> MappedTruck:
    assert settings.map is not None
    return MappedTruck(load_truck_map(settings.map))


ADAPTER = AdapterKind(_make, CAN_WIRES, needs_map=True)
