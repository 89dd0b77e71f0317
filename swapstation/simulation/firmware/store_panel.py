"""The site's store behind its Modbus wire, by the reference map or a vendor's own.

It protects itself: it rests at a fault, and when it hears no order for a minute.
"""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path

from swapstation.model.store import StoreState
from swapstation.protocol.node import ByteNode
from swapstation.protocol.registers import Value
from swapstation.simulation.faults import Faults
from swapstation.simulation.firmware.map_panels import Muted, server_node
from swapstation.simulation.firmware.map_registers import MapRegisters, Order
from swapstation.simulation.plant.store import Store
from swapstation.wire_address import WireAddress

SILENCE_S = 60.0
_NO_BAY = 0


class Fault(IntEnum):
    """Fault code register."""

    NONE = 0
    CONVERTER = 1


class StorePanel:
    """Takes set-points, ends them when nobody renews them, shows the store's state."""

    def __init__(self, store: Store, faults: Faults, path: Path, wire: WireAddress) -> None:
        self._store = store
        self._faults = faults
        self._registers = MapRegisters(path, (_NO_BAY,), wire.unit)
        self._wire = wire
        self._heard_s = float("-inf")

    def take(self, now_s: float) -> None:
        """Carry out what the station wrote since the last call; end what is not renewed, and everything at a fault."""
        orders = list(self._registers.take())
        if orders:
            self._heard_s = now_s
        if self._faults.active("store_stuck"):
            return
        for order in orders:
            self._store.setpoint_kw = _power_kw(order)
        if self._fault is not Fault.NONE:
            self._store.stop()
        elif now_s - self._heard_s >= SILENCE_S:
            self._store.setpoint_kw = 0.0

    def show(self) -> None:
        """Lay out the state of the store."""
        store, fault = self._store, self._fault
        fields: dict[str, Value] = {
            "Store.state": (StoreState.READY if fault is Fault.NONE else StoreState.FAULT).value,
            "Store.power_kw": store.power_kw,
            "Store.soc_pct": store.soc_pct,
            "Store.energy_kwh": store.held_kwh,
            "Store.charge_limit_kw": store.charge_limit_kw,
            "Store.discharge_limit_kw": store.discharge_limit_kw,
            "Store.setpoint_kw": store.setpoint_kw,
            "Store.fault_code": int(fault),
        }
        self._registers.show(_NO_BAY, fields)

    def node(self) -> ByteNode:
        """The store's end of a new connection; a fault knob takes it off."""
        return Muted(server_node(self._registers.bank, self._wire), lambda: self._faults.active("store_silent"))

    @property
    def _fault(self) -> Fault:
        return Fault.CONVERTER if self._faults.active("store_fault") else Fault.NONE


def _power_kw(order: Order) -> float:
    power_kw = order.parameters.get("power_kw", 0.0) if order.command == "SetStorePower" else 0.0
    return float(power_kw) if isinstance(power_kw, int | float) else 0.0
