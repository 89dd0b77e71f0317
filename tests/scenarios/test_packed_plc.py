"""A whole swap with the PLC that speaks packed structs, in virtual time: one order, its requests, its faults."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.model.device import RobotState, RobotStep
from swapstation.model.inventory import truck_place
from swapstation.model.request import RequestSwap, ResumeStation
from swapstation.model.snapshot import StationState
from swapstation.simulation.firmware.packed_panel import PackedPanel
from tests.scenarios.test_whole_swap import LIMIT_S, SPEED, VIN, drive_in, run_swap
from tests.scenarios.virtual_station import VirtualStation, virtual_station

LOADED_STEPS = [RobotStep.PUT_OLD, RobotStep.PICK_FRESH, RobotStep.PLACE_FRESH]


def packed(text: str) -> str:
    """The configuration with the packed PLC in place of the reference one; it takes no seat offsets."""
    text = re.sub(r"seat_(.)_mm = \d+", r"seat_\1_mm = 0", text)
    wire = 'robot = "packed-plc+tcp-listen://127.0.0.1:29100"'
    return re.sub(r'robot = "[^"]*"', wire, text) + '\n[adapters]\nexchanger = "packed_plc"\n'


@pytest.fixture
def station(tmp_path: Path) -> Iterator[VirtualStation]:
    """Started up, a truck in the lane."""
    with virtual_station(tmp_path, Exchange.PLC, Charging.DIRECT, SPEED, detour=packed) as made:
        made.start_up()
        drive_in(made)
        yield made


def begin(station: VirtualStation) -> None:
    answer = station.ask(RequestSwap(VIN))
    assert answer.status == "accepted", answer


def run_until(station: VirtualStation, what: Callable[[], bool]) -> None:
    assert station.time.run(LIMIT_S, what), (station.snapshot.swap, station.snapshot.alarms)


def finish(station: VirtualStation) -> None:
    """Run the swap to its end and check that every battery is where it should be, by record and in truth."""
    run_until(station, lambda: station.snapshot.swap is None and station.snapshot.state is StationState.IDLE)
    inventory, plant = station.snapshot.inventory, station.simulation.plant
    fresh, returned = inventory.at(truck_place(VIN)), inventory.at("bay-8")
    assert fresh is not None
    assert returned is not None
    assert (fresh.battery, returned.battery) == ("LFP-001", "LFP-008")
    for battery in inventory.batteries:
        assert battery.place == plant.batteries[battery.battery].place


def go_on(station: VirtualStation) -> None:
    """What a person does after a hold or a start: look, confirm, go on."""
    station.time.run(0.2)
    if not station.snapshot.confirmed:
        station.start_up()
    run_until(station, lambda: station.snapshot.state is StationState.HELD)
    answer = station.ask(ResumeStation())
    assert answer.status == "accepted", answer


def order(station: VirtualStation, what: dict[str, Any]) -> None:
    answer = station.control(what)
    assert answer["ok"], answer


def orders_taken(station: VirtualStation) -> list[int]:
    """Ids of the orders that the PLC takes from now on, as they come."""
    taken: list[int] = []
    plc = station.simulation.plc

    def look(_: float) -> None:
        if plc.running_id and (not taken or taken[-1] != plc.running_id):
            taken.append(plc.running_id)

    station.time.every(0.02, look)
    return taken


def test_a_truck_gets_a_fresh_battery(station: VirtualStation) -> None:
    taken = orders_taken(station)
    assert run_swap(station) == [step.name for step in station.recipe.steps]
    finish(station)
    assert len(taken) == 1, "one exchange is one order"


def test_reconnects_in_the_middle_of_the_exchange_change_nothing(station: VirtualStation) -> None:
    taken = orders_taken(station)
    begin(station)
    for step in LOADED_STEPS:
        run_until(station, lambda step=step: station.simulation.plc.step is step)  # type: ignore[misc]
        station.reconnect_robot()
    finish(station)
    assert len(taken) == 1


def test_half_a_message_and_garbage_on_the_wire_change_nothing(station: VirtualStation) -> None:
    begin(station)
    run_until(station, lambda: station.simulation.plc.step is RobotStep.PUT_OLD)
    end = station.simulation.robot_node()
    for _ in range(20):
        station.time.run(0.3)
        for data in tuple(end.due(station.time.now_s)):
            station.robot_node.receive(data[: len(data) // 2], station.time.now_s)
        station.robot_node.receive(bytes(range(256)), station.time.now_s)
    assert station.robot_node.counts.malformed >= 20
    station.reconnect_robot()
    if station.snapshot.state is not StationState.EXECUTE:
        go_on(station)
    finish(station)


@pytest.mark.parametrize("away_s", [0.5, 8.0], ids=["within the heartbeat", "beyond the heartbeat"])
def test_a_restarted_controller_takes_up_the_exchange_by_its_id(station: VirtualStation, away_s: float) -> None:
    """The same order under the same id goes on or is found paused; nothing is ordered anew."""
    taken = orders_taken(station)
    begin(station)
    run_until(station, lambda: station.simulation.plc.step is RobotStep.PUT_OLD)
    station.restart(away_s)
    taken += orders_taken(station)
    go_on(station)
    finish(station)
    assert set(taken) == {taken[0]}


def test_an_exchange_that_ended_while_nobody_listened_is_known_by_its_id(station: VirtualStation) -> None:
    begin(station)
    run_until(station, lambda: station.simulation.plc.step is RobotStep.PARK)
    order_id = station.simulation.plc.running_id
    station.restart(2.5)
    assert station.simulation.plc.kept.done_id == order_id
    go_on(station)
    finish(station)
    assert station.simulation.plc.kept.accepted_id == order_id


def test_a_done_flag_from_before_the_restart_ends_no_new_order(station: VirtualStation) -> None:
    """The flag of the first swap still stands when a new controller starts: its own swap waits for its own end."""
    taken = orders_taken(station)
    run_swap(station)
    station.restart()
    panel, plc = station.simulation.robot, station.simulation.plc
    assert isinstance(panel, PackedPanel)
    panel._done = True
    station.start_up()
    station.time.run(30.0, lambda: station.simulation.plant.truck is None)
    vin = next(vin for vin in station.simulation.plant.trucks if vin != VIN)
    drive_in(station, vin)
    assert station.ask(RequestSwap(vin)).status == "accepted"
    run_until(station, lambda: plc.step is RobotStep.PUT_OLD)
    assert (plc.kept.done_id, station.snapshot.swap is None) == (taken[0], False)
    run_until(station, lambda: station.snapshot.swap is None)
    assert plc.kept.done_id == plc.kept.accepted_id != taken[0]


def test_a_frozen_heartbeat_of_the_plc_holds_the_station(station: VirtualStation) -> None:
    begin(station)
    run_until(station, lambda: station.simulation.plc.step is RobotStep.PUT_OLD)
    order(station, {"do": "fault", "name": "plc_heartbeat_frozen", "target": "", "on": True})
    run_until(station, lambda: station.snapshot.state is StationState.HOLDING)
    assert station.snapshot.robot.good is None
    order(station, {"do": "fault", "name": "plc_heartbeat_frozen", "target": "", "on": False})
    run_until(station, lambda: station.snapshot.robot.good is not None)
    go_on(station)
    finish(station)


def test_an_open_door_pauses_and_a_person_goes_on(station: VirtualStation) -> None:
    begin(station)
    run_until(station, lambda: station.simulation.plc.step is RobotStep.PICK_FRESH)
    order(station, {"do": "fault", "name": "safety_open", "target": "door", "on": True})
    run_until(station, lambda: station.snapshot.state is StationState.HELD)
    assert station.simulation.plc.state is RobotState.PAUSED
    order(station, {"do": "fault", "name": "safety_open", "target": "door", "on": False})
    station.time.run(1.0)
    assert station.simulation.plc.paused, "closing the door moves nothing"
    go_on(station)
    finish(station)
