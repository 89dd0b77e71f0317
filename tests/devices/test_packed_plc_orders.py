"""Orders to the PLC that speaks packed structs: in R2 for half a second, and gone with their connection."""

from __future__ import annotations

import pytest

from swapstation.devices.adapter import NOT_CONNECTED
from swapstation.devices.packed_plc import PULSE_S, PackedPlc
from swapstation.model import command as commands
from swapstation.model.command import Command
from swapstation.protocol.packed_files import load_packed_layout
from swapstation.protocol.packed_struct import PackedValue
from tests.devices.packed_device import PackedDevice, shows, told

EXCHANGE = commands.ExchangeBattery(4, 3, 2)
STARTED: dict[str, PackedValue] = {
    "exchange_command": "START",
    "mode": "AUTOMATIC",
    "from_bay": 4,
    "to_bay": 3,
    "truck_model": 2,
}


@pytest.fixture
def device() -> PackedDevice:
    return PackedDevice(PackedPlc(load_packed_layout("packed_plc"), epoch=5))


ORDERS: list[tuple[Command, dict[str, PackedValue]]] = [
    (EXCHANGE, {**STARTED, "manual_command": "NONE"}),
    (
        commands.MoveBattery(4, 3),
        {"mode": "SINGLE_STEP", "manual_command": "MOVE", "manual_from_bay": 4, "manual_to_bay": 3},
    ),
    (commands.PickBattery(4), {"mode": "SINGLE_STEP", "manual_command": "PICK", "manual_from_bay": 4}),
    (commands.PutBattery(3), {"mode": "SINGLE_STEP", "manual_command": "PUT", "manual_to_bay": 3}),
    (commands.HomeRobot(), {"mode": "SINGLE_STEP", "manual_command": "HOME"}),
]


@pytest.mark.parametrize(("command", "image"), ORDERS, ids=lambda each: type(each).__name__)
def test_an_order_stands_in_r2_for_half_a_second(
    device: PackedDevice, command: Command, image: dict[str, PackedValue]
) -> None:
    device.run(2)
    assert device.adapter.order(command, 70_001, device.now_s) is None
    device.heard.clear()
    device.cycle()
    whole: dict[str, PackedValue] = {**image, "order_id": 70_001, "epoch": 5}
    assert shows(device, whole) == whole
    device.run(10)
    ours = [values for name, values in device.heard if name == "R2" and values["order_id"] == 70_001]
    assert len(ours) == round(PULSE_S / 0.1)
    idle: dict[str, PackedValue] = {"order_id": 0, "exchange_command": "NONE", "mode": "AUTOMATIC"}
    assert shows(device, idle) == idle


@pytest.mark.parametrize(
    "command",
    [
        commands.LocateTruck(),
        commands.GripBattery(),
        commands.LiftBattery(),
        commands.PlaceBattery(),
        commands.UngripBattery(),
        commands.ParkRobot(),
        commands.UnlockTruck(),
    ],
)
def test_what_packed_messages_cannot_say_is_refused(device: PackedDevice, command: Command) -> None:
    refusal = device.adapter.order(command, 1, 0.0)
    assert refusal is not None
    assert type(command).__name__ in refusal.allowed
    assert type(command) not in PackedPlc.orders


def test_a_second_battery_of_a_truck_is_refused(device: PackedDevice) -> None:
    refusal = device.adapter.order(commands.ExchangeBattery(1, 3, 1, 2), 1, 0.0)
    assert refusal is not None
    assert "position = 2" in refusal.allowed
    device.run()
    assert device.r2()["order_id"] == 0


def test_a_bay_beyond_the_layout_is_refused(device: PackedDevice) -> None:
    refusal = device.adapter.order(commands.ExchangeBattery(1, 11, 1), 1, 0.0)
    assert refusal is not None
    assert "bay 11" in refusal.allowed
    device.run()
    assert device.r2()["order_id"] == 0


@pytest.mark.parametrize(("command", "word"), [(commands.HoldRobot(), "PAUSE"), (commands.StopRobot(), "STOP")])
def test_pause_and_stop_stand_and_take_the_orders_place(device: PackedDevice, command: Command, word: str) -> None:
    device.run(2)
    device.adapter.order(EXCHANGE, 9, device.now_s)
    device.run()
    device.adapter.order(command, 10, device.now_s)
    device.run(20)
    standing: dict[str, PackedValue] = {"exchange_command": word, "order_id": 0}
    assert shows(device, standing) == standing
    device.adapter.order(EXCHANGE, 11, device.now_s)
    device.run()
    assert shows(device, STARTED) == STARTED


def test_a_hold_that_finds_no_wire_waits_for_it(device: PackedDevice) -> None:
    device.disconnect()
    refusal = device.adapter.order(commands.HoldRobot(), 1, device.now_s)
    assert refusal is not None
    assert refusal.code == NOT_CONNECTED
    device.connect()
    device.run()
    assert device.r2()["exchange_command"] == "PAUSE"


def test_an_order_does_not_survive_its_connection(device: PackedDevice) -> None:
    """Neither one that was given before the loss nor one that was given without a wire comes back with it."""
    device.run(2)
    device.adapter.order(EXCHANGE, 9, device.now_s)
    device.disconnect()
    device.adapter.order(EXCHANGE, 10, device.now_s)
    device.connect()
    device.heard.clear()
    device.run(5)
    assert [values["order_id"] for name, values in device.heard if name == "R2"] == [0] * 5


def test_going_on_names_the_running_order_and_no_bays(device: PackedDevice) -> None:
    device.w5 |= {"robot": "PAUSE", "running_id": 9}
    device.run(2)
    device.adapter.order(commands.ResumeRobot(), 12, device.now_s)
    device.run()
    image: dict[str, PackedValue] = {"exchange_command": "START", "order_id": 9, "from_bay": None, "to_bay": None}
    assert shows(device, image) == image
    device.run(6)
    assert device.r2()["exchange_command"] == "NONE"


def test_reset_is_a_pulse(device: PackedDevice) -> None:
    device.run(2)
    device.adapter.order(commands.ResetRobot(), 12, device.now_s)
    device.run()
    assert device.r2()["reset"] is True
    device.run(6)
    assert device.r2()["reset"] is False


@pytest.mark.parametrize(("done", "word"), [(True, "DONE"), (False, "REFUSED")])
def test_an_answer_names_its_request(device: PackedDevice, done: bool, word: str) -> None:
    device.w5 |= {"request_id": 17, "bay_dead_request": 4}
    device.run(2)
    device.adapter.order(commands.AnswerRobot(17, done), 9, device.now_s)
    device.run()
    image: dict[str, PackedValue] = {"answer_id": 17, "answer": word, "lidar_answer": "NONE", "lidar_sent": False}
    assert shows(device, image) == image
    device.run(6)
    assert device.r2()["answer"] == "NONE"


@pytest.mark.parametrize(
    ("done", "image"),
    [
        (
            True,
            {
                "lidar_answer": "READY",
                "lidar_sent": True,
                "lidar_x_mm": 40.0,
                "lidar_y_mm": -25.0,
                "lidar_r_mrad": 10.0,
                "answer": "DONE",
            },
        ),
        (False, {"lidar_answer": "REFUSED", "lidar_sent": False, "answer": "REFUSED"}),
    ],
)
def test_the_pose_goes_back_in_the_handshake_of_its_own(
    device: PackedDevice, done: bool, image: dict[str, PackedValue]
) -> None:
    device.w5 |= {"request_id": 3, "lidar_request": True, "pose_x_mm": 40, "pose_y_mm": -25, "pose_yaw_mrad": 10}
    device.run(2)
    device.adapter.order(commands.AnswerRobot(3, done), 9, device.now_s)
    device.run()
    assert shows(device, image) == image


def test_done_is_acknowledged_as_long_as_it_stands(device: PackedDevice) -> None:
    acks = []
    for done in (False, True, True, False):
        device.w5["exchange_done"] = done
        device.run()
        acks.append(device.r2()["done_ack"])
    assert acks == [False, True, True, False]


def test_a_stale_done_flag_ends_no_order_but_its_own(device: PackedDevice) -> None:
    """After a restart the flag may still stand, from an order before; done is only what done_id names."""
    device.w5 |= {"exchange_done": True, "done_id": 8, "result": "DONE"}
    device.run(2)
    device.adapter.order(EXCHANGE, 9, device.now_s)
    device.run(3)
    assert (told(device)[0].done_id, told(device)[0].accepted_id) == (8, 0)


def test_a_done_flag_without_an_id_ends_nothing(device: PackedDevice) -> None:
    device.w5 |= {"exchange_done": True, "result": "DONE"}
    device.run(2)
    assert told(device)[0].done_id == 0


def test_a_new_connection_begins_with_a_low_acknowledgement(device: PackedDevice) -> None:
    device.w5["exchange_done"] = True
    device.run(2)
    device.disconnect()
    device.connect()
    device.heard.clear()
    device.cycle()
    device.run()
    assert [values["done_ack"] for name, values in device.heard if name == "R2"] == [False, True]


def test_r2_counts_every_cycle_and_wraps(device: PackedDevice) -> None:
    device.adapter._beat = 0xFFFD
    device.run(4)
    assert [values["heartbeat"] for name, values in device.heard if name == "R2"] == [0xFFFE, 0xFFFF, 0, 1]


def test_an_early_cycle_sends_only_what_is_new(device: PackedDevice) -> None:
    device.run(2)
    device.heard.clear()
    device.now_s += 0.02
    device.cycle()
    assert device.heard == []
    device.adapter.order(EXCHANGE, 9, device.now_s)
    device.cycle()
    assert device.r2()["order_id"] == 9
