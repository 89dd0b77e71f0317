"""The truck's on-board swap controller on the station CAN segment (firmware_proto/dbc/station.dbc)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from swapstation.devices.adapter import AdapterKind, AdapterSettings, Refusal, Role, Update, refuse_unknown
from swapstation.devices.can_outbox import CanOutbox
from swapstation.devices.truck import TruckAssembly
from swapstation.model.command import Command, LockTruck, ReleaseTruck, UnlockTruck
from swapstation.model.device import PROTOCOL_VERSION
from swapstation.model.inventory import MOST_POSITIONS
from swapstation.protocol.node import Frame, Malformed
from swapstation.protocol.station_can import (
    StationCan,
    StationCodec,
    TruckBatteryCode,
    TruckCommand,
    TruckOrder,
    TruckPosition,
    TruckState,
    TruckVin,
)
from swapstation.wire_address import CAN_WIRES

_MESSAGES = {"TruckState", "TruckPosition", "TruckVin", "TruckBatteryCode", "TruckCommand"}
_ORDERS: Mapping[type[Command], TruckOrder] = {
    UnlockTruck: TruckOrder.UNLOCK,
    LockTruck: TruckOrder.LOCK,
    ReleaseTruck: TruckOrder.MAY_LEAVE,
}


class TruckLink:
    """Puts the truck together from its messages and orders it by command id; itself the CAN node."""

    role = Role.TRUCK_LINK
    orders: frozenset[type[Command]] = frozenset(_ORDERS)
    bays: frozenset[int] = frozenset()
    truck_positions = MOST_POSITIONS

    def __init__(self, can: StationCodec | None = None) -> None:
        self.node = self
        self.malformed = 0
        self._can = can or StationCan.load()
        self._outbox = CanOutbox()
        self._truck = TruckAssembly()

    def updates(self, now_s: float) -> Iterator[Update]:
        found = self._truck.state()
        if found is not None:
            yield Update(*found)

    def order(self, command: Command, command_id: int, now_s: float) -> Refusal | None:
        word = _ORDERS.get(type(command))
        if word is None:
            return refuse_unknown(command, self.orders)
        position: int = getattr(command, "position", 1)
        further = position if position > 1 else None
        self._outbox.put(self._can.encode(TruckCommand(word, command_id, PROTOCOL_VERSION, further)), now_s)
        return None

    def cycle(self, now_s: float) -> None:
        """Nothing: the truck watches the order's receipt, not a heartbeat."""

    def receive(self, frame: Frame, now_s: float) -> None:
        received = self._can.decode(frame)
        if isinstance(received, Malformed):
            self.malformed += received.where in _MESSAGES
        elif received is not None:
            match received.message:
                case TruckState() as message:
                    self._truck.take_state(message, now_s)
                case TruckPosition() as message:
                    self._truck.take_position(message, now_s)
                case TruckVin() as message:
                    self._truck.take_vin(message)
                case TruckBatteryCode() as message:
                    self._truck.take_code(message)

    def due(self, now_s: float) -> Iterable[Frame]:
        return self._outbox.due(now_s)

    def next_deadline(self) -> float:
        return self._outbox.next_deadline()


def _make(settings: AdapterSettings) -> TruckLink:
    return TruckLink()


ADAPTER = AdapterKind(_make, CAN_WIRES)
