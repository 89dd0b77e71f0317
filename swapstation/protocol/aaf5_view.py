"""What one AA F5 charger has said about itself and its battery, as the product's device states.

The battery is known from two sources, whichever spoke last: the mirrored GB/T 27930 messages (302) and the charger's
own summary (116). Both begin anew with every charge, and with an unplugged battery.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import inf
from typing import Any

from swapstation.model.device import BatteryCells, BatteryCharge, ChargePhase, Charger, ChargerState
from swapstation.protocol.aaf5_messages import (
    AlarmChange,
    AlarmReport,
    BatteryData,
    BmsData,
    CellVoltages,
    ChargerMessage,
    PileState,
    Status,
    Temperatures,
)
from swapstation.protocol.gbt27930.battery_view import BatteryView
from swapstation.protocol.gbt27930.table import Heard, hear
from swapstation.protocol.gbt27930.words import Party
from swapstation.protocol.node import Malformed

DEAD_BELOW_V = 60.0
"""Highest safe extra-low voltage (IEC 61140); the status has no contactor, so a live output stands for a closed one."""
SETTLING_S = 5.0
"""Time in which the battery must speak once its charge has begun (GB/T 27930-2015, BCL and BCS)."""
_UNPLUGGED = 0

_STATES: Mapping[PileState, tuple[ChargerState, ChargePhase]] = {
    PileState.IDLE: (ChargerState.IDLE, ChargePhase.IDLE),
    PileState.BOOKED: (ChargerState.IDLE, ChargePhase.IDLE),
    PileState.STARTING: (ChargerState.STARTING, ChargePhase.CONFIG),
    PileState.CHARGING: (ChargerState.CHARGING, ChargePhase.CHARGING),
    PileState.STOPPING: (ChargerState.STOPPING, ChargePhase.STOP),
    PileState.FINISHED: (ChargerState.FINISHED, ChargePhase.END),
    PileState.START_FAILED: (ChargerState.FAULT, ChargePhase.ERROR),
    PileState.FAULT: (ChargerState.FAULT, ChargePhase.ERROR),
}
_LIVE_STATES = (PileState.STARTING, PileState.CHARGING, PileState.STOPPING)


class ChargerView:
    """Gathers one charger's messages from its sign-in on; nothing is known before it has said it.

    `connector` is the one whose status came first. A charger with several has an id for each; the word of another
    connector under this id would mix two bays and is not taken.
    """

    def __init__(self) -> None:
        self.connector: int | None = None
        self._status: tuple[Status, float] | None = None
        self._charging_s = -inf
        self._battery = BatteryView()
        self._data: tuple[BatteryData, float] | None = None
        self._cells: tuple[BatteryCells, float] | None = None

    def take(self, message: ChargerMessage, now_s: float) -> Malformed | None:
        """Take a message; returns why its content cannot be read, or is not taken."""
        told = getattr(message, "connector", self.connector)
        if self.connector is not None and told != self.connector:
            return Malformed("aaf5", f"connector {told} under the id of connector {self.connector}")
        match message:
            case Status():
                self._take_status(message, now_s)
            case AlarmReport(alarm_code=code, active=change) if self._status:
                status, received_s = self._status
                shown = code if change is AlarmChange.ACTIVE else 0
                self._status = (replace(status, alarm_code=shown), received_s)
            case BatteryData():
                self._data = (message, now_s)
            case CellVoltages(voltages_v=voltages_v):
                self._cells = (replace(self._own_cells, voltages_v=voltages_v), now_s)
            case Temperatures(temperatures_c=temperatures_c):
                self._cells = (replace(self._own_cells, temperatures_c=temperatures_c), now_s)
            case BmsData():
                return self._take_mirrored(message, now_s)
        return None

    @property
    def charger(self) -> tuple[Charger, float] | None:
        """The charger and when it said so."""
        if self._status is None:
            return None
        status, received_s = self._status
        charger = Charger(
            state=_STATES[status.state][0],
            voltage_v=status.voltage_v,
            current_a=status.current_a,
            energy_kwh=status.energy_kwh,
            soc_pct=status.soc_pct,
            fault_code=status.alarm_code,
            contactor_closed=status.state in _LIVE_STATES or status.voltage_v >= DEAD_BELOW_V,
            dc_meter_kwh=status.meter_kwh,
        )
        return charger, received_s

    def battery_charge(self, now_s: float) -> BatteryCharge | None:
        """The battery and its charging process as of now; None while nothing was heard of it."""
        if self._status is None:
            return None
        status, _ = self._status
        mirrored_s = None if (age_s := self._battery.age_s(now_s)) is None else now_s - age_s
        facts, heard_s = self._battery.facts, mirrored_s
        if self._data is not None and (mirrored_s is None or self._data[1] >= mirrored_s):
            facts, heard_s = replace(facts, **_known(self._data[0])), self._data[1]
        if heard_s is None:
            return None
        return replace(
            facts,
            phase=self._phase(status, heard_s, now_s),
            bms_age_s=now_s - heard_s,
            session_energy_kwh=status.energy_kwh,
        )

    @property
    def cells(self) -> tuple[BatteryCells, float] | None:
        """Cell voltages and temperatures of the battery and when they came."""
        told = [cells for cells in (self._cells, self._battery.cells) if cells]
        return max(told, key=lambda cells: cells[1], default=None)

    @property
    def _own_cells(self) -> BatteryCells:
        return self._cells[0] if self._cells else BatteryCells()

    def _take_status(self, status: Status, now_s: float) -> None:
        self.connector = status.connector
        before = self._status[0].state if self._status else None
        begins = status.state is PileState.STARTING and before is not PileState.STARTING
        if begins or status.connection == _UNPLUGGED:
            self._battery, self._data, self._cells = BatteryView(), None, None
        if status.state is PileState.CHARGING and before is not PileState.CHARGING:
            self._charging_s = now_s
        self._status = (status, now_s)

    def _phase(self, status: Status, heard_s: float, now_s: float) -> ChargePhase:
        """A charge that has just begun counts from the battery's first word in it: its silence before was none."""
        phase = _STATES[status.state][1]
        settling = heard_s < self._charging_s and now_s < self._charging_s + SETTLING_S
        return ChargePhase.CONFIG if phase is ChargePhase.CHARGING and settling else phase

    def _take_mirrored(self, mirrored: BmsData, now_s: float) -> Malformed | None:
        heard = hear(mirrored.pgn, Party.CHARGER, Party.BMS, mirrored.content)
        if not isinstance(heard, Heard):
            return heard or Malformed("aaf5 302", f"PGN {mirrored.pgn:06X} is not the battery's", mirrored.content)
        self._battery.take(heard, now_s)
        return None


def _known(data: BatteryData) -> dict[str, Any]:
    """What the summary knows; what it does not know must not hide what was mirrored."""
    said = {
        "voltage_v": data.voltage_v,
        "current_a": data.current_a,
        "soc_pct": data.soc_pct,
        "max_cell_v": data.max_cell_v,
        "min_cell_v": data.min_cell_v,
        "max_temperature_c": data.max_temperature_c,
        "min_temperature_c": data.min_temperature_c,
    }
    return {name: value for name, value in said.items() if value is not None}
