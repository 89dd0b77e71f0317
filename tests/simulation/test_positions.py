"""A truck with two batteries in the plant: locks, presence and robot by position, and it leaves only whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from swapstation.config.settings import Config
from swapstation.errors import InputError
from swapstation.model.device import LockState
from swapstation.simulation.control import Control
from swapstation.simulation.firmware.robot_words import Command, Order, Refusal
from swapstation.simulation.placement import PlacedBattery, Placement
from swapstation.simulation.plant.plant import POSITION_PITCH_MM
from swapstation.simulation.plant.truck import Pose
from swapstation.simulation.state_file import capture, restore_plant
from swapstation.simulation.world import Simulation
from tests.simulation.desk import VIN, Desk, pack_code

SECOND = f"truck:{VIN}#2"
POSE = Pose(40.0, -25.0, 10.0)


class TwoBatteries(Desk):
    """A desk whose orders at the truck are for its second position."""

    def order(self, command: int, from_bay: int = 0, to_bay: int = 0, epoch: int = 1) -> Refusal:
        self.order_id += 1
        self.plc.write_order(Order(command, from_bay, to_bay, 1, self.order_id, 2), epoch)
        return self.plc.kept.refusal

    def move_locks(self, state: LockState) -> None:
        self.plant.trucks[VIN].move_locks(state, 2)
        self.run(8)


@pytest.fixture
def two(config: Config) -> Config:
    (model,) = config.truck_models
    return replace(config, truck_models=(replace(model, positions=("left", "right")),))


@pytest.fixture
def carrying(placement: Placement) -> Placement:
    second = PlacedBattery("T3", "B282", (pack_code(13),), SECOND, 25.0)
    return replace(placement, batteries=(*placement.batteries, second))


@pytest.fixture
def both(two: Config, carrying: Placement) -> TwoBatteries:
    return TwoBatteries(Simulation(two, carrying))


def test_the_robot_exchanges_the_position_of_its_order(both: TwoBatteries) -> None:
    both.arrive(POSE)
    both.finish(Command.LOCATE)
    assert both.plc.view.truck_position == 2
    assert both.plant.robot.at.x_mm == pytest.approx(POSE.x_mm + POSITION_PITCH_MM)
    both.finish(Command.GRIP)
    both.move_locks(LockState.UNLOCKED)
    both.finish(Command.LIFT)
    truck = both.plant.trucks[VIN]
    assert both.plant.hanging is both.plant.batteries["T3"]
    assert (both.plant.on_truck(truck, 2), both.plant.on_truck(truck, 1)) == (None, both.plant.batteries["T1"])
    assert (truck.lock_at(1), truck.lock_at(2)) == (LockState.LOCKED, LockState.UNLOCKED)
    both.finish(Command.PLACE)
    assert both.plant.batteries["T3"].place == SECOND


def test_the_other_position_s_locks_do_not_let_the_battery_go(both: TwoBatteries) -> None:
    both.arrive(POSE)
    both.finish(Command.LOCATE)
    both.finish(Command.GRIP)
    both.plant.trucks[VIN].move_locks(LockState.UNLOCKED, 1)
    both.run(8)
    assert both.order(Command.LIFT) is Refusal.TRUCK_NOT_UNLOCKED


@pytest.mark.parametrize("position", [0, 1])
def test_an_order_for_another_position_than_it_stands_over_is_refused(both: TwoBatteries, position: int) -> None:
    both.arrive(POSE)
    both.finish(Command.LOCATE)
    both.plc.write_order(Order(Command.GRIP, 0, 0, 1, 99, position), 1)
    assert both.plc.kept.refusal is Refusal.NOT_AT_TRUCK


def test_a_position_that_the_truck_does_not_have_is_refused(config: Config, placement: Placement) -> None:
    one = TwoBatteries(Simulation(config, placement))
    one.arrive(POSE)
    assert one.order(Command.LOCATE) is Refusal.TRUCK_NOT_IN_POSITION


def test_a_truck_leaves_only_with_every_battery_locked(both: TwoBatteries) -> None:
    both.arrive(POSE)
    truck = both.plant.trucks[VIN]
    assert both.plant.may_drive(truck)
    both.move_locks(LockState.UNLOCKED)
    assert not both.plant.may_drive(truck)
    both.move_locks(LockState.LOCKED)
    both.plant.batteries["T3"].place = "bay-2"
    assert not both.plant.may_drive(truck)


def test_the_control_face_sends_it_in_with_both_its_batteries(both: TwoBatteries) -> None:
    control = Control(both.simulation)

    def ask(**request: Any) -> dict[str, Any]:
        return control._carry_out(request)

    with pytest.raises(InputError, match="T1, T3"):
        ask(do="truck_arrives", vin=VIN, battery="A1")
    assert ask(do="truck_arrives", vin=VIN, battery="T3", soc_pct=18.0)["batteries"] == ["T1", "T3"]
    assert {round(both.plant.batteries[each].soc_pct) for each in ("T1", "T3")} == {18}
    both.run(55)
    assert ask(do="state")["truck"]["locks"] == ["locked", "locked"]
    assert ask(do="state")["trucks"][VIN] == ["T1", "T3"]


def test_the_locks_of_each_position_survive_a_restart(both: TwoBatteries, two: Config, carrying: Placement) -> None:
    both.arrive(POSE)
    both.move_locks(LockState.UNLOCKED)
    again = Simulation(two, carrying)
    restore_plant(again.plant, capture(both.plant, both.plc))
    assert [locks.state for locks in again.plant.trucks[VIN].locks] == [LockState.LOCKED, LockState.UNLOCKED]
