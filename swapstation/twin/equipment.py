"""The station's devices at message level: the process image of the controller over the twin's world."""

from __future__ import annotations

from swapstation.config.settings import Config
from swapstation.devices.adapter import Device
from swapstation.devices.fire_panel import FirePanel
from swapstation.devices.rack import Rack
from swapstation.devices.truck_link import TruckLink
from swapstation.model.command import Command, SetModules
from swapstation.model.inventory import Inventory
from swapstation.model.snapshot import Snapshot
from swapstation.protocol.node import CanNode, Frame
from swapstation.protocol.station_can import BayTrip, FeederCutOff, ModuleSetpoint, TruckCommand
from swapstation.twin.at_hand import ChargersAtHand, DirectAtHand, MeterAtHand, RobotAtHand
from swapstation.twin.level import Equipment, Sending
from swapstation.twin.noise import Noise
from swapstation.twin.plain_can import PlainCan, PlainFrame
from swapstation.twin.world import MessageWorld


class MessageEquipment(Equipment):
    """Reads the world's firmware at every cycle; `renew` stands for the cycles in which nothing changed."""

    def __init__(self, config: Config, world: MessageWorld, epoch: int, noise: Noise, sending: Sending) -> None:
        can = PlainCan()
        self._rack, self._truck, self._panel = Rack(can), TruckLink(can), FirePanel(can)
        self._robot = RobotAtHand(world.plc, epoch, noise)
        led = {bay: process for bay, process in world.processes.items() if process.by_charger}
        devices: list[Device] = [self._rack, self._truck, self._panel, self._robot, MeterAtHand(world.plant)]
        devices += [DirectAtHand(process, noise) for bay, process in world.processes.items() if bay not in led]
        devices += [ChargersAtHand(led, noise)] if led else []
        super().__init__(config, devices, {})
        self._world = world
        self._noise = noise
        self.sending = sending
        self._leases: dict[int, SetModules] = {}
        self._renewed: dict[int, SetModules] = {}
        self.busy = False

    def read(self, now_s: float, inventory: Inventory) -> Snapshot:
        """Let every node say what it has to say, then freeze it."""
        world = self._world
        if not world.plant.faults.active("station_link_cut"):
            for node in world.racks.values():
                _say(node, self._rack, now_s)
            for group in world.modules.values():
                _say(group, self._rack, now_s)
            _say(world.truck, self._truck, now_s)
            _say(world.panel, self._panel, now_s)
        return super().read(now_s, inventory)

    def send(self, command: Command, command_id: int, now_s: float) -> None:
        if isinstance(command, SetModules):
            self._leases[command.bay] = command
        super().send(command, command_id, now_s)

    def end_cycle(self, now_s: float) -> None:
        super().end_cycle(now_s)
        self._renewed, self._leases = self._leases, {}
        self._hand_over(now_s)

    def renew(self, now_s: float) -> None:
        """Heartbeat and set-points up to `now_s`, as unchanged cycles would have sent them."""
        self._robot.cycle(now_s)
        for command in self._renewed.values():
            super().send(command, 0, now_s)
        self._hand_over(now_s)

    def _hand_over(self, now_s: float) -> None:
        """Carry what our nodes want to say to the firmware; a cut segment carries nothing."""
        cut = self._world.plant.faults.active("station_link_cut")
        for sender in (self._rack, self._truck, self._panel):
            for frame in tuple(sender.due(now_s)):
                for _ in range(0 if cut else self._noise.deliveries()):
                    self._deliver(frame, now_s)

    def _deliver(self, frame: Frame, now_s: float) -> None:
        assert isinstance(frame, PlainFrame)
        match frame.message:
            case ModuleSetpoint() if frame.node in self._world.modules:
                self._world.modules[frame.node].receive(frame, now_s)
            case BayTrip():
                self._world.racks[frame.node].receive(frame, now_s)
            case TruckCommand():
                self._world.truck.receive(frame, now_s)
            case FeederCutOff():
                self._world.panel.receive(frame, now_s)


def _say(sender: CanNode, receiver: CanNode, now_s: float) -> None:
    for frame in sender.due(now_s):
        receiver.receive(frame, now_s)
