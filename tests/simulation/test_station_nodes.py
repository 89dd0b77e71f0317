"""Firmware on the station segment: the set-point lease, the contactor, the truck's rules, what sensors show."""

from __future__ import annotations

import pytest

from swapstation.config.settings import Config
from swapstation.model.device import LockState, ModuleState
from swapstation.protocol.station_can import (
    ModuleFeedback,
    ModuleSetpoint,
    RackIo,
    TruckBatteryCode,
    TruckCommand,
    TruckOrder,
    TruckState,
    TruckVin,
)
from swapstation.simulation.placement import Placement
from swapstation.simulation.plant.truck import Pose, TruckPhase
from swapstation.simulation.world import Simulation
from tests.simulation.desk import VIN, pack_code
from tests.simulation.station_stub import StationStub


@pytest.fixture
def stub(config: Config, placement: Placement) -> StationStub:
    return StationStub(Simulation(config, placement))


def feedback(stub: StationStub, bay: int = 1) -> ModuleFeedback:
    heard = stub.heard(ModuleFeedback, bay)
    assert isinstance(heard, ModuleFeedback)
    return heard


def rack(stub: StationStub, bay: int) -> RackIo:
    heard = stub.heard(RackIo, bay)
    assert isinstance(heard, RackIo)
    return heard


def truck_state(stub: StationStub) -> TruckState:
    heard = stub.heard(TruckState)
    assert isinstance(heard, TruckState)
    return heard


def drive(stub: StationStub, seconds: float, current_a: float = 100.0, enable: bool = True) -> None:
    """Send set-points every 100 ms; the battery's own contactor is closed."""
    stub.plant.batteries["A1"].contactor_closed = True
    for _ in range(round(seconds / 0.1)):
        stub.can.send(ModuleSetpoint(enable, 640.0, current_a, next(stub.alive)), 1)
        stub.run(0.1)


def test_setpoints_drive_the_modules_and_close_the_contactor(stub: StationStub) -> None:
    drive(stub, 3)
    assert feedback(stub).state is ModuleState.ON
    assert feedback(stub).current_a == pytest.approx(100.0, abs=1)
    assert rack(stub, 1).contactor_closed is True


def test_lease_lapses_after_half_a_second(stub: StationStub) -> None:
    """Without a new set-point the current is 0 A and the node says why; a new one takes it up again."""
    drive(stub, 3)
    stub.run(0.35)
    assert feedback(stub).state is ModuleState.ON
    stub.run(0.45)
    assert feedback(stub).state is ModuleState.WATCHDOG
    assert feedback(stub).current_a == 0.0
    drive(stub, 3)
    assert feedback(stub).current_a == pytest.approx(100.0, abs=1)


def test_a_frozen_alive_counter_is_no_new_setpoint(stub: StationStub) -> None:
    drive(stub, 2)
    frozen = ModuleSetpoint(True, 640.0, 100.0, next(stub.alive))
    for _ in range(10):
        stub.can.send(frozen, 1)
        stub.run(0.1)
    assert feedback(stub).state is ModuleState.WATCHDOG


def test_disabling_opens_the_contactor(stub: StationStub) -> None:
    drive(stub, 3)
    drive(stub, 0.5, current_a=0.0, enable=False)
    assert feedback(stub).state is ModuleState.OFF
    assert rack(stub, 1).contactor_closed is False


def test_module_fault_and_smoke_take_the_current_away(stub: StationStub) -> None:
    for knob in ("module_fault", "smoke"):
        drive(stub, 2)
        stub.plant.faults.set(knob, "1", True, (1, 2, 3, 4))
        drive(stub, 0.5)
        assert feedback(stub).state is ModuleState.FAULT
        assert rack(stub, 1).contactor_closed is False
        assert rack(stub, 1).smoke is (knob == "smoke")
        stub.plant.faults.set(knob, "1", False, (1, 2, 3, 4))


def test_sensors_show_the_truth_and_their_faults(stub: StationStub) -> None:
    stub.run(0.5)
    assert [(rack(stub, bay).presence_a, rack(stub, bay).connector_mated) for bay in (1, 2, 3, 4)] == [
        (True, True),
        (False, False),
        (True, True),
        (False, False),
    ]
    stub.plant.faults.set("presence_stuck", "1", True, (1, 2, 3, 4))
    stub.plant.batteries["A1"].place = "bay-2"
    stub.run(0.5)
    assert (rack(stub, 1).presence_a, rack(stub, 1).presence_b) == (True, False)


def test_truck_link_tells_who_came(stub: StationStub) -> None:
    """VIN and pack code arrive in parts; nothing is heard from an empty lane."""
    stub.run(1)
    assert stub.heard(TruckState) is None
    stub.plant.trucks[VIN].arrive(Pose())
    heard: dict[tuple[str, int], str] = {}

    def listen() -> None:
        message = stub.can.heard.get((TruckVin, 0))
        if isinstance(message, TruckVin):
            heard["vin", message.part] = message.text

    stub.scans.append(listen)
    stub.run(60)
    assert heard["vin", 3] == VIN[14:]
    code = stub.heard(TruckBatteryCode)
    assert code == TruckBatteryCode(1, 4, pack_code(11)[18:])
    assert truck_state(stub).soc_pct == pytest.approx(22.0, abs=0.1)
    assert truck_state(stub).hv_powered_down is True


def test_truck_unlocks_only_when_secured(stub: StationStub) -> None:
    """With high voltage on nothing happens and no receipt comes; the same order works once it is down."""
    stub.plant.faults.set("hv_stays_on", "", True, ())
    stub.plant.trucks[VIN].arrive(Pose())
    stub.run(55)
    stub.can.send(TruckCommand(TruckOrder.UNLOCK, 7, 1))
    stub.run(8)
    assert (truck_state(stub).lock, truck_state(stub).receipt_id) == (LockState.LOCKED, 0)
    stub.plant.faults.set("hv_stays_on", "", False, ())
    stub.can.send(TruckCommand(TruckOrder.UNLOCK, 7, 1))
    stub.run(1)
    assert (truck_state(stub).lock, truck_state(stub).receipt_id) == (LockState.MOVING, 7)
    stub.run(6)
    assert truck_state(stub).lock is LockState.UNLOCKED
    stub.can.send(TruckCommand(TruckOrder.MAY_LEAVE, 8, 1))
    stub.run(1)
    assert stub.plant.trucks[VIN].phase is TruckPhase.STANDING
    stub.can.send(TruckCommand(TruckOrder.LOCK, 9, 1))
    stub.run(8)
    stub.can.send(TruckCommand(TruckOrder.UNLOCK, 9, 1))
    stub.run(8)
    assert truck_state(stub).lock is LockState.LOCKED


def test_locks_that_do_not_confirm_stay_moving(stub: StationStub) -> None:
    stub.plant.trucks[VIN].arrive(Pose())
    stub.run(55)
    stub.plant.faults.set("lock_no_confirm", "", True, ())
    stub.can.send(TruckCommand(TruckOrder.UNLOCK, 7, 1))
    stub.run(30)
    assert truck_state(stub).lock is LockState.MOVING
