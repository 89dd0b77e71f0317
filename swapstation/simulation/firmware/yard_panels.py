"""Barrier and weighbridge before the lane behind their Modbus wires, by the reference maps or a vendor's own.

The barrier guards itself: it never closes over its own loop, and opens again when the loop becomes occupied meanwhile.
"""

from __future__ import annotations

from pathlib import Path

from swapstation.model.yard import GateState
from swapstation.protocol.node import ByteNode
from swapstation.protocol.registers import Value
from swapstation.simulation.firmware.map_panels import server_node
from swapstation.simulation.firmware.map_registers import MapRegisters
from swapstation.simulation.firmware.yard_wire import Unsound
from swapstation.simulation.plant.entrance import Entrance
from swapstation.simulation.plant.plant import Plant
from swapstation.wire_address import WireAddress

_NO_BAY = 0
DRIVE_FAULT = LOAD_CELL_FAULT = 1


class GatePanel:
    """Takes orders, guards the boom, shows where it is."""

    def __init__(self, plant: Plant, entrance: Entrance, path: Path, wire: WireAddress) -> None:
        self._plant = plant
        self._entrance = entrance
        self._registers = MapRegisters(path, (_NO_BAY,), wire.unit)
        self._wire = wire

    def take(self, now_s: float) -> None:
        """Carry out what the station wrote since the last call, as far as the loop permits."""
        entrance = self._entrance
        for order in self._registers.take():
            entrance.boom_goal = 1.0 if order.command == "OpenGate" else 0.0
        if entrance.loop_occupied:
            entrance.boom_goal = 1.0

    def show(self) -> None:
        entrance = self._entrance
        state = {0.0: GateState.CLOSED, 1.0: GateState.OPEN}.get(entrance.boom or 0.0, GateState.MOVING)
        fields: dict[str, Value] = {
            "Gate.state": state.value,
            "Gate.loop_occupied": entrance.loop_occupied,
            "Gate.fault_code": DRIVE_FAULT if self._plant.faults.active("yard_fault", "gate") else 0,
        }
        self._registers.show(_NO_BAY, fields)

    def node(self) -> ByteNode:
        """The barrier's end of a new connection; fault knobs spoil it."""
        return Unsound(server_node(self._registers.bank, self._wire), self._plant.faults, "gate")


class WeigherPanel:
    """Shows what stands on the weighbridge; a stuck one keeps what it showed."""

    def __init__(self, plant: Plant, entrance: Entrance, path: Path, wire: WireAddress) -> None:
        self._plant = plant
        self._entrance = entrance
        self._registers = MapRegisters(path, (_NO_BAY,), wire.unit)
        self._wire = wire

    def show(self) -> None:
        entrance, faults = self._entrance, self._plant.faults
        if faults.active("yard_stuck", "weigher"):
            return
        truck = self._plant.trucks.get(entrance.truck) if entrance.truck is not None else None
        fields: dict[str, Value] = {
            "Weigher.gross_kg": 0.0 if truck is None else truck.gross_kg,
            "Weigher.stable": entrance.settled,
            "Weigher.fault_code": LOAD_CELL_FAULT if faults.active("yard_fault", "weigher") else 0,
        }
        self._registers.show(_NO_BAY, fields)

    def node(self) -> ByteNode:
        """The weighbridge's end of a new connection; fault knobs spoil it."""
        return Unsound(server_node(self._registers.bank, self._wire), self._plant.faults, "weigher")
