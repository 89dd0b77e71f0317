"""The product's charging plan in the study's station: energy.plan and energy.forecast as a station runs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from swapstation.energy.curve import Curve
from swapstation.energy.forecast import DemandForecast
from swapstation.energy.plan import make_plan
from swapstation.energy.plan_input import BayBattery, ComingBattery, FirmNeed, ModelDemand, PlanInput, step_lengths
from swapstation.study.energy_case import DAY_MIN, EnergyCase
from swapstation.study.energy_station import Station, taper
from swapstation.study.energy_trucks import Truck

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
MODEL = "studied"


def learned(case: EnergyCase, history: Sequence[Truck], notice_min: float) -> DemandForecast:
    """What a station knows after the days before the studied ones."""
    forecast = DemandForecast()
    first = MONDAY - timedelta(days=case.history_days)
    counts = [0] * (case.history_days * DAY_MIN // 60)
    for truck in history:
        counts[int(truck.at_min // 60)] += 1
    for hour, count in enumerate(counts):
        forecast.learn(first + timedelta(hours=hour), [notice_min * 60.0] * count)
    return forecast


@dataclass(slots=True)
class Planned:
    """Plans anew every `replan_min`, when a truck is announced or has to wait, and when a battery comes into a bay.

    It does so, too, when the plan's set-points hold no longer. While all batteries are ready there is nothing to plan.
    """

    case: EnergyCase
    coming: Sequence[Truck]
    forecast: DemandForecast
    notice_min: float = 0.0
    plans: int = 0
    _orders: dict[int, float] = field(default_factory=dict)
    _seen: tuple[int, ...] = ()
    _counted: int = 0
    _until_min: int = 0

    def powers_kw(self, station: Station, minute: int) -> Mapping[int, float]:
        if minute % 60 == 0 and minute:
            self._learn(station, minute)
        known = [truck for truck in self._ahead(station) if truck.at_min - self.notice_min <= minute]
        returned = len(station.swaps) - (station.returning is not None)
        seen = (returned, len(station.came) + len(known) if self.notice_min else len(station.queue))
        if not station.fullest_first:
            self._orders, self._seen = {}, ()
        elif minute >= self._until_min or seen != self._seen:
            result = make_plan(self._input(station, minute, known))
            self._orders = {bay.bay: bay.power_kw for bay in result.bays}
            self._seen = seen
            next_min = minute - minute % self.case.replan_min + self.case.replan_min
            self._until_min = min(next_min, minute + max(round(result.holds_s / 60.0), 1))
            self.plans += 1
        return self._orders

    def _ahead(self, station: Station) -> Sequence[Truck]:
        """Trucks that have not come, as far as they might be announced."""
        return self.coming[len(station.came) : len(station.came) + 50] if self.notice_min else ()

    def _learn(self, station: Station, minute: int) -> None:
        came = len(station.came) - self._counted
        self._counted = len(station.came)
        self.forecast.learn(MONDAY + timedelta(minutes=minute - 60), [self.notice_min * 60.0] * came)

    def _input(self, station: Station, minute: int, known: Sequence[Truck]) -> PlanInput:
        case, acceptance = self.case, taper(self.case)
        step_s = step_lengths(minute % 60 * 60.0, case.fine_h, case.horizon_h)
        starts_at = MONDAY + timedelta(minutes=minute)
        mean, spread = self.forecast.ahead(starts_at, step_s)
        begins = [minute]
        for length_s in step_s[:-1]:
            begins.append(begins[-1] + round(length_s / 60.0))
        waiting = [FirmNeed(f"waits {n}", 0.0, MODEL, case.soc_out_pct) for n in range(len(station.queue))]
        announced = [
            FirmNeed(f"comes {n}", max(truck.at_min - minute, 0.0) * 60.0, MODEL, case.soc_out_pct)
            for n, truck in enumerate(known)
        ]
        returning = station.returning
        on_its_way = (
            ()
            if returning is None
            else (
                ComingBattery(
                    max(station.robot_free_min - minute, 0) * 60.0,
                    MODEL,
                    100.0 * returning.kwh / case.capacity_kwh,
                    case.capacity_kwh,
                    case.charger_kw,
                    acceptance,
                ),
            )
        )
        return PlanInput(
            starts_at=starts_at,
            step_s=step_s,
            import_limit_kw=(case.site_kw,) * len(step_s),
            price_per_kwh=tuple(case.price(begin) for begin in begins),
            batteries=tuple(
                BayBattery(
                    pack.number,
                    str(pack.number),
                    MODEL,
                    100.0 * pack.kwh / case.capacity_kwh if station.missing_kwh(pack) > 0.01 else case.soc_out_pct,
                    case.capacity_kwh,
                    case.charger_kw,
                    acceptance,
                    min_power_kw=case.min_charge_kw,
                )
                for pack in station.packs
            ),
            demand=(
                ModelDemand(
                    MODEL,
                    mean,
                    spread,
                    self.forecast.announced_share(),
                    case.soc_out_pct,
                    case.soc_out_pct,
                    case.reserve,
                    case.soc_in_pct,
                ),
            ),
            needs=(*waiting, *announced),
            coming=on_its_way,
            efficiency=Curve(((0.0, case.efficiency),)),
            rules=case.rules,
        )
