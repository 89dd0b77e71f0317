"""Energy, money and demand of a period."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from swapstation.energy.tariff_table import Period as TariffPeriod
from swapstation.model.energy import ChargeDetail, Settlement
from swapstation.model.power import Quarter
from swapstation.reports.report import DemandFigures, EnergyFigures, PeriodEnergy, share_pct

_ORDER = {period.value: place for place, period in enumerate(TariffPeriod)}
_NONE = Decimal(0)


def energy_figures(settlements: Sequence[Settlement], zone: ZoneInfo) -> EnergyFigures:
    """Figures of charges that ended; a charge belongs to the local day on which it ended."""
    days: dict[str, float] = {}
    details: dict[str, list[ChargeDetail]] = {}
    for each in settlements:
        day = each.ended_at.astimezone(zone).date().isoformat()
        days[day] = days.get(day, 0.0) + float(each.energy_kwh or 0)
        for detail in each.details:
            details.setdefault(detail.period, []).append(detail)
    metered = [
        (each.ac_kwh, each.dc_kwh) for each in settlements if each.ac_kwh is not None and each.dc_kwh is not None
    ]
    ac_kwh, dc_kwh = sum(ac for ac, _ in metered), sum(dc for _, dc in metered)
    periods = tuple(_period(name, details[name]) for name in sorted(details, key=lambda name: _ORDER.get(name, 99)))
    return EnergyFigures(
        charges=len(settlements),
        unsettled=sum(each.energy_kwh is None for each in settlements),
        periods=periods,
        energy_kwh=sum((each.energy_kwh for each in periods), _NONE),
        electricity_yuan=sum((each.electricity_yuan for each in periods), _NONE),
        service_yuan=sum((each.service_yuan for each in periods), _NONE),
        ac_kwh=round(ac_kwh, 3),
        dc_kwh=round(dc_kwh, 3),
        losses_kwh=round(ac_kwh - dc_kwh, 3) if metered else None,
        efficiency_pct=share_pct(dc_kwh, ac_kwh),
        by_day=tuple((day, round(kwh, 3)) for day, kwh in sorted(days.items())),
    )


def _period(name: str, details: Sequence[ChargeDetail]) -> PeriodEnergy:
    return PeriodEnergy(
        name,
        sum((each.energy_kwh for each in details), _NONE),
        sum((each.electricity_yuan or _NONE for each in details), _NONE),
        sum((each.service_yuan or _NONE for each in details), _NONE),
    )


def demand_figures(quarters: Sequence[Quarter], limit_kw: float | None) -> DemandFigures:
    """Figures of the quarter-hour demand; `limit_kw` is what the site may draw."""
    highest = max(quarters, key=lambda each: each.demand_kw, default=None)
    return DemandFigures(
        quarters=len(quarters),
        estimated=sum(each.estimated for each in quarters),
        highest_kw=None if highest is None else round(highest.demand_kw, 1),
        highest_at=None if highest is None else highest.at,
        mean_kw=round(sum(each.demand_kw for each in quarters) / len(quarters), 1) if quarters else None,
        limit_kw=limit_kw,
        over_limit=sum(limit_kw is not None and each.demand_kw > limit_kw for each in quarters),
    )
