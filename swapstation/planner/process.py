"""The planner process: takes snapshots, makes a plan whenever something changes and at least so often, hands it in.

It keeps nothing of its own: prices and PV come from files, what is learned of the trucks from the controller's record.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

import structlog

from swapstation import __version__
from swapstation.config.settings import Config
from swapstation.contract.controller_link import ControllerAway, ControllerLink
from swapstation.energy.lp import LpUnsolved
from swapstation.energy.pv import station_pv
from swapstation.energy.tariff_files import station_tariff
from swapstation.errors import ConfigurationError
from swapstation.model.charge_plan import ChargePlan
from swapstation.model.plan_request import SubmitPlan
from swapstation.model.request import Refused, Request
from swapstation.model.snapshot import Snapshot
from swapstation.planner.demand import HISTORY, learned
from swapstation.planner.inputs import Surroundings
from swapstation.planner.planning import plan_of, what_matters
from swapstation.service import Service

SHORTEST_PAUSE_S = 2.0
"""Between two plans, however much changes."""
LEARN_S = 900.0
"""Prices, PV and past trucks are looked up anew so often."""
FRESH_S = 5.0
LOOK_S = 1.0
PERSON = "planner"

log = structlog.get_logger("planner")

Found = TypeVar("Found")


@dataclass(slots=True)
class Planner:
    """One station's planner around the pure planning: when to plan, and what it has learned."""

    config: Config
    link: ControllerLink
    around: Surroundings = field(default_factory=Surroundings)
    learned_s: float = float("-inf")
    planned_s: float = float("-inf")
    planned_for: Hashable = None
    holds_until: datetime | None = None
    refused: int = 0
    service: Service = field(default_factory=Service)

    async def run(self, stop: asyncio.Event) -> None:
        """Plan until `stop` is set."""
        async with self.link.running():
            while not stop.is_set():
                self.service.alive()
                await self.link.wait_for_news(LOOK_S)
                snapshot = self._fresh()
                if snapshot is not None and self._is_due(snapshot):
                    await self._plan(snapshot)

    def _fresh(self) -> Snapshot | None:
        latest, age_s = self.link.latest, self.link.age_s
        fresh = self.link.connected and latest is not None and age_s is not None and age_s < FRESH_S
        return latest.snapshot if fresh and latest is not None else None

    def _is_due(self, snapshot: Snapshot) -> bool:
        since_s = time.monotonic() - self.planned_s
        over = self.holds_until is not None and snapshot.at >= self.holds_until
        changed = over or what_matters(snapshot) != self.planned_for
        return since_s >= (SHORTEST_PAUSE_S if changed else self.config.planner.interval_s)

    async def _plan(self, snapshot: Snapshot) -> None:
        self.planned_s, self.planned_for = time.monotonic(), what_matters(snapshot)
        try:
            await self._learn()
            plan = await asyncio.to_thread(plan_of, snapshot, self.config, self.around)
            self.holds_until = plan.holds_until
            await self._hand_in(plan)
        except (ControllerAway, LpUnsolved) as error:
            log.warning("no plan", reason=str(error))

    async def _learn(self) -> None:
        """Look up prices, PV and past trucks; a file that has become wrong leaves what was read from such as it was."""
        if time.monotonic() - self.learned_s < LEARN_S:
            return
        now_at = datetime.now(UTC)
        tariff = await asyncio.to_thread(self._read, station_tariff, self.around.tariff)
        pv = await asyncio.to_thread(self._read, station_pv, self.around.pv)
        arrivals = await self.link.arrivals(now_at - HISTORY)
        zone = Surroundings(tariff).zone
        names = [model.name for model in self.config.battery_models]
        trucks = {name: learned(arrivals, name, now_at, zone) for name in names}
        self.around, self.learned_s = Surroundings(tariff, trucks, pv), time.monotonic()
        log.info("learned", trucks=len(arrivals), prices=tariff is not None, pv=pv is not None)

    def _read(self, reading: Callable[[Config], Found], before: Found) -> Found:
        """What a reading of the station's files gives, or what it gave before."""
        try:
            return reading(self.config)
        except ConfigurationError as error:
            log.warning("files as before", reason=str(error))
            return before

    async def _hand_in(self, plan: ChargePlan) -> None:
        answer = await self.link.request(Request(plan.plan, PERSON, SubmitPlan(plan)))
        if isinstance(answer, Refused):
            self.refused += 1
            log.warning("plan refused", code=answer.code, detail=answer.detail, count=self.refused)


async def run_planner(config: Config) -> None:
    """Run the planner of a station until SIGINT or SIGTERM. ConfigurationError when the station uses none."""
    if not config.planner.enabled:
        raise ConfigurationError(["[planner] enabled = false: 本站没有启用充电计划 | this station uses no planner"])
    station_tariff(config)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    log.info("planner started", version=__version__)
    await Planner(config, ControllerLink(config.controller_socket)).run(stop)
    log.info("planner stopped")
