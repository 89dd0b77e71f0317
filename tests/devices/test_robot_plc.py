"""The robot PLC over Modbus: every word of its state, its heartbeat, and orders that leave once."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, get_args

import pytest

from swapstation.devices.robot_plc import RobotPlc
from swapstation.model import command as commands
from swapstation.model.command import Command, RobotOrder
from swapstation.model.device import Robot, RobotRequest, RobotResult, RobotState, RobotStep, Safety
from swapstation.protocol.modbus_framing import Framing
from swapstation.protocol.registers import Value
from tests.devices.bank_device import BankDevice

WORDS: dict[str, Value] = {
    "state": "BUSY",
    "step": "LIFT_OLD",
    "accepted_id": 70_001,
    "refusal_code": "BAY_OCCUPIED",
    "running_id": 70_002,
    "done_id": 70_003,
    "result": "FAILED",
    "request": "BAY_DEAD",
    "request_id": 17,
    "request_bay": 4,
    "x_mm": -12_345,
    "y_mm": 70_000,
    "z_mm": 1,
    "homed": True,
    "payload": True,
    "gripped": True,
    "seated": True,
    "truck_in_position": True,
    "clear_of_truck": True,
    "load_kg": 3100,
    "weighed_kg": 3099,
    "pose_x_mm": -150,
    "pose_y_mm": 12,
    "pose_yaw_mrad": -60,
    "epoch": 5,
    "protocol_version": 1,
    "fault_words_1": 6,
    "fault_words_2": 1,
}
CHAIN = [field.name for field in fields(Safety) if field.type == "bool"]
ROBOT = Robot(
    state=RobotState.BUSY,
    step=RobotStep.LIFT_OLD,
    homed=True,
    payload=True,
    gripped=True,
    seated=True,
    load_kg=3100,
    weighed_kg=3099,
    x_mm=-12_345,
    y_mm=70_000,
    z_mm=1,
    accepted_id=70_001,
    refusal_code="BAY_OCCUPIED",
    running_id=70_002,
    done_id=70_003,
    result=RobotResult.FAILED,
    request=RobotRequest.BAY_DEAD,
    request_id=17,
    request_bay=4,
    truck_in_position=True,
    clear_of_truck=True,
    pose_x_mm=-150,
    pose_y_mm=12,
    pose_yaw_mrad=-60,
    epoch=5,
    fault_words=(6, 1),
)
SAFE = Safety(True, True, True, True, True, transfer_permitted=True)
FLAGS = [name for name, value in WORDS.items() if value is True]
ENUMS = {"state": 101, "step": 102, "refusal_code": 105, "result": 110, "request": 111}

ORDERS: list[tuple[Command, dict[str, Value]]] = [
    (commands.HomeRobot(), {"command": "HOME"}),
    (commands.LocateTruck(), {"command": "LOCATE", "truck_position": 1}),
    (commands.GripBattery(2), {"command": "GRIP", "truck_position": 2}),
    (commands.LiftBattery(3), {"command": "LIFT", "truck_position": 3}),
    (commands.PutBattery(3), {"command": "PUT", "to_bay": 3}),
    (commands.PickBattery(4), {"command": "PICK", "from_bay": 4}),
    (commands.PlaceBattery(), {"command": "PLACE", "truck_position": 1}),
    (commands.UngripBattery(), {"command": "UNGRIP", "truck_position": 1}),
    (commands.ParkRobot(), {"command": "PARK"}),
    (commands.MoveBattery(4, 3), {"command": "MOVE", "from_bay": 4, "to_bay": 3}),
    (commands.IsolateBattery(4, 9), {"command": "ISOLATE", "from_bay": 4, "to_bay": 9}),
    (
        commands.ExchangeBattery(4, 3, 7, 2),
        {"command": "EXCHANGE", "from_bay": 4, "to_bay": 3, "truck_model": 7, "truck_position": 2},
    ),
]
CONTROLS: list[tuple[Command, str]] = [
    (commands.HoldRobot(), "HOLD"),
    (commands.ResumeRobot(), "RESUME"),
    (commands.StopRobot(), "STOP"),
    (commands.ResetRobot(), "RESET"),
]


class Wire:
    """Our end and a PLC that shows WORDS, with a heartbeat."""

    def __init__(self, epoch: int = 5) -> None:
        self.robot = RobotPlc(Framing.TCP, unit=1, epoch=epoch)
        self.plc = BankDevice(self.robot.node, "robot_plc", "robot")
        self.plc.show({"heartbeat": 1, **WORDS, **dict.fromkeys(CHAIN, True)})

    def state(self) -> tuple[Robot, Safety, float]:
        robot, safety = self.robot.updates(self.plc.now_s)
        assert isinstance(robot.state, Robot)
        assert isinstance(safety.state, Safety)
        assert robot.received_s == safety.received_s
        return robot.state, safety.state, robot.received_s

    def is_silent(self) -> bool:
        return not list(self.robot.updates(self.plc.now_s))

    def order(self, command: Command, command_id: int) -> None:
        assert self.robot.order(command, command_id, self.plc.now_s) is None

    def beating(self, heartbeat: int, **values: Value) -> None:
        self.plc.show({"heartbeat": heartbeat, **values})
        self.plc.run(0.2)


@pytest.fixture
def wire() -> Wire:
    return Wire()


def test_nothing_is_known_before_the_first_answer(wire: Wire) -> None:
    assert wire.is_silent()


def test_every_word_of_the_state_is_read(wire: Wire) -> None:
    wire.plc.run(0.2)
    robot, safety, _ = wire.state()
    assert robot == ROBOT
    assert safety == SAFE


@pytest.mark.parametrize("name", FLAGS)
def test_each_flag_has_its_own_bit(wire: Wire, name: str) -> None:
    cleared: dict[str, Any] = {name: False}
    wire.beating(2, **cleared)
    assert wire.state()[0] == replace(ROBOT, **cleared)


@pytest.mark.parametrize("name", CHAIN)
def test_each_part_of_the_safety_chain_has_its_own_bit(wire: Wire, name: str) -> None:
    wire.beating(2, **{name: False})
    assert wire.state()[1] == replace(SAFE, **{name: False})
    assert wire.state()[1].ok is (name == "transfer_permitted"), "the permission is no part of the chain"


def test_robot_and_safety_chain_are_of_the_version_that_the_plc_shows(wire: Wire) -> None:
    wire.beating(2, protocol_version=2)
    robot, safety, _ = wire.state()
    assert (robot.protocol_version, safety.protocol_version) == (2, 2)


@pytest.mark.parametrize(
    ("name", "members"),
    [("state", RobotState), ("step", RobotStep), ("result", RobotResult), ("request", RobotRequest)],
)
def test_every_number_of_the_map_is_a_member_and_every_member_is_in_the_map(
    wire: Wire, name: str, members: type[RobotState | RobotStep | RobotResult | RobotRequest]
) -> None:
    numbers = wire.plc.map.points["robot"][name].enum
    assert set(numbers) == {member.name for member in members}
    for beat, number_name in enumerate(numbers, start=2):
        wire.beating(beat, **{name: number_name})
        assert getattr(wire.state()[0], name) is members[number_name]


@pytest.mark.parametrize(("name", "address"), ENUMS.items())
def test_an_unknown_number_takes_the_state_away_at_once(wire: Wire, name: str, address: int) -> None:
    """The last known state says nothing about a robot that is in another one."""
    wire.plc.run(0.2)
    assert wire.state()[0] == ROBOT
    wire.plc.show_raw(address, 999)
    wire.beating(2)
    assert wire.is_silent()
    assert wire.robot.node.counts.malformed >= 1
    wire.beating(3, **{name: WORDS[name]})
    assert wire.state()[0] == ROBOT


def test_a_block_that_is_asked_for_twice_is_counted_once(wire: Wire) -> None:
    wire.plc.show_raw(ENUMS["state"], 999)
    wire.plc.run(0.05)
    for _ in range(5):
        wire.is_silent()
    assert wire.robot.node.counts.malformed == 1


def test_a_frozen_heartbeat_is_no_sign_of_life(wire: Wire) -> None:
    wire.plc.run(0.2)
    alive_s = wire.state()[2]
    wire.plc.run(2.0)
    assert wire.state()[2] == alive_s
    wire.beating(2)
    assert wire.state()[2] > alive_s + 1.5


def test_our_heartbeat_counts_every_half_second_with_epoch_and_version(wire: Wire) -> None:
    for _ in range(21):
        wire.robot.cycle(wire.plc.now_s)
        wire.plc.run(0.1)
    beats = [values for _, values in wire.plc.written()]
    assert [beat["heartbeat"] for beat in beats] == [1, 2, 3, 4, 5]
    assert all((beat["epoch"], beat["protocol_version"]) == (5, 1) for beat in beats)


def test_every_robot_order_is_tried_here() -> None:
    assert {type(order) for order, _ in ORDERS} == set(get_args(RobotOrder))


@pytest.mark.parametrize(("command", "values"), ORDERS, ids=lambda value: type(value).__name__)
def test_an_order_leaves_with_its_parameters_and_id_in_one_write(
    wire: Wire, command: Command, values: dict[str, Value]
) -> None:
    wire.order(command, 70_005)
    wire.plc.run(0.5)
    (written,) = wire.plc.written()
    nothing = {"truck_position": 0, "from_bay": 0, "to_bay": 0, "truck_model": 0}
    nothing |= {"seat_x_mm": 0, "seat_y_mm": 0, "seat_z_mm": 0}
    assert written == (1, {**nothing, **values, "order_id": 70_005, "order_epoch": 5})


def test_an_order_is_never_repeated_by_itself(wire: Wire) -> None:
    wire.order(commands.LocateTruck(), 7)
    wire.plc.run(5.0)
    assert len(wire.plc.written()) == 1


def test_an_order_for_a_wire_that_is_gone_never_leaves(wire: Wire) -> None:
    """Its permission may be gone when the wire comes back."""
    wire.order(commands.LocateTruck(), 7)
    wire.plc.disconnect()
    wire.order(commands.GripBattery(), 8)
    wire.plc.connect()
    wire.plc.run(2.0)
    assert wire.plc.written() == []


@pytest.mark.parametrize(("command", "name"), CONTROLS, ids=lambda value: type(value).__name__)
def test_each_control_has_another_id(wire: Wire, command: Command, name: str) -> None:
    for _ in range(3):
        wire.order(command, 0)
    wire.plc.run(0.5)
    written = [values for _, values in wire.plc.written()]
    first = written[0]["control_id"]
    assert isinstance(first, int)
    assert [each["control"] for each in written] == [name] * 3
    assert [each["control_id"] for each in written] == [first, first + 1, first + 2]
    assert {each["epoch"] for each in written} == {5}


def test_control_ids_wrap_without_zero() -> None:
    """0 is what the register holds before the first control."""
    wire = Wire(epoch=pow(251, -1, 0x10000) * 0xFFFE % 0x10000)
    for _ in range(3):
        wire.order(commands.HoldRobot(), 0)
    wire.plc.run(0.5)
    assert [values["control_id"] for _, values in wire.plc.written()] == [0xFFFF, 1, 2]


@pytest.mark.parametrize(("done", "word"), [(True, "DONE"), (False, "REFUSED")])
def test_an_answer_names_its_request(wire: Wire, done: bool, word: str) -> None:
    wire.order(commands.AnswerRobot(17, done), 9)
    wire.plc.run(0.5)
    assert wire.plc.written() == [(1, {"answer_id": 17, "answer": word})]


def test_the_outcomes_of_writes_do_not_pile_up(wire: Wire) -> None:
    for _ in range(20):
        wire.robot.cycle(wire.plc.now_s)
        wire.plc.run(0.5)
    assert len(wire.robot.node.take_outcomes()) <= 1
