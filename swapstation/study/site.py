"""The station that is studied: one lane, a bay more than there are spare packs, 250 kW chargers, a site limit.

The packs take 183 kWh from 30 to 95 % (own design after a 282 kWh pack): the plant's cells lie above their nominal
voltage while they charge, so that a pack takes more than its nameplate says.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from swapstation.config.file import load_config
from swapstation.config.settings import Config
from swapstation.contract.alarm_catalogue import alarm_catalogue
from swapstation.inventory.database import open_writer
from swapstation.inventory.import_file import import_inventory
from swapstation.inventory.journal import open_station_database
from swapstation.simulation.placement import load_placement
from swapstation.station.draft import Rules
from swapstation.station.recipe import load_recipes
from swapstation.twin.equipment import MessageEquipment
from swapstation.twin.station import EPOCH, TwinStation
from swapstation.twin.world import MessageWorld

SOC_OUT_PCT = 95.0
CHARGER_KW = 250.0
EFFICIENCY = 0.95
TOO_GOOD = 0.96
"""What a station is told of its chargers that are a little worse."""
MOST_GUNS_KW = 240.0
NAMEPLATE_KWH = 267.6
TRUCKS = tuple(f"LSWAPTRK{check}T000000{number}" for number, check in ((1, "7"), (2, "9")))
"""Two are enough where none books: one leaves, the other has come back with another SOC."""
BATTERY_MODEL = "LFP"
MODELS = ("tractor-6x4", "dumper-8x4")
_TMPFS = Path("/dev/shm")
_STATION = """
name = "study"
data = "."
exchange = "station"
recipe = "top_lift"

[links]
station_can = "slcan+tcp://127.0.0.1:20001"
robot = "modbus-tcp://127.0.0.1:20002?unit=1"
meter = "dlt645:///dev/null?baud=9600&parity=E&address=000000000161"
chargers = "modbus-tcp://127.0.0.1:20003"

[limits]
ready_soc_pct = {soc_out}
charge_target_soc_pct = {soc_out}

[site]
{limit}

[[bays]]
number = {isolation}
isolation = true

[[battery_models]]
name = "LFP"
energy_kwh = {nameplate_kwh}
mass_kg = 3200.0
mass_tolerance_kg = 150.0
max_voltage_v = 733.6
max_current_a = 400.0
"""
_BAY = """
[[bays]]
number = {number}
{charging}
max_power_kw = {charger_kw}
max_current_a = 400.0
"""
_TRUCK_MODEL = """
[[truck_models]]
name = "{name}"
plc_number = {number}
battery_model = "LFP"
vehicle_type = "{kind}"
"""


@dataclass(frozen=True, slots=True)
class Case:
    """A station of so many spare packs and kW AC, and what is wrong with it.

    `lost_bay`: its charger has failed; `slow_kw`: the charger of bay 1 gives no more; `ambient_c`: air temperature;
    `mixed`: two types of vehicle in turn; `direct`: the station leads the charges itself. `contract`: `site_kw` is of
    everything at the meter, plug-in guns among it, and the efficiency that the station counts with is too good.
    `trucks` are known by their VINs.
    """

    batteries: int
    site_kw: float
    lost_bay: int | None = None
    slow_kw: float | None = None
    ambient_c: float = 20.0
    mixed: bool = False
    direct: bool = False
    contract: bool = False
    trucks: tuple[str, ...] = TRUCKS

    @property
    def bays(self) -> range:
        """Numbers of the charging bays: one is empty, for the battery that comes off."""
        return range(1, self.batteries + 2)


CASES = (Case(7, 1600.0), Case(10, 2400.0), Case(12, 3000.0), Case(7, 1000.0))
"""Each with another limit: grid and battery, all three near each other, robot, grid."""


@contextmanager
def station_of(case: Case, seed: int) -> Iterator[TwinStation]:
    """The station of a case with packs of any SOC in its bays, powered off; its database goes with it."""
    with tempfile.TemporaryDirectory(dir=_TMPFS if _TMPFS.is_dir() else None) as folder:
        config, stock = _config(case, Path(folder)), Path(folder) / "stock.toml"
        stock.write_text(_stock(case, Random(seed)), encoding="utf-8")
        engine = open_station_database(config)
        import_inventory(engine, config, stock, "study", EPOCH)
        engine.dispose()
        alarms = alarm_catalogue()
        own, *others = load_recipes(config.recipes, config.exchange.value, alarms)
        world = MessageWorld(config, load_placement(stock, config), seed)
        _spoil(world, case)
        engine = open_writer(config.station_database_url)
        rules, connect = Rules(config, own, alarms, tuple(others)), partial(MessageEquipment, config, world)
        try:
            yield TwinStation(config, rules, engine, world, connect, Random(seed))
        finally:
            engine.dispose()


def _config(case: Case, folder: Path) -> Config:
    text = _STATION.format(
        soc_out=SOC_OUT_PCT,
        limit=_limit(case),
        isolation=case.batteries + 2,
        nameplate_kwh=NAMEPLATE_KWH,
    )
    for number in case.bays:
        wire = f'charging = "direct"\ncan = "slcan+tcp://127.0.0.1:{20_010 + number}"'
        charging = wire if case.direct else 'charging = "charger"'
        text += _BAY.format(number=number, charging=charging, charger_kw=CHARGER_KW)
    for number, (name, kind) in enumerate(zip(MODELS, ("heavy_truck", "dump_truck"), strict=True), start=1):
        text += _TRUCK_MODEL.format(name=name, number=number, kind=kind)
    path = folder / "station.toml"
    path.write_text(text, encoding="utf-8")
    return load_config(path)


def _limit(case: Case) -> str:
    if not case.contract:
        return f"power_kw = {case.site_kw}\ncharging_efficiency = {EFFICIENCY}"
    return f"contract_kw = {case.site_kw}\nguns_kw = {MOST_GUNS_KW}\ncharging_efficiency = {TOO_GOOD}"


def _stock(case: Case, chance: Random) -> str:
    trucks = [
        f'[[trucks]]\nvin = "{vin}"\nmodel = "{MODELS[index if case.mixed else 0]}"\n'
        for index, vin in enumerate(case.trucks)
    ]
    in_bays = [(f"bay-{number}", chance.uniform(30.0, SOC_OUT_PCT)) for number in case.bays[:-1]]
    places = [*in_bays, *((f"truck:{vin}", 30.0) for vin in case.trucks)]
    batteries = [
        f'[[batteries]]\nbattery = "P{number:03d}"\nmodel = "LFP"\ncodes = ["999PB0A0000001E6K{number:07d}"]\n'
        f'place = "{place}"\nsoc_pct = {soc_pct:.1f}\n'
        for number, (place, soc_pct) in enumerate(places, start=1)
    ]
    return "\n".join([*trucks, *batteries])


def _spoil(world: MessageWorld, case: Case) -> None:
    """Give the plant what the case says is wrong with it."""
    world.plant.ambient_c = case.ambient_c
    for battery in world.plant.batteries.values():
        battery.temperature_c = case.ambient_c
    if case.lost_bay is not None:
        world.plant.faults.on.add(("module_fault", str(case.lost_bay)))
    if case.slow_kw is not None:
        world.plant.bays[1].modules.max_power_kw = case.slow_kw
