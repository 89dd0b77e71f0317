"""What a battery's BMS knows: what never changes, what it measures now, and its times."""

from __future__ import annotations

from dataclasses import dataclass, field

from swapstation.protocol.gbt27930.words import BatteryFault, BatteryType, Edition


@dataclass(frozen=True, slots=True)
class BmsTimes:
    """Seconds of the BMS side. Sources: GB/T 27930-2015 unless said otherwise."""

    own_start_s: float = 60.0  # power on until the first CRM
    crm_s: float = 30.0  # first CHM until the first CRM
    crm_recognised_s: float = 5.0
    cml_s: float = 5.0
    cro_s: float = 5.0
    cro_ready_s: float = 60.0
    ccs_s: float = 1.0
    cst_s: float = 5.0
    csd_s: float = 10.0  # one source says 5 s
    reconnect_s: float = 30.0  # BEM until CRM comes again
    statistics_s: float = 1.0  # BSD after CSD, as seen in recorded charging processes
    emergency_open_s: float = 5.0  # own design: contactors open under load when the charger's current does not fall


@dataclass(frozen=True, slots=True)
class BmsFacts:
    """Identity and limits of one battery.

    `replug_required` (no new process before `plug`) is the standard's rule; in a swap bay nothing is unplugged.
    `wakes_by_power_cycle`: a 2011 battery that answers no charger before its auxiliary power was off and on again.
    `brm_version`: what BRM says in place of the edition's own version.
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
    software_number: int | None = None
    software_year: int | None = None
    software_month: int | None = None
    software_day: int | None = None
    edition: Edition = Edition.GB2015
    brm_version: str | None = None
    wakes_by_power_cycle: bool = False
    replug_required: bool = False
    reconnects: int = 3
    opening_current_a: float = 5.0
    times: BmsTimes = field(default_factory=BmsTimes)


@dataclass(frozen=True, slots=True)
class BmsStatus:
    """What the BMS measures and wants now; charging current positive, cells and probes counted from 1.

    Of `cell_voltages_v` (up to 256), `temperatures_c` (128) and `reserved` (16 bytes of BSP) an empty one is not sent.
    """

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
    max_temperature_probe: int = 1
    min_temperature_probe: int = 1
    cell_voltages_v: tuple[float, ...] = ()
    temperatures_c: tuple[float, ...] = ()
    reserved: tuple[int, ...] = ()
