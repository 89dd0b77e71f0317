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
from swapstation.controller.equipment import Equipment
from swapstation.controller.journal import DirectJournal
from swapstation.demo.station_file import DemoOptions, inventory_toml, station_toml
from swapstation.inventory.import_file import import_inventory
from swapstation.inventory.journal import open_station_database, start_boot, write
from swapstation.inventory.queries import load_inventory
from swapstation.model.inventory import bay_place
from swapstation.model.request import Answer, ConfirmStartUp, Payload, Request
from swapstation.model.snapshot import Snapshot
from swapstation.simulation.control import Control
from swapstation.simulation.memory import ByteWire, CanWire, VirtualTime
from swapstation.simulation.placement import load_placement
from swapstation.simulation.world import Simulation
from swapstation.station.draft import Rules
from swapstation.station.recipe import Recipe, load_recipe

CYCLE_S = 0.1
PLANT_STEP_S = 0.02
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class VirtualStation:
    """Controller core, plant and clock; `ask` answers a request, `until` runs until the snapshot says so."""

    def __init__(self, config: Config, recipe: Recipe, simulation: Simulation, core: Core, time: VirtualTime) -> None:
        self.config = config
        self.recipe = recipe
        self.simulation = simulation
        self.core = core
        self.time = time
        self._keys = count(1)

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
) -> Iterator[VirtualStation]:
    """Build a station of the demo's shape in `folder`; `detour` rewrites its configuration."""
    options = DemoOptions(1, speed, "tcp", exchange, charging, seed)
    station_file, stock_file = folder / "station.toml", folder / "inventory.toml"
    station_file.write_text(detour(station_toml(options, folder, 8080)), encoding="utf-8")
    stock_file.write_text(inventory_toml(seed), encoding="utf-8")
    config = load_config(station_file)
    engine = open_station_database(config)
    import_inventory(engine, config, stock_file, "tester", EPOCH)
    boot = start_boot(engine, "test", "test", EPOCH)
    catalogue = alarm_catalogue()
    rules = Rules(config, load_recipe(config.recipe, exchange.value, catalogue), catalogue)
    equipment = Equipment(config, boot)
    journal = DirectJournal(lambda records, at: write(engine, records, at, boot))
    with engine.connect() as connection:
        inventory = load_inventory(connection)
    core = Core(rules, equipment, journal, inventory, boot)
    simulation = Simulation(config, load_placement(stock_file, config), seed, speed)
    time = VirtualTime()
    wired = {"station"} | {bay_place(bay.number) for bay in config.charging_bays if bay.can}
    for name, node in equipment.can_nodes.items():
        if name in wired:
            time.join(CanWire(node, simulation.can_nodes[name]))
    time.join(ByteWire(equipment.byte_nodes["robot"], simulation.robot_node()))
    time.join(ByteWire(equipment.byte_nodes["meter"], simulation.meter_node()))
    for charger in simulation.aaf5_chargers.values():
        time.join(ByteWire(equipment.byte_servers["chargers"].connection(), charger.node))
    if "chargers" in equipment.byte_nodes:
        time.join(ByteWire(equipment.byte_nodes["chargers"], simulation.charger_node()))
    time.every(PLANT_STEP_S, simulation.advance)

    def cycle(now_s: float) -> None:
        core.cycle(now_s, EPOCH + timedelta(seconds=now_s))

    time.every(CYCLE_S, cycle)
    try:
        yield VirtualStation(config, rules.recipe, simulation, core, time)
    finally:
        engine.dispose()
