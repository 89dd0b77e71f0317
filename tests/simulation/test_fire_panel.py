"""Fire in the simulated plant: the panel, the cut-off of the feeders, a tripped bay, a battery that heats itself."""

from __future__ import annotations

import pytest

from swapstation.config.settings import Config
from swapstation.model.device import ModuleState
from swapstation.protocol.station_can import (
    BayTrip,
    FeederCutOff,
    FirePanelState,
    ModuleFeedback,
    ModuleSetpoint,
    RackIo,
    StationMessage,
)
from swapstation.simulation.firmware.fire_panel import RELEASE_DELAY_S
from swapstation.simulation.placement import Placement
from swapstation.simulation.world import Simulation
from tests.simulation.station_stub import StationStub


@pytest.fixture
def stub(config: Config, placement: Placement) -> StationStub:
    return StationStub(Simulation(config, placement))


def turn(stub: StationStub, name: str, target: str = "", on: bool = True) -> None:
    stub.plant.faults.set(name, target, on, tuple(stub.plant.bays))


def panel(stub: StationStub) -> FirePanelState:
    heard = stub.heard(FirePanelState)
    assert isinstance(heard, FirePanelState)
    return heard


def current_a(stub: StationStub) -> float:
    heard = stub.heard(ModuleFeedback, 1)
    assert isinstance(heard, ModuleFeedback)
    assert heard.current_a is not None
    return heard.current_a


def charge(stub: StationStub) -> None:
    """Three seconds of set-points of 100 A to bay 1."""
    stub.plant.batteries["A1"].contactor_closed = True
    for _ in range(30):
        stub.can.send(ModuleSetpoint(True, 640.0, 100.0, next(stub.alive)), 1)
        stub.run(0.1)


def test_the_panel_alarms_by_itself_exhausts_cuts_off_and_later_releases(stub: StationStub) -> None:
    stub.run(1.0)
    assert (panel(stub).fire_alarm, panel(stub).cut_off_done, panel(stub).zones) == (False, False, 0)
    turn(stub, "fire_alarm")
    stub.run(1.0)
    assert (panel(stub).fire_alarm, panel(stub).exhaust_running, panel(stub).cut_off_done) == (True, True, True)
    assert (panel(stub).zones, panel(stub).extinguishing_released) == (1, False)
    stub.run(RELEASE_DELAY_S)
    assert panel(stub).extinguishing_released
    assert stub.plant.safety().fire_ok is False


def test_smoke_in_one_bay_is_no_alarm_of_the_panel_smoke_in_two_is(stub: StationStub) -> None:
    turn(stub, "smoke", "1")
    assert stub.plant.safety().fire_ok
    turn(stub, "smoke", "2")
    assert not stub.plant.safety().fire_ok


@pytest.mark.parametrize(("order", "node"), [(FeederCutOff(True, 1), 0), (BayTrip(True, 1), 1)])
def test_a_cut_off_and_a_trip_take_the_current_away_whatever_the_modules_are_told(
    stub: StationStub, order: StationMessage, node: int
) -> None:
    turn(stub, "stays_live", "1")
    charge(stub)
    stub.can.send(ModuleSetpoint(False, 0.0, 0.0, next(stub.alive)), 1)
    stub.run(1.0)
    assert current_a(stub) > 90.0, "it does not stop"
    stub.can.send(order, node)
    stub.run(0.3)
    assert current_a(stub) == 0.0
    rack, modules = stub.heard(RackIo, 1), stub.heard(ModuleFeedback, 1)
    assert isinstance(rack, RackIo)
    assert isinstance(modules, ModuleFeedback)
    assert (rack.contactor_closed, modules.state) == (False, ModuleState.FAULT)
    charge(stub)
    assert current_a(stub) == 0.0, "only a reset on site brings the supply back"


def test_a_request_that_is_no_request_cuts_nothing_off(stub: StationStub) -> None:
    stub.can.send(FeederCutOff(False, 1))
    stub.can.send(BayTrip(False, 1), 1)
    stub.run(0.3)
    assert stub.plant.feeders_on
    assert not stub.plant.bays[1].tripped


def test_a_silent_panel_takes_no_request_but_still_acts(stub: StationStub) -> None:
    turn(stub, "fire_panel_silent")
    stub.can.send(FeederCutOff(True, 1))
    stub.run(1.0)
    assert stub.plant.feeders_on
    turn(stub, "fire_alarm")
    stub.run(1.0)
    assert not stub.plant.feeders_on


def test_a_battery_in_thermal_runaway_heats_itself_and_then_smokes(stub: StationStub) -> None:
    battery = stub.plant.batteries["A1"]
    before_c = battery.temperature_c
    turn(stub, "thermal_runaway", "1")
    stub.run(20.0)
    assert 15.0 < battery.temperature_c - before_c < 25.0
    assert not stub.plant.smokes(1)
    stub.run(60.0)
    assert stub.plant.smokes(1)
