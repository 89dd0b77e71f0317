"""Rack I/O node of one bay: presence, connector, contactor, smoke and temperature every 100 ms."""

from __future__ import annotations

from collections.abc import Iterable

from swapstation.protocol.node import Frame
from swapstation.protocol.station_can import ALIVE_COUNTER_MODULUS, BayTrip, RackIo, Received, StationCan, StationCodec
from swapstation.simulation.firmware.cycle import Cycle
from swapstation.simulation.plant.plant import Plant

PERIOD_S = 0.1


class RackNode:
    """Shows the sensors of one bay on the station segment and opens its supply contactor when told."""

    def __init__(self, plant: Plant, bay: int, can: StationCodec | None = None) -> None:
        self._plant = plant
        self._bay = bay
        self._can = can or StationCan.load()
        self._cycle = Cycle(PERIOD_S)
        self._alive = 0

    def receive(self, frame: Frame, now_s: float) -> None:
        received = self._can.decode(frame)
        if isinstance(received, Received) and received.node == self._bay and isinstance(received.message, BayTrip):
            self._plant.bays[self._bay].tripped |= received.message.trip

    def due(self, now_s: float) -> Iterable[Frame]:
        if not self._cycle.due(now_s):
            return
        self._alive = (self._alive + 1) % ALIVE_COUNTER_MODULUS
        presence_a, presence_b = self._plant.presence(self._bay)
        bay = self._plant.bays[self._bay]
        sensed = RackIo(
            presence_a=presence_a,
            presence_b=presence_b,
            connector_mated=self._plant.mated(self._bay),
            contactor_closed=bay.contactor_closed,
            smoke=self._plant.smokes(self._bay),
            temperature_c=bay.temperature_c,
            protocol_version=self._plant.protocol_version(self._bay),
            alive_counter=self._alive,
        )
        yield self._can.encode(sensed, self._bay)

    def next_deadline(self) -> float:
        return self._cycle.next_s
