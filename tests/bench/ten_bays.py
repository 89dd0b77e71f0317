"""A station whose ten `direct` bays all charge: its two files, and controller core and simulation built from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from swapstation.config.file import load_config
from swapstation.config.settings import Config
from swapstation.contract.alarm_catalogue import alarm_catalogue
from swapstation.controller.core import Core
from swapstation.controller.equipment import Equipment
from swapstation.controller.journal import DirectJournal
from swapstation.demo.station_file import TRUCKS
from swapstation.inventory.import_file import import_inventory
from swapstation.inventory.journal import open_station_database, start_boot, write
from swapstation.inventory.queries import load_inventory
from swapstation.model.device import ChargePhase
from swapstation.model.snapshot import Snapshot
from swapstation.simulation.placement import load_placement
from swapstation.simulation.world import Simulation
from swapstation.station.draft import Rules
from swapstation.station.recipe import load_recipe

BAYS = 10
CYCLE_S = 0.1
PLANT_STEP_S = 0.02
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def station_toml(data: Path, port: Callable[[], int], max_power_kw: float = 250.0) -> str:
    """The configuration; `port` gives one TCP port of a device after another."""
    lines = [
        'name = "ten bays"',
        f'data = "{data}"',
        'exchange = "plc"',
        'recipe = "top_lift"',
        "[links]",
        f'station_can = "slcan+tcp://127.0.0.1:{port()}"',
        f'robot = "modbus-tcp://127.0.0.1:{port()}?unit=1"',
        f'meter = "dlt645+tcp://127.0.0.1:{port()}?address=000000000161"',
    ]
    lines += ["[disk]", "ballast_mb = 0"]
    for number in range(1, BAYS + 1):
        lines += ["[[bays]]", f"number = {number}", 'charging = "direct"', f"max_power_kw = {max_power_kw}"]
        lines += [f'can = "slcan+tcp://127.0.0.1:{port()}"']
    lines += ["[[bays]]", f"number = {BAYS + 1}", "isolation = true"]
    lines += ["[[battery_models]]", 'name = "LFP-282"', "energy_kwh = 282.0", "mass_kg = 3200.0"]
    lines += ["mass_tolerance_kg = 150.0", "max_voltage_v = 733.6", "max_current_a = 350.0"]
    lines += ["[[truck_models]]", 'name = "tractor-6x4"', "plc_number = 1", 'battery_model = "LFP-282"']
    return "\n".join(lines) + "\n"


def inventory_toml(soc_pct: float) -> str:
    """A battery in every bay, all alike."""
    lines = ["[[trucks]]", f'vin = "{TRUCKS[0]}"', 'model = "tractor-6x4"']
    for number in range(1, BAYS + 1):
        lines += ["[[batteries]]", f'battery = "LFP-{number:03d}"', 'model = "LFP-282"']
        lines += [f'codes = ["999PB0A0000001E6K{number:07d}"]', f'place = "bay-{number}"', f"soc_pct = {soc_pct}"]
    return "\n".join(lines) + "\n"


def write_files(folder: Path, station: str, soc_pct: float) -> tuple[Path, Path]:
    """Write both files and fill the database; returns where they are."""
    station_file, stock_file = folder / "station.toml", folder / "inventory.toml"
    station_file.write_text(station, encoding="utf-8")
    stock_file.write_text(inventory_toml(soc_pct), encoding="utf-8")
    config = load_config(station_file)
    engine = open_station_database(config)
    import_inventory(engine, config, stock_file, "bench", EPOCH)
    engine.dispose()
    return station_file, stock_file


@dataclass(frozen=True, slots=True)
class TenBays:
    """Both halves of a station, not yet wired; `cycle` runs one scan cycle at a virtual second."""

    config: Config
    core: Core
    equipment: Equipment
    simulation: Simulation

    def cycle(self, now_s: float) -> None:
        """One scan cycle; every second one is shown to people, as the controller does (5 Hz)."""
        self.core.cycle(now_s, EPOCH + timedelta(seconds=now_s))
        if round(now_s / CYCLE_S) % 2:
            assert self.core.snapshot is not None


@contextmanager
def ten_bays(station_file: Path, stock_file: Path) -> Iterator[TenBays]:
    """Build the controller core over its database, and the simulation."""
    config = load_config(station_file)
    engine = open_station_database(config)
    boot = start_boot(engine, "bench", "bench", EPOCH)
    catalogue = alarm_catalogue()
    rules = Rules(config, load_recipe(config.recipe, config.exchange.value, catalogue), catalogue)
    equipment = Equipment(config, boot)
    journal = DirectJournal(lambda records, at: write(engine, records, at, boot))
    with engine.connect() as connection:
        inventory = load_inventory(connection)
    try:
        core = Core(rules, equipment, journal, inventory, boot)
        yield TenBays(config, core, equipment, Simulation(config, load_placement(stock_file, config)))
    finally:
        engine.dispose()


def charging_bays(snapshot: Snapshot) -> int:
    """How many bays charge now."""
    charges = [bay.charge.good for bay in snapshot.bays]
    return sum(charge is not None and charge.phase is ChargePhase.CHARGING for charge in charges)
