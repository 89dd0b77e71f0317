"""Recordings of the simulated devices, made by letting an adapter talk to them in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from swapstation.config.file import load_config
from swapstation.config.settings import Charging, Exchange
from swapstation.demo.station_file import DemoOptions, inventory_toml, station_toml
from swapstation.devices.adapter import Adapter
from swapstation.devices.contract_suite.exchange import Event, Item
from swapstation.devices.contract_suite.rig import Rig
from swapstation.protocol.node import Frame
from swapstation.simulation.control import Control
from swapstation.simulation.placement import load_placement
from swapstation.simulation.world import Simulation

PLANT_STEP_S = 0.02


def simulated(folder: Path, exchange: Exchange, charging: Charging, detour: Callable[[str], str] = str) -> Simulation:
    """The demo's plant with a truck in the lane, not started by any clock; `detour` rewrites its station file."""
    options = DemoOptions(1, 1.0, "tcp", exchange, charging, 1)
    station_file, stock_file = folder / "station.toml", folder / "inventory.toml"
    station_file.write_text(detour(station_toml(options, folder, 8080)), encoding="utf-8")
    stock_file.write_text(inventory_toml(1), encoding="utf-8")
    config = load_config(station_file)
    simulation = Simulation(config, load_placement(stock_file, config), 1, 1.0)
    Control(simulation).answer(b'{"do": "truck_arrives", "vin": "LSWAPTRK7T0000001"}')
    return simulation


class SimulatedDevice:
    """The far end of a wire: a simulated node, with the plant moving on; keeps what went over the wire."""

    def __init__(self, simulation: Simulation, node: Any) -> None:
        self.events: list[Event] = []
        self._simulation = simulation
        self._node = node
        self._moved_s = -1.0
        if hasattr(node, "opened"):
            node.opened(0.0)

    def hear(self, item: Item, now_s: float) -> None:
        self.events.append(Event(now_s, item, sent=True))
        self._node.receive(item, now_s)

    def say(self, now_s: float) -> Iterator[Item]:
        if now_s - self._moved_s >= PLANT_STEP_S:
            self._moved_s = now_s
            self._simulation.advance(now_s)
        for item in self._node.due(now_s):
            self.events.append(Event(now_s, item))
            yield item


def recorded(adapter: Adapter, simulation: Simulation, node: Any, duration_s: float) -> list[Event]:
    """What went over the wire between an adapter and a simulated device."""
    device = SimulatedDevice(simulation, node)
    Rig(adapter, device).run(duration_s)
    return device.events


def bytes_log(events: list[Event], name: str) -> str:
    """The recording as the controller writes it for byte wires."""
    return "".join(_line(event, name) for event in events)


def candump(events: list[Event], name: str) -> str:
    """The recording as the controller writes it for CAN wires."""
    return "".join(_line(event, name) for event in events)


def _line(event: Event, name: str) -> str:
    direction = "T" if event.sent else "R"
    if isinstance(event.item, Frame):
        return f"({event.time_s:.6f}) {name} {event.item.can_id:08X}#{event.item.data.hex().upper()} {direction}\n"
    return f"({event.time_s:.6f}) {name} {direction} {event.item.hex().upper()}\n"
