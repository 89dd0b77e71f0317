"""From the instant a simulated device puts a changed input on its wire to the stop command arriving at a device.

First ten `direct` and four `charger` bays charge, and fire, heat and silence come to one after the other. Then, at a
station of the demo's shape, a truck that may move, an open door and a PLC whose heartbeat stands still come to a robot
in the middle of a carry, again and again.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections import defaultdict
from collections.abc import Callable, Coroutine
from contextlib import suppress
from math import ceil
from pathlib import Path
from typing import Any

from swapstation.config.settings import Charging, Exchange
from swapstation.demo.station_file import TRUCKS, DemoOptions, free_ports, inventory_toml, station_toml
from swapstation.model.request import RequestSwap, ResumeStation
from swapstation.model.snapshot import Snapshot, StationState
from swapstation.simulation.plant.truck import Pose
from tests.bench.figures import Figure, at_least, at_most
from tests.bench.reaction_station import Station, station, until

SAMPLES = 100
FEW = 12
"""Samples of what takes seconds each."""
GOAL_MS = 200.0
DIRECT, CHARGER = range(1, 11), range(11, 15)
SOC_PCT = 20.0
HOT_C, COOL_C = 57.0, 30.0
ENDED_S = 2.0
TRIES, TRY_S = 4, 30.0
CARRY_SPEED = 0.05
"""So slow that one carry lasts for all interruptions."""


def _charging_toml(data: Path) -> str:
    port = iter(free_ports(len(DIRECT) + 5)).__next__
    lines = [
        'name = "reactions"',
        f'data = "{data}"',
        'exchange = "station"',
        'recipe = "top_lift"',
        "[links]",
        f'station_can = "slcan+tcp://127.0.0.1:{port()}"',
        f'robot = "modbus-tcp://127.0.0.1:{port()}?unit=1"',
        f'meter = "dlt645+tcp://127.0.0.1:{port()}?address=000000000161"',
        f'chargers = "modbus-tcp://127.0.0.1:{port()}"',
        "[disk]",
        "ballast_mb = 0",
        "[limits]",
        "max_heating_k_per_min = 60.0",
    ]
    for number in (*DIRECT, *CHARGER):
        lines += ["[[bays]]", f"number = {number}", "max_power_kw = 60.0", "neighbours = []"]
        own = f'can = "slcan+tcp://127.0.0.1:{port()}"' if number in DIRECT else ""
        lines += [f'charging = "{Charging.DIRECT if number in DIRECT else Charging.CHARGER}"', own]
    lines += ["[[bays]]", f"number = {CHARGER[-1] + 1}", "isolation = true", "neighbours = []"]
    lines += ["[[battery_models]]", 'name = "LFP-282"', "energy_kwh = 282.0", "mass_kg = 3200.0"]
    lines += ["mass_tolerance_kg = 150.0", "max_voltage_v = 733.6", "max_current_a = 350.0"]
    lines += ["[[truck_models]]", 'name = "tractor-6x4"', "plc_number = 1", 'battery_model = "LFP-282"']
    return "\n".join(lines) + "\n"


def _charging_stock() -> str:
    lines = ["[[trucks]]", f'vin = "{TRUCKS[0]}"', 'model = "tractor-6x4"']
    for number in (*DIRECT, *CHARGER):
        lines += ["[[batteries]]", f'battery = "LFP-{number:03d}"', 'model = "LFP-282"']
        lines += [f'codes = ["999PB0A0000001E6K{number:07d}"]', f'place = "bay-{number}"', f"soc_pct = {SOC_PCT}"]
    return "\n".join(lines) + "\n"


class Bays:
    """Brings fire, heat and silence to the bays, each in its own time, until there are samples enough."""

    def __init__(self, here: Station, samples: int, few: int) -> None:
        self.taken: dict[str, list[float]] = defaultdict(list)
        self._here = here
        self._chance = random.Random(1)
        self._one_smokes = asyncio.Lock()  # the fire panel confirms a fire when two do
        self._wanted = {"smoke": samples, "heat": samples, "silence": few, "charger smoke": samples}

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for bay in DIRECT:
                tasks.create_task(self._interrupt(bay, "smoke", "heat", "silence"))
            for bay in CHARGER:
                tasks.create_task(self._interrupt(bay, "charger smoke"))

    async def _interrupt(self, bay: int, *kinds: str) -> None:
        acts: dict[str, Callable[[int], Coroutine[Any, Any, float | None]]] = {
            "smoke": self._smoke,
            "charger smoke": self._smoke,
            "heat": self._heat,
            "silence": self._silence,
        }
        while left := [kind for kind in kinds if len(self.taken[kind]) < self._wanted[kind]]:
            await self._until_it_charges(bay)
            await asyncio.sleep(self._chance.uniform(0.0, 0.3))
            kind = self._chance.choice(left)
            seconds = await acts[kind](bay)
            if seconds is not None:
                self.taken[kind].append(seconds)
            await self._begin_again(bay)

    async def _until_it_charges(self, bay: int) -> None:
        """A charge that does not come about is begun again, as people would."""
        for _ in range(TRIES):
            with suppress(TimeoutError):
                await until(lambda: self._charges(bay), TRY_S)
                return
            await self._begin_again(bay)
        raise TimeoutError(f"bay {bay} does not charge")

    def _charges(self, bay: int) -> bool:
        return bool(self._battery(bay).current_a > 5.0)

    def _battery(self, bay: int) -> Any:
        found = self._here.simulation.plant.at(f"bay-{bay}")
        assert found is not None
        return found

    async def _stopped_since(self, bay: int, cause: str) -> float | None:
        """None where the charge had ended by itself before its device was told to stop."""
        notes, off = self._here.notes, f"off {bay}"
        with suppress(TimeoutError):
            await until(lambda: cause in notes.first_s, 3.0)
            await until(lambda: off in notes.first_s, 3.0)
        if not self._charges(bay) and not {cause, off} <= notes.first_s.keys():
            return None
        return notes.first_s[off] - notes.first_s[cause]

    async def _smoke(self, bay: int) -> float | None:
        async with self._one_smokes:
            self._here.notes.forget(f"off {bay}", f"smoke {bay}")
            self._here.fault("smoke", bay)
            seconds = await self._stopped_since(bay, f"smoke {bay}")
            self._here.fault("smoke", bay, False)
            await asyncio.sleep(0.3)
        return seconds

    async def _heat(self, bay: int) -> float | None:
        self._here.notes.forget(f"off {bay}", f"hot {bay}")
        self._battery(bay).temperature_c = HOT_C
        seconds = await self._stopped_since(bay, f"hot {bay}")
        self._battery(bay).temperature_c = COOL_C
        return seconds

    async def _silence(self, bay: int) -> float:
        notes = self._here.notes
        notes.forget(f"off {bay}")
        self._here.fault("bms_silent", bay)
        await until(lambda: f"off {bay}" in notes.first_s)
        self._here.fault("bms_silent", bay, False)
        return notes.first_s[f"off {bay}"] - notes.last_s[f"said {bay}"]

    async def _begin_again(self, bay: int) -> None:
        """Once the charge has ended, acknowledge and plug in anew: then nothing of it counts any more."""
        await asyncio.sleep(ENDED_S)
        self._here.fault("connector_open", bay)
        await asyncio.sleep(0.5)
        self._here.fault("connector_open", bay, False)
        while any(alarm.source == f"bay-{bay}" for alarm in self._here.snapshot().alarms):
            await self._here.acknowledge(f"bay-{bay}")
            await asyncio.sleep(0.3)


async def _at_bays(folder: Path, samples: int, few: int) -> dict[str, list[float]]:
    async with station(folder, _charging_toml(folder), _charging_stock()) as here:
        bays = Bays(here, samples, few)
        await bays.run()
        return bays.taken


async def _at_robot(folder: Path, samples: int, few: int) -> dict[str, list[float]]:
    options = DemoOptions(1, 20.0, "tcp", Exchange.STATION, Charging.DIRECT, 1)
    text = station_toml(options, folder, 8080).splitlines()
    meter = f'meter = "dlt645+tcp://127.0.0.1:{free_ports(1)[0]}?address=000000000161"'
    text = [meter if line.startswith("meter = ") else line for line in text]
    taken: dict[str, list[float]] = defaultdict(list)
    chance = random.Random(2)
    async with station(folder, "\n".join(text), inventory_toml(1), options.speed) as here:
        plant = here.simulation.plant
        plant.trucks[TRUCKS[0]].arrive(Pose())
        await until(lambda: _ready(here.snapshot()))
        assert await here.client.ask(RequestSwap(TRUCKS[0])) == "accepted"
        await until(lambda: _carries(here))
        here.simulation.speed = CARRY_SPEED
        interrupts = [("brake", "brake_not_set", "")] * samples + [("door", "safety_open", "door")] * samples
        interrupts += [("beat", "plc_heartbeat_frozen", "")] * few
        for cause, fault, target in interrupts:
            await asyncio.sleep(chance.uniform(0.0, 0.3))
            here.notes.forget("hold", cause)
            here.fault(fault, target)
            await until(lambda: "hold" in here.notes.first_s)
            began_s = here.notes.last_s["beat"] if cause == "beat" else here.notes.first_s[cause]
            taken[cause].append(here.notes.first_s["hold"] - began_s)
            here.fault(fault, target, False)
            await _resume(here)
    return taken


def _ready(now: Snapshot) -> bool:
    truck = now.truck.good
    return truck is not None and truck.vin is not None and truck.hv_powered_down


def _carries(here: Station) -> bool:
    """The truck's battery is on its way to its bay."""
    return here.simulation.plant.hanging is not None and here.simulation.plc.running_id != 0


async def _resume(here: Station) -> None:
    """Ask until it is taken: the cause must have been seen to be gone."""
    while True:
        await asyncio.sleep(0.2)
        if here.snapshot().state is StationState.HELD:
            await here.client.ask(ResumeStation())
            with suppress(TimeoutError):
                await until(lambda: here.snapshot().state is StationState.EXECUTE, 2.0)
                await until(lambda: here.simulation.plc.state.value == "busy", 2.0)
                return


def _told(name: str, seconds: list[float]) -> list[Figure]:
    ms = sorted(1000.0 * each for each in seconds)
    return [
        Figure(f"{name}: samples", len(ms)),
        Figure(f"{name}: median", ms[len(ms) // 2], "ms"),
        at_most(f"{name}: 99th percentile", ms[ceil(0.99 * len(ms)) - 1], GOAL_MS, "ms"),
        Figure(f"{name}: largest", ms[-1], "ms"),
    ]


def measure(samples: int = SAMPLES, few: int = FEW) -> list[Figure]:
    """Run both stations, one after the other."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        bays = asyncio.run(_at_bays(Path(one), samples, few))
        robot = asyncio.run(_at_robot(Path(other), samples, few))
    silent_s, beat_s = sorted(bays["silence"]), sorted(robot["beat"])
    return [
        *_told("smoke in a direct bay to modules at 0 A", bays["smoke"]),
        *_told("over-temperature in BSM to modules at 0 A", bays["heat"]),
        *_told("smoke in a charger bay to its charger's stop", bays["charger smoke"]),
        *_told("brake released in a carry to the robot's hold", robot["brake"]),
        *_told("door opened in a carry to the robot's hold", robot["door"]),
        at_most(f"last word of a direct bay's BMS to 0 A, largest of {len(silent_s)}", silent_s[-1], 1.0, "s"),
        at_least(f"last heartbeat of the PLC to the hold, smallest of {len(beat_s)}", beat_s[0], 2.5, "s"),
        at_most(f"last heartbeat of the PLC to the hold, largest of {len(beat_s)}", beat_s[-1], 3.2, "s"),
    ]
