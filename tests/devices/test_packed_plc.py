"""The PLC that speaks packed structs: its state is whole, as old as its oldest part, or unknown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from swapstation.config.settings import Exchange
from swapstation.devices.adapter import AdapterSettings, Role
from swapstation.devices.installed import build_adapter
from swapstation.devices.packed_plc import ADAPTER, PackedPlc
from swapstation.devices.roles import missing_orders
from swapstation.errors import ConfigurationError
from swapstation.model.device import (
    Robot,
    RobotRequest,
    RobotResult,
    RobotState,
    RobotStep,
    Safety,
)
from swapstation.protocol.packed_files import load_packed_layout
from swapstation.protocol.packed_struct import PackedValue
from swapstation.wire_address import parse_wire
from tests.devices.packed_device import PackedDevice, told

WIRE = parse_wire("links.robot", "packed-plc+tcp-listen://127.0.0.1:29100")


@pytest.fixture
def device() -> PackedDevice:
    return PackedDevice(PackedPlc(load_packed_layout("packed_plc"), epoch=5))


def robot(device: PackedDevice) -> Robot:
    return told(device)[0]


def test_everything_the_plc_says_arrives(device: PackedDevice) -> None:
    device.w4 |= {"robot_battery": "PRESENT", "hoist_lock": "LOCKED", "hoist_position": "SEATED"}
    device.w4 |= {"load_kg": 3100, "weighed_kg": 3099}
    device.w5 |= {"robot": "BUSY", "step": "PUT_OLD", "x_mm": -12_345, "y_mm": 4_500, "z_mm": 1}
    device.w5 |= {"warning_id": "BAY_OCCUPIED", "fault_words": (6, *[0] * 16, 3), "accepted_id": 70_001}
    device.w5 |= {"running_id": 70_002, "done_id": 70_003, "result": "FAILED", "request_id": 17, "bay_dead_request": 4}
    device.w5 |= {"pose_x_mm": -150, "pose_y_mm": 12, "pose_yaw_mrad": -60, "epoch": 5}
    device.w5 |= {"truck_in_position": True, "clear_of_truck": True}
    device.run(2)
    assert robot(device) == Robot(
        state=RobotState.BUSY,
        step=RobotStep.PUT_OLD,
        homed=True,
        payload=True,
        gripped=True,
        seated=True,
        load_kg=3100,
        weighed_kg=3099,
        x_mm=-12_345,
        y_mm=4_500,
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
        fault_words=(6, *[0] * 16, 3),
    )
    assert told(device)[1].ok


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ({"robot": "FREE"}, RobotState.IDLE),
        ({"robot": "READY"}, RobotState.IDLE),
        ({"robot": "BUSY"}, RobotState.BUSY),
        ({"robot": "PAUSE"}, RobotState.PAUSED),
        ({"robot": "ALARM"}, RobotState.FAULT),
        ({"robot": "BUSY", "control_mode": "LOCAL"}, RobotState.OFFLINE),
        ({"robot": "READY", "control_mode": "OFFLINE"}, RobotState.OFFLINE),
    ],
)
def test_words_of_the_state(device: PackedDevice, words: dict[str, PackedValue], state: RobotState) -> None:
    device.w5 |= words
    device.run(2)
    assert robot(device).state is state


@pytest.mark.parametrize(
    ("name", "word", "missing"),
    [
        ("estop_robot", "PRESSED", "estop_ok"),
        ("estop_aisle", "PRESSED", "estop_ok"),
        ("estop_console", "PRESSED", "estop_ok"),
        ("estop_fire_area", "PRESSED", "estop_ok"),
        ("door_swap", "OPEN", "doors_closed"),
        ("door_fire", "OPEN", "doors_closed"),
        ("door_service", "OPEN", "doors_closed"),
        ("door_cabinet", "OPEN", "doors_closed"),
        ("light_curtain", "BROKEN", "light_curtain_clear"),
        ("overtravel", "ACTUATED", "overtravel_ok"),
        ("fire", "ALARM", "fire_ok"),
    ],
)
def test_every_safety_input_opens_its_part_of_the_chain(
    device: PackedDevice, name: str, word: str, missing: str
) -> None:
    device.w4[name] = word
    device.w5["robot"] = "ALARM"
    device.run(2)
    state, safety, _, _ = told(device)
    assert safety == replace(Safety(True, True, True, True, True), **{missing: False})
    assert state.state is (RobotState.ESTOP if missing == "estop_ok" else RobotState.FAULT)


@pytest.mark.parametrize(
    ("w5", "w6", "request_"),
    [
        ({}, {}, (RobotRequest.NONE, 0)),
        ({"lidar_request": True}, {}, (RobotRequest.TRUCK_POSE, 0)),
        ({"bay_dead_request": 7}, {}, (RobotRequest.BAY_DEAD, 7)),
        ({}, {"unlock_truck": True}, (RobotRequest.UNLOCK_TRUCK, 0)),
        ({}, {"lock_truck": True}, (RobotRequest.LOCK_TRUCK, 0)),
    ],
)
def test_requests(
    device: PackedDevice,
    w5: dict[str, PackedValue],
    w6: dict[str, PackedValue],
    request_: tuple[RobotRequest, int],
) -> None:
    device.w5 |= w5
    device.w6 |= w6
    device.run(2)
    assert (robot(device).request, robot(device).request_bay) == request_


def test_nothing_is_known_before_the_plc_has_said_everything(device: PackedDevice) -> None:
    device.silent = {"W6"}
    device.run(3)
    assert tuple(device.adapter.updates(device.now_s)) == ()


@pytest.mark.parametrize(("silent", "safety_ages"), [("W4", True), ("W5", True), ("W6", False)])
def test_a_message_that_stays_away_makes_old(device: PackedDevice, silent: str, safety_ages: bool) -> None:
    device.run(5)
    fresh_s = device.now_s
    device.silent = {silent}
    device.run(5)
    assert told(device)[2] == fresh_s
    assert told(device)[3] == (fresh_s if safety_ages else device.now_s)


def test_a_heartbeat_that_stands_still_is_no_life(device: PackedDevice) -> None:
    device.run(5)
    alive_s = device.now_s
    device.beating = False
    device.run(5)
    assert told(device)[2:] == (alive_s, alive_s)
    device.beating = True
    device.run()
    assert told(device)[2] == device.now_s


def test_one_message_alone_is_no_sign_of_life(device: PackedDevice) -> None:
    """A PLC that connects again and again with a frozen heartbeat never lives."""
    device.beating = False
    for _ in range(3):
        device.run()
        device.disconnect()
        device.connect()
    device.run()
    assert told(device)[2] == float("-inf")


def test_a_message_with_an_unknown_word_changes_nothing(device: PackedDevice) -> None:
    device.run(2)
    before = robot(device)
    wrong = bytearray(load_packed_layout("packed_plc").encode("W5", {**device.w5, "heartbeat": 99, "x_mm": 7}))
    wrong[5] = 200
    device.adapter.node.receive(bytes(wrong), device.now_s)
    assert robot(device) == before
    assert device.adapter.malformed == 1


def test_it_is_built_by_its_name() -> None:
    adapter = build_adapter(Role.EXCHANGER, "packed_plc", AdapterSettings(WIRE, epoch=0x10001))
    assert isinstance(adapter, PackedPlc)


@pytest.mark.parametrize(("exchange", "serves"), [(Exchange.PLC, True), (Exchange.STATION, False)])
def test_it_serves_a_station_whose_plc_owns_the_steps(exchange: Exchange, serves: bool) -> None:
    missing = missing_orders(PackedPlc(load_packed_layout("packed_plc"), epoch=1), exchange)
    assert (missing == []) is serves


def test_an_installation_brings_its_own_layout(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('name = "own"', encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"own\.toml"):
        ADAPTER.make(AdapterSettings(WIRE, map=path))
