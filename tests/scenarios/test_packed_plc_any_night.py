"""Whatever happens between our adapter and the packed PLC, an order acts once and a pause ends only when told to."""

from __future__ import annotations

from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from swapstation.config.link_settings import Links
from swapstation.config.settings import BatteryModel, Bay, Config, Exchange, TruckModel
from swapstation.devices.packed_plc import PackedPlc
from swapstation.model.command import HoldRobot, HomeRobot, MoveBattery, ResumeRobot, StopRobot
from swapstation.model.device import Robot
from swapstation.protocol.packed_files import load_packed_layout
from swapstation.simulation.memory import ByteWire, VirtualTime
from swapstation.simulation.placement import PlacedBattery, Placement
from swapstation.simulation.world import Simulation
from tests.simulation.desk import pack_code

BAYS = 3
CONFIG = Config(
    name="night",
    data=Path("unused"),
    exchange=Exchange.PLC,
    recipe="top_lift",
    links=Links(
        station_can="slcan+tcp://127.0.0.1:0",
        robot="packed-plc+tcp-listen://127.0.0.1:0",
        meter="dlt645+tcp://127.0.0.1:0",
    ),
    bays=(*(Bay(number, can="slcan+tcp://127.0.0.1:0") for number in (1, 2)), Bay(BAYS, isolation=True)),
    battery_models=(BatteryModel("B282", 282.0, 3200.0, 160.0, 657.0, 350.0),),
    truck_models=(TruckModel("T6", 1, "B282"),),
)
STOCK = Placement((PlacedBattery("A1", "B282", (pack_code(1),), "bay-1", 95.0),), ())
SECONDS = st.sampled_from([0.05, 0.2, 2.0, 10.0])
NUMBERS = st.integers(0, BAYS + 1)


class Night(RuleBasedStateMachine):
    """One PLC that lives through everything; controllers come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.simulation = Simulation(CONFIG, STOCK, speed=4.0)
        self.plc = self.simulation.plc
        self.boot = 0
        self.order_id = 0
        self.last: MoveBattery | HomeRobot = HomeRobot()
        self.started: list[int] = []
        self.told_to_go_on = self.was_paused = self.hangs = False
        self.running_id = 0
        self.now_s = 0.0
        self.start_controller()

    def start_controller(self) -> None:
        self.boot += 1
        self.adapter = PackedPlc(load_packed_layout("packed_plc"), self.boot)
        self.time = VirtualTime(self.now_s)
        self.time.every(0.02, self.plant_step)
        self.time.every(0.1, self.cycle)
        self.wire = ByteWire(self.adapter.node, self.simulation.robot_node())
        self.time.join(self.wire)

    def plant_step(self, now_s: float) -> None:
        self.simulation.advance(now_s)
        if self.plc.running_id != self.running_id:
            self.running_id = self.plc.running_id
            if self.running_id:
                self.started.append(self.running_id)
        elif self.was_paused and not self.plc.paused and self.running_id:
            assert self.told_to_go_on, "a paused order goes on by itself"
        if self.plc.paused and not self.was_paused:
            self.told_to_go_on = False
        self.was_paused = self.plc.paused

    def cycle(self, now_s: float) -> None:
        if not self.hangs:
            tuple(self.adapter.updates(now_s))
            self.adapter.cycle(now_s)

    @rule(seconds=SECONDS)
    def wait(self, seconds: float) -> None:
        self.time.run(seconds)
        self.now_s = self.time.now_s

    def order(self, command: MoveBattery | HomeRobot) -> None:
        self.order_id += 1
        self.last = command
        self.adapter.order(command, self.order_id, self.now_s)

    @rule(from_bay=NUMBERS, to_bay=NUMBERS)
    def any_move(self, from_bay: int, to_bay: int) -> None:
        self.order(MoveBattery(from_bay, to_bay))

    @rule(to_bay=st.integers(1, BAYS))
    def move(self, to_bay: int) -> None:
        """Let a resting controller and PLC settle, then move the battery from where it is."""
        self.door(open_=False)
        self.wait(1.0)
        at = next((bay for bay in (1, 2, 3) if self.simulation.plant.in_bay(bay)), 1)
        self.order(MoveBattery(at, to_bay))
        self.wait(3.0)

    @rule()
    def home(self) -> None:
        """An order that could act again and again, to its end, and once more under the same id."""
        self.door(open_=False)
        self.wait(1.0)
        self.order(HomeRobot())
        self.wait(8.0)
        self.order_again()

    @rule()
    def order_again(self) -> None:
        self.adapter.order(self.last, self.order_id, self.now_s)
        self.wait(0.5)

    @rule()
    def hold(self) -> None:
        self.adapter.order(HoldRobot(), 0, self.now_s)

    @rule()
    def stop(self) -> None:
        self.adapter.order(StopRobot(), 0, self.now_s)

    @rule()
    def go_on(self) -> None:
        self.told_to_go_on = True
        self.adapter.order(ResumeRobot(), 0, self.now_s)

    @rule()
    def go_on_while_the_door_blinks(self) -> None:
        """Going on stands in R2 while a door opens and closes: the pause of the door is a new one."""
        self.go_on()
        self.wait(0.2)
        self.door(open_=True)
        self.wait(0.05)
        self.door(open_=False)
        self.wait(0.5)

    @rule(gap_s=st.sampled_from([0.0, 0.5, 4.0]))
    def reconnect(self, gap_s: float) -> None:
        """The connection is lost, perhaps in the middle of a message, and comes back."""
        for node in (self.adapter.node, self.simulation.robot_node()):
            node.closed(self.now_s)
        self.wait(max(gap_s, 0.001))
        self.wire.open(self.now_s)

    @rule(data=st.binary(max_size=120))
    def rubbish(self, data: bytes) -> None:
        """Both ends get bytes that nobody sent."""
        self.adapter.node.receive(data, self.now_s)
        self.simulation.robot_node().receive(data, self.now_s)

    @rule(seconds=st.sampled_from([0.5, 1.5, 4.0]))
    def hang(self, seconds: float) -> None:
        """The controller's cycle stands still; what it sent before may still be on its way."""
        self.hangs = True
        self.wait(seconds)
        self.hangs = False

    @rule(away_s=st.sampled_from([0.1, 5.0]))
    def restart(self, away_s: float) -> None:
        """The controller is killed; a new one starts with nothing but its boot number."""
        self.simulation.robot_node().closed(self.now_s)
        alone = VirtualTime(self.now_s)
        alone.every(0.02, self.plant_step)
        alone.run(away_s)
        self.now_s = alone.now_s
        self.start_controller()

    @rule(open_=st.booleans())
    def door(self, open_: bool) -> None:
        self.simulation.plant.faults.set("safety_open", "door", open_, tuple(self.simulation.plant.bays))

    @invariant()
    def an_order_acts_once(self) -> None:
        assert len(self.started) == len(set(self.started))

    @invariant()
    def the_station_knows_only_what_was(self) -> None:
        for update in self.adapter.updates(self.now_s):
            if isinstance(update.state, Robot):
                assert {update.state.running_id, update.state.done_id} <= {0, *self.started}
                assert update.received_s <= self.now_s


TestNight = Night.TestCase
TestNight.settings = settings(max_examples=15, stateful_step_count=30, deadline=None)
