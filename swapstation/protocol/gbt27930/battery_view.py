"""What the battery has said about itself, gathered from its messages into the product's `BatteryCharge` and cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from swapstation.model.device import BatteryCells, BatteryCharge
from swapstation.protocol.gbt27930.messages import Bcl, Bcp, Bcs, Bem, Bhm, Bmt, Bmv, Brm, Bsd, Bsm, Bst
from swapstation.protocol.gbt27930.table import Heard
from swapstation.protocol.gbt27930.words import Edition, spoken_edition

_DIGITS = 3


class BatteryView:
    """Gathers the battery's messages of one charging process; the newest of each kind counts."""

    def __init__(self) -> None:
        self._facts: dict[str, Any] = {}
        self._told: dict[type[object], tuple[str, ...]] = {}
        self._seen_s: float | None = None
        self._cells = BatteryCells()
        self._cells_s: dict[type[object], float] = {}
        self.bhm_seen = False

    @property
    def facts(self) -> BatteryCharge:
        """What was said so far."""
        return self.charge()

    def charge(self, **more: Any) -> BatteryCharge:
        """What was said so far, and `more` that is the caller's to say: phase, age, energy."""
        return BatteryCharge(**self._facts, **more)

    @property
    def cells(self) -> tuple[BatteryCells, float] | None:
        """The last cell voltages and temperatures (BMV, BMT) and when the older of the two came."""
        return (self._cells, min(self._cells_s.values())) if self._cells_s else None

    def take(self, heard: Heard, now_s: float) -> None:
        """Take a message of the BMS."""
        self._seen_s = now_s
        message = heard.message
        read = _FACTS.get(type(message))
        if read is not None:
            facts = read(message)
            self._facts |= facts
            self._told[type(message)] = tuple(facts)
        match message:
            case Bhm():
                self.bhm_seen = True
            case Brm(version=version):
                self.speaks(spoken_edition(self.bhm_seen, version, heard.length))
            case Bst(reasons=reasons):
                self.stopped(reasons)
            case Bem(timeouts=timeouts):
                self.timed_out(timeouts)
            case Bmv(voltages_v=voltages_v):
                self._cells = replace(self._cells, voltages_v=voltages_v)
                self._cells_s[Bmv] = now_s
            case Bmt(temperatures_c=temperatures_c):
                self._cells = replace(self._cells, temperatures_c=temperatures_c)
                self._cells_s[Bmt] = now_s

    def forget(self, kind: type[object]) -> None:
        """What messages of this kind have told counts no more."""
        for name in self._told.pop(kind, ()):
            self._facts.pop(name, None)

    def speaks(self, edition: Edition) -> None:
        """The edition that this battery was found to speak."""
        self._facts["edition"] = str(edition)

    def stopped(self, reasons: tuple[str, ...]) -> None:
        """Add reasons why either side stopped."""
        self._facts["stop_reasons"] = _union(self._facts.get("stop_reasons", ()), reasons)

    def timed_out(self, names: tuple[str, ...]) -> None:
        """Add names of messages that either side waited for in vain."""
        self._facts["timeouts"] = _union(self._facts.get("timeouts", ()), names)

    def age_s(self, now_s: float) -> float | None:
        """Seconds since the last valid message of the BMS."""
        return None if self._seen_s is None else now_s - self._seen_s


def _brm(brm: Brm) -> dict[str, Any]:
    return {
        "maker": brm.maker,
        "serial": brm.serial,
        "vin": brm.vin,
        "battery_type": brm.battery_type.name.lower(),
        "rated_capacity_ah": brm.rated_capacity_ah,
        "rated_voltage_v": brm.rated_voltage_v,
        "production_date": _date(brm.production_year, brm.production_month, brm.production_day),
        "charge_count": brm.charge_count,
        "software_version": _software(brm),
    }


def _bmv(bmv: Bmv) -> dict[str, Any]:
    known = [voltage_v for voltage_v in bmv.voltages_v if voltage_v is not None]
    return {"min_cell_v": min(known), "cell_spread_v": round(max(known) - min(known), _DIGITS)} if known else {}


def _bsd(bsd: Bsd) -> dict[str, Any]:
    spread_v = None
    if bsd.min_cell_v is not None and bsd.max_cell_v is not None:
        spread_v = round(bsd.max_cell_v - bsd.min_cell_v, _DIGITS)
    return {
        "soc_pct": bsd.soc_pct,
        "max_cell_v": bsd.max_cell_v,
        "min_cell_v": bsd.min_cell_v,
        "cell_spread_v": spread_v,
        "max_temperature_c": bsd.max_temperature_c,
        "min_temperature_c": bsd.min_temperature_c,
    }


def _software(brm: Brm) -> str | None:
    """The running number and the date of the BMS software, as far as they are told."""
    told = (brm.software_number, _date(brm.software_year, brm.software_month, brm.software_day))
    return " ".join(str(part) for part in told if part is not None) or None


def _date(year: int | None, month: int | None, day: int | None) -> str | None:
    """A calendar day as text; garbage that is none reads as not told."""
    try:
        return date(year or 0, month or 0, day or 0).isoformat()
    except ValueError:
        return None


def _union(known: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *map(str, new))))


_FACTS: dict[type[object], Callable[[Any], dict[str, Any]]] = {
    Brm: _brm,
    Bcp: lambda bcp: {
        "nominal_energy_kwh": bcp.nominal_energy_kwh,
        "max_voltage_v": bcp.max_voltage_v,
        "max_current_a": bcp.max_current_a,
        "cell_limit_v": bcp.max_cell_v,
        "temperature_limit_c": bcp.max_temperature_c,
        "soc_pct": bcp.soc_pct,
        "voltage_v": bcp.pack_voltage_v,
    },
    Bcl: lambda bcl: {"wanted_voltage_v": bcl.wanted_voltage_v, "wanted_current_a": bcl.wanted_current_a},
    Bcs: lambda bcs: {
        "voltage_v": bcs.voltage_v,
        "current_a": bcs.current_a,
        "max_cell_v": bcs.max_cell_v,
        "max_cell_group": bcs.max_cell_group,
        "soc_pct": bcs.soc_pct,
        "remaining_min": bcs.remaining_min,
    },
    Bsm: lambda bsm: {
        "max_cell_number": bsm.max_cell_number,
        "max_temperature_c": bsm.max_temperature_c,
        "max_temperature_probe": bsm.max_temperature_probe,
        "min_temperature_c": bsm.min_temperature_c,
        "min_temperature_probe": bsm.min_temperature_probe,
        "faults": tuple(map(str, bsm.faults)),
        "charge_permitted": bsm.permitted,
    },
    Bmv: _bmv,
    Bsd: _bsd,
}
