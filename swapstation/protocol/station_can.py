"""Messages of the station CAN segment: one frozen class each, packed as firmware_proto/dbc/station.dbc says.

None means that the device said "not available" or "error". Field names are the signal names with their unit; the DBC is
checked against them when it is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Protocol

from msgspec import Struct

from swapstation.errors import ConfigurationError, InputError
from swapstation.model.device import LockState, ModuleState
from swapstation.protocol.can_fields import Refused, Rules
from swapstation.protocol.can_layout import FixedCodec, bound_fields
from swapstation.protocol.dbc import Message, load_dbc
from swapstation.protocol.node import Frame, Malformed
from swapstation.wire_files import wire_file

ALIVE_COUNTER_MODULUS = 251
VIN_PARTS = 3
BATTERY_CODE_PARTS = 4
_HIGHEST_BAY = 31
_WITHOUT_PRIORITY = 0x03FF_FFFF
_RULES = Rules(error_indicator=True)


class TruckOrder(StrEnum):
    """What the station asks of the on-board swap controller."""

    UNLOCK = "unlock"
    LOCK = "lock"
    MAY_LEAVE = "may_leave"


class RackIo(Struct, frozen=True):
    """Sensors and contactor of one bay."""

    presence_a: bool | None
    presence_b: bool | None
    connector_mated: bool | None
    contactor_closed: bool | None
    smoke: bool | None
    temperature_c: float | None
    protocol_version: int
    alive_counter: int


class ModuleFeedback(Struct, frozen=True):
    """Measured output of one bay's charging modules; current positive into the battery."""

    voltage_v: float | None
    current_a: float | None
    state: ModuleState
    temperature_c: float | None
    protocol_version: int
    alive_counter: int


class ModuleSetpoint(Struct, frozen=True):
    """Set-point for one bay's charging modules, a lease of 500 ms."""

    enable: bool
    voltage_v: float
    current_a: float
    alive_counter: int


class TruckState(Struct, frozen=True):
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


class TruckPosition(Struct, frozen=True):
    """One further battery position (2 or 3) of a truck with several batteries; `TruckState` has the first."""

    position: int
    lock: LockState
    connector_mated: bool | None
    battery_present: bool | None
    soc_pct: float | None
    alive_counter: int


class TruckVin(Struct, frozen=True):
    """One part (1-3) of the VIN: 7, 7 and 3 characters."""

    part: int
    text: str


class TruckBatteryCode(Struct, frozen=True):
    """One part (1-4, 6 characters each) of the code of pack 1-3 of the battery at a position; None: the first one."""

    battery: int
    part: int
    text: str
    position: int | None = None


class TruckCommand(Struct, frozen=True):
    """Order to the on-board swap controller; acted on once per command id. Locks of `position`; None: the first one."""

    command: TruckOrder
    command_id: int
    protocol_version: int
    position: int | None = None


class BayTrip(Struct, frozen=True):
    """Order to a rack node to open its bay's supply contactor; only a reset on site closes it again."""

    trip: bool
    alive_counter: int


class FeederCutOff(Struct, frozen=True):
    """Request to the fire panel to cut off the feeders of the chargers."""

    cut_off: bool
    alive_counter: int


class FirePanelState(Struct, frozen=True):
    """State of the fire panel; bit 0 of `zones` is zone 1."""

    fire_alarm: bool | None
    extinguishing_released: bool | None
    exhaust_running: bool | None
    cut_off_done: bool | None
    zones: int | None
    protocol_version: int
    alive_counter: int


StationMessage = (
    RackIo
    | ModuleFeedback
    | ModuleSetpoint
    | TruckState
    | TruckPosition
    | TruckVin
    | TruckBatteryCode
    | TruckCommand
    | BayTrip
    | FeederCutOff
    | FirePanelState
)


class Received(Struct, frozen=True):
    """A message with the node it is from or for: the bay number, or 0 for the truck link and the fire panel."""

    node: int
    message: StationMessage


@dataclass(frozen=True, slots=True)
class _Addressing:
    """Type of a message, and what one bay further adds to its CAN identifier (0: not per bay)."""

    kind: type[StationMessage]
    per_bay: int

    @property
    def nodes(self) -> range:
        return range(1, _HIGHEST_BAY + 1) if self.per_bay else range(1)


_SOURCE, _DESTINATION, _ONE_NODE = 0x01, 0x100, 0
_MESSAGES = {
    "RackIo": _Addressing(RackIo, _SOURCE),
    "ModuleFeedback": _Addressing(ModuleFeedback, _SOURCE),
    "ModuleSetpoint": _Addressing(ModuleSetpoint, _DESTINATION),
    "TruckState": _Addressing(TruckState, _ONE_NODE),
    "TruckPosition": _Addressing(TruckPosition, _ONE_NODE),
    "TruckVin": _Addressing(TruckVin, _ONE_NODE),
    "TruckBatteryCode": _Addressing(TruckBatteryCode, _ONE_NODE),
    "TruckCommand": _Addressing(TruckCommand, _ONE_NODE),
    "BayTrip": _Addressing(BayTrip, _DESTINATION),
    "FeederCutOff": _Addressing(FeederCutOff, _ONE_NODE),
    "FirePanelState": _Addressing(FirePanelState, _ONE_NODE),
}


class StationCodec(Protocol):
    """Messages of the segment to frames and back."""

    def decode(self, frame: Frame) -> Received | Malformed | None: ...
    def encode(self, message: StationMessage, node: int = 0) -> Frame: ...


class StationCan:
    """Both directions of the station CAN segment; `StationCan.load` reads the DBC once per process."""

    def __init__(self, source: str, messages: tuple[Message, ...]) -> None:
        """Raises ConfigurationError for a message of `source` that the DBC and the software do not share."""
        self._codecs, mistakes = _bound(messages)
        if mistakes:
            raise ConfigurationError([f"{source}: message {mistake}" for mistake in mistakes])
        self._can_ids = {message.name: message.can_id for message in messages}
        self._by_id = {
            self._can_id(name, node) & _WITHOUT_PRIORITY: (self._codecs[addressing.kind], node)
            for name, addressing in _MESSAGES.items()
            for node in addressing.nodes
        }

    @staticmethod
    @cache
    def load() -> StationCan:
        """Read firmware_proto/dbc/station.dbc. Raises ConfigurationError when it does not fit these messages."""
        path = wire_file("dbc", "station.dbc")
        return StationCan(str(path), load_dbc(path))

    def decode(self, frame: Frame) -> Received | Malformed | None:
        """The message in a frame, Malformed when it breaks its own limits, None when it is not of this segment."""
        known = self._by_id.get(frame.can_id & _WITHOUT_PRIORITY)
        if known is None or not frame.extended:
            return None
        codec, node = known
        data = frame.data
        try:
            return Received(node, codec.readers[len(data)](data))
        except (KeyError, Refused) as error:
            return codec.malformed(data, error)

    def encode(self, message: StationMessage, node: int = 0) -> Frame:
        """The frame of a message from or for a node; raises InputError when a field or the node is out of range."""
        codec = self._codecs[type(message)]
        nodes = _MESSAGES[codec.name].nodes
        if node not in nodes:
            raise InputError("node", node, f"{codec.name}: allowed: {nodes}")
        return Frame(self._can_id(codec.name, node), codec.encode(message))

    def _can_id(self, name: str, node: int) -> int:
        return self._can_ids[name] + _MESSAGES[name].per_bay * node


def _bound(messages: tuple[Message, ...]) -> tuple[dict[type[StationMessage], FixedCodec[StationMessage]], list[str]]:
    """A codec for each class, and what does not fit."""
    codecs = {}
    mistakes = [f"{name} is in only one of DBC and software" for name in _MESSAGES.keys() ^ {m.name for m in messages}]
    for message in messages:
        if message.name in _MESSAGES:
            kind = _MESSAGES[message.name].kind
            try:
                fields = bound_fields(message, kind, _RULES)
                codecs[kind] = FixedCodec[StationMessage](message.name, kind, fields, (message.length,))
            except ValueError as error:
                mistakes.append(f"{message.name}: {error}")
    return codecs, mistakes
