"""What the simulation tests share: identities and a desk that works the robot PLC by hand."""

from __future__ import annotations

from swapstation.model.device import LockState, RobotResult, RobotState
from swapstation.simulation.firmware.robot_words import Command, Order, Refusal
from swapstation.simulation.plant.truck import Pose
from swapstation.simulation.world import Simulation

VIN = "LZGCL2M45NX000011"
OTHER_VIN = "LZGCL2M45NX000022"


def pack_code(serial: int) -> str:
    return f"001PBAA0000000D51{serial:07}"


class Desk:
    """Runs a simulation and gives it orders; heartbeat kept alive, real time equal to plant time."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self.plc = simulation.plc
        self.plant = simulation.plant
        self.now_s = 0.0
        self.order_id = 0
        self.control_id = 0
        self.heartbeat_alive = True

    def state(self) -> RobotState:
        return self.plc.state

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.1)):
            self.now_s += 0.1
            if self.heartbeat_alive:
                self.plc.write_heartbeat(int(self.now_s * 2) % 0x10000, self.now_s)
            self.simulation.advance(self.now_s)

    def order(self, command: int, from_bay: int = 0, to_bay: int = 0, epoch: int = 1) -> Refusal:
        self.order_id += 1
        self.plc.write_order(Order(command, from_bay, to_bay, 1, self.order_id), epoch)
        return self.plc.kept.refusal

    def control(self, control: int) -> None:
        self.control_id += 1
        self.plc.write_control(control, self.control_id, epoch=1)

    def wait(self, seconds: float = 300.0) -> None:
        """Run until the order has ended."""
        end_s = self.now_s + seconds
        while self.plc.state is RobotState.BUSY and self.now_s < end_s:
            self.run(0.1)

    def finish(self, command: Command, from_bay: int = 0, to_bay: int = 0) -> None:
        """Have an order carried out and check that it ended well."""
        assert self.order(command, from_bay, to_bay) is Refusal.ACCEPTED
        self.wait()
        assert (self.plc.kept.done_id, self.plc.kept.result) == (self.order_id, RobotResult.DONE)

    def arrive(self, pose: Pose | None = None) -> None:
        self.plant.trucks[VIN].arrive(pose or Pose(40.0, -25.0, 10.0))
        self.run(55)

    def move_locks(self, state: LockState) -> None:
        self.plant.trucks[VIN].move_locks(state)
        self.run(8)

    def lifted(self) -> None:
        """The battery of the truck hangs from the spreader."""
        self.arrive()
        self.finish(Command.LOCATE)
        self.finish(Command.GRIP)
        self.move_locks(LockState.UNLOCKED)
        self.finish(Command.LIFT)
