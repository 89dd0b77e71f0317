"""The devices before the lane that a station's file gives a wire: barrier, weighbridge, camera and tag reader, sign."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from swapstation.config.settings import Config
from swapstation.protocol.node import ByteNode
from swapstation.simulation.firmware.guide import GuideDevice
from swapstation.simulation.firmware.identifier import IdentifierDevice
from swapstation.simulation.firmware.yard_panels import GatePanel, WeigherPanel
from swapstation.simulation.plant.plant import Plant
from swapstation.wire_address import WireAddress, parse_wire
from swapstation.wire_files import wire_file


class YardDevices:
    """Each device, None where the station has none; `nodes`: the device's end of a new connection, by its wire."""

    def __init__(self, plant: Plant, config: Config) -> None:
        links, entrance = config.links, plant.entrance
        self.gate: GatePanel | None = None
        self.weigher: WeigherPanel | None = None
        self.identifier: IdentifierDevice | None = None
        if entrance is not None and links.gate:
            self.gate = GatePanel(plant, entrance, *_place("gate", config.adapters.gate_map, links.gate))
        if entrance is not None and links.weigher:
            self.weigher = WeigherPanel(plant, entrance, *_place("weigher", config.adapters.weigher_map, links.weigher))
        if entrance is not None and links.identifier:
            self.identifier = IdentifierDevice(plant, entrance)
        self.guide = GuideDevice(plant.faults) if links.guide else None
        devices = {
            "gate": self.gate,
            "weigher": self.weigher,
            "identifier": self.identifier,
            "guide": self.guide,
        }
        self.nodes: Mapping[str, Callable[[], ByteNode]] = {
            name: device.node for name, device in devices.items() if device is not None
        }

    def take(self, now_s: float) -> None:
        """Carry out what the station has ordered."""
        if self.gate is not None:
            self.gate.take(now_s)
        if self.guide is not None:
            self.guide.take(now_s)

    def show(self, now_s: float) -> None:
        """Show what is there now."""
        if self.gate is not None:
            self.gate.show()
        if self.weigher is not None:
            self.weigher.show()
        if self.identifier is not None:
            self.identifier.look(now_s)


def _place(name: str, own_map: Path | None, url: str) -> tuple[Path, WireAddress]:
    return own_map or wire_file("registers", f"{name}.toml"), parse_wire(f"links.{name}", url)
