"""The fleet study as a picture: loads with the station anywhere on the road, against the limit."""

from __future__ import annotations

from dataclasses import replace

from matplotlib.figure import Figure

from swapstation.errors import InputError
from swapstation.study.fleet import FleetCase, limits, loads

PLACES = 11
"""From the loading place to the unloading one, both ends included."""


def chart(case: FleetCase) -> Figure:
    """Loads by the place of the station, the case itself marked; places that no set reaches are left out."""
    figure = Figure((8.0, 4.5), layout="constrained")
    axes = figure.subplots()
    places = [each for step in range(PLACES) if (each := _moved(case, case.road_km * step / (PLACES - 1)))]
    axes.plot([each.station_km for each in places], [loads(each) for each in places], marker="o", label="simulated")
    axes.plot([case.station_km], [loads(case)], marker="D", linestyle="", color="#cc3333", label="this case")
    limit, most = min(limits(case).items(), key=lambda each: each[1])
    axes.axhline(most, color="#888888", linestyle="--", label=f"physical limit ({limit})")
    axes.set_xlabel("station from the loading place (km)")
    axes.set_ylabel(f"loads in {case.hours:g} h")
    axes.set_ylim(bottom=0.0)
    axes.legend(loc="lower center")
    return figure


def _moved(case: FleetCase, station_km: float) -> FleetCase | None:
    try:
        return replace(case, station_km=station_km)
    except InputError:
        return None
