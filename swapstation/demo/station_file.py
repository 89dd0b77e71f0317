"""The demo's files: a station configuration with this run's wires, an invented tariff, the stock it starts with."""

from __future__ import annotations

import json
import random
import socket
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from swapstation.config.rule_kinds import needs_transit
from swapstation.config.settings import Charging, Exchange
from swapstation.model.inventory import truck_places

CHARGING_BAYS = 8
ISOLATION_BAY = 9
TRANSIT_BAY = 10
BATTERIES = 7
TRUCKS = ("LSWAPTRK7T0000001", "LSWAPTRK9T0000002", "LSWAPTRK0T0000003")
TRUCK_SOC_PCT = 30.0
POSITIONS = ("main", "second", "third")
PLANNED = (
    "[planner]",
    "enabled = true",
    "reserve_batteries = 4",
    "",
    "[tariff]",
    'file = "tariff.toml"',
    "",
)
TARIFF = """# Invented prices: they only show what a plan does with them. 金额均为虚构.
tables = ["shanxi-2021-479", "shanxi-2026-15"]
customer = "large_industry"

[[prices]]
since = 2022-01-01
flat = "0.4300"
transmission = "0.1050"

[[service]]
since = 2022-01-01
fee = "0.3000"
"""
FLEET = "demo-fleet"
CONTRACTS = "\n".join(
    [
        "# Invented: one fleet that all trucks belong to. 虚构车队",
        "[[fleets]]",
        f'name = "{FLEET}"',
        *(f'[[trucks]]\nvin = "{vin}"\nfleet = "{FLEET}"\nsince = 2022-01-01' for vin in TRUCKS),
        "[[contracts]]",
        f'fleet = "{FLEET}"',
        "since = 2022-01-01",
        'basis = "energy"',
        "",
    ]
)
SEATS = ("[limits]", "seat_x_mm = 100", "seat_y_mm = 60", "seat_z_mm = 30", "")
FULL = 4
"""The first batteries are ready at the start; the others are still charging, so that there is something to see."""


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What a demo run is asked to be.

    `swaps` 0 = traffic without end; `c_bay` = the bay that the C node plays; `packed_plc` = the robot's PLC connects to
    the station and speaks packed structs; `truck_batteries` = how many each truck carries. `planner`: charging follows
    plans, within a site limit and by an invented tariff; else it is on arrival. `training`: people train at it.
    """

    swaps: int
    speed: float
    wires: str
    exchange: Exchange
    charging: Charging
    seed: int
    c_bay: int | None = None
    packed_plc: bool = False
    recipe: str = "top_lift"
    truck_batteries: int = 1
    planner: bool = False
    training: bool = False


def free_ports(count: int) -> list[int]:
    """Ports on loopback that nobody listens on now, all different.

    Below the range from which the kernel takes ports for outgoing connections: one of those could take ours before the
    simulator listens on it.
    """
    candidates = random.SystemRandom().sample(range(20_000, 32_000), 200)
    return list(islice(filter(_is_free, candidates), count))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def station_toml(options: DemoOptions, data: Path, server_port: int) -> str:
    """The configuration of the demo station, on TCP or on ptys in the data folder."""
    ports = iter(free_ports(CHARGING_BAYS + 4))
    wires = data / "wires"

    def can(name: str) -> str:
        tcp = f"slcan+tcp://127.0.0.1:{next(ports)}"
        return tcp if options.wires == "tcp" else f"slcan+serial://{wires / name}?baud=115200"

    modbus = f"modbus-tcp://127.0.0.1:{next(ports)}?unit=1"
    serial = f"modbus-rtu://{wires / 'robot'}?baud=115200&parity=E&unit=1"
    robot = modbus if options.wires == "tcp" else serial
    if options.packed_plc:
        robot = f"packed-plc+tcp-listen://127.0.0.1:{next(ports)}"
    chargers = f"modbus-tcp://127.0.0.1:{next(ports)}" if options.charging is Charging.CHARGER else ""
    lines = [
        "# Demo station: made by `swapstation demo`; the wires lead to the simulator.",
        'name = "demo"',
        f'data = "{data}"',
        f'exchange = "{options.exchange.value}"',
        f'recipe = "{options.recipe}"',
        "",
        "[links]",
        f'station_can = "{can("station")}"',
        f'robot = "{robot}"',
        f'meter = "dlt645://{wires / "meter"}?baud=9600&parity=E&address=000000000161"',
        "meter_ratio = 100.0",
        f'chargers = "{chargers}"',
        "",
        *(("[adapters]", 'exchanger = "packed_plc"', "") if options.packed_plc else ()),
        "[disk]  # a person's own machine is fuller than a station's",
        "low_pct = 2.0",
        "shed_pct = 1.0",
        "stop_pct = 0.5",
        "ballast_mb = 0",
        "",
        *(PLANNED if options.planner else ()),
        *(("[training]", "") if options.training else ()),
        "[money]",
        'contracts = "contracts.toml"',
        "",
        "[site]",
        f"plant_speed = {options.speed}",
        *(("power_kw = 1200.0",) if options.planner else ()),
        *(() if options.packed_plc else SEATS),
        "[server]",
        f"port = {server_port}",
    ]
    for number in range(1, CHARGING_BAYS + 1):
        lines += ["", "[[bays]]", f"number = {number}", f'charging = "{options.charging.value}"']
        lines += [f'can = "{can(f"bay-{number}")}"', "max_power_kw = 250.0"]
    lines += ["", "[[bays]]", f"number = {ISOLATION_BAY}", "isolation = true"]
    if needs_transit(options.recipe):
        lines += ["", "[[bays]]", f"number = {TRANSIT_BAY}", "transit = true"]
    lines += ["", "[[battery_models]]", 'name = "LFP-282"', "energy_kwh = 282.0", "mass_kg = 3200.0"]
    lines += ["mass_tolerance_kg = 150.0", "max_voltage_v = 733.6", "max_current_a = 350.0"]
    lines += ["", "[[truck_models]]", 'name = "tractor-6x4"', "plc_number = 1", 'battery_model = "LFP-282"']
    lines += [f"positions = {json.dumps(POSITIONS[: options.truck_batteries])}"]
    return "\n".join(lines) + "\n"


def inventory_toml(seed: int, c_bay: int | None = None, truck_batteries: int = 1) -> str:
    """Seven batteries in the rack, four of them full, low batteries on each truck; that of `c_bay` is not full."""
    draw = random.Random(seed)
    lines = []
    for vin in TRUCKS:
        lines += ["[[trucks]]", f'vin = "{vin}"', 'model = "tractor-6x4"', ""]
    places = [f"bay-{number}" for number in range(1, BATTERIES + 1)]
    places += [place for vin in TRUCKS for place in truck_places(vin, truck_batteries)]
    for number, place in enumerate(places, start=1):
        full, in_rack = number <= FULL and number != c_bay, number <= BATTERIES
        soc_pct = 95.0 if full else draw.uniform(60.0, 80.0) if in_rack else TRUCK_SOC_PCT
        lines += [
            "[[batteries]]",
            f'battery = "LFP-{number:03d}"',
            'model = "LFP-282"',
            f'codes = ["999PB0A0000001E6K{number:07d}"]',
            f'place = "{place}"',
            f"soc_pct = {soc_pct:.1f}",
            "",
        ]
    return "\n".join(lines)
