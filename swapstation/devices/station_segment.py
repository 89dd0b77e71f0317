"""Our node on the station CAN segment: rack I/O, charging modules and the truck link (firmware_proto/dbc/station.dbc).

Set-points leave only when the cycle renews them; a cycle that stops takes the modules to 0 A by their own 500 ms lease.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from math import inf

from swapstation.devices.truck import TruckAssembly
from swapstation.model.command import LockTruck, ReleaseTruck, TruckOrder, UnlockTruck
from swapstation.model.device import ChargingModule, Presence, RackIo
from swapstation.protocol import station_can
from swapstation.protocol.node import Frame, Malformed
from swapstation.protocol.station_can import (
    ALIVE_COUNTER_MODULUS,
    PROTOCOL_VERSION,
    ModuleFeedback,
    ModuleSetpoint,
    StationCan,
    StationMessage,
    TruckBatteryCode,
    TruckCommand,
    TruckState,
    TruckVin,
)

FRESH_S = 0.25
"""What could not leave within this time is dropped: a wire that comes back must not bring back an old order."""

_TRUCK_ORDERS: Mapping[type[TruckOrder], station_can.TruckOrder] = {
    UnlockTruck: station_can.TruckOrder.UNLOCK,
    LockTruck: station_can.TruckOrder.LOCK,
    ReleaseTruck: station_can.TruckOrder.MAY_LEAVE,
}


class StationSegment:
    """Sans-IO node: keeps the last state of every rack node, module group and the truck, with its arrival time."""

    def __init__(self) -> None:
        self._can = StationCan.load()
        self._outbox: deque[tuple[float, Frame]] = deque()
        self._alive = 0
        self.racks: dict[int, tuple[RackIo, float]] = {}
        self.modules: dict[int, tuple[ChargingModule, float]] = {}
        self.truck = TruckAssembly()
        self.malformed = 0

    def receive(self, frame: Frame, now_s: float) -> None:
        received = self._can.decode(frame)
        if isinstance(received, Malformed):
            self.malformed += 1
        elif received is not None:
            self._take(received.node, received.message, now_s)

    def _take(self, node: int, message: StationMessage, now_s: float) -> None:
        match message:
            case station_can.RackIo():
                self.racks[node] = (rack_io(message), now_s)
            case ModuleFeedback(voltage_v=float(), current_a=float()):
                self.modules[node] = (charging_module(message), now_s)
            case TruckState():
                self.truck.take_state(message, now_s)
            case TruckVin():
                self.truck.take_vin(message)
            case TruckBatteryCode():
                self.truck.take_code(message)

    def set_modules(self, bay: int, voltage_v: float, current_a: float, now_s: float) -> None:
        """Renew the lease of a bay's charging modules: V and A, enabled."""
        self._put(ModuleSetpoint(True, voltage_v, current_a, self._next_alive()), bay, now_s)

    def shut_modules(self, bay: int, now_s: float) -> None:
        """Disable a bay's charging modules; the contactor opens once the current is gone."""
        self._put(ModuleSetpoint(False, 0.0, 0.0, self._next_alive()), bay, now_s)

    def order_truck(self, command: TruckOrder, wire_id: int, now_s: float) -> None:
        """Order the on-board swap controller; it acts once per id."""
        self._put(TruckCommand(_TRUCK_ORDERS[type(command)], wire_id, PROTOCOL_VERSION), 0, now_s)

    def due(self, now_s: float) -> Iterable[Frame]:
        while self._outbox:
            put_s, frame = self._outbox.popleft()
            if now_s - put_s <= FRESH_S:
                yield frame

    def next_deadline(self) -> float:
        return -inf if self._outbox else inf

    def _put(self, message: StationMessage, node: int, now_s: float) -> None:
        while self._outbox and now_s - self._outbox[0][0] > FRESH_S:
            self._outbox.popleft()
        self._outbox.append((now_s, self._can.encode(message, node)))

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
        smoke=message.smoke is not False,
        temperature_c=message.temperature_c,
        protocol_version=message.protocol_version,
    )


def charging_module(message: ModuleFeedback) -> ChargingModule:
    """Device state of a bay's charging modules; a feedback without voltage or current is no state at all."""
    assert message.voltage_v is not None
    assert message.current_a is not None
    return ChargingModule(message.state, message.voltage_v, message.current_a, message.temperature_c)
