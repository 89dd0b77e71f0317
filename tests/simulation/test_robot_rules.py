"""The rules of robot_plc.toml one by one: refusals, ids, epoch, heartbeat, controls, requests, power-up, faults."""

from __future__ import annotations

import pytest

from swapstation.model.device import LockState, RobotResult, RobotState
from swapstation.simulation.firmware.robot_words import Answer, Command, Control, Fault, Order, Refusal
from swapstation.simulation.plant.truck import Pose
from tests.simulation.desk import Desk


def set_fault(desk: Desk, name: str, target: str = "", on: bool = True) -> None:
    desk.plant.faults.set(name, target, on, tuple(desk.plant.bays))


def test_refusals_of_an_empty_lane(desk: Desk) -> None:
    """Without a truck and a load, each order is refused for its own reason."""
    desk.run(1)
    assert desk.order(99) is Refusal.UNKNOWN_COMMAND
    assert desk.order(Command.PICK, from_bay=9) is Refusal.BAY_NUMBER
    assert desk.order(Command.MOVE, from_bay=1, to_bay=1) is Refusal.BAY_NUMBER
    assert desk.order(Command.LOCATE) is Refusal.TRUCK_NOT_IN_POSITION
    assert desk.order(Command.PICK, from_bay=2) is Refusal.BAY_EMPTY
    assert desk.order(Command.PUT, to_bay=2) is Refusal.ROBOT_HAS_NO_BATTERY
    assert desk.order(Command.PLACE) is Refusal.ROBOT_HAS_NO_BATTERY
    assert desk.order(Command.UNGRIP) is Refusal.NOT_GRIPPED
    assert desk.order(Command.EXCHANGE, 1, 3) is Refusal.BAY_OCCUPIED
    assert desk.state() is RobotState.IDLE


def test_refusals_at_the_truck(desk: Desk) -> None:
    desk.arrive()
    assert desk.order(Command.GRIP) is Refusal.NOT_AT_TRUCK
    desk.finish(Command.LOCATE)
    assert desk.order(Command.LIFT) is Refusal.NOT_GRIPPED
    desk.finish(Command.GRIP)
    assert desk.order(Command.LIFT) is Refusal.TRUCK_NOT_UNLOCKED
    assert desk.order(Command.PARK) is Refusal.ROBOT_HAS_BATTERY
    assert desk.order(Command.PUT, to_bay=2) is Refusal.ROBOT_HAS_NO_BATTERY


def test_refusals_with_a_load(desk: Desk) -> None:
    desk.lifted()
    assert desk.order(Command.PUT, to_bay=1) is Refusal.BAY_OCCUPIED
    assert desk.order(Command.PICK, from_bay=1) is Refusal.ROBOT_HAS_BATTERY
    assert desk.order(Command.UNGRIP) is Refusal.NOT_SEATED
    desk.plant.bays[2].contactor_closed = True
    assert desk.order(Command.PUT, to_bay=2) is Refusal.BAY_NOT_DEAD
    desk.move_locks(LockState.LOCKED)
    assert desk.order(Command.PLACE) is Refusal.TRUCK_NOT_UNLOCKED


def test_live_bay_is_not_picked_from(desk: Desk) -> None:
    desk.run(1)
    desk.plant.bays[1].contactor_closed = True
    assert desk.order(Command.PICK, from_bay=1) is Refusal.BAY_NOT_DEAD


def test_truck_out_of_reach_is_refused(desk: Desk) -> None:
    desk.arrive(Pose(x_mm=260.0))
    assert desk.order(Command.LOCATE) is Refusal.TRUCK_NOT_IN_POSITION


def test_repeated_order_id_has_no_second_effect(desk: Desk) -> None:
    desk.run(1)
    order = Order(Command.MOVE, 1, 2, 1, 77)
    desk.plc.write_order(order, 1)
    desk.wait()
    assert desk.plant.batteries["A1"].place == "bay-2"
    desk.plc.write_order(order, 1)
    assert desk.state() is RobotState.IDLE
    assert desk.plc.kept.refusal is Refusal.ACCEPTED


def test_order_id_zero_is_no_order(desk: Desk) -> None:
    desk.run(1)
    desk.plc.write_order(Order(99, 0, 0, 0, 0), 1)
    assert desk.plc.kept.accepted_id == 0
    assert desk.plc.kept.refusal is Refusal.ACCEPTED


def test_order_of_an_older_controller_is_refused(desk: Desk) -> None:
    desk.run(1)
    desk.plc.write_epoch(5)
    assert desk.order(Command.PARK, epoch=4) is Refusal.EPOCH_TOO_OLD
    assert desk.order(Command.PARK, epoch=5) is Refusal.ACCEPTED


def test_lost_heartbeat_pauses_and_needs_resume(desk: Desk) -> None:
    """Three real seconds without a change stop motion; the heartbeat's return alone moves nothing."""
    desk.run(1)
    desk.order(Command.MOVE, 1, 2)
    desk.heartbeat_alive = False
    desk.run(2)
    assert desk.state() is RobotState.BUSY
    desk.run(1)
    assert desk.state() is RobotState.PAUSED
    assert Fault.STATION_LINK_LOST in desk.plc.faults
    desk.heartbeat_alive = True
    at = desk.plant.robot.at
    desk.run(5)
    assert desk.state() is RobotState.PAUSED
    assert desk.plant.robot.at == at
    desk.control(Control.RESUME)
    desk.wait()
    assert desk.plant.batteries["A1"].place == "bay-2"
    assert desk.plc.faults == set()


def test_no_orders_while_the_heartbeat_is_lost(desk: Desk) -> None:
    desk.heartbeat_alive = False
    desk.run(4)
    assert desk.order(Command.PARK) is Refusal.ROBOT_NOT_READY
    desk.heartbeat_alive = True
    desk.run(1)
    assert desk.order(Command.PARK) is Refusal.ACCEPTED


def test_hold_keeps_the_load_and_resume_goes_on(desk: Desk) -> None:
    desk.run(1)
    desk.order(Command.MOVE, 1, 2)
    while desk.plant.hanging is None:
        desk.run(0.1)
    desk.control(Control.HOLD)
    desk.run(3)
    assert desk.state() is RobotState.PAUSED
    assert desk.plant.hanging is not None
    assert desk.order(Command.PARK) is Refusal.ROBOT_NOT_READY
    desk.control(Control.RESUME)
    desk.wait()
    assert desk.plant.batteries["A1"].place == "bay-2"


def test_stop_aborts_and_keeps_the_load(desk: Desk) -> None:
    desk.run(1)
    desk.order(Command.PICK, 1)
    while desk.plant.hanging is None:
        desk.run(0.1)
    desk.control(Control.STOP)
    assert desk.state() is RobotState.IDLE
    assert desk.plc.kept.result is RobotResult.ABORTED
    desk.run(2)
    assert desk.plant.hanging is not None
    desk.finish(Command.PUT, to_bay=2)


def test_control_acts_once_per_id(desk: Desk) -> None:
    """RESUME written again and again with the same id does not undo a pause that came later."""
    desk.run(1)
    desk.order(Command.MOVE, 1, 2)
    desk.control(Control.HOLD)
    desk.control(Control.RESUME)
    assert desk.state() is RobotState.BUSY
    set_fault(desk, "safety_open", "door")
    desk.run(0.2)
    set_fault(desk, "safety_open", "door", on=False)
    desk.plc.write_control(Control.RESUME, desk.control_id, 1)
    assert desk.state() is RobotState.PAUSED


def test_an_old_controller_may_stop_but_never_resumes_nor_disturbs_the_count_of_the_new_one(desk: Desk) -> None:
    desk.run(1)
    desk.plc.write_epoch(2)
    desk.plc.write_control(Control.HOLD, 10, epoch=2)
    assert desk.order(Command.MOVE, 1, 2, epoch=2) is Refusal.ACCEPTED
    desk.plc.write_control(Control.HOLD, 11, epoch=1)
    assert desk.state() is RobotState.PAUSED
    desk.plc.write_control(Control.RESUME, 900, epoch=1)
    assert desk.state() is RobotState.PAUSED
    desk.plc.write_control(Control.RESUME, 12, epoch=2)
    assert desk.state() is RobotState.BUSY


def test_falling_control_id_stops_but_never_resumes(desk: Desk) -> None:
    desk.run(1)
    desk.control_id = 500
    desk.order(Command.MOVE, 1, 2)
    desk.control(Control.HOLD)
    desk.plc.write_control(Control.RESUME, 3, 1)
    assert desk.state() is RobotState.PAUSED
    desk.plc.write_control(Control.STOP, 2, 1)
    assert desk.state() is RobotState.IDLE


@pytest.mark.parametrize("opened", ["estop", "door", "curtain", "overtravel"])
def test_open_safety_chain_pauses_until_resume(desk: Desk, opened: str) -> None:
    desk.run(1)
    desk.order(Command.MOVE, 1, 2)
    desk.run(2)
    set_fault(desk, "safety_open", opened)
    desk.run(1)
    assert desk.state() is (RobotState.ESTOP if opened == "estop" else RobotState.PAUSED)
    at = desk.plant.robot.at
    desk.control(Control.RESUME)
    desk.run(1)
    assert desk.plant.robot.at == at
    set_fault(desk, "safety_open", opened, on=False)
    desk.run(2)
    assert desk.state() is RobotState.PAUSED
    assert desk.plant.robot.at == at
    desk.control(Control.RESUME)
    desk.wait()
    assert desk.plant.batteries["A1"].place == "bay-2"


def test_orders_are_refused_while_the_chain_is_open(desk: Desk) -> None:
    desk.run(1)
    set_fault(desk, "safety_open", "door")
    assert desk.order(Command.PARK) is Refusal.SAFETY_CHAIN_OPEN


def test_request_not_answered_in_ten_seconds_pauses(desk: Desk) -> None:
    """RESUME asks again under a new id; the late answer to the old id counts for nothing."""
    desk.arrive()
    desk.order(Command.EXCHANGE, 1, 2)
    while desk.plc.asking is None:
        desk.run(0.1)
    old_id = desk.plc.kept.request_id
    desk.run(9)
    assert desk.state() is RobotState.BUSY
    desk.run(2)
    assert desk.state() is RobotState.PAUSED
    assert Fault.REQUEST_NOT_ANSWERED in desk.plc.faults
    desk.control(Control.RESUME)
    desk.run(0.2)
    assert desk.plc.asking is not None
    desk.plc.write_answer(old_id, Answer.DONE)
    assert desk.plc.asking is not None
    desk.plc.write_answer(desk.plc.kept.request_id, Answer.DONE)
    assert desk.plc.asking is None


def test_refused_request_pauses_and_stop_ends_the_exchange(desk: Desk) -> None:
    desk.arrive()
    desk.order(Command.EXCHANGE, 1, 2)
    while desk.plc.asking is None:
        desk.run(0.1)
    desk.plc.write_answer(desk.plc.kept.request_id, Answer.REFUSED)
    assert desk.state() is RobotState.PAUSED
    desk.control(Control.STOP)
    assert desk.state() is RobotState.IDLE
    assert desk.plc.faults == set()
    desk.finish(Command.PARK)


def test_done_without_the_locks_open_pauses(desk: Desk) -> None:
    """The PLC believes its own lock sensors, not the answer."""
    desk.arrive()
    desk.order(Command.EXCHANGE, 1, 2)
    for _ in range(2):
        while desk.plc.asking is None:
            desk.run(0.1)
        desk.plc.write_answer(desk.plc.kept.request_id, Answer.DONE)
    desk.run(1)
    assert desk.state() is RobotState.PAUSED
    assert desk.plant.batteries["T1"].place.startswith("truck:")


def test_lift_of_a_held_battery_is_an_overload(desk: Desk) -> None:
    """Locks that only pretend to be open hold the battery: the PLC stops, nothing leaves the truck."""
    desk.arrive()
    desk.finish(Command.LOCATE)
    desk.finish(Command.GRIP)
    desk.move_locks(LockState.UNLOCKED)
    assert desk.order(Command.LIFT) is Refusal.ACCEPTED
    desk.plant.trucks[next(iter(desk.plant.trucks))].locks[0].state = LockState.LOCKED
    desk.wait()
    assert desk.state() is RobotState.FAULT
    assert Fault.OVERLOAD in desk.plc.faults
    assert desk.plc.kept.result is RobotResult.FAILED
    assert desk.plant.hanging is None
    desk.control(Control.RESET)
    assert desk.state() is RobotState.IDLE


def test_rolled_truck_is_not_gripped(desk: Desk) -> None:
    desk.arrive()
    desk.finish(Command.LOCATE)
    set_fault(desk, "truck_moves")
    desk.order(Command.GRIP)
    desk.wait()
    assert Fault.TRUCK_MOVED in desk.plc.faults
    assert desk.plant.robot.at.z_mm == 3000.0


def test_contradicting_presence_stops_before_lowering(desk: Desk) -> None:
    desk.run(1)
    desk.order(Command.MOVE, 1, 2)
    while desk.plant.hanging is None:
        desk.run(0.1)
    desk.plant.stuck_presence[2] = True
    set_fault(desk, "presence_stuck", "2")
    desk.wait()
    assert Fault.BAY_CONTRADICTION in desk.plc.faults
    assert desk.plant.hanging is not None


@pytest.mark.parametrize(
    ("knob", "fault"), [("robot_fault", Fault.DRIVE), ("grip_no_confirm", Fault.GRIP_NOT_CONFIRMED)]
)
def test_faults_end_the_order_and_need_reset(desk: Desk, knob: str, fault: Fault) -> None:
    desk.run(1)
    desk.order(Command.PICK, 1)
    set_fault(desk, knob)
    desk.wait()
    assert desk.state() is RobotState.FAULT
    assert fault in desk.plc.faults
    assert desk.order(Command.PARK) is Refusal.ROBOT_NOT_READY
    set_fault(desk, knob, on=False)
    desk.run(1)
    assert desk.state() is RobotState.FAULT
    desk.control(Control.RESET)
    assert desk.state() is RobotState.IDLE


def test_frozen_heartbeat_of_the_plc(desk: Desk) -> None:
    desk.run(2)
    before = desk.plc.heartbeat
    set_fault(desk, "plc_heartbeat_frozen")
    desk.run(2)
    assert desk.plc.heartbeat == before
    set_fault(desk, "plc_heartbeat_frozen", on=False)
    desk.run(1)
    assert desk.plc.heartbeat > before


def test_overweight_shows_in_the_weighing(desk: Desk) -> None:
    desk.arrive()
    desk.finish(Command.LOCATE)
    desk.finish(Command.GRIP)
    desk.move_locks(LockState.UNLOCKED)
    set_fault(desk, "overweight")
    desk.finish(Command.LIFT)
    assert desk.plc.motion.weighed_kg == pytest.approx(3600, abs=40)


def test_weighing_is_void_from_the_next_lift_on(desk: Desk) -> None:
    desk.lifted()
    desk.finish(Command.PUT, to_bay=2)
    assert desk.plc.motion.weighed_kg > 3000
    desk.plc.write_order(Order(Command.EXCHANGE, 1, 2, 9, 900), 1)
    assert desk.plc.kept.refusal is Refusal.UNKNOWN_COMMAND
    assert desk.plc.motion.weighed_kg > 3000
    desk.finish(Command.PICK, 2)
    desk.finish(Command.PLACE)
    desk.order(Command.LIFT)
    assert desk.plc.motion.weighed_kg == 0.0


def test_homing_makes_the_axes_known(desk: Desk) -> None:
    desk.run(1)
    desk.plant.robot.homed = False
    assert desk.order(Command.PARK) is Refusal.NOT_HOMED
    desk.finish(Command.HOME)
    assert desk.plant.robot.homed
