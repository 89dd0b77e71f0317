"""Does a station keep its contract at the meter? Days with a bad meter, a robot that starts, and guns that come and go.

The real controller on the simulated plant, in the twin's virtual time: a cycle every two seconds while something
changes, every five while nothing does, each with a reading of the meter (a real one cycles ten times a second and reads
once, so that this is the harder case). What counts is the plant's own energy and power, not what the controller saw.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from random import Random

from swapstation.study.site import MOST_GUNS_KW, Case, station_of
from swapstation.study.traffic import Traffic, poisson
from swapstation.twin.station import TwinStation

BUSY_S, CALM_S, QUARTER_S, DAY_S = 2.0, 5.0, 900.0, 86_400.0
SETTLES_S = 20.0
"""So long after a change the station is looked at closely."""
DROPOUT, SILENCES_PER_DAY = 0.01, 2.0
SHORTEST_SILENCE_S, LONGEST_SILENCE_S = 60.0, 600.0
GUN_CHANGE_S, GUNS_KW = 1200.0, (0.0, 0.0, 60.0, 120.0, 240.0)
GUN_KW_PER_S = 20.0
"""A gun takes some seconds to its power."""
OVER = 1.05
SWAPS_PER_H = 4.0


@dataclass(frozen=True, slots=True)
class Kept:
    """What a run shows, by the plant itself: kW AC at the meter over whole quarters of an hour, and over the limit."""

    days: float
    seed: int
    contract_kw: float
    direct: bool
    highest_demand_kw: float
    quarters: int
    quarters_over: int
    highest_kw: float
    longest_over_s: float
    mean_kw: float
    swaps: int
    readings: int
    readings_lost: int
    robot_starts: int
    gun_steps: int

    def document(self) -> dict[str, object]:
        """The run as a JSON object, figures rounded."""
        return {name: round(each, 1) if isinstance(each, float) else each for name, each in asdict(self).items()}


@dataclass(slots=True)
class _Site:
    """What disturbs the station, and what its plant truly takes."""

    twin: TwinStation
    chance: Random
    gun_kw: float = 0.0
    gun_steps: int = 0
    next_gun_s: float = 0.0
    silent_until_s: float = 0.0
    readings: int = 0
    lost: int = 0
    starts: int = 0
    moved: bool = False
    changed_s: float = 0.0
    looked_s: float = 0.0
    charges: int = 0

    def disturb(self) -> float:
        """What happened since: a reading was lost, the meter fell silent, a gun begins or ends; when to look again."""
        plant, now_s, since_s = self.twin.world.plant, self.twin.now_s, self.twin.now_s - self.looked_s
        self.looked_s = now_s
        if self.chance.random() < SILENCES_PER_DAY * since_s / DAY_S:
            self.silent_until_s = now_s + self.chance.uniform(SHORTEST_SILENCE_S, LONGEST_SILENCE_S)
        lost = now_s < self.silent_until_s or self.chance.random() < DROPOUT
        self.readings, self.lost = self.readings + 1, self.lost + lost
        (plant.faults.on.add if lost else plant.faults.on.discard)(("meter_silent", ""))
        if now_s >= self.next_gun_s:
            self.next_gun_s = now_s + self.chance.expovariate(1.0 / GUN_CHANGE_S)
            self.gun_kw = self.chance.choice(GUNS_KW)
            self.gun_steps += 1
        step_kw = min(max(self.gun_kw - plant.other_kw, -MOST_GUNS_KW), GUN_KW_PER_S * since_s)
        plant.other_kw += step_kw
        charges = sum(bay.modules.current_a > 0.0 for bay in plant.bays.values())
        self.starts += plant.robot.moving and not self.moved
        if step_kw or plant.robot.moving or self.moved or charges != self.charges:
            self.changed_s = now_s
        self.moved, self.charges = plant.robot.moving, charges
        if now_s - self.changed_s >= SETTLES_S:
            return CALM_S
        self.twin.stir()
        return BUSY_S


def keep(case: Case, days: float, seed: int) -> Kept:
    """Run a station of a case with `contract` for so many days and see what its meter would bill."""
    with station_of(case, seed) as twin:
        chance = Random(seed)
        traffic, site = Traffic(twin, poisson(SWAPS_PER_H, chance), chance), _Site(twin, chance)
        twin.start()
        return _run(twin, traffic, site, case, days, seed)


def _run(twin: TwinStation, traffic: Traffic, site: _Site, case: Case, days: float, seed: int) -> Kept:
    plant, end_s = twin.world.plant, days * DAY_S
    start_kwh = window_kwh = plant.meter_kwh
    demands: list[float] = []
    over_s = longest_over_s = highest_kw = due_s = 0.0
    while twin.now_s < end_s:
        if twin.now_s >= due_s:
            due_s = twin.now_s + site.disturb()
        traffic.look()
        before_s, quarter_s = twin.now_s, (len(demands) + 1) * QUARTER_S
        twin.step(min(due_s, quarter_s))
        power_kw, highest_kw = plant.power_kw, max(highest_kw, plant.power_kw)
        over_s = over_s + twin.now_s - before_s if power_kw > OVER * case.site_kw else 0.0
        longest_over_s = max(longest_over_s, over_s)
        if twin.now_s >= quarter_s:
            demands.append((plant.meter_kwh - window_kwh) / (QUARTER_S / 3600.0))
            window_kwh = plant.meter_kwh
    return Kept(
        days=days,
        seed=seed,
        contract_kw=case.site_kw,
        direct=case.direct,
        highest_demand_kw=max(demands, default=0.0),
        quarters=len(demands),
        quarters_over=sum(each > case.site_kw for each in demands),
        highest_kw=highest_kw,
        longest_over_s=longest_over_s,
        mean_kw=(plant.meter_kwh - start_kwh) / (days * 24.0),
        swaps=sum(visit.closed_s > 0.0 for visit in traffic.visits),
        readings=site.readings,
        readings_lost=site.lost,
        robot_starts=site.starts,
        gun_steps=site.gun_steps,
    )
