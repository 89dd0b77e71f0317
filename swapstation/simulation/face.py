"""The wire face: every node of a simulation at the device's end of a real wire, in real time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path

from swapstation.protocol.node import ByteNode
from swapstation.simulation.can_end import CanEnd
from swapstation.simulation.severable import Severable
from swapstation.simulation.world import Simulation
from swapstation.transport.link import ByteLink
from swapstation.transport.listener import TcpListener
from swapstation.transport.pty_end import PtyEnd
from swapstation.transport.wire import tcp_opener
from swapstation.wire_address import Medium, WireAddress, parse_wire

ADVANCE_S = 0.01


class WireFace:
    """Binds all wires when it is made (OSError: a place is taken); `places` tells where each is, `run` serves them."""

    def __init__(self, simulation: Simulation) -> None:
        self.places: dict[str, str] = {}
        self.simulation = simulation
        self._servers: list[Coroutine[None, None, None]] = []
        self._connecting: list[ByteLink] = []
        links = simulation.config.links
        self._offer_can("station_can", "station", links.station_can)
        for bay in simulation.config.charging_bays:
            if bay.can:
                self._offer_can(f"bay-{bay.number}", f"bay-{bay.number}", bay.can)
        self._offer_bytes("robot", links.robot, simulation.robot_node)
        for charger in simulation.aaf5_chargers.values():
            self._connect_bytes("chargers", parse_wire("chargers", links.chargers), charger.node)
        if links.chargers and not simulation.aaf5_chargers:
            self._offer_bytes("chargers", links.chargers, simulation.charger_node)
        self._offer_bytes("meter", links.meter, simulation.meter_node)
        if links.climate:
            self._offer_bytes("climate", links.climate, simulation.climate_node)
        if links.store:
            self._offer_bytes("store", links.store, simulation.store_node)
        for name, new_node in simulation.yard.nodes.items():
            self._offer_bytes(name, getattr(links, name), new_node)
        if links.bay_meters:
            self._offer_bytes("bay_meters", links.bay_meters, simulation.bay_meter_node)

    async def run(self) -> None:
        """Serve all wires and advance the simulation until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for server in self._servers:
                tasks.create_task(server)
            tasks.create_task(self._advance())

    async def _advance(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self.simulation.advance(loop.time())
            for link in self._connecting:
                link.wake()
            await asyncio.sleep(ADVANCE_S)

    def _offer_can(self, name: str, segment: str, url: str) -> None:
        node, external = self.simulation.can_nodes[segment], self.simulation.external
        is_cut = node.is_cut if isinstance(node, Severable) else _never
        shared = external is not None and segment in ("station", f"bay-{external.number}")
        end = CanEnd(name, node, parse_wire(name, url), shared)
        self.places[name] = end.place
        self._servers.append(end.run(is_cut))

    def _offer_bytes(self, name: str, url: str, new_node: Callable[[], ByteNode]) -> None:
        address = parse_wire(name, url)
        if address.medium is Medium.TCP:
            listener = TcpListener(address.host, address.port, new_node)
            self.places[name] = f"{address.host}:{listener.port}"
            self._servers.append(listener.run())
        elif address.medium is Medium.TCP_LISTEN:
            self._connect_bytes(name, address, new_node())
        else:
            self.places[name] = address.device
            self._servers.append(PtyEnd(Path(address.device), new_node()).run())

    def _connect_bytes(self, name: str, address: WireAddress, node: ByteNode) -> None:
        self.places[name] = f"{address.host}:{address.port}"
        link = ByteLink(name, tcp_opener(address.host, address.port), node)
        self._connecting.append(link)
        self._servers.append(link.run())


def _never() -> bool:
    return False
