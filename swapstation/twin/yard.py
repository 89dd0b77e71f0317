"""The small station that schedules attack: four bays, an isolation place, three full batteries, two trucks.

Each arrangement is built once per process; a run gets a copy of its database, in memory where the machine has a tmpfs.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from random import Random

from swapstation.config.file import load_config
from swapstation.config.settings import Charging, Config, Exchange
from swapstation.contract.alarm_catalogue import alarm_catalogue
from swapstation.inventory.database import open_writer
from swapstation.inventory.import_file import import_inventory
from swapstation.inventory.journal import open_station_database
from swapstation.simulation.placement import Placement, load_placement
from swapstation.station.draft import Rules
from swapstation.station.recipe import load_recipes
from swapstation.twin.byte_equipment import ByteEquipment
from swapstation.twin.byte_world import ByteWorld
from swapstation.twin.equipment import MessageEquipment
from swapstation.twin.level import Connect, Level, World
from swapstation.twin.station import EPOCH, TwinStation
from swapstation.twin.world import MessageWorld

BAYS = (1, 2, 3, 4)
ISOLATION_BAY = 5
TRUCKS = ("LSWAPTRK7T0000001", "LSWAPTRK9T0000002")
READY_SOC_PCT, TRUCK_SOC_PCT = 91.0, 30.0
"""Ready to be handed out, and far enough below the target to be charged meanwhile."""
_TMPFS = Path("/dev/shm")

_STATION = """
name = "twin"
data = "{data}"
exchange = "{exchange}"
recipe = "top_lift"

[links]
station_can = "slcan+tcp://127.0.0.1:20001"
robot = "modbus-tcp://127.0.0.1:20002?unit=1"
meter = "dlt645://{data}/meter?baud=9600&parity=E&address=000000000161"
chargers = "{chargers}"
{bays}
[[bays]]
number = {isolation}
isolation = true

[[battery_models]]
name = "LFP-282"
energy_kwh = 282.0
mass_kg = 3200.0
mass_tolerance_kg = 150.0
max_voltage_v = 733.6
max_current_a = 350.0

[[truck_models]]
name = "tractor-6x4"
plc_number = 1
battery_model = "LFP-282"
"""
_BAY = """
[[bays]]
number = {number}
charging = "{charging}"
can = "slcan+tcp://127.0.0.1:{port}"
max_power_kw = 250.0
"""


@dataclass(frozen=True)
class Yard:
    """One arrangement, ready to be copied: settings, recipes and alarms, where everything stands, a database of it."""

    config: Config
    rules: Rules
    placement: Placement

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps of a swap in their order."""
        return tuple(step.name for step in self.rules.recipe.steps)


@cache
def yard(exchange: Exchange, charging: Charging) -> Yard:
    """The station of an arrangement."""
    folder = Path(_folder().name) / f"{exchange}-{charging}"
    folder.mkdir()
    bays = "".join(_BAY.format(number=number, charging=charging.value, port=20_010 + number) for number in BAYS)
    chargers = "modbus-tcp://127.0.0.1:20003" if charging is Charging.CHARGER else ""
    station_file, stock_file = folder / "station.toml", folder / "stock.toml"
    text = _STATION.format(data=folder, exchange=exchange.value, chargers=chargers, bays=bays, isolation=ISOLATION_BAY)
    station_file.write_text(text, encoding="utf-8")
    stock_file.write_text(_stock(), encoding="utf-8")
    config = load_config(station_file)
    engine = open_station_database(config)
    import_inventory(engine, config, stock_file, "twin", EPOCH)
    engine.dispose()
    catalogue = alarm_catalogue()
    own, *others = load_recipes(config.recipes, config.exchange.value, catalogue)
    return Yard(config, Rules(config, own, catalogue, tuple(others)), load_placement(stock_file, config))


@contextmanager
def twin_of(copied: Yard, seed: int, level: Level = Level.MESSAGE) -> Iterator[TwinStation]:
    """A station of its own, powered off, on a copy of the yard's database."""
    with tempfile.TemporaryDirectory(dir=_folder().name) as folder:
        config = with_copied_database(copied.config, Path(folder))
        engine = open_writer(config.station_database_url)
        world, connect = _LEVELS[level](config, copied.placement, seed)
        try:
            yield TwinStation(config, copied.rules, engine, world, connect, Random(seed))
        finally:
            engine.dispose()


def with_copied_database(config: Config, folder: Path) -> Config:
    """The settings of a station that goes on with a copy of its database in `folder`."""
    for file in config.data.glob("station.db*"):
        shutil.copy(file, folder)
    return replace(config, data=folder)


def _messages(config: Config, placement: Placement, seed: int) -> tuple[World, Connect]:
    world = MessageWorld(config, placement, seed)
    return world, partial(MessageEquipment, config, world)


def _bytes(config: Config, placement: Placement, seed: int) -> tuple[World, Connect]:
    world = ByteWorld(config, placement, seed)
    return world, partial(ByteEquipment, config, world)


_LEVELS = {Level.MESSAGE: _messages, Level.BYTE: _bytes}


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Where this process keeps its databases; gone with the process."""
    return tempfile.TemporaryDirectory(prefix="swapstation-twin-", dir=_TMPFS if _TMPFS.is_dir() else None)


def _stock() -> str:
    lines = []
    for vin in TRUCKS:
        lines += ["[[trucks]]", f'vin = "{vin}"', 'model = "tractor-6x4"', ""]
    full = [(f"bay-{number}", READY_SOC_PCT) for number in BAYS[:-1]]
    on_trucks = [(f"truck:{vin}", TRUCK_SOC_PCT) for vin in TRUCKS]
    for number, (place, soc_pct) in enumerate([*full, *on_trucks], start=1):
        lines += [
            "[[batteries]]",
            f'battery = "LFP-{number:03d}"',
            'model = "LFP-282"',
            f'codes = ["999PB0A0000001E6K{number:07d}"]',
            f'place = "{place}"',
            f"soc_pct = {soc_pct}",
            "",
        ]
    return "\n".join(lines)
