"""The shipped adapters, each with the simulated device that it is recorded with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from swapstation.config.settings import Charging, Exchange
from swapstation.devices.adapter import Adapter, AdapterSettings, Role
from swapstation.devices.contract_suite.checks import Trial
from swapstation.devices.installed import build_adapter
from swapstation.simulation.world import Simulation
from swapstation.wire_address import Medium, WireAddress, WireProtocol
from tests.adapters.recording import recorded, simulated

EXAMPLES = Path(__file__).parents[2] / "examples"
TRUCK_MAP = Path(__file__).parent / "reference_truck_map.toml"
REGISTERS = Path(__file__).parents[2] / "firmware_proto" / "registers"
DURATION_S = 4.0
CLIMATE_LINK = {"climate": "modbus-tcp://127.0.0.1:29700"}
WITH_CLIMATE = (1, 2)
STORE_LINK = {"store": "modbus-tcp://127.0.0.1:29701?unit=1"}
STORE_TABLE = "\n[store]\nenergy_kwh = 400.0\ncharge_kw = 100.0\ndischarge_kw = 100.0"
GATE_LINK = {"gate": "modbus-tcp://127.0.0.1:29702?unit=1"}
WEIGHER_LINK = {"weigher": "modbus-tcp://127.0.0.1:29703?unit=1"}
IDENTIFIER_LINK = {"identifier": "tcp://127.0.0.1:29704"}
GUIDE_LINK = {"guide": "tcp://127.0.0.1:29705"}
CHARGER_IDS = {f"PILE{bay}": bay for bay in range(1, 9)}


@dataclass(frozen=True)
class Shipped:
    """One adapter: its wire, settings, and what the station file says so that the simulator plays its device.

    `links` are lines of `[links]` put in place of the demo's, `adapters` the table `[adapters]`, `bays` have a climate
    unit.
    """

    role: Role
    name: str
    protocol: WireProtocol
    device: Callable[[Simulation], Any]
    settings: Mapping[str, Any] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    adapters: str = ""
    bays: tuple[int, ...] = ()

    def make(self) -> Adapter:
        wire = WireAddress(self.protocol, Medium.TCP)
        return build_adapter(self.role, self.name, AdapterSettings(wire, **self.settings))

    def station(self, text: str) -> str:
        lines = [line for line in text.splitlines() if line.split(" = ")[0] not in self.links]
        at = lines.index("[links]") + 1
        lines[at:at] = [f'{name} = "{url}"' for name, url in self.links.items()]
        told = "\n".join([*lines, "[adapters]", self.adapters, ""])
        for bay in self.bays:
            told = told.replace(f"number = {bay}\n", f"number = {bay}\nclimate = true\n", 1)
        return told

    def trial(self, folder: Path, duration_s: float = DURATION_S) -> Trial:
        """Record the device in virtual time and make a trial of it."""
        simulation = simulated(folder, Exchange.PLC, Charging.CHARGER, self.station)
        events = recorded(self.make(), simulation, self.device(simulation), duration_s)
        return Trial(self.make, events, self.protocol)


def _station_can(simulation: Simulation) -> Any:
    return simulation.can_nodes["station"]


def _first_pile(simulation: Simulation) -> Any:
    return simulation.aaf5_chargers[1].node


def _before_lane(name: str) -> Callable[[Simulation], Any]:
    return lambda simulation: simulation.yard.nodes[name]()


SHIPPED = [
    Shipped(Role.EXCHANGER, "reference_plc", WireProtocol.MODBUS_TCP, Simulation.robot_node),
    Shipped(
        Role.EXCHANGER,
        "packed_plc",
        WireProtocol.PACKED_PLC,
        Simulation.robot_node,
        links={"robot": "packed-plc+tcp-listen://127.0.0.1:29600"},
        adapters='exchanger = "packed_plc"',
    ),
    Shipped(
        Role.CLIMATE,
        "reference_climate",
        WireProtocol.MODBUS_TCP,
        Simulation.climate_node,
        {"bays": (1, 2)},
        links=CLIMATE_LINK,
        bays=WITH_CLIMATE,
    ),
    Shipped(
        Role.CLIMATE,
        "modbus_map",
        WireProtocol.MODBUS_TCP,
        Simulation.climate_node,
        {"bays": (1, 2), "map": EXAMPLES / "climate_map.toml"},
        links=CLIMATE_LINK,
        adapters=f'climate_map = "{EXAMPLES / "climate_map.toml"}"',
        bays=WITH_CLIMATE,
    ),
    Shipped(
        Role.STORE,
        "reference_store",
        WireProtocol.MODBUS_TCP,
        Simulation.store_node,
        links=STORE_LINK,
        adapters=STORE_TABLE,
    ),
    Shipped(
        Role.STORE,
        "modbus_map",
        WireProtocol.MODBUS_TCP,
        Simulation.store_node,
        {"map": EXAMPLES / "store_map.toml"},
        links=STORE_LINK,
        adapters=f'store_map = "{EXAMPLES / "store_map.toml"}"{STORE_TABLE}',
    ),
    Shipped(Role.METER, "dlt645", WireProtocol.DLT645, Simulation.meter_node),
    Shipped(
        Role.METER,
        "modbus_map",
        WireProtocol.MODBUS_TCP,
        Simulation.meter_node,
        {"map": EXAMPLES / "meter_map.toml"},
        {"meter": "modbus-tcp://127.0.0.1:29650?unit=1"},
        f'meter = "modbus_map"\nmeter_map = "{EXAMPLES / "meter_map.toml"}"',
    ),
    Shipped(
        Role.BAY_METER,
        "modbus_map",
        WireProtocol.MODBUS_TCP,
        Simulation.bay_meter_node,
        {"bays": (1, 2), "map": EXAMPLES / "bay_meter_map.toml"},
        {"bay_meters": "modbus-tcp://127.0.0.1:29653"},
        f'bay_meter_map = "{EXAMPLES / "bay_meter_map.toml"}"',
    ),
    Shipped(Role.CHARGER, "reference_charger", WireProtocol.MODBUS_TCP, Simulation.charger_node, {"bays": (1, 2, 3)}),
    Shipped(
        Role.CHARGER,
        "modbus_map",
        WireProtocol.MODBUS_TCP,
        Simulation.charger_node,
        {"bays": (1, 2), "map": EXAMPLES / "charger_map.toml"},
        {"chargers": "modbus-tcp://127.0.0.1:29651"},
        f'charger = "modbus_map"\ncharger_map = "{EXAMPLES / "charger_map.toml"}"',
    ),
    Shipped(
        Role.CHARGER,
        "aaf5_charger",
        WireProtocol.AAF5,
        _first_pile,
        {"bays": (1,), "charger_ids": CHARGER_IDS},
        {"chargers": "aaf5+tcp-listen://127.0.0.1:29652"},
        'charger = "aaf5_charger"\n[adapters.charger_ids]\n'
        + "\n".join(f"{name} = {bay}" for name, bay in CHARGER_IDS.items()),
    ),
    Shipped(Role.GATE, "reference_gate", WireProtocol.MODBUS_TCP, _before_lane("gate"), links=GATE_LINK),
    Shipped(
        Role.GATE,
        "modbus_map",
        WireProtocol.MODBUS_TCP,
        _before_lane("gate"),
        {"map": REGISTERS / "gate.toml"},
        links=GATE_LINK,
        adapters=f'gate = "modbus_map"\ngate_map = "{REGISTERS / "gate.toml"}"',
    ),
    Shipped(Role.WEIGHER, "reference_weigher", WireProtocol.MODBUS_TCP, _before_lane("weigher"), links=WEIGHER_LINK),
    Shipped(
        Role.WEIGHER,
        "modbus_map",
        WireProtocol.MODBUS_TCP,
        _before_lane("weigher"),
        {"map": EXAMPLES / "weigher_map.toml"},
        links=WEIGHER_LINK,
        adapters=f'weigher = "modbus_map"\nweigher_map = "{EXAMPLES / "weigher_map.toml"}"',
    ),
    Shipped(
        Role.IDENTIFIER,
        "reference_identifier",
        WireProtocol.BYTES,
        _before_lane("identifier"),
        links=IDENTIFIER_LINK,
    ),
    Shipped(Role.GUIDE, "reference_guide", WireProtocol.BYTES, _before_lane("guide"), links=GUIDE_LINK),
    Shipped(Role.RACK, "reference_rack", WireProtocol.CAN, _station_can),
    Shipped(Role.TRUCK_LINK, "reference_dbc", WireProtocol.CAN, _station_can),
    Shipped(Role.TRUCK_LINK, "dbc_map", WireProtocol.CAN, _station_can, {"map": TRUCK_MAP}),
]
