"""Whole exchanges at register level under a virtual clock, over Modbus TCP and RTU framing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swapstation.config.settings import Config
from swapstation.model.device import LockState
from swapstation.protocol.modbus_framing import Framing
from swapstation.protocol.station_can import RackIo, TruckCommand, TruckOrder, TruckState
from swapstation.simulation.placement import Placement
from swapstation.simulation.plant.truck import Pose, TruckPhase
from swapstation.simulation.world import Simulation
from tests.simulation.desk import VIN
from tests.simulation.station_stub import StationStub

SPEED = 20.0
ROBOT_URLS = {
    Framing.TCP: "modbus-tcp://127.0.0.1:0?unit=1",
    Framing.RTU: "modbus-rtu:///tmp/robot?baud=115200&parity=E&unit=1",
}


@pytest.fixture(params=list(Framing))
def station(request: pytest.FixtureRequest, config: Config, placement: Placement) -> StationStub:
    links = replace(config.links, robot=ROBOT_URLS[request.param])
    simulation = Simulation(replace(config, links=links), placement, speed=SPEED)
    stub = StationStub(simulation, request.param)
    simulation.plant.trucks[VIN].arrive(Pose(35.0, 20.0, -12.0))
    assert stub.run(10, lambda: truck(stub).hv_powered_down is True)
    return stub


def truck(stub: StationStub) -> TruckState:
    state = stub.heard(TruckState)
    if not isinstance(state, TruckState):
        stub.run(1)
        state = stub.heard(TruckState)
    assert isinstance(state, TruckState)
    return state


def order(stub: StationStub, order_id: int, command: str, **bays: int) -> None:
    """Write one order and wait for it to be done."""
    stub.write(command=command, order_id=order_id, truck_model=1, **bays)
    assert stub.run(60, lambda: stub.robot().get("done_id") == order_id), stub.robot()
    assert stub.robot()["result"] == "DONE"


def command_truck(stub: StationStub, command: TruckOrder, command_id: int, lock: LockState) -> None:
    stub.can.send(TruckCommand(command, command_id, 1))
    assert stub.run(10, lambda: truck(stub).receipt_id == command_id and truck(stub).lock is lock)


def test_station_runs_each_move(station: StationStub) -> None:
    for order_id, command in enumerate(("LOCATE", "GRIP"), start=1):
        order(station, order_id, command)
    assert (station.robot()["pose_x_mm"], station.robot()["pose_yaw_mrad"]) == (35, -12)
    command_truck(station, TruckOrder.UNLOCK, 501, LockState.UNLOCKED)
    order(station, 3, "LIFT")
    assert station.robot()["weighed_kg"] == pytest.approx(3200, abs=40)
    order(station, 4, "PUT", to_bay=2)
    order(station, 5, "PICK", from_bay=1)
    order(station, 6, "PLACE")
    command_truck(station, TruckOrder.LOCK, 502, LockState.LOCKED)
    order(station, 7, "UNGRIP")
    order(station, 8, "PARK")
    station.can.send(TruckCommand(TruckOrder.MAY_LEAVE, 503, 1))
    assert station.run(10, lambda: station.plant.trucks[VIN].phase is TruckPhase.AWAY)
    assert station.plant.batteries["A1"].place == f"truck:{VIN}"
    assert station.plant.batteries["T1"].place == "bay-2"
    rack = station.heard(RackIo, 2)
    assert isinstance(rack, RackIo)
    assert (rack.presence_a, rack.presence_b, rack.connector_mated) == (True, True, True)


def test_plc_runs_the_exchange_and_asks(station: StationStub) -> None:
    """One order; requests are answered by id, the truck is unlocked and locked through its link."""
    locks = {"UNLOCK_TRUCK": (TruckOrder.UNLOCK, LockState.UNLOCKED), "LOCK_TRUCK": (TruckOrder.LOCK, LockState.LOCKED)}
    answered: list[object] = []

    def answer() -> None:
        shown = station.robot()
        if shown.get("request", "NONE") == "NONE" or shown["request_id"] in answered:
            return
        name = str(shown["request"])
        if name in locks:
            command, state = locks[name]
            if truck(station).lock is not state:
                station.can.send(TruckCommand(command, 600 + len(answered), 1))
                return
        answered.append(shown["request_id"])
        station.write(answer_id=shown["request_id"], answer="DONE")

    station.scans.append(answer)
    started_s = station.time.now_s
    station.write(command="EXCHANGE", from_bay=1, to_bay=2, truck_model=1, order_id=9)
    assert station.run(60, lambda: station.robot().get("done_id") == 9), station.robot()
    assert len(answered) == 5
    assert station.plant.batteries["A1"].place == f"truck:{VIN}"
    assert station.plant.batteries["T1"].place == "bay-2"
    assert 120 < (station.time.now_s - started_s) * SPEED < 320


def test_refusal_is_shown_with_the_order_id(station: StationStub) -> None:
    station.write(command="PUT", to_bay=2, truck_model=1, order_id=40)
    assert station.run(0.5, lambda: station.robot()["accepted_id"] == 40)
    assert station.robot()["refusal_code"] == "ROBOT_HAS_NO_BATTERY"
    assert station.robot()["running_id"] == 0


def test_order_id_without_its_parameters_is_no_order(station: StationStub) -> None:
    """Command, parameters and id come in one write; an id alone changes nothing."""
    station.client.write(1, 12, [0, 77])
    station.run(0.5)
    assert station.robot()["accepted_id"] == 0
