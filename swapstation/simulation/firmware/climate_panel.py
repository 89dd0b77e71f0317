"""The climate units of the bays behind one Modbus gateway, by the reference map or a vendor's own.

Each has its own protection: it stops at a fault, at low pressure and when it hears no order for a minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from pathlib import Path

from swapstation.model.climate import ClimateMode
from swapstation.protocol.node import ByteNode
from swapstation.protocol.registers import Value
from swapstation.simulation.firmware.map_panels import Muted, server_node
from swapstation.simulation.firmware.map_registers import MapRegisters, Order
from swapstation.simulation.plant.climate import FLOW_LPM, ClimateUnit
from swapstation.simulation.plant.plant import Plant
from swapstation.wire_address import WireAddress

SILENCE_S = 60.0
REST_KPA, PUMP_KPA, LEAK_KPA, LEAST_KPA = 120.0, 60.0, 20.0, 40.0
_MODES = {
    "StopClimate": ClimateMode.OFF,
    "CirculateCoolant": ClimateMode.CIRCULATE,
    "HeatBattery": ClimateMode.HEAT,
    "CoolBattery": ClimateMode.COOL,
}


class Fault(IntEnum):
    """Fault code register."""

    NONE = 0
    MACHINE = 2
    LOW_PRESSURE = 3


class ClimatePanel:
    """All units of the plant: takes orders, protects the units, shows their state."""

    def __init__(self, plant: Plant, path: Path, wire: WireAddress) -> None:
        self._plant = plant
        self._units: Mapping[int, ClimateUnit] = plant.climate
        self._registers = MapRegisters(path, tuple(self._units), wire.unit)
        self._wire = wire
        self._heard_s = dict.fromkeys(self._units, float("-inf"))

    def take(self, now_s: float) -> None:
        """Carry out what the station wrote since the last call, and switch off what may not run."""
        for order in self._registers.take():
            self._heard_s[order.place] = now_s
            self._act(self._units[order.place], order)
        for bay, unit in self._units.items():
            silent = now_s - self._heard_s[bay] >= SILENCE_S
            if silent or self._fault(bay) is not Fault.NONE or not self._plant.mated(bay):
                unit.mode = ClimateMode.OFF

    def show(self) -> None:
        """Lay out the state of every unit."""
        for bay, unit in self._units.items():
            self._registers.show(bay, self._fields(bay, unit))

    def node(self) -> ByteNode:
        """The gateway's end of a new connection; a fault knob takes it off."""
        return Muted(server_node(self._registers.bank, self._wire), self._is_silent)

    def _is_silent(self) -> bool:
        return self._plant.faults.active("climate_silent")

    def _act(self, unit: ClimateUnit, order: Order) -> None:
        supply_c = order.parameters.get("supply_c")
        if isinstance(supply_c, int | float):
            unit.supply_setpoint_c = supply_c
        unit.mode = _MODES[order.command]

    def _fault(self, bay: int) -> Fault:
        if self._plant.faults.active("climate_fault", bay):
            return Fault.MACHINE
        return Fault.LOW_PRESSURE if self._pressure_kpa(bay) < LEAST_KPA else Fault.NONE

    def _pressure_kpa(self, bay: int) -> float:
        if self._plant.faults.active("coolant_leak", bay):
            return LEAK_KPA
        return REST_KPA + (PUMP_KPA if self._units[bay].runs else 0.0)

    def _fields(self, bay: int, unit: ClimateUnit) -> dict[str, Value]:
        return {
            "Climate.mode": unit.mode.value,
            "Climate.supply_c": unit.supply_c,
            "Climate.return_c": unit.return_c,
            "Climate.pressure_kpa": self._pressure_kpa(bay),
            "Climate.flow_lpm": FLOW_LPM if unit.runs else 0.0,
            "Climate.supply_setpoint_c": unit.supply_setpoint_c,
            "Climate.power_kw": unit.power_kw,
            "Climate.fault_code": int(self._fault(bay)),
        }
