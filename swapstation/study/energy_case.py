"""What the energy study simulates: station, trucks, tariff, and how far the policies may see (own design).

The defaults are one truck station with 282 kWh batteries, three shifts of 8 h with dips at their changes and two peaks,
and an invented time-of-use tariff. docs/charging_plan.md describes every key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from swapstation.energy.plan_input import PlanRules
from swapstation.errors import InputError

DAY_MIN = 1440
RULES = PlanRules()
HOURS = 24
TARIFF = (
    (0.0, 0.32),
    (7.0, 0.60),
    (8.0, 0.95),
    (11.0, 0.32),
    (13.0, 0.60),
    (17.0, 0.95),
    (19.0, 1.10),
    (21.0, 0.95),
    (22.0, 0.60),
    (23.0, 0.32),
)
"""Invented: yuan per kWh AC from each hour on."""
HOURLY = tuple(map(float, (10, 11, 13, 14, 13, 11, 9, 5, 9, 10, 12, 13, 14, 13, 10, 5, 9, 10, 10, 9, 9, 9, 9, 5)))
"""Relative truck arrivals in each hour: shifts from 0, 8 and 16 h with dips at their ends, peaks at night and noon."""


@dataclass(frozen=True, slots=True)
class EnergyCase:
    """One station, its trucks and how it is planned. kW and kWh of batteries are DC, of the site AC; raises InputError.

    docs/charging_plan.md says what each key means.
    """

    batteries: int
    site_kw: float
    swaps_per_day: float
    days: int = 7
    capacity_kwh: float = 282.0
    charger_kw: float = 250.0
    min_charge_kw: float = 15.0
    efficiency: float = 0.95
    taper_from_pct: float = 90.0
    taper_share: float = 0.1
    soc_in_pct: float = 30.0
    soc_in_sd_pct: float = 6.0
    soc_in_least_pct: float = 20.0
    soc_in_most_pct: float = 50.0
    soc_out_pct: float = 95.0
    robot_min: int = 5
    hourly: tuple[float, ...] = HOURLY
    tariff: tuple[tuple[float, float], ...] = TARIFF
    history_days: int = 28
    timetable_reserve: int = 3
    reserve: int = 0
    replan_min: int = 15
    fine_h: float = 2.0
    horizon_h: float = 24.0
    rules: PlanRules = RULES

    def __post_init__(self) -> None:
        if not self.soc_in_least_pct <= self.soc_in_pct <= self.soc_in_most_pct < self.soc_out_pct:
            allowed = "soc_in_least_pct <= soc_in_pct <= soc_in_most_pct < soc_out_pct"
            raise InputError("soc_in_pct", self.soc_in_pct, allowed)
        if len(self.hourly) != HOURS or min(self.hourly) < 0.0 or not sum(self.hourly):
            raise InputError("hourly", self.hourly, "24 numbers, none below 0, one above 0")
        begins = [begin_h for begin_h, _ in self.tariff]
        if not begins or begins[0] != 0.0 or any(b <= a for a, b in pairwise(begins)) or begins[-1] >= HOURS:
            raise InputError("tariff", self.tariff, "HOUR=YUAN pairs, the first at 0, hours rising, below 24")
        if min(price for _, price in self.tariff) < 0.0:
            raise InputError("tariff", self.tariff, "no price below 0")
        if self.swaps_per_day > self.most_per_day:
            raise InputError("swaps_per_day", self.swaps_per_day, f"at most {self.most_per_day:.0f}: what it can do")

    @property
    def most_per_day(self) -> float:
        """Swaps that grid, batteries and robot allow in a day, with trucks of the mean SOC and no taper."""
        need_kwh = self.capacity_kwh * (self.soc_out_pct - self.soc_in_pct) / 100.0
        turn_h = need_kwh / self.charger_kw + self.robot_min / 60.0
        per_h = min(self.charging_kw / need_kwh, self.batteries / turn_h, 60.0 / self.robot_min)
        return HOURS * per_h

    @property
    def ready_kwh(self) -> float:
        """What is in a ready battery."""
        return self.capacity_kwh * self.soc_out_pct / 100.0

    @property
    def charging_kw(self) -> float:
        """The site's limit, kW DC of all batteries together."""
        return self.site_kw * self.efficiency

    def price(self, minute: int) -> float:
        """Yuan per kWh AC."""
        hour = minute % DAY_MIN / 60.0
        return next(price for begin_h, price in reversed(self.tariff) if begin_h <= hour)

    def trucks_per_min(self, minute: int) -> float:
        """How many trucks come per minute in the mean."""
        return self.swaps_per_day * self.hourly[minute % DAY_MIN // 60] / sum(self.hourly) / 60.0


def parse_tariff(text: str) -> tuple[tuple[float, float], ...]:
    """`HOUR=YUAN,...`; raises InputError."""
    try:
        pairs = [each.split("=") for each in text.split(",")]
        return tuple((float(begin), float(price)) for begin, price in pairs)
    except ValueError:
        raise InputError("tariff", text, "HOUR=YUAN pairs with commas between them, such as 0=0.3,8=0.9") from None


def parse_hourly(text: str) -> tuple[float, ...]:
    """24 numbers with commas; raises InputError."""
    try:
        return tuple(float(each) for each in text.split(","))
    except ValueError:
        raise InputError("hourly", text, "24 numbers with commas between them") from None


def tariff_text(tariff: Sequence[tuple[float, float]]) -> str:
    """The words that `parse_tariff` reads."""
    return ",".join(f"{begin:g}={price:g}" for begin, price in tariff)
