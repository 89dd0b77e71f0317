"""Rack I/O and charging modules of all bays on the station CAN segment (firmware_proto/dbc/station.dbc).

Set-points leave only when the cycle renews them; a cycle that stops takes the modules to 0 A by their own 500 ms lease.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from swapstation.devices.adapter import AdapterKind, AdapterSettings, Refusal, Role, Update, refuse_unknown
from swapstation.devices.can_outbox import CanOutbox
from swapstation.model.command import Command, SetModules, ShutModules, TripBay
from swapstation.model.device import ChargingModule, Presence, RackIo
from swapstation.protocol import station_can
from swapstation.protocol.node import Frame, Malformed
from swapstation.protocol.station_can import (
    ALIVE_COUNTER_MODULUS,
    BayTrip,
    ModuleFeedback,
    ModuleSetpoint,
    StationCan,
    StationCodec,
)
from swapstation.wire_address import CAN_WIRES

_MESSAGES = {"RackIo", "ModuleFeedback", "ModuleSetpoint", "BayTrip"}


class Rack:
    """Keeps the last state of every rack node and module group, with its arrival time; itself the CAN node."""

    role = Role.RACK
    orders: frozenset[type[Command]] = frozenset({SetModules, ShutModules, TripBay})
    bays: frozenset[int] = frozenset()

    def __init__(self, can: StationCodec | None = None) -> None:
        self.node = self
        self.malformed = 0
        self._can = can or StationCan.load()
        self._outbox = CanOutbox()
        self._alive = 0
        self._racks: dict[int, Update] = {}
        self._modules: dict[int, Update] = {}

    def updates(self, now_s: float) -> Iterator[Update]:
        yield from self._racks.values()
        yield from self._modules.values()

    def order(self, command: Command, command_id: int, now_s: float) -> Refusal | None:
        message: ModuleSetpoint | BayTrip
        match command:
            case SetModules(bay, voltage_v, current_a):
                message = ModuleSetpoint(True, voltage_v, current_a, self._next_alive())
            case ShutModules(bay):
                message = ModuleSetpoint(False, 0.0, 0.0, self._next_alive())
            case TripBay(bay):
                message = BayTrip(True, self._next_alive())
            case _:
                return refuse_unknown(command, self.orders)
        self._outbox.put(self._can.encode(message, bay), now_s)
        return None

    def cycle(self, now_s: float) -> None:
        """Nothing: a set-point is a lease that only an order renews."""

    def receive(self, frame: Frame, now_s: float) -> None:
        received = self._can.decode(frame)
        if isinstance(received, Malformed):
            self.malformed += received.where in _MESSAGES
        elif received is not None:
            bay = received.node
            match received.message:
                case station_can.RackIo() as message:
                    self._racks[bay] = Update(rack_io(message), now_s, bay)
                case ModuleFeedback(voltage_v=float(voltage_v), current_a=float(current_a)) as message:
                    version = message.protocol_version
                    state = ChargingModule(message.state, voltage_v, current_a, message.temperature_c, version)
                    self._modules[bay] = Update(state, now_s, bay)

    def due(self, now_s: float) -> Iterable[Frame]:
        return self._outbox.due(now_s)

    def next_deadline(self) -> float:
        return self._outbox.next_deadline()

    def _next_alive(self) -> int:
        self._alive = (self._alive + 1) % ALIVE_COUNTER_MODULUS
        return self._alive


def rack_io(message: station_can.RackIo) -> RackIo:
    """Device state of a bay; what the node cannot say is taken as unsafe: contactor closed, smoke, not plugged in."""
    if message.presence_a is None or message.presence_a != message.presence_b:
        presence = Presence.CONTRADICTION
    else:
        presence = Presence.PRESENT if message.presence_a else Presence.EMPTY
    return RackIo(
        presence=presence,
        connector_mated=message.connector_mated is True,
        contactor_closed=message.contactor_closed is not False,
        smoke=message.smoke,
        temperature_c=message.temperature_c,
        protocol_version=message.protocol_version,
        presence_a=message.presence_a,
        presence_b=message.presence_b,
    )


def _make(settings: AdapterSettings) -> Rack:
    return Rack()


ADAPTER = AdapterKind(_make, CAN_WIRES)
