"""What fleets carried, and what diesel trucks would have taken for it. The formulas stand in the report itself.

diesel      = t km x l_per_100tkm / 100
electricity = that of the period's charges x share, share = swaps of the trucks that told trips / all completed
saving      = diesel x yuan_per_l - electricity (yuan);  diesel x kg_co2_per_l - electricity (kWh) x kg_co2_per_kwh
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from swapstation.config.savings_settings import Savings
from swapstation.model.inventory import Swap, SwapResult
from swapstation.model.trip import Trip
from swapstation.reports.report import EnergyFigures, FleetHaulage, HaulageFigures, share_pct


def haulage_figures(
    trips: Sequence[Trip], swaps: Iterable[Swap], energy: EnergyFigures, factors: Savings
) -> HaulageFigures:
    """Figures of the trips of a period, beside its swaps and its energy."""
    tonne_km = sum(each.tonnes * each.distance_km for each in trips)
    trucks = {each.vin for each in trips}
    swapped = [swap.vin for swap in swaps if swap.result is SwapResult.COMPLETED]
    share = sum(vin in trucks for vin in swapped) / len(swapped) if trips and swapped else None
    diesel_l = _product(tonne_km / 100.0, factors.diesel_l_per_100tkm)
    diesel_yuan = _product(diesel_l, factors.diesel_yuan_per_l)
    electricity_kwh = _product(float(energy.energy_kwh), share)
    electricity_yuan = _product(float(energy.electricity_yuan), share)
    return HaulageFigures(
        trips=len(trips),
        trucks=len(trucks),
        tonnes=round(sum(each.tonnes for each in trips), 2),
        distance_km=round(sum(each.distance_km for each in trips), 2),
        tonne_km=round(tonne_km, 1),
        swap_share_pct=None if share is None else share_pct(share, 1.0),
        electricity_kwh=electricity_kwh,
        electricity_yuan=electricity_yuan,
        diesel_l=diesel_l,
        diesel_yuan=diesel_yuan,
        saving_yuan=_difference(diesel_yuan, electricity_yuan),
        saving_kg_co2=_difference(
            _product(diesel_l, factors.diesel_kg_co2_per_l), _product(electricity_kwh, factors.grid_kg_co2_per_kwh)
        ),
        formulas=tuple(_formulas(factors)),
        fleets=tuple(_fleet(name, trips, factors) for name in sorted({each.fleet for each in trips})),
    )


def _fleet(name: str, trips: Sequence[Trip], factors: Savings) -> FleetHaulage:
    own = [each for each in trips if each.fleet == name]
    tonne_km = sum(each.tonnes * each.distance_km for each in own)
    return FleetHaulage(
        fleet=name or "-",
        trips=len(own),
        tonnes=round(sum(each.tonnes for each in own), 2),
        tonne_km=round(tonne_km, 1),
        diesel_l=_product(tonne_km / 100.0, factors.diesel_l_per_100tkm),
    )


def _formulas(factors: Savings) -> Iterable[str]:
    """The formulas with the factors of the configuration, where there are some."""
    if factors.diesel_l_per_100tkm is not None:
        yield f"L = t km x {factors.diesel_l_per_100tkm:g} / 100"
        if factors.diesel_yuan_per_l is not None:
            yield f"yuan = L x {factors.diesel_yuan_per_l:g} - kWh yuan"
        if factors.diesel_kg_co2_per_l is not None and factors.grid_kg_co2_per_kwh is not None:
            yield f"kg CO2 = L x {factors.diesel_kg_co2_per_l:g} - kWh x {factors.grid_kg_co2_per_kwh:g}"


def _product(value: float | None, factor: float | None) -> float | None:
    return None if value is None or factor is None else round(value * factor, 2)


def _difference(more: float | None, less: float | None) -> float | None:
    return None if more is None or less is None else round(more - less, 2)
