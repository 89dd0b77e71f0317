"""One station of real processes over loopback wires, its people, its ledger and the checks on them."""

from __future__ import annotations

import os
import re
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from swapstation.demo.processes import ProcessDied
from swapstation.demo.run import Demo, DemoFailed, station
from swapstation.demo.station_file import DemoOptions, free_ports
from swapstation.twin.invariants import Violation
from tests.chaos.clock import WallClock, movable_clock
from tests.chaos.ledger import Clerk, Desk, Ledger, broken_records, swap_results
from tests.chaos.people import People, Snapshot
from tests.processes.proxy import WireProxy

PATIENCE_S = 90.0
REST_S = 240.0
SETTLE_S = 0.3
"""What a killed process had already sent is on its way for no longer than this."""


@dataclass(slots=True)
class Tally:
    """What a case adds up to; `counts` by what was counted."""

    cycles: int = 0
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    kept: list[str] = field(default_factory=list)
    skipped: str = ""

    def add(self, other: Tally) -> None:
        self.cycles += other.cycles
        self.acknowledged += other.acknowledged
        self.lost += other.lost
        self.violations += other.violations
        self.counts += other.counts
        self.kept += other.kept


class Site:
    """The station under attack."""

    def __init__(self, demo: Demo, random: Random, proxies: dict[str, WireProxy], clock: WallClock | None) -> None:
        self.demo, self.random, self.proxies, self.clock = demo, random, proxies, clock
        self.tally = Tally()
        self.ledger = Ledger()
        self.people = People(demo, Desk(demo.api, self.ledger, "people", demo.second))
        self.clerk = Clerk(demo.api, self.ledger, demo.config.battery_models[0].name)
        self._batteries = frozenset(battery["battery"] for battery in self.truth()["batteries"])
        self._begun_s = time.monotonic()

    @property
    def database(self) -> Path:
        return Path(self.demo.config.station_database_url.removeprefix("sqlite:///"))

    def truth(self) -> Snapshot:
        """What the plant says of itself, as soon as its simulator answers."""
        return self.demo.until("the simulator answers", PATIENCE_S, lambda: self.demo.simulator.do("state"))

    def note(self, invariant: int, text: str) -> None:
        """Keep a breach with the number that it has in swapstation/twin/invariants.py."""
        self.tally.violations.append(Violation(invariant, round(time.monotonic() - self._begun_s, 1), text))

    def expect(self, held: bool, invariant: int, text: str) -> None:
        if not held:
            self.note(invariant, text)

    def signal(self, name: str, number: signal.Signals) -> None:
        os.kill(self.demo.processes.pid(name), number)

    def restart_controller(self) -> None:
        """Start the killed controller and look on until it has surveyed: no order is taken before a person confirms."""
        taken, boot = self.truth()["robot"]["accepted_id"], self.last_boot
        self.demo.processes.restart("controller")
        self.people.until(
            "the new controller has surveyed", PATIENCE_S, lambda s: s["boot"] > boot and may_confirm(s), act=False
        )
        now = self.truth()["robot"]["accepted_id"]
        self.expect(now == taken, 20, f"order {now} was taken after {taken} before anybody confirmed the start")

    @property
    def last_boot(self) -> int:
        """The boot that the outside world has last heard of."""
        return max((event["boot"] for event in self.ledger.events.values()), default=0)

    def work(self) -> Snapshot:
        """Have a swap running; a truck comes if there is none."""
        return self.people.until("a swap runs", PATIENCE_S, lambda s: s["swap"] is not None and s["state"] == "execute")

    def rest(self) -> None:
        """Bring everything to an end, then compare record and truth."""
        self.people.send_trucks = False
        try:
            self.people.until("the station is at rest", REST_S, self._rests)
        except DemoFailed as failure:
            self.note(28, str(failure))
        self.people.send_trucks = True

    def _rests(self, snapshot: Snapshot) -> bool:
        """At rest record and truth agree; while they do not, people go on putting right."""
        truth = self.truth()
        idle = snapshot["state"] == "idle" and snapshot["swap"] is None and truth["truck"] is None
        return idle and not any(self._differences(snapshot, truth))

    def _differences(self, snapshot: Snapshot, truth: Snapshot) -> Iterator[tuple[int, str]]:
        real = {battery["battery"]: battery["place"] for battery in truth["batteries"]}
        for battery in snapshot["inventory"]["batteries"]:
            name, place = battery["battery"], battery["place"]
            if place != real.get(name) or battery["doubtful"]:
                yield 5, f"{name} is recorded in {place} and is in {real.get(name)}"

    def check(self) -> None:
        """Whole truth, whole record, whole ledger."""
        truth = self.truth()
        self.expect(frozenset(b["battery"] for b in truth["batteries"]) == self._batteries, 1, "a battery came or went")
        for place, count in Counter(battery["place"] for battery in truth["batteries"]).items():
            self.expect(count == 1, 2, f"{count} batteries in {place}")
        for number, text in broken_records(self.database):
            self.note(number, text)
        self.tally.lost += [each for each in self.ledger.lost(self.database) if each not in self.tally.lost]

    def finish(self) -> None:
        """Rest, give the last booking back, check all; the swaps are counted as they ended."""
        self.rest()
        self.clerk.close()
        self.check()
        snapshot = self.demo.snapshot()
        bookings = [hold for hold in snapshot["inventory"]["holds"] if hold["kind"] == "booking"]
        self.expect(not bookings, 17, f"every booking was given back and {len(bookings)} stand")
        for number, text in self._differences(snapshot, self.truth()):
            self.note(number, text)
        self.tally.counts.update(f"swaps {result}" for result in swap_results(self.database))


def may_confirm(snapshot: Snapshot) -> bool:
    return any(each["action"] == "confirm_start_up" and each["allowed"] for each in snapshot["actions"])


@contextmanager
def site(
    options: DemoOptions, seed: int, proxied: bool = False, clocked: bool = False, parent: Path | None = None
) -> Iterator[Site]:
    """A confirmed station in a folder of its own.

    `proxied`: a proxy is in each of the controller's TCP wires; `clocked`: its processes' wall clock can be moved;
    `parent`: the disk that the folder is on, while the devices are on another.

    A station that does not go on is a breach like another. After one the folder is kept, else it goes.
    """
    with ExitStack() as ending:
        folder = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="swapstation-chaos-", dir=parent)))
        proxies: dict[str, WireProxy] = {}

        def detour(text: str) -> str:
            def through(match: re.Match[str]) -> str:
                proxies[match[2]] = WireProxy(int(match[2]))
                ending.callback(proxies[match[2]].close)
                return f"{match[1]}{proxies[match[2]].port}"

            return re.sub(r"(tcp://127\.0\.0\.1:)(\d+)", through, text) if proxied else text

        clock = ending.enter_context(movable_clock(folder)) if clocked else None
        plant = None
        if parent is not None:
            plant = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="swapstation-plant-")))
        demo = ending.enter_context(station(options, folder, free_ports(1)[0], folder / "logs", detour, plant))
        demo.start_up()
        here = Site(demo, Random(seed), proxies, clock)
        ending.callback(_wake_all, here)
        here.clerk.start()
        try:
            yield here
        except (DemoFailed, ProcessDied) as failure:
            here.note(28, str(failure))
        here.clerk.close()
        here.tally.acknowledged = here.ledger.facts
        if here.tally.violations or here.tally.lost:
            here.tally.kept.append(_keep(folder))


def _keep(folder: Path) -> str:
    """Copy database, configuration, truth and logs to where they stay."""
    kept = Path(tempfile.mkdtemp(prefix="swapstation-chaos-kept-"))
    shutil.copytree(folder, kept, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.sock", "wires", "ballast"))
    return str(kept)


def _wake_all(here: Site) -> None:
    """Nobody stays frozen at the end, however it came."""
    for name in ("simulator", "controller", "planner", "server"):
        try:
            here.signal(name, signal.SIGCONT)
        except (KeyError, ProcessLookupError):
            continue


def options_of(speed: float, **choices: Any) -> DemoOptions:
    return DemoOptions(swaps=0, speed=speed, wires="tcp", seed=1, **choices)
