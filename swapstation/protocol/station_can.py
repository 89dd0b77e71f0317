"""Messages of the station CAN segment: one frozen dataclass each, packed as firmware_proto/dbc/station.dbc says.

None means that the device said "not available" or "error". Field names are the signal names with their unit; the DBC is
checked against them when it is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from swapstation.errors import InputError
from swapstation.model.device import LockState, ModuleState
from swapstation.protocol.dbc import load_dbc
from swapstation.protocol.node import Frame, Malformed
from swapstation.protocol.station_fields import MessageCodec, bind
from swapstation.wire_files import wire_file

PROTOCOL_VERSION = 1
ALIVE_COUNTER_MODULUS = 251
VIN_PARTS = 3
BATTERY_CODE_PARTS = 4
_HIGHEST_BAY = 31
_WITHOUT_PRIORITY = 0x03FF_FFFF


class TruckOrder(StrEnum):
    """What the station asks of the on-board swap controller."""

    UNLOCK = "unlock"
    LOCK = "lock"
    MAY_LEAVE = "may_leave"


@dataclass(frozen=True, slots=True)
class RackIo:
    """Sensors and contactor of one bay."""

    presence_a: bool | None
    presence_b: bool | None
    connector_mated: bool | None
    contactor_closed: bool | None
    smoke: bool | None
    temperature_c: float | None
    protocol_version: int
    alive_counter: int


@dataclass(frozen=True, slots=True)
class ModuleFeedback:
    """Measured output of one bay's charging modules; current positive into the battery."""

    voltage_v: float | None
    current_a: float | None
    state: ModuleState
    temperature_c: float | None
    protocol_version: int
    alive_counter: int


@dataclass(frozen=True, slots=True)
class ModuleSetpoint:
    """Set-point for one bay's charging modules, a lease of 500 ms."""

    enable: bool
    voltage_v: float
    current_a: float
    alive_counter: int


@dataclass(frozen=True, slots=True)
class TruckState:
    """State of the on-board swap controller of the truck in the lane."""

    lock: LockState
    parking_brake_set: bool | None
    key_off: bool | None
    gear_neutral: bool | None
    hv_powered_down: bool | None
    connector_mated: bool | None
    battery_present: bool | None
    soc_pct: float | None
    receipt_id: int
    protocol_version: int
    alive_counter: int


@dataclass(frozen=True, slots=True)
class TruckVin:
    """One part (1-3) of the VIN: 7, 7 and 3 characters."""

    part: int
    text: str


@dataclass(frozen=True, slots=True)
class TruckBatteryCode:
    """One part (1-4, 6 characters each) of the code of battery pack 1-3 on the truck."""

    battery: int
    part: int
    text: str


@dataclass(frozen=True, slots=True)
class TruckCommand:
    """Order to the on-board swap controller; acted on once per command id."""

    command: TruckOrder
    command_id: int
    protocol_version: int


StationMessage = RackIo | ModuleFeedback | ModuleSetpoint | TruckState | TruckVin | TruckBatteryCode | TruckCommand


@dataclass(frozen=True, slots=True)
class Received:
    """A message with the node it is from or for: the bay number, or 0 for the truck link."""

    node: int
    message: StationMessage


@dataclass(frozen=True, slots=True)
class _Addressing:
    """Type of a message, and what one bay further adds to its CAN identifier (0: not per bay)."""

    kind: type[StationMessage]
    per_bay: int


_SOURCE, _DESTINATION, _ONE_NODE = 0x01, 0x100, 0
_MESSAGES = {
    "RackIo": _Addressing(RackIo, _SOURCE),
    "ModuleFeedback": _Addressing(ModuleFeedback, _SOURCE),
    "ModuleSetpoint": _Addressing(ModuleSetpoint, _DESTINATION),
    "TruckState": _Addressing(TruckState, _ONE_NODE),
    "TruckVin": _Addressing(TruckVin, _ONE_NODE),
    "TruckBatteryCode": _Addressing(TruckBatteryCode, _ONE_NODE),
    "TruckCommand": _Addressing(TruckCommand, _ONE_NODE),
}
_ENUMS: dict[str, type[StrEnum]] = {
    "ModuleFeedback.State": ModuleState,
    "TruckState.Lock": LockState,
    "TruckCommand.Command": TruckOrder,
}


class StationCan:
    """Both directions of the station CAN segment; `StationCan.load` reads the DBC once per process."""

    def __init__(self, codecs: dict[str, MessageCodec[StationMessage]]) -> None:
        self._by_kind = {_MESSAGES[name].kind: codec for name, codec in codecs.items()}
        self._by_id = {
            _identifier(name, codec, node) & _WITHOUT_PRIORITY: (codec, node)
            for name, codec in codecs.items()
            for node in _nodes(name)
        }

    @staticmethod
    @cache
    def load() -> StationCan:
        """Read firmware_proto/dbc/station.dbc. Raises ConfigurationError when it does not fit these messages."""
        path = wire_file("dbc", "station.dbc")
        kinds = {name: addressing.kind for name, addressing in _MESSAGES.items()}
        return StationCan(bind(str(path), load_dbc(path), kinds, _ENUMS))

    def decode(self, frame: Frame) -> Received | Malformed | None:
        """The message in a frame, Malformed when it breaks its own limits, None when it is not of this segment."""
        known = self._by_id.get(frame.can_id & _WITHOUT_PRIORITY) if frame.extended else None
        if known is None:
            return None
        codec, node = known
        message = codec.decode(frame.data)
        return message if isinstance(message, Malformed) else Received(node, message)

    def encode(self, message: StationMessage, node: int = 0) -> Frame:
        """The frame of a message from or for a node; raises InputError when a field or the node is out of range."""
        codec = self._by_kind[type(message)]
        if node not in _nodes(codec.name):
            raise InputError("node", node, f"{codec.name}: allowed: {_nodes(codec.name)}")
        return Frame(_identifier(codec.name, codec, node), codec.encode(message))


def _nodes(name: str) -> range:
    return range(1, _HIGHEST_BAY + 1) if _MESSAGES[name].per_bay else range(1)


def _identifier(name: str, codec: MessageCodec[StationMessage], node: int) -> int:
    return codec.can_id + _MESSAGES[name].per_bay * node
