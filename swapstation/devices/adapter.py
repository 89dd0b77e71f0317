"""The one way equipment is plugged in: an adapter is one device, or one bus of like devices, on one wire.

An adapter is sans-IO. Its `node` is driven by the transport (receive, due, next_deadline, opened, closed); the scan
cycle pulls what the device last said out of `updates`, hands it permitted commands by `order`, and calls `cycle` at its
end. Nothing is pushed: nobody acts from a callback (docs/decisions/0010-adapters.md, docs/integrator.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol, runtime_checkable

from swapstation.model.charge_record import ChargeRecord
from swapstation.model.climate import Climate
from swapstation.model.command import Command
from swapstation.model.device import (
    AcMeter,
    BatteryCells,
    BatteryCharge,
    Charger,
    ChargingModule,
    DcMeter,
    FirePanel,
    Meter,
    RackIo,
    Robot,
    Safety,
    Truck,
)
from swapstation.model.snapshot import ModuleDemand, Snapshot
from swapstation.model.store import Store
from swapstation.model.vendor_alarm import VendorAlarms
from swapstation.model.yard import Gate, Guide, Identifier, Weigher
from swapstation.protocol.node import ByteNode, ByteServer, CanNode
from swapstation.wire_address import WireAddress, WireProtocol

DeviceState = (
    Robot
    | Safety
    | Truck
    | Charger
    | BatteryCharge
    | BatteryCells
    | Meter
    | AcMeter
    | DcMeter
    | RackIo
    | ChargingModule
    | ModuleDemand
    | FirePanel
    | VendorAlarms
    | ChargeRecord
    | Climate
    | Store
    | Identifier
    | Weigher
    | Gate
    | Guide
)


class Role(StrEnum):
    """What a device is to the station; it says which states and orders are expected of its adapter."""

    EXCHANGER = "exchanger"
    CHARGER = "charger"
    RACK = "rack"
    TRUCK_LINK = "truck_link"
    METER = "meter"
    BAY_METER = "bay_meter"
    IDENTIFIER = "identifier"
    WEIGHER = "weigher"
    GATE = "gate"
    GUIDE = "guide"
    CLIMATE = "climate"
    STORE = "store"
    FIRE_PANEL = "fire_panel"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Update:
    """The latest state of one device and when it was last true (monotonic s). `bay` is 0 for what is no part of a bay.

    Age is judged by the station: an adapter never repeats an old state under a new time.
    """

    state: DeviceState
    received_s: float
    bay: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """An order that did not leave: `code` is a word of model/reasons.toml, `allowed` says in English what would do."""

    code: str
    allowed: str


UNKNOWN_COMMAND = "unknown_command"
OUT_OF_RANGE = "out_of_range"
NOT_CONNECTED = "wire_not_connected"


class Device(Protocol):
    """One device, or one bus of like devices, as the scan cycle sees it.

    `orders` are the kinds of command it takes, `bays` those it serves (empty: it is no part of a bay, or serves all).
    `malformed` counts wire input that was no valid message; such input never changes a state by half.
    """

    @property
    def role(self) -> Role: ...
    @property
    def orders(self) -> frozenset[type[Command]]: ...
    @property
    def bays(self) -> frozenset[int]: ...
    @property
    def malformed(self) -> int: ...

    def updates(self, now_s: float) -> Iterable[Update]:
        """Every state known now, at most one per kind and bay; what was never heard, or is not valid, is left out."""
        ...

    def order(self, command: Command, command_id: int, now_s: float) -> Refusal | None:
        """Take one permitted command, to leave at the next `due`; a kind it does not know is refused, never dropped.

        An order leaves once and is not repeated by itself: a wire that comes back must not bring back an old order.
        """
        ...

    def cycle(self, now_s: float) -> None:
        """What is due once per scan cycle whatever was decided, for example a heartbeat. The cycle calls it last."""
        ...


class Adapter(Device, Protocol):
    """A device on a wire: `node` is our end of it."""

    @property
    def node(self) -> CanNode | ByteNode | ByteServer: ...


@runtime_checkable
class Relay(Protocol):
    """An adapter whose device must be told what others said, for example a PLC that asks for the truck's locks."""

    def relay(self, snapshot: Snapshot) -> None:
        """Take over what the device is told; called once per cycle before any order."""
        ...


@runtime_checkable
class Plugged(Protocol):
    """An adapter that remembers what a battery said: it is told once per cycle of the connectors of its bays."""

    @property
    def bays(self) -> frozenset[int]: ...
    def plugged(self, mated: bool, now_s: float) -> None:
        """Whether the connector is mated; what the battery said is forgotten when it is not."""
        ...


@runtime_checkable
class RecordKeeper(Protocol):
    """An adapter whose devices hand over records of charges: each is shown until it is durable here."""

    def kept(self, record: ChargeRecord) -> None:
        """A record is durable: its device is answered and may forget it."""
        ...


@dataclass(frozen=True, slots=True)
class AdapterSettings:
    """What an adapter is built from.

    `bays` it serves; `epoch` grows with every start of the controller; `ratio` of the transformers before a meter;
    `map` is a file of the vendor's (registers, DBC), None if not given; `charger_ids` tell the bay of a charger that
    names itself.
    """

    wire: WireAddress
    bays: tuple[int, ...] = ()
    epoch: int = 1
    ratio: float = 1.0
    map: Path | None = None
    charger_ids: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AdapterKind:
    """What an entry point of the group `swapstation.adapters` gives: how to build the adapter, and on which wires.

    `make` may raise InputError or ConfigurationError; it opens nothing.
    """

    make: Callable[[AdapterSettings], Adapter]
    wires: frozenset[WireProtocol]
    needs_map: bool = False


def refuse_unknown(command: Command, orders: frozenset[type[Command]]) -> Refusal:
    """The refusal of a kind of command that an adapter does not take."""
    listed = ", ".join(sorted(kind.__name__ for kind in orders)) or "none"
    return Refusal(UNKNOWN_COMMAND, f"{type(command).__name__} is not known here; allowed: {listed}")


def refuse_position(command: Command) -> Refusal | None:
    """The refusal of an order for a further battery position of the truck, by a device that knows only the first."""
    position = getattr(command, "position", 1)
    return None if position == 1 else Refusal(OUT_OF_RANGE, f"position = {position}: only the first is known here")


def refuse_bay(bay: int, bays: frozenset[int]) -> Refusal:
    """The refusal of an order for a bay that an adapter does not serve."""
    return Refusal(
        OUT_OF_RANGE, f"bay {bay} is not served here; allowed: {', '.join(map(str, sorted(bays))) or 'none'}"
    )
