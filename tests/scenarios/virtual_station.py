"""A whole station in memory: our controller core and the simulated plant, wire by wire under one virtual clock."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from swapstation.config.file import load_config
from swapstation.config.settings import Charging, Config, Exchange
from swapstation.contract.alarm_catalogue import alarm_catalogue
from swapstation.controller.core import Core
from swapstation.controller.energy_book import load_energy_book
from swapstation.controller.equipment import Equipment
from swapstation.controller.journal import DirectJournal
from swapstation.demo.station_file import DemoOptions, inventory_toml, station_toml
from swapstation.energy.tariff_files import station_tariff
from swapstation.inventory.database import Database
from swapstation.inventory.import_file import import_inventory
from swapstation.inventory.journal import open_station_database, start_boot, write
from swapstation.inventory.queries import events_after, load_inventory
from swapstation.model.request import Answer, ConfirmStartUp, Payload, Request
from swapstation.model.snapshot import Snapshot
from swapstation.protocol.node import ByteNode
from swapstation.simulation.control import Control
from swapstation.simulation.memory import ByteWire, CanWire, VirtualTime
from swapstation.simulation.placement import load_placement
from swapstation.simulation.world import Simulation
from swapstation.station.draft import Rules
from swapstation.station.recipe import load_recipes
from swapstation.twin.coupling import byte_ends, can_ends

CYCLE_S = 0.1
PLANT_STEP_S = 0.02
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class VirtualStation:
    """Controller core, plant and clock; `ask` answers a request, `restart` is a new controller on the same database."""

    core: Core
    time: VirtualTime
    robot_node: ByteNode
    robot_wire: ByteWire

    def __init__(self, config: Config, engine: Database, simulation: Simulation) -> None:
        catalogue = alarm_catalogue()
        self.config = config
        self.recipe, *others = load_recipes(config.recipes, config.exchange.value, catalogue)
        self.simulation = simulation
        self._engine = engine
        self._rules = Rules(config, self.recipe, catalogue, tuple(others))
        self._keys = count(1)
        self._start(0.0)

    def restart(self, after_s: float = 0.0) -> None:
        """The controller dies without a word; the plant goes on, and after so long a new controller starts."""
        alone = VirtualTime(self.time.now_s)
        alone.every(PLANT_STEP_S, self.simulation.advance)
        alone.run(after_s)
        self._start(alone.now_s)

    def reconnect_robot(self) -> None:
        """The robot's connection is lost and comes back at once."""
        for node in (self.robot_node, self.simulation.robot_node()):
            node.closed(self.time.now_s)
        self.robot_wire.open(self.time.now_s)

    def _start(self, now_s: float) -> None:
        engine, boot = self._engine, start_boot(self._engine, "test", "test", EPOCH + timedelta(seconds=now_s))
        equipment = Equipment(self.config, boot)
        with engine.connect() as connection:
            inventory = load_inventory(connection)
        journal = DirectJournal(lambda records, at: write(engine, records, at, boot))
        tariff = station_tariff(self.config)
        energy = load_energy_book(engine, self.config, inventory, lambda: tariff, EPOCH + timedelta(seconds=now_s))
        self.core = core = Core(self._rules, equipment, journal, inventory, boot, energy=energy)
        self.time = VirtualTime(now_s)
        self._couple(equipment)
        self.time.every(PLANT_STEP_S, self.simulation.advance)
        self.time.every(CYCLE_S, lambda now_s: _cycle(core, now_s))

    def _couple(self, equipment: Equipment) -> None:
        for _, ours, theirs in can_ends(equipment, self.simulation):
            self.time.join(CanWire(ours, theirs))
        for name, our_end, their_end in byte_ends(equipment, self.simulation):
            wire = ByteWire(our_end, their_end)
            self.time.join(wire)
            if name == "robot":
                self.robot_node, self.robot_wire = our_end, wire

    @property
    def snapshot(self) -> Snapshot:
        assert self.core.snapshot is not None
        return self.core.snapshot

    def ask(self, payload: Payload, person: str = "tester") -> Answer:
        """Send one request and run until it is answered."""
        answers: list[Answer] = []
        self.core.submit(Request(f"key-{next(self._keys)}", person, payload), answers.append)
        assert self.time.run(5.0, lambda: bool(answers)), "a request was not answered within 5 s"
        return answers[0]

    def control(self, order: dict[str, Any]) -> dict[str, Any]:
        """Ask the simulator's control face: trucks, faults, speed."""
        answer: dict[str, Any] = json.loads(Control(self.simulation).answer(json.dumps(order).encode()))
        return answer

    def events(self, kind: str) -> list[dict[str, Any]]:
        """What the station database tells of one kind of event, the first 500 of all looked at."""
        with self._engine.connect() as connection:
            return [event.body for event in events_after(connection, 0) if event.kind == kind]

    def start_up(self) -> None:
        """Run until the survey is complete and confirm it."""
        assert self.time.run(10.0, lambda: self.core.snapshot is not None and self.snapshot.survey.complete)
        answer = self.ask(ConfirmStartUp())
        assert answer.status == "accepted", answer


@contextmanager
def virtual_station(
    folder: Path,
    exchange: Exchange,
    charging: Charging,
    speed: float = 1.0,
    seed: int = 1,
    detour: Callable[[str], str] = str,
    recipe: str = "top_lift",
    truck_batteries: int = 1,
) -> Iterator[VirtualStation]:
    """Build a station of the demo's shape in `folder`; `detour` rewrites its configuration."""
    options = DemoOptions(1, speed, "tcp", exchange, charging, seed, recipe=recipe, truck_batteries=truck_batteries)
    station_file, stock_file = folder / "station.toml", folder / "inventory.toml"
    station_file.write_text(detour(station_toml(options, folder, 8080)), encoding="utf-8")
    stock_file.write_text(inventory_toml(seed, None, truck_batteries), encoding="utf-8")
    config = load_config(station_file)
    engine = open_station_database(config)
    import_inventory(engine, config, stock_file, "tester", EPOCH)
    simulation = Simulation(config, load_placement(stock_file, config), seed, speed)
    try:
        yield VirtualStation(config, engine, simulation)
    finally:
        engine.dispose()


def _cycle(core: Core, now_s: float) -> None:
    core.cycle(now_s, EPOCH + timedelta(seconds=now_s))
