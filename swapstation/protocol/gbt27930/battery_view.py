"""What the battery has said about itself, gathered from its messages into the product's `BatteryCharge`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from swapstation.model.device import BatteryCharge
from swapstation.protocol.gbt27930.messages import Bcl, Bcp, Bcs, Bem, Brm, Bsd, Bsm, Bst, Message

_FACTS: dict[type[Message], Callable[[Any], dict[str, Any]]] = {
    Brm: lambda brm: {"maker": brm.maker, "serial": brm.serial, "vin": brm.vin},
    Bcp: lambda bcp: {
        "nominal_energy_kwh": bcp.nominal_energy_kwh,
        "max_voltage_v": bcp.max_voltage_v,
        "max_current_a": bcp.max_current_a,
        "soc_pct": bcp.soc_pct,
        "voltage_v": bcp.pack_voltage_v,
    },
    Bcl: lambda bcl: {"wanted_voltage_v": bcl.wanted_voltage_v, "wanted_current_a": bcl.wanted_current_a},
    Bcs: lambda bcs: {
        "voltage_v": bcs.voltage_v,
        "current_a": bcs.current_a,
        "max_cell_v": bcs.max_cell_v,
        "soc_pct": bcs.soc_pct,
    },
    Bsm: lambda bsm: {
        "max_temperature_c": bsm.max_temperature_c,
        "min_temperature_c": bsm.min_temperature_c,
        "faults": tuple(map(str, bsm.faults)),
        "charge_permitted": bsm.permitted,
    },
    Bsd: lambda bsd: {
        "soc_pct": bsd.soc_pct,
        "max_cell_v": bsd.max_cell_v,
        "max_temperature_c": bsd.max_temperature_c,
        "min_temperature_c": bsd.min_temperature_c,
    },
}


class BatteryView:
    """Gathers the battery's messages of one charging process; the newest of each kind counts."""

    def __init__(self) -> None:
        self._facts = BatteryCharge()
        self._seen_s: float | None = None

    @property
    def facts(self) -> BatteryCharge:
        """What was said so far; phase and age are the caller's."""
        return self._facts

    def take(self, message: Message, now_s: float) -> None:
        """Take a message of the BMS."""
        self._seen_s = now_s
        read = _FACTS.get(type(message))
        if read is not None:
            self._facts = replace(self._facts, **read(message))
        match message:
            case Bst(reasons=reasons):
                self.stopped(reasons)
            case Bem(timeouts=timeouts):
                self.timed_out(timeouts)

    def stopped(self, reasons: tuple[str, ...]) -> None:
        """Add reasons why either side stopped."""
        self._facts = replace(self._facts, stop_reasons=_union(self._facts.stop_reasons, reasons))

    def timed_out(self, names: tuple[str, ...]) -> None:
        """Add names of messages that either side waited for in vain."""
        self._facts = replace(self._facts, timeouts=_union(self._facts.timeouts, names))

    def age_s(self, now_s: float) -> float | None:
        """Seconds since the last valid message of the BMS."""
        return None if self._seen_s is None else now_s - self._seen_s


def _union(known: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *map(str, new))))
