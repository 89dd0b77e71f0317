"""Charger controllers behind one Modbus TCP gateway, unit id = bay number (firmware_proto/registers/charger.toml)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from swapstation.devices.register_write import registers_of
from swapstation.model.device import Charger, ChargerState
from swapstation.protocol.modbus_client import ModbusClient, Poll
from swapstation.protocol.modbus_framing import Framing
from swapstation.protocol.register_files import load_register_map
from swapstation.protocol.registers import Value

POLL_S = 0.5
STOP_IDS = 0x8000_0000
"""Command ids from here on are stops: no start ever has one (command ids of the journal count up from 1)."""


class Chargers:
    """Our end of all charger controllers; `client` is the byte node of their wire."""

    def __init__(self, bays: Iterable[int]) -> None:
        self._map = load_register_map("charger")
        block = self._map.blocks["charger"]
        self._address = block.address
        self._stops = 0
        period_s = block.period_s or POLL_S
        self.client = ModbusClient(Framing.TCP, [Poll(bay, block.address, block.count, period_s) for bay in bays])

    def state(self, bay: int) -> tuple[Charger, float] | None:
        """What the charger of a bay last reported, and when."""
        latest = self.client.latest(bay, self._address)
        if latest is None:
            return None
        registers, received_s = latest
        charger = charger_state(self._map.decode("charger", registers))
        return None if charger is None else (charger, received_s)

    def start(self, bay: int, target_soc_pct: float, power_limit_kw: float, command_id: int) -> None:
        """Begin a charge; the charger acts once per command id."""
        self._write(
            bay,
            {
                "command": "START",
                "power_limit": power_limit_kw,
                "target_soc": target_soc_pct,
                "command_id": command_id,
            },
        )

    def stop(self, bay: int) -> None:
        """End the charge of a bay, under an id that differs from the last one the charger has acted on."""
        self._stops += 1
        if STOP_IDS + self._stops == self._accepted_id(bay):
            self._stops += 1
        self._write(
            bay, {"command": "STOP", "power_limit": 0.0, "target_soc": 0.0, "command_id": STOP_IDS + self._stops}
        )

    def _accepted_id(self, bay: int) -> Value:
        latest = self.client.latest(bay, self._address)
        return None if latest is None else self._map.decode("charger", latest[0])["accepted_id"]

    def _write(self, bay: int, values: Mapping[str, Value]) -> None:
        address, registers = registers_of(self._map, "station", values)
        self.client.write(bay, address, registers)


def charger_state(values: Mapping[str, Value]) -> Charger | None:
    """The device state in a decoded charger block; None when its state word is not in the map."""
    words: dict[str, Any] = dict(values)
    if words["state"] is None:
        return None
    return Charger(
        state=ChargerState(str(words["state"]).lower()),
        voltage_v=words["voltage"],
        current_a=words["current"],
        energy_kwh=words["energy"],
        soc_pct=words["soc"],
        fault_code=words["fault_code"],
        contactor_closed=words["contactor_closed"],
    )
