"""Orders of the robot PLC at its own desk: a whole exchange in single orders and as one order, in plant time."""

from __future__ import annotations

import pytest

from swapstation.model.device import LockState, RobotRequest, RobotResult, RobotState
from swapstation.simulation.firmware.robot_words import Answer, Command, Control, Refusal
from swapstation.simulation.plant.truck import Pose
from tests.simulation.desk import VIN, Desk


def test_station_exchange_in_single_orders(desk: Desk) -> None:
    """Each order does its part, the load is weighed, and both batteries end where they should."""
    desk.arrive()
    desk.finish(Command.LOCATE)
    assert desk.plc.motion.measured == Pose(40.0, -25.0, 10.0)
    desk.finish(Command.GRIP)
    assert desk.plant.gripped
    assert desk.plant.seated
    assert desk.plant.load_kg == 0.0
    desk.move_locks(LockState.UNLOCKED)
    desk.finish(Command.LIFT)
    assert desk.plc.motion.weighed_kg == pytest.approx(3200, abs=40)
    assert desk.plant.batteries["T1"].place == "robot"
    desk.finish(Command.PUT, to_bay=2)
    assert desk.plant.batteries["T1"].place == "bay-2"
    assert desk.plant.mated(2)
    desk.finish(Command.PICK, from_bay=1)
    desk.finish(Command.PLACE)
    assert desk.plant.batteries["A1"].place == f"truck:{VIN}"
    assert desk.order(Command.UNGRIP) is Refusal.TRUCK_NOT_LOCKED
    desk.move_locks(LockState.LOCKED)
    desk.finish(Command.UNGRIP)
    desk.finish(Command.PARK)
    assert not desk.plant.gripped


def test_plc_exchange_asks_for_everything_it_needs(desk: Desk) -> None:
    """One order; the PLC asks for pose, unlock, two dead bays and lock, and needs about the published seconds."""
    desk.arrive()
    assert desk.order(Command.EXCHANGE, from_bay=1, to_bay=2) is Refusal.ACCEPTED
    start_s, asked = desk.now_s, []
    while desk.state() is RobotState.BUSY and desk.now_s < start_s + 300:
        desk.run(0.1)
        if (asking := desk.plc.asking) is not None:
            asked.append((asking.request, asking.bay))
            if asking.request in (RobotRequest.UNLOCK_TRUCK, RobotRequest.LOCK_TRUCK):
                unlock = asking.request is RobotRequest.UNLOCK_TRUCK
                desk.move_locks(LockState.UNLOCKED if unlock else LockState.LOCKED)
            desk.plc.write_answer(desk.plc.kept.request_id, Answer.DONE)
    assert asked == [
        (RobotRequest.TRUCK_POSE, 0),
        (RobotRequest.UNLOCK_TRUCK, 0),
        (RobotRequest.BAY_DEAD, 2),
        (RobotRequest.BAY_DEAD, 1),
        (RobotRequest.LOCK_TRUCK, 0),
    ]
    assert desk.plc.kept.result is RobotResult.DONE
    assert desk.plant.batteries["T1"].place == "bay-2"
    assert desk.plant.batteries["A1"].place == f"truck:{VIN}"
    assert 140 < desk.now_s - start_s < 220


def test_battery_moves_between_bays(desk: Desk) -> None:
    desk.finish(Command.MOVE, from_bay=1, to_bay=4)
    assert desk.plant.batteries["A1"].place == "isolation"
    assert not desk.plant.mated(4)


def test_an_abnormal_battery_is_isolated_only_while_the_plc_itself_permits_it(desk: Desk) -> None:
    desk.plant.faults.set("transfer_forbidden", "", True, ())
    assert desk.order(Command.ISOLATE, from_bay=1, to_bay=4) is Refusal.TRANSFER_NOT_PERMITTED
    desk.plant.faults.set("transfer_forbidden", "", False, ())
    assert desk.order(Command.ISOLATE, from_bay=1, to_bay=2) is Refusal.NOT_ISOLATION
    assert desk.order(Command.ISOLATE, from_bay=1, to_bay=4) is Refusal.ACCEPTED
    desk.run(20.0)
    desk.plant.faults.set("transfer_forbidden", "", True, ())
    desk.run(0.2)
    assert desk.state() is RobotState.PAUSED
    at = desk.plant.robot.at
    desk.run(10.0)
    assert desk.plant.robot.at == at
    desk.plant.faults.set("transfer_forbidden", "", False, ())
    desk.run(5.0)
    assert desk.state() is RobotState.PAUSED, "never by itself"
    desk.control(Control.RESUME)
    desk.run(120.0)
    assert desk.plant.batteries["A1"].place == "isolation"
