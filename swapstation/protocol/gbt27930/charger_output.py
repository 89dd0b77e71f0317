"""What the charging modules put out and what they should: the limits, the minimum output, the pre-charge check."""

from __future__ import annotations

from dataclasses import dataclass

from swapstation.protocol.gbt27930.charger_process import Process, Step
from swapstation.protocol.gbt27930.charger_settings import ChargerSettings
from swapstation.protocol.gbt27930.messages import Bcl
from swapstation.protocol.gbt27930.words import Edition


@dataclass(frozen=True, slots=True)
class Output:
    """What the charging modules put out now, and their energy counter in kWh if they have one."""

    voltage_v: float = 0.0
    current_a: float = 0.0
    energy_kwh: float | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """What the charging modules should do now; `enabled` False opens the contactors."""

    enabled: bool
    voltage_v: float
    current_a: float


def demanded(process: Process, settings: ChargerSettings, output: Output, cap_a: float) -> Demand:
    """The demand of a process, never above what the battery asks and allows, the settings and `cap_a`.

    One exception, and it is the standard's: a 2015 demand below the charger's minimum (0 V, 0 A) gets that minimum
    while the battery permits charging; 2023 has no such rule (there the process ends, see `too_little`).
    """
    bcl, bcp = process.bcl, process.bcp
    if not process.live:
        return Demand(False, 0.0, 0.0)
    if process.step is not Step.CHARGING or bcl is None or bcp is None:
        return Demand(True, bcp.pack_voltage_v if bcp else output.voltage_v, 0.0)
    wanted_v, wanted_a = bcl.wanted_voltage_v, bcl.wanted_current_a
    if process.edition is not Edition.GB2023:
        wanted_v = max(wanted_v, settings.min_voltage_v)
        wanted_a = max(wanted_a, settings.gbt27930.min_current_a)
    if process.held or not process.permitted:
        wanted_a = 0.0
    voltage_v = min(wanted_v, bcp.max_voltage_v, settings.max_voltage_v)
    return Demand(True, voltage_v, max(0.0, min(wanted_a, bcp.max_current_a, cap_a, settings.max_current_a)))


def too_little(bcl: Bcl, settings: ChargerSettings) -> bool:
    """Whether a battery asks for less than the charger can give (ends a charge of the 2023 edition)."""
    return bcl.wanted_voltage_v < settings.min_voltage_v or bcl.wanted_current_a < settings.gbt27930.min_current_a


def fits(process: Process, settings: ChargerSettings) -> bool:
    """Whether the pack voltage of the BCP lies within what the charger can give (CML)."""
    return process.bcp is not None and settings.min_voltage_v <= process.bcp.pack_voltage_v <= settings.max_voltage_v


def precharged(process: Process, settings: ChargerSettings, output: Output) -> bool:
    """Whether the output is near enough the pack voltage for CRO AA."""
    if process.bcp is None:
        return False
    gbt27930, pack_v = settings.gbt27930, process.bcp.pack_voltage_v
    tolerance_v = min(gbt27930.precharge_tolerance_v, pack_v * gbt27930.precharge_tolerance_pct / 100)
    return abs(output.voltage_v - pack_v) <= tolerance_v
