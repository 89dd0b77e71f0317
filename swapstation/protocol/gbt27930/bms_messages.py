"""The messages of a BMS, built from what it knows and measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from swapstation.protocol.gbt27930.bms_facts import BmsFacts, BmsStatus
from swapstation.protocol.gbt27930.bms_process import Process
from swapstation.protocol.gbt27930.messages import (
    Bcl,
    Bcp,
    Bcs,
    Bem,
    Bhm,
    Bmt,
    Bmv,
    Brm,
    Bro,
    Bsd,
    Bsm,
    Bsp,
    Bst,
    Message,
)
from swapstation.protocol.gbt27930.words import Edition

_MAX_REMAINING_MIN = 600


def _brm(facts: BmsFacts, status: BmsStatus, process: Process) -> Brm:
    return Brm(
        version=facts.brm_version or ("1.0" if facts.edition is Edition.GB2011 else "1.1"),
        battery_type=facts.battery_type,
        rated_capacity_ah=facts.rated_capacity_ah,
        rated_voltage_v=facts.rated_voltage_v,
        maker=facts.maker,
        serial=facts.serial,
        production_year=facts.production_year,
        production_month=facts.production_month,
        production_day=facts.production_day,
        charge_count=facts.charge_count,
        vin=facts.vin,
        software_number=facts.software_number,
        software_year=facts.software_year,
        software_month=facts.software_month,
        software_day=facts.software_day,
    )


def _bcp(facts: BmsFacts, status: BmsStatus, process: Process) -> Bcp:
    return Bcp(
        facts.max_cell_v,
        facts.max_current_a,
        facts.nominal_energy_kwh,
        facts.max_voltage_v,
        facts.max_temperature_c,
        _soc_pct(status),
        status.voltage_v,
    )


def _bcs(facts: BmsFacts, status: BmsStatus, process: Process) -> Bcs:
    remaining_min = min(status.remaining_min, _MAX_REMAINING_MIN)
    return Bcs(
        status.voltage_v,
        status.current_a,
        status.max_cell_v,
        status.max_cell_group,
        int(_soc_pct(status)),
        remaining_min,
    )


def _bsm(facts: BmsFacts, status: BmsStatus, process: Process) -> Bsm:
    return Bsm(
        status.max_cell_number,
        status.max_temperature_c,
        status.max_temperature_probe,
        status.min_temperature_c,
        status.min_temperature_probe,
        status.faults,
        status.permitted,
    )


def _bsd(facts: BmsFacts, status: BmsStatus, process: Process) -> Bsd:
    return Bsd(
        int(_soc_pct(status)), status.min_cell_v, status.max_cell_v, status.min_temperature_c, status.max_temperature_c
    )


SAY: Mapping[type[Message], Callable[[BmsFacts, BmsStatus, Process], Message]] = {
    Bhm: lambda facts, status, process: Bhm(facts.max_voltage_v),
    Brm: _brm,
    Bcp: _bcp,
    Bro: lambda facts, status, process: Bro(status.contactors_closed),
    Bcl: lambda facts, status, process: Bcl(status.wanted_voltage_v, status.wanted_current_a),
    Bcs: _bcs,
    Bsm: _bsm,
    Bmv: lambda facts, status, process: Bmv(status.cell_voltages_v, (0,) * len(status.cell_voltages_v)),
    Bmt: lambda facts, status, process: Bmt(status.temperatures_c),
    Bsp: lambda facts, status, process: Bsp(status.reserved),
    Bst: lambda facts, status, process: Bst(process.stop_reasons),
    Bsd: _bsd,
    Bem: lambda facts, status, process: Bem(process.missed),
}


def _soc_pct(status: BmsStatus) -> float:
    return max(0.0, min(100.0, status.soc_pct))
