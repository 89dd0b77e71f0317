"""What a battery's BMS knows: what never changes, what it measures now, and its times."""

from __future__ import annotations

from dataclasses import dataclass, field

from swapstation.protocol.gbt27930.words import BatteryFault, BatteryType, Edition


@dataclass(frozen=True, slots=True)
class BmsTimes:
    """Seconds of the BMS side. Sources: GB/T 27930-2015 unless said otherwise."""

    crm_s: float = 30.0
    crm_recognised_s: float = 5.0
    cml_s: float = 5.0
    cro_s: float = 5.0
    cro_ready_s: float = 60.0
    ccs_s: float = 1.0
    cst_s: float = 5.0
    csd_s: float = 10.0  # one source says 5 s
    reconnect_s: float = 30.0  # BEM until CRM comes again
    statistics_s: float = 1.0  # BSD after CSD, as seen in recorded charging processes


@dataclass(frozen=True, slots=True)
class BmsFacts:
    """Identity and limits of one battery.

    `replug_required` (no new process before `plug`) is the standard's rule; in a swap bay nothing is unplugged.
    """

    max_voltage_v: float
    max_current_a: float
    max_cell_v: float
    nominal_energy_kwh: float
    rated_capacity_ah: float
    rated_voltage_v: float
    target_soc_pct: float = 100.0
    max_temperature_c: float = 60
    battery_type: BatteryType = BatteryType.LFP
    maker: str | None = None
    serial: int | None = None
    vin: str | None = None
    production_year: int | None = None
    production_month: int | None = None
    production_day: int | None = None
    charge_count: int | None = None
    edition: Edition = Edition.GB2015
    replug_required: bool = False
    reconnects: int = 3
    opening_current_a: float = 5.0
    times: BmsTimes = field(default_factory=BmsTimes)


@dataclass(frozen=True, slots=True)
class BmsStatus:
    """What the BMS measures and wants now; charging current positive, cells and probes counted from 1."""

    voltage_v: float
    current_a: float
    soc_pct: float
    max_cell_v: float
    min_cell_v: float
    max_temperature_c: float
    min_temperature_c: float
    wanted_voltage_v: float
    wanted_current_a: float
    contactors_closed: bool = False
    permitted: bool = True
    faults: tuple[BatteryFault, ...] = ()
    remaining_min: int = 0
    max_cell_number: int = 1
    max_cell_group: int = 0
    cell_voltages_v: tuple[float, ...] = ()
    temperatures_c: tuple[float, ...] = ()
