"""Swaps per hour of a station against its physical limit, saturated and with arrivals at random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from statistics import mean

from swapstation.config.settings import BatteryModel
from swapstation.simulation.firmware.bms import wanted_current_a
from swapstation.simulation.plant.battery import new_battery
from swapstation.study import limits
from swapstation.study.site import CHARGER_KW, EFFICIENCY, NAMEPLATE_KWH, SOC_OUT_PCT, Case, station_of
from swapstation.study.traffic import SOC_IN_PCT, Traffic, Visit, poisson, run, saturated
from swapstation.twin.station import TwinStation

WARM_UP_H = 2.0
"""Left out: until then the SOC that the packs began with still shows."""
LANE_CYCLE_S = 300.0
LANE_S, LANE_PER_BAY_S = 196.0, 5.2
"""The simulated lane from drive-in to drive-in, measured: a longer rack has longer ways."""
LOADS = (0.5, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run shows: swaps per hour, mean wait, the station's own lane cycle, handling and energy of a pack.

    `meter_kw` is the highest power of charging, AC; `holds` how often the station stood still for a person.
    """

    swaps: int
    swaps_per_h: float
    wait_min: float
    lane_cycle_s: float
    handling_s: float
    pack_kwh: float
    meter_kw: float
    holds: int


def saturate(case: Case, hours: float, seed: int) -> Measured:
    """A truck always waits; `hours` are counted after the warm-up."""
    with station_of(case, seed) as twin:
        traffic = Traffic(twin, saturated(), Random(seed), _gap_s(case))
        return _measured(twin, traffic, hours)


def arrive(case: Case, per_h: float, hours: float, seed: int) -> Measured:
    """Trucks come at random, `per_h` in the mean."""
    with station_of(case, seed) as twin:
        chance = Random(seed)
        traffic = Traffic(twin, poisson(per_h, chance), chance, _gap_s(case))
        return _measured(twin, traffic, hours)


def _gap_s(case: Case) -> float:
    """How long the queue takes to move up, so that a lane cycle is `LANE_CYCLE_S`."""
    return max(LANE_CYCLE_S - LANE_S - LANE_PER_BAY_S * len(case.bays), 0.0)


def _measured(twin: TwinStation, traffic: Traffic, hours: float) -> Measured:
    from_s, until_s = WARM_UP_H * 3600.0, (WARM_UP_H + hours) * 3600.0
    meter_kw = run(twin, traffic, until_s)
    counted = [visit for visit in traffic.visits if visit.closed_s >= from_s]
    done = [visit for visit in counted if visit.gone_s]
    charged = [kwh for at_s, kwh in traffic.charged_kwh if at_s >= from_s]
    return Measured(
        swaps=len(counted),
        swaps_per_h=_rate_per_h(counted, hours),
        wait_min=mean(visit.waited_s for visit in counted) / 60.0 if counted else 0.0,
        lane_cycle_s=_lane_cycle_s(done, traffic.gap_s),
        handling_s=mean([visit.charging_s - visit.opened_s for visit in counted if visit.charging_s] or [0.0]),
        pack_kwh=mean(charged) if charged else 0.0,
        meter_kw=meter_kw,
        holds=traffic.holds,
    )


def _rate_per_h(counted: Sequence[Visit], hours: float) -> float:
    """From the first end of a swap to the last: the window's own ends say nothing."""
    if len(counted) < 2:
        return len(counted) / hours
    return (len(counted) - 1) * 3600.0 / (counted[-1].closed_s - counted[0].closed_s)


def _lane_cycle_s(done: Sequence[Visit], gap_s: float) -> float:
    """Drive-in to drive-in without the wait for a battery (s)."""
    return mean([visit.gone_s - visit.in_s - (visit.opened_s - visit.ready_s) + gap_s for visit in done] or [0.0])


def charge_h() -> float:
    """Hours of a mean charge at full power: the charger's limit, then the taper that the battery asks for."""
    model = BatteryModel("LFP", NAMEPLATE_KWH, 3200.0, 150.0, 733.6, 400.0)
    battery = new_battery("P", model, (), "bay-1", SOC_IN_PCT, Random(0))

    def nameplate_kw(soc_pct: float) -> float:
        """The part of the charger's power that raises the SOC."""
        battery.set_soc(soc_pct)
        battery.current_a = 0.0
        for _ in range(3):  # the voltage rises with the current
            battery.current_a = min(wanted_current_a(battery), CHARGER_KW * 1000.0 / battery.voltage_v)
        return battery.current_a * NAMEPLATE_KWH / battery.capacity_ah

    return limits.charge_h(NAMEPLATE_KWH / 100.0, SOC_IN_PCT, SOC_OUT_PCT, nameplate_kw)


def own_limit(case: Case, measured: Measured) -> limits.Plant:
    """The limit of the sound station, with what the simulated one needs itself for lane, handling and a pack."""
    return limits.Plant(
        packs=case.batteries,
        site_kw=case.site_kw,
        efficiency=EFFICIENCY,
        lane_cycle_s=measured.lane_cycle_s,
        handling_s=measured.handling_s,
        charge_h=charge_h(),
        pack_kwh=measured.pack_kwh,
    )
