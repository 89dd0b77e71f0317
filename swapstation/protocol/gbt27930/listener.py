"""Listens to a charger and a battery on one segment: the same battery state as from a charge we drive, nothing sent."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from swapstation.model.device import BatteryCells, BatteryCharge, ChargePhase
from swapstation.protocol.gbt27930.battery_view import BatteryView
from swapstation.protocol.gbt27930.decoder import Decoder
from swapstation.protocol.gbt27930.messages import Cem, Csd, Cst
from swapstation.protocol.gbt27930.phase import begins_process, phase_after
from swapstation.protocol.gbt27930.table import Heard, type_of
from swapstation.protocol.gbt27930.words import Party
from swapstation.protocol.node import Frame


class Listener:
    """A `CanNode` that never sends."""

    def __init__(self) -> None:
        self._decoder = Decoder()
        self._view = BatteryView()
        self._phase = ChargePhase.IDLE
        self._energy_kwh: float | None = None

    @property
    def phase(self) -> ChargePhase:
        return self._phase

    @property
    def messages(self) -> Mapping[str, int]:
        """Whole messages so far by name."""
        return self._decoder.messages

    @property
    def unknown_ids(self) -> Mapping[int, int]:
        """Frames so far by identifier that are no part of GB/T 27930."""
        return self._decoder.unknown_ids

    @property
    def malformed(self) -> int:
        """Messages of either side that could not be read."""
        return self._decoder.malformed

    def battery_charge(self, now_s: float) -> BatteryCharge:
        """What the battery and its charging process are like now."""
        return self._view.charge(
            phase=self._phase,
            bms_age_s=self._view.age_s(now_s),
            session_energy_kwh=self._energy_kwh,
        )

    @property
    def battery_cells(self) -> tuple[BatteryCells, float] | None:
        """The battery's cells and probes (BMV, BMT) and when they came."""
        return self._view.cells

    def unplugged(self) -> None:
        """The battery has left: what it said holds for no other."""
        self._view, self._energy_kwh, self._phase = BatteryView(), None, ChargePhase.IDLE

    def receive(self, frame: Frame, now_s: float) -> None:
        heard = self._decoder.take(frame)
        if isinstance(heard, Heard):
            self._take(heard, now_s)

    def due(self, now_s: float) -> tuple[Frame, ...]:
        return ()

    def next_deadline(self) -> float:
        return inf

    def _take(self, heard: Heard, now_s: float) -> None:
        message = heard.message
        if begins_process(self._phase, message):
            self.unplugged()
        self._phase = phase_after(self._phase, message)
        if type_of(message).sender is Party.BMS:
            self._view.take(heard, now_s)
        match message:
            case Cst(reasons=reasons):
                self._view.stopped(reasons)
            case Cem(timeouts=timeouts):
                self._view.timed_out(timeouts)
            case Csd(energy_kwh=energy_kwh):
                self._energy_kwh = energy_kwh
