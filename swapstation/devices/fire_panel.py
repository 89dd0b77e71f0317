"""The fire panel on the station CAN segment (firmware_proto/dbc/station.dbc): read and recorded, asked for one thing.

The panel acts by itself. All that is ever asked of it is to cut off the feeders of the chargers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from swapstation.devices.adapter import Refusal, Role, Update, refuse_unknown
from swapstation.devices.can_outbox import CanOutbox
from swapstation.model.command import Command, RequestFeederCutOff
from swapstation.model.device import FirePanel as State
from swapstation.protocol.node import Frame, Malformed
from swapstation.protocol.station_can import (
    ALIVE_COUNTER_MODULUS,
    FeederCutOff,
    FirePanelState,
    StationCan,
    StationCodec,
)

_MESSAGES = {"FirePanelState", "FeederCutOff"}


class FirePanel:
    """Keeps the last state of the panel with its arrival time; itself the CAN node."""

    role = Role.FIRE_PANEL
    orders: frozenset[type[Command]] = frozenset({RequestFeederCutOff})
    bays: frozenset[int] = frozenset()

    def __init__(self, can: StationCodec | None = None) -> None:
        self.node = self
        self.malformed = 0
        self._can = can or StationCan.load()
        self._outbox = CanOutbox()
        self._alive = 0
        self._state: Update | None = None

    def updates(self, now_s: float) -> Iterator[Update]:
        if self._state is not None:
            yield self._state

    def order(self, command: Command, command_id: int, now_s: float) -> Refusal | None:
        if not isinstance(command, RequestFeederCutOff):
            return refuse_unknown(command, self.orders)
        self._alive = (self._alive + 1) % ALIVE_COUNTER_MODULUS
        self._outbox.put(self._can.encode(FeederCutOff(True, self._alive)), now_s)
        return None

    def cycle(self, now_s: float) -> None:
        """Nothing: the station asks once a second while it wants the cut-off."""

    def receive(self, frame: Frame, now_s: float) -> None:
        received = self._can.decode(frame)
        if isinstance(received, Malformed):
            self.malformed += received.where in _MESSAGES
        elif received is not None and isinstance(received.message, FirePanelState):
            self._state = Update(panel_state(received.message), now_s)

    def due(self, now_s: float) -> Iterable[Frame]:
        return self._outbox.due(now_s)

    def next_deadline(self) -> float:
        return self._outbox.next_deadline()


def panel_state(message: FirePanelState) -> State:
    """Device state of the panel; what it cannot say is taken as unsafe: in alarm, and the feeders not cut off."""
    zones = message.zones or 0
    return State(
        alarm=message.fire_alarm is not False,
        zones=tuple(bit + 1 for bit in range(zones.bit_length()) if zones >> bit & 1),
        extinguishing_released=message.extinguishing_released is True,
        exhaust_running=message.exhaust_running is True,
        cut_off_done=message.cut_off_done is True,
        protocol_version=message.protocol_version,
    )
