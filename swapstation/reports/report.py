"""What a report says: figures as frozen dataclasses. None: there was nothing to reckon it from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from swapstation.model.alarm_figures import AlarmFigures
from swapstation.records.telemetry.power_quality import PowerQuality
from swapstation.reports.period import Period


@dataclass(frozen=True, slots=True)
class SwapFigures:
    """Swaps opened in the period. `at_first_try`: completed without a stop and without a way out.

    Times from request to end, of the completed ones (s). `by_hour`: how many were opened in each local hour.
    """

    opened: int
    completed: int
    failed: int
    at_first_try: int
    first_try_pct: float | None
    median_s: float | None
    p95_s: float | None
    longest_s: float | None
    by_hour: tuple[int, ...]
    by_truck_model: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class StepFigures:
    """One step of the recipes over all swaps of the period (s); `over_target` took longer than the recipe wants."""

    step: str
    count: int
    median_s: float
    p95_s: float
    software_s: float
    target_s: float | None
    over_target: int


@dataclass(frozen=True, slots=True)
class PromiseFigures:
    """Bookings promised for a time in the period. `kept`: the swap began in time, within the grace of the station.

    `late`: it began later. `not_used`: cancelled, or the truck did not come. `broken`: the station had no battery.
    `kept_pct`: of those that were kept, late or broken.
    """

    promised: int
    kept: int
    late: int
    not_used: int
    broken: int
    open: int
    kept_pct: float | None


@dataclass(frozen=True, slots=True)
class PeriodEnergy:
    """Energy and money of one tariff period; "": no tariff was known."""

    period: str
    energy_kwh: Decimal
    electricity_yuan: Decimal
    service_yuan: Decimal


@dataclass(frozen=True, slots=True)
class EnergyFigures:
    """Charges that ended in the period, by what the ledger settled; energy kWh, money yuan.

    `unsettled`: charges whose energy no counter could tell. AC and DC only of charges that were metered on both sides.
    """

    charges: int
    unsettled: int
    periods: tuple[PeriodEnergy, ...]
    energy_kwh: Decimal
    electricity_yuan: Decimal
    service_yuan: Decimal
    ac_kwh: float
    dc_kwh: float
    losses_kwh: float | None
    efficiency_pct: float | None
    by_day: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class DemandFigures:
    """The site's quarter-hour demand (kW). `estimated`: quarters that were not metered as a whole."""

    quarters: int
    estimated: int
    highest_kw: float | None
    highest_at: datetime | None
    mean_kw: float | None
    limit_kw: float | None
    over_limit: int


@dataclass(frozen=True, slots=True)
class StationTime:
    """How the station spent the period (s). `stops`: times that it was held or came up again in it.

    `unknown_s`: before the first event, and after the newest. `availability_pct`: time in which it could swap, of all
    known time that was not maintenance.
    """

    working_s: float
    held_s: float
    maintenance_s: float
    unconfirmed_s: float
    off_s: float
    unknown_s: float
    stops: int
    mean_stop_s: float | None
    availability_pct: float | None


@dataclass(frozen=True, slots=True)
class DeviceFigures:
    """A device that was out of work in the period. `mean_up_s`: its time in work by its outages.

    `mean_repair_s`: of the outages that ended in it, from failure to working again.
    """

    device: str
    outages: int
    out_s: float
    availability_pct: float
    mean_up_s: float | None
    mean_repair_s: float | None
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WaitingFigures:
    """Trucks that came in the period and how long they waited (s), from their arrival until their swap began.

    `left`: they left without a swap; `waits`: they are still here.
    """

    came: int
    swapped: int
    left: int
    waits: int
    mean_s: float | None
    median_s: float | None
    p95_s: float | None
    longest_s: float | None


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One piece of maintenance: done in the period, or due or soon due at its end (`state`); the local day of it."""

    zh: str
    en: str
    device: str
    state: str
    day: date | None


@dataclass(frozen=True, slots=True)
class MaintenanceFigures:
    """Work orders of the period and what is due at its end. Times from opened to begun, from begun to done (s)."""

    opened: int
    corrective_done: int
    preventive_done: int
    other_done: int
    cancelled: int
    standing: int
    mean_waiting_s: float | None
    mean_work_s: float | None
    due: int
    calibrations_due: int
    soon: int
    parts_short: int
    work: tuple[WorkRow, ...]


@dataclass(frozen=True, slots=True)
class FleetHaulage:
    """What one fleet carried; diesel: what a diesel truck would have taken (L)."""

    fleet: str
    trips: int
    tonnes: float
    tonne_km: float
    diesel_l: float | None


@dataclass(frozen=True, slots=True)
class HaulageFigures:
    """What fleets told of their trips, and the comparison with diesel trucks (reports/haulage.py has the formulas).

    `swap_share_pct`: completed swaps that were of these trucks; the same share of the electricity is set against it.
    """

    trips: int
    trucks: int
    tonnes: float
    distance_km: float
    tonne_km: float
    swap_share_pct: float | None
    electricity_kwh: float | None
    electricity_yuan: float | None
    diesel_l: float | None
    diesel_yuan: float | None
    saving_yuan: float | None
    saving_kg_co2: float | None
    formulas: tuple[str, ...]
    fleets: tuple[FleetHaulage, ...]


@dataclass(frozen=True, slots=True)
class BatteryFigures:
    """One battery as of the end of the period."""

    battery: str
    model: str
    grade: str
    capacity_pct: float | None
    charges: int
    energy_kwh: float


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is told of a period; `made_at` (UTC) tells how far a period that still runs is known.

    None: the business database or the telemetry, from which it is reckoned, could not be read.
    """

    station: str
    period: Period
    made_at: datetime
    swaps: SwapFigures
    steps: tuple[StepFigures, ...]
    promises: PromiseFigures
    energy: EnergyFigures
    demand: DemandFigures
    alarms: AlarmFigures
    time: StationTime
    devices: tuple[DeviceFigures, ...]
    batteries: tuple[BatteryFigures, ...]
    waiting: WaitingFigures | None = None
    quality: PowerQuality | None = None
    maintenance: MaintenanceFigures | None = None
    haulage: HaulageFigures | None = None


def share_pct(part: float, whole: float) -> float | None:
    """A share in percent; None of nothing."""
    return round(100.0 * part / whole, 2) if whole > 0.0 else None
