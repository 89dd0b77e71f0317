"""The messages of a charger, built from its settings, its process and what its modules put out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from msgspec import Struct

from swapstation.protocol.gbt27930.charger_output import Output
from swapstation.protocol.gbt27930.charger_process import Process, Step
from swapstation.protocol.gbt27930.charger_settings import WIRE_MAX_CURRENT_A, ChargerSettings
from swapstation.protocol.gbt27930.messages import Ccs, Cem, Chm, Cml, Crm, Cro, Csd, Cst, Cts, Message
from swapstation.protocol.gbt27930.words import Edition

_WIRE_MAX_V = 1500.0
_WIRE_MAX_KWH = 6553.4
_WIRE_MAX_MIN = 0xFFFE


class Said(Struct, frozen=True):
    """What a message of the charger is made of, and the edition of its layout."""

    settings: ChargerSettings
    process: Process
    output: Output
    now_s: float
    edition: Edition


def session_energy_kwh(process: Process, output: Output) -> float | None:
    """Energy of this process by the modules' counter."""
    first_kwh = process.first_energy_kwh
    return None if output.energy_kwh is None or first_kwh is None else output.energy_kwh - first_kwh


def edition_of(kind: type[Message], settings: ChargerSettings, edition: Edition) -> Edition:
    """The edition in whose layout a message goes out; the doubtful ones of 2011 by the settings."""
    if edition is not Edition.GB2011:
        return edition
    kept = {Crm: settings.gbt27930.crm_2011_layout, Csd: settings.gbt27930.csd_2011_layout}
    return edition if kept.get(kind, True) else Edition.GB2015


def _cts(said: Said) -> Cts:
    """The local time of the start, counted on."""
    begun = said.process.local_time
    if begun is None:
        return Cts()
    return Cts(f"{begun + timedelta(seconds=said.now_s - said.process.begun_s):%Y-%m-%d %H:%M:%S}")


def _cml(said: Said) -> Cml:
    settings = said.settings
    least_a = settings.gbt27930.min_current_a
    return Cml(settings.max_voltage_v, settings.min_voltage_v, settings.max_current_a, least_a)


def _ccs(said: Said) -> Ccs:
    voltage_v = _within(said.output.voltage_v, 0.0, _WIRE_MAX_V)
    current_a = _within(said.output.current_a, -WIRE_MAX_CURRENT_A, WIRE_MAX_CURRENT_A)
    return Ccs(voltage_v, current_a, _elapsed_min(said), said.process.permitted and not said.process.held)


def _csd(said: Said) -> Csd:
    energy_kwh = session_energy_kwh(said.process, said.output) or 0.0
    return Csd(_elapsed_min(said), _within(energy_kwh, 0.0, _WIRE_MAX_KWH), _number(said))


def _number(said: Said) -> int:
    """The charger's number; one byte of it in the layouts of 2011."""
    number = said.settings.charger_number
    return number % 0xFF if said.edition is Edition.GB2011 else number


def _elapsed_min(said: Said) -> int:
    return min(said.process.elapsed_min(said.now_s), _WIRE_MAX_MIN)


def _within(value: float, low: float, high: float) -> float:
    return max(low, min(high, value))


SAY: Mapping[type[Message], Callable[[Said], Message]] = {
    Chm: lambda said: Chm(),
    Crm: lambda said: Crm(said.process.step is Step.RECOGNISED, _number(said), said.settings.location),
    Cts: _cts,
    Cml: _cml,
    Cro: lambda said: Cro(said.process.step is Step.READY),
    Ccs: _ccs,
    Cst: lambda said: Cst(said.process.stop_reasons),
    Csd: _csd,
    Cem: lambda said: Cem(said.process.missed),
}
