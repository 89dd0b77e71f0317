"""Charger controllers behind one Modbus TCP gateway, unit id = bay number (firmware_proto/registers/charger.toml)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from swapstation.devices.adapter import AdapterKind, AdapterSettings, Refusal, Role, Update, refuse_bay, refuse_unknown
from swapstation.devices.register_write import registers_of
from swapstation.model.command import (
    Command,
    DischargeBattery,
    LimitCharge,
    PauseCharge,
    ResumeCharge,
    StartCharge,
    StopCharge,
)
from swapstation.model.device import Charger, ChargerState
from swapstation.protocol.modbus_client import ModbusClient, Poll
from swapstation.protocol.modbus_framing import Framing
from swapstation.protocol.register_files import load_register_map
from swapstation.protocol.registers import Value
from swapstation.wire_address import WireProtocol

POLL_S = 0.5
STOP_IDS = 0x8000_0000
"""Command ids from here on are stops and leases: no start has one (command ids of the journal count up from 1)."""


class Chargers:
    """Our end of all charger controllers; `node` is the Modbus client of their wire."""

    role = Role.CHARGER
    orders: frozenset[type[Command]] = frozenset(
        {StartCharge, LimitCharge, PauseCharge, ResumeCharge, DischargeBattery, StopCharge}
    )

    def __init__(self, bays: Iterable[int]) -> None:
        self.bays = frozenset(bays)
        self._map = load_register_map("charger")
        block = self._map.blocks["charger"]
        self._address = block.address
        self._stops = 0
        period_s = block.period_s or POLL_S
        polls = [Poll(bay, block.address, block.count, period_s) for bay in sorted(self.bays)]
        self.node = ModbusClient(Framing.TCP, polls)

    @property
    def malformed(self) -> int:
        return self.node.counts.malformed

    def updates(self, now_s: float) -> Iterator[Update]:
        """What each charger last reported."""
        for bay in self.bays:
            latest = self.node.latest(bay, self._address)
            if latest is None:
                continue
            registers, received_s = latest
            charger = charger_state(self._map.decode("charger", registers))
            if charger is not None:
                yield Update(charger, received_s, bay)

    def order(self, command: Command, command_id: int, now_s: float) -> Refusal | None:
        """Begin, limit or end a charge; a charger begins and ends once per command id."""
        match command:
            case StartCharge(bay, target_soc_pct, power_limit_kw) if bay in self.bays:
                self._start(bay, target_soc_pct, power_limit_kw, command_id)
            case LimitCharge(bay, power_limit_kw) if bay in self.bays:
                self._write(bay, {"power_limit": power_limit_kw})
            case PauseCharge(bay) if bay in self.bays:
                self._write(bay, {"pause": "PAUSE"})
            case ResumeCharge(bay, power_limit_kw) if bay in self.bays:
                self._write(bay, {"power_limit": power_limit_kw})
                self._write(bay, {"pause": "GO_ON"})
            case DischargeBattery(bay, power_kw, least_soc_pct) if bay in self.bays:
                self._own(bay, "DISCHARGE", power_kw, least_soc_pct)
            case StopCharge(bay) if bay in self.bays:
                self._own(bay, "STOP")
            case DischargeBattery(bay):
                return refuse_bay(bay, self.bays)
            case StartCharge(bay) | LimitCharge(bay) | PauseCharge(bay) | ResumeCharge(bay) | StopCharge(bay):
                return refuse_bay(bay, self.bays)
            case _:
                return refuse_unknown(command, self.orders)
        return None

    def cycle(self, now_s: float) -> None:
        """Nothing is sent: a charger goes on when the station is silent. Outcomes of writes do not pile up."""
        self.node.take_outcomes()

    def _start(self, bay: int, target_soc_pct: float, power_limit_kw: float, command_id: int) -> None:
        self._write(
            bay,
            {
                "command": "START",
                "power_limit": power_limit_kw,
                "target_soc": target_soc_pct,
                "pause": "GO_ON",
                "command_id": command_id,
            },
        )

    def _own(self, bay: int, order: str, power_kw: float = 0.0, soc_pct: float = 0.0) -> None:
        """Stop, discharge or renew that, under an id that differs from the last one the charger has acted on."""
        self._stops += 1
        if STOP_IDS + self._stops == self._accepted_id(bay):
            self._stops += 1
        command_id = STOP_IDS + self._stops
        values: dict[str, Value] = {"command": order, "power_limit": power_kw, "target_soc": soc_pct}
        self._write(bay, {**values, "pause": "GO_ON", "command_id": command_id})

    def _accepted_id(self, bay: int) -> Value:
        latest = self.node.latest(bay, self._address)
        return None if latest is None else self._map.decode("charger", latest[0])["accepted_id"]

    def _write(self, bay: int, values: Mapping[str, Value]) -> None:
        address, registers = registers_of(self._map, "station", values)
        self.node.write(bay, address, registers)


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
        power_limit_kw=words["obeyed_limit"],
        protocol_version=words["protocol_version"],
        temperature_c=words["temperature"],
    )


def _make(settings: AdapterSettings) -> Chargers:
    return Chargers(settings.bays)


ADAPTER = AdapterKind(_make, frozenset({WireProtocol.MODBUS_TCP}))
