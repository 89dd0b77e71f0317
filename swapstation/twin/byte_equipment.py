"""The station's devices at byte level: the product's own equipment, its wires joined to the simulated devices."""

from __future__ import annotations

from swapstation.config.settings import Config
from swapstation.controller.equipment import Equipment as ProductEquipment
from swapstation.model.device import LinkStatus
from swapstation.protocol.node import ByteNode, CanNode
from swapstation.protocol.slcan_ends import SlcanClient
from swapstation.simulation.faults import Faults
from swapstation.simulation.severable import Severable
from swapstation.twin.byte_wire import ByteWire
from swapstation.twin.byte_world import ByteWorld
from swapstation.twin.coupling import byte_ends, can_ends
from swapstation.twin.level import Equipment, Sending
from swapstation.twin.noise import Noise
from swapstation.twin.slcan_gateway import SlcanGateway


class ByteEquipment(Equipment, ProductEquipment):
    """Real adapters and codecs; CAN segments are reached by slcan."""

    def __init__(self, config: Config, world: ByteWorld, boot: int, noise: Noise, sending: Sending) -> None:
        ProductEquipment.__init__(self, config, boot)
        self.busy = False
        self.sending = sending
        self._world = world
        faults = world.plant.faults
        ends: list[tuple[str, ByteNode, ByteNode]] = [
            (name, SlcanClient(ours), SlcanGateway(_cut(theirs, name, faults)))
            for name, ours, theirs in can_ends(self, world.simulation)
        ]
        ends += byte_ends(self, world.simulation)
        self._joined = [ByteWire(name, ours, theirs, faults, noise.chance) for name, ours, theirs in ends]
        for wire in self._joined:
            wire.open(world.now_s)
        world.connected_s = world.now_s
        self.links = self._statuses

    def renew(self, now_s: float) -> None:
        self._world.run(now_s, self._joined)

    def _statuses(self) -> tuple[LinkStatus, ...]:
        return tuple(wire.status(self._world.now_s) for wire in self._joined)


def _cut(segment: CanNode, name: str, faults: Faults) -> CanNode:
    """The station's segment may be cut off; those of the bays see to it themselves."""
    return Severable(segment, lambda: faults.active(f"{name}_link_cut"))
