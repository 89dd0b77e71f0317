"""The meters and the charger controllers behind a vendor's Modbus map, over the plant that is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from swapstation.protocol.modbus_server import ModbusRtuServer, ModbusTcpServer
from swapstation.protocol.node import ByteNode, WireCounts
from swapstation.protocol.register_bank import RegisterBank
from swapstation.protocol.registers import Value
from swapstation.simulation.firmware.charger import Charger
from swapstation.simulation.firmware.map_registers import MapRegisters, Order
from swapstation.simulation.firmware.site_meter import COS_PHI, PHASE_V, PHASES
from swapstation.simulation.plant.bay import Bay
from swapstation.simulation.plant.plant import Plant
from swapstation.wire_address import WireAddress, WireProtocol

_NO_BAY = 0


class MapMeter:
    """The site meter; it measures behind current transformers, as the station's `meter_ratio` says."""

    def __init__(self, plant: Plant, path: Path, wire: WireAddress, ratio: float) -> None:
        self._plant = plant
        self._ratio = ratio
        self._registers = MapRegisters(path, (_NO_BAY,), wire.unit)
        self._wire = wire

    def show(self) -> None:
        """Lay out what the plant takes from the grid now."""
        power_kw = self._plant.power_kw / self._ratio
        phase_a = power_kw * 1000.0 / (len(PHASES) * PHASE_V * COS_PHI)
        fields: dict[str, Value] = {
            "Meter.energy_kwh": self._plant.meter_kwh / self._ratio,
            "Meter.power_kw": power_kw,
        }
        for phase in PHASES:
            fields |= {f"Meter.voltages_v[{phase}]": PHASE_V, f"Meter.currents_a[{phase}]": phase_a}
        self._registers.show(_NO_BAY, fields)

    def node(self) -> ByteNode:
        """The meter's end of a new connection; a fault knob takes it off."""
        return Muted(server_node(self._registers.bank, self._wire), self._is_silent)

    def _is_silent(self) -> bool:
        return self._plant.faults.active("meter_silent")


class Muted:
    """A byte node that is deaf while it is silent."""

    def __init__(self, node: ByteNode, is_silent: Callable[[], bool]) -> None:
        self._node = node
        self._is_silent = is_silent

    @property
    def counts(self) -> WireCounts:
        return self._node.counts

    @property
    def wants_reopen(self) -> bool:
        return self._node.wants_reopen

    def opened(self, now_s: float) -> None:
        self._node.opened(now_s)

    def closed(self, now_s: float) -> None:
        self._node.closed(now_s)

    def receive(self, data: bytes, now_s: float) -> None:
        if not self._is_silent():
            self._node.receive(data, now_s)

    def due(self, now_s: float) -> Iterable[bytes]:
        return self._node.due(now_s)

    def next_deadline(self) -> float:
        return self._node.next_deadline()


class MapBayMeters:
    """The AC and DC energy meters of the bays behind one wire."""

    def __init__(self, bays: Mapping[int, Bay], path: Path, wire: WireAddress) -> None:
        self._bays = bays
        self._registers = MapRegisters(path, tuple(bays), wire.unit)
        self._wire = wire

    def show(self) -> None:
        """Lay out what every bay took from the grid and gave to its batteries."""
        for number, bay in self._bays.items():
            modules = bay.modules
            self._registers.show(
                number,
                {
                    "AcMeter.energy_kwh": modules.grid_kwh,
                    "AcMeter.power_kw": modules.grid_kw,
                    "DcMeter.energy_kwh": modules.energy_kwh,
                    "DcMeter.power_kw": modules.voltage_v * modules.current_a / 1000.0,
                },
            )

    def node(self) -> ByteNode:
        """The meters' end of a new connection."""
        return server_node(self._registers.bank, self._wire)


class MapChargers:
    """Charger controllers behind one wire, started, stopped and limited as the vendor's map writes it."""

    def __init__(self, chargers: Mapping[int, Charger], path: Path, wire: WireAddress) -> None:
        self._chargers = chargers
        self._registers = MapRegisters(path, tuple(chargers), wire.unit)
        self._wire = wire

    def take(self, now_s: float) -> None:
        """Carry out what the station wrote since the last call."""
        for order in self._registers.take():
            self._act(self._chargers[order.place], order, now_s)

    def show(self) -> None:
        """Lay out the state of every charger."""
        for bay, charger in self._chargers.items():
            modules = charger.bay.modules
            self._registers.show(
                bay,
                {
                    "Charger.state": charger.state.value,
                    "Charger.voltage_v": modules.voltage_v,
                    "Charger.current_a": modules.current_a,
                    "Charger.energy_kwh": charger.energy_kwh,
                    "Charger.soc_pct": charger.soc_pct,
                    "Charger.fault_code": int(charger.fault_code),
                    "Charger.contactor_closed": charger.bay.contactor_closed,
                    "Charger.temperature_c": charger.temperature_c,
                    "Charger.ac_meter_kwh": modules.grid_kwh,
                    "Charger.dc_meter_kwh": modules.energy_kwh,
                },
            )

    def node(self) -> ByteNode:
        """The chargers' end of a new connection."""
        return server_node(self._registers.bank, self._wire)

    def _act(self, charger: Charger, order: Order, now_s: float) -> None:
        limit_kw, target_pct = order.parameters.get("power_limit_kw"), order.parameters.get("target_soc_pct")
        if isinstance(limit_kw, int | float):
            charger.power_limit_kw = min(limit_kw, charger.bay.settings.max_power_kw)
        if isinstance(target_pct, int | float):
            charger.target_soc_pct = target_pct
        if order.command == "StartCharge":
            charger.start(now_s)
        elif order.command in ("PauseCharge", "ResumeCharge"):
            charger.pause(order.command == "PauseCharge")
        elif order.command == "StopCharge":
            charger.stop(now_s)


def server_node(bank: RegisterBank, wire: WireAddress) -> ByteNode:
    """A device's end of a Modbus wire in the framing that its address names."""
    return ModbusRtuServer(bank, wire.baud) if wire.protocol is WireProtocol.MODBUS_RTU else ModbusTcpServer(bank)
