"""Settings of tariff and energy ledger; `swapstation.config.settings` holds them in the whole."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TariffSource:
    """`file`: the operator's tariff file (docs/tariffs.md); None: the station knows no prices."""

    file: Path | None = None


@dataclass(frozen=True, slots=True)
class Pv:
    """PV behind the site's meter (kW AC). `peak_kw`: most that it gives, 0: there is none.

    `hour_kw`: a usual day by its 24 local hours, where no forecast is told; `folder`: forecasts of days as files.
    """

    peak_kw: float = 0.0
    hour_kw: tuple[float, ...] = ()
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Money:
    """`contracts`: the file of fleets and what they pay (docs/money.md); None: swaps are not billed here."""

    contracts: Path | None = None


class SettleOn(StrEnum):
    """Which side of the charging modules the energy of a charge is settled on."""

    DC = "dc"
    AC = "ac"


@dataclass(frozen=True, slots=True)
class Ledger:
    """How exact the station's counters are: accuracy classes in % of what is counted, resolutions in kWh.

    AC becomes DC with an efficiency within the two limits; `battery_efficiency` of DC is stored. `soc_uncertainty_pct`
    and `capacity_uncertainty_pct` are those of a BMS's SOC and of a battery's capacity. `most_other_load_kw`: what
    robot, cooling and building take at most on average of a day; None: not checked.
    """

    settle_on: SettleOn = SettleOn.DC
    site_meter_class_pct: float = 1.0
    ac_meter_class_pct: float = 1.0
    dc_meter_class_pct: float = 1.0
    charger_class_pct: float = 2.0
    site_meter_resolution_kwh: float = 1.0
    meter_resolution_kwh: float = 0.1
    least_efficiency: float = 0.90
    most_efficiency: float = 0.98
    battery_efficiency: float = 0.97
    soc_uncertainty_pct: float = 4.0
    capacity_uncertainty_pct: float = 10.0
    most_other_load_kw: float | None = None
