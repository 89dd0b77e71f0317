"""Fire panel of the station: alarms by itself, releases, exhausts, and cuts the feeders of the chargers off.

It takes one request from the station, FeederCutOff, and shows its state (firmware_proto/dbc/station.dbc).
"""

from __future__ import annotations

from collections.abc import Iterable

from swapstation.model.device import PROTOCOL_VERSION
from swapstation.protocol.node import Frame
from swapstation.protocol.station_can import (
    ALIVE_COUNTER_MODULUS,
    FeederCutOff,
    FirePanelState,
    Received,
    StationCan,
    StationCodec,
)
from swapstation.simulation.firmware.cycle import Cycle
from swapstation.simulation.plant.plant import Plant

PERIOD_S = 0.2
RELEASE_DELAY_S = 30.0
"""From the panel's alarm to its release of the extinguishing: time for people to leave."""


class FirePanel:
    """Its alarm stays until it is reset on site; zone 1 is the rack."""

    def __init__(self, plant: Plant, can: StationCodec | None = None) -> None:
        self._plant = plant
        self._can = can or StationCan.load()
        self._cycle = Cycle(PERIOD_S)
        self._alive = 0
        self._alarm_since_s: float | None = None

    def receive(self, frame: Frame, now_s: float) -> None:
        received = self._can.decode(frame)
        request = received.message if isinstance(received, Received) else None
        if isinstance(request, FeederCutOff) and request.cut_off and not self._deaf:
            self._plant.feeders_on = False

    def due(self, now_s: float) -> Iterable[Frame]:
        if not self._cycle.due(now_s):
            return
        if self._plant.fire_alarm and self._alarm_since_s is None:
            self._alarm_since_s = now_s
            self._plant.feeders_on = False
        elif not self._plant.fire_alarm:
            self._alarm_since_s = None
        if self._deaf:
            return
        self._alive = (self._alive + 1) % ALIVE_COUNTER_MODULUS
        alarm = self._alarm_since_s is not None
        shown = FirePanelState(
            fire_alarm=alarm,
            extinguishing_released=self._alarm_since_s is not None and now_s - self._alarm_since_s >= RELEASE_DELAY_S,
            exhaust_running=alarm,
            cut_off_done=not self._plant.feeders_on,
            zones=int(alarm),
            protocol_version=PROTOCOL_VERSION,
            alive_counter=self._alive,
        )
        yield self._can.encode(shown)

    def next_deadline(self) -> float:
        return self._cycle.next_s

    @property
    def _deaf(self) -> bool:
        return self._plant.faults.active("fire_panel_silent")
