"""Which of our ends belongs to which device of a simulated station: the pairs that a wire has to join, by its name."""

from __future__ import annotations

from collections.abc import Iterator

from swapstation.controller.equipment import Equipment
from swapstation.protocol.node import ByteNode, CanNode
from swapstation.simulation.world import Simulation


def can_ends(equipment: Equipment, simulation: Simulation) -> Iterator[tuple[str, CanNode, CanNode]]:
    """CAN segments: name, our node, the nodes of the devices; a bay without a CAN link has none."""
    unwired = {bay.place for bay in simulation.config.charging_bays if not bay.can}
    for name, node in equipment.can_nodes.items():
        if name not in unwired:
            yield name, node, simulation.can_nodes[name]


def byte_ends(equipment: Equipment, simulation: Simulation) -> Iterator[tuple[str, ByteNode, ByteNode]]:
    """Byte streams: name, our end, the device's end of a new connection."""
    yield "robot", equipment.byte_nodes["robot"], simulation.robot_node()
    yield "meter", equipment.byte_nodes["meter"], simulation.meter_node()
    if "bay_meters" in equipment.byte_nodes:
        yield "bay_meters", equipment.byte_nodes["bay_meters"], simulation.bay_meter_node()
    for charger in simulation.aaf5_chargers.values():
        yield "chargers", equipment.byte_servers["chargers"].connection(), charger.node
    if "chargers" in equipment.byte_nodes:
        yield "chargers", equipment.byte_nodes["chargers"], simulation.charger_node()
    if "climate" in equipment.byte_nodes:
        yield "climate", equipment.byte_nodes["climate"], simulation.climate_node()
    if "store" in equipment.byte_nodes:
        yield "store", equipment.byte_nodes["store"], simulation.store_node()
    for name, new_node in simulation.yard.nodes.items():
        yield name, equipment.byte_nodes[name], new_node()
