"""Registers of the charger controllers behind one Modbus gateway; unit id = bay number."""

from __future__ import annotations

from collections.abc import Iterable

from swapstation.model.device import ChargerState
from swapstation.protocol.modbus_server import ModbusTcpServer
from swapstation.protocol.node import ByteNode
from swapstation.protocol.register_bank import RegisterBank, RegisterWrite
from swapstation.protocol.register_files import load_register_map
from swapstation.protocol.registers import Value
from swapstation.simulation.firmware.charger import Charger
from swapstation.simulation.firmware.shown_block import ShownBlock


class ChargerPanel:
    """Binds chargers to a register bank by firmware_proto/registers/charger.toml."""

    def __init__(self, chargers: Iterable[Charger]) -> None:
        self.bank = RegisterBank()
        self._map = load_register_map("charger")
        self._chargers = {charger.bay.number: charger for charger in chargers}
        self._blocks = {unit: ShownBlock(self.bank, unit, self._map, "charger") for unit in self._chargers}
        self._written: dict[int, list[int]] = {}
        self._accepted = dict.fromkeys(self._chargers, 0)
        for unit, charger in self._chargers.items():
            for block in self._map.blocks.values():
                self.bank.define(unit, block.address, block.count, writable=block.access == "write")
            defaults = {"power_limit": charger.power_limit_kw, "target_soc": charger.target_soc_pct}
            self._written[unit] = self._map.encode("station", defaults)
            self.bank.set(unit, self._map.blocks["station"].address, self._written[unit])

    def node(self) -> ByteNode:
        """The gateway's end of a new connection."""
        return ModbusTcpServer(self.bank)

    def take(self, now_s: float) -> None:
        """Carry out what the station wrote since the last call."""
        for write in self.bank.take_writes():
            self._take(write, now_s)

    def show(self) -> None:
        """Lay out the state of every charger."""
        for unit, charger in self._chargers.items():
            self._blocks[unit].show(self._shown(unit, charger))

    def _take(self, write: RegisterWrite, now_s: float) -> None:
        charger, registers = self._chargers[write.unit], self._written[write.unit]
        start = write.address - self._map.blocks["station"].address
        registers[start : start + len(write.registers)] = write.registers
        values = self._map.decode("station", registers)
        charger.power_limit_kw = min(_number(values["power_limit"]), charger.bay.settings.max_power_kw)
        charger.target_soc_pct = _number(values["target_soc"])
        command_id = int(_number(values["command_id"]))
        if command_id == self._accepted[write.unit]:
            charger.pause(values["pause"] == "PAUSE")
            return
        self._accepted[write.unit] = command_id
        if values["command"] == "START":
            charger.start(now_s)
        elif values["command"] == "DISCHARGE":
            charger.discharge(now_s)
        elif values["command"] == "STOP":
            charger.stop(now_s)

    def _shown(self, unit: int, charger: Charger) -> dict[str, Value]:
        modules, lies = charger.bay.modules, charger.lies
        return {
            "state": ChargerState.IDLE.name if lies else charger.state.name,
            "fault_code": int(charger.fault_code),
            "voltage": modules.voltage_v,
            "current": 0.0 if lies else modules.current_a,
            "energy": charger.energy_kwh,
            "soc": charger.soc_pct,
            "contactor_closed": charger.bay.contactor_closed and not lies,
            "accepted_id": self._accepted[unit],
            "protocol_version": charger.protocol_version,
            "obeyed_limit": charger.power_limit_kw,
            "temperature": charger.temperature_c,
        }


def _number(value: Value) -> float:
    return value if isinstance(value, int | float) else 0.0
