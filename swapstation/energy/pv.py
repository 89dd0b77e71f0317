"""What PV behind the site's meter is expected to give: told day by day, else a usual day (kW AC; own design)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from swapstation.config.settings import Config
from swapstation.energy.day_series import DayValue, Series, read_day_folders, told_at


@dataclass(frozen=True, slots=True)
class PvForecast:
    """`usual_kw`: a usual day by its 24 hours, empty: nobody says; `told`: local days that somebody forecast."""

    usual_kw: tuple[float, ...] = ()
    told: Mapping[date, Series] = field(default_factory=dict)

    def at(self, local: datetime) -> PvExpected:
        """What is expected at a moment of local time; nothing where nobody says anything."""
        kw = told_at(self.told, local)
        if kw is not None:
            return PvExpected(float(kw), told=True)
        return PvExpected(self.usual_kw[local.hour] if self.usual_kw else 0.0, told=False)

    def course_kw(self, starts_at: datetime, step_s: Sequence[float]) -> tuple[float, ...]:
        """What is expected in each of the steps from `starts_at` in local time on, none longer than its quarter."""
        found, at = [], starts_at
        for length_s in step_s:
            found.append(self.at(at).kw)
            at += timedelta(seconds=length_s)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class PvExpected:
    """PV power of a moment (kW AC), and whether somebody told it of this day; else it is that of the usual day."""

    kw: float
    told: bool


def pv_value(config: Config) -> DayValue:
    """The kind of value that is told of a day: no PV gives less than nothing or more than its peak."""
    return DayValue("kw", "kw", "120", Decimal(0), Decimal(str(config.pv.peak_kw)), "kW", "kW")


def station_pv(config: Config) -> PvForecast | None:
    """The forecast of a station from its configuration, its folder and what was told over the API; None: it has no PV.

    Raises ConfigurationError for a day file that is wrong.
    """
    if config.pv.peak_kw <= 0.0:
        return None
    folders = [folder for folder in (config.pv.folder, config.pv_forecast_folder) if folder is not None]
    return PvForecast(config.pv.hour_kw, read_day_folders(pv_value(config), *folders))
